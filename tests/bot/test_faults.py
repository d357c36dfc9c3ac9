"""Servers that are busy, break, or answer into the void; and the bot itself being killed after each request."""

import re
import subprocess
import time

from forge import in_seconds, once
from scenario import BRANCH, CLEAN, FILES, KIND, NAME, NODE, Scenario, main


class Faults(Scenario):
    def test_rate_limits(self):
        repository = self.forge.add(NAME, FILES)
        self.forge.faults.append(once(1, 429, {'Retry-After': '1'}))
        limit = {'X-RateLimit-Remaining': '0', 'RateLimit-Remaining': '0'}
        reset = {'X-RateLimit-Reset': in_seconds(2), 'RateLimit-Reset': in_seconds(2)}
        self.forge.faults.append(once(1, 403 if KIND.kind != 'gitlab' else 429, {**limit, **reset}, only='POST'))
        start = time.monotonic()
        self.bot()
        self.assertGreater(time.monotonic() - start, 1)
        self.one(repository)

    def test_a_limit_that_lasts_too_long(self):
        repository = self.forge.add(NAME, FILES)
        self.forge.faults.append(once(9, 429, {'Retry-After': '3600'}))
        start = time.monotonic()
        self.assertIn('429', self.bot('--wait=5', code=2).err)
        self.assertLess(time.monotonic() - start, 60)
        self.assertEqual(repository.requests, [])

    def test_broken_gateways(self):
        for way in self.ways:
            for method in ('GET', 'POST', 'PUT' if KIND.kind == 'gitlab' else 'PATCH', 'DELETE'):
                with self.subTest(method=method, way=way):
                    self.forge.reset(self.home / f'forge-{method}-{way}')
                    repository = self.forge.add(NAME, FILES)
                    self.forge.faults.append(once(2, 502, only=method))
                    self.bot(f'--commit={way}', '--label=docker')
                    repository.write({'Dockerfile': NODE.replace('/srv', '/opt/shop')})
                    self.bot(f'--commit={way}', '--label=docker')
                    self.assertEqual(self.one(repository)['labels'], ['docker'])
                    repository.write({'Dockerfile': CLEAN})
                    self.bot(f'--commit={way}')
                    self.one(repository, 'closed')

    def test_answers_that_are_lost(self):
        """A request took effect, and the gateway says 502: there is one request in the end all the same."""
        for way in self.ways:
            for n in range(1, 4):
                with self.subTest(lost=n, way=way):
                    self.forge.reset(self.home / f'forge-{n}-{way}')
                    repository = self.forge.add(NAME, FILES)
                    self.forge.losses.append(once(n, 502, only='POST'))
                    self.bot(f'--commit={way}')
                    self.one(repository)

    def test_it_gives_up(self):
        self.forge.add(NAME, FILES)
        self.forge.faults.append(once(1000, 503))
        result = self.bot(code=2)
        self.assertIn('503', result.err)
        self.assertLess(len(self.forge.log), 10)

    def test_killed_after_every_request(self):
        """Whatever it did last, the next run brings it to the same end."""
        for way in self.ways:
            n = 0
            while True:
                n += 1
                self.forge.reset(self.home / f'forge-{n}-{way}')
                repository = self.forge.add(NAME, FILES)
                killed = self.run_and_kill(n, f'--commit={way}', '--label=docker')
                self.bot(f'--commit={way}', '--label=docker')
                request = self.one(repository)
                self.assertEqual(request['labels'], ['docker'], f'killed after {n}')
                self.assertEqual(repository.git('rev-list', '--count', f'main..{BRANCH}'), '1')
                if not killed:
                    break
            self.assertGreater(n, 5)

    def test_killed_while_updating_and_closing(self):
        for way in self.ways:
            for change, state in ((NODE.replace('/srv', '/opt/shop'), 'open'), (CLEAN, 'closed')):
                n = 0
                while True:
                    n += 1
                    self.forge.reset(self.home / f'forge-{n}-{way}-{state}')
                    repository = self.forge.add(NAME, FILES)
                    self.bot(f'--commit={way}')
                    repository.write({'Dockerfile': change})
                    killed = self.run_and_kill(n, f'--commit={way}')
                    self.bot(f'--commit={way}')
                    request = self.one(repository, state)
                    if state == 'open':
                        self.assertIn('/opt/shop', repository.read(BRANCH, 'Dockerfile'))
                        hash_of = re.search('hash=([0-9a-f]{16})', request['body'])[1]
                        self.assertIn(hash_of, repository.git('log', '-1', '--format=%B', BRANCH))
                    else:
                        self.assertIsNone(repository.commit_of(BRANCH))
                    if not killed:
                        break

    def run_and_kill(self, n, *words):
        self.forge.log.clear()
        process = subprocess.Popen(self.command(f'--repo={NAME}', *words), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=self.environment(), cwd=self.home)
        with self.forge.lock:
            self.forge.victim, self.forge.kill_at = process, n
        process.wait(timeout=120)
        with self.forge.lock:
            self.forge.victim = self.forge.kill_at = None
        return process.returncode != 0


if __name__ == '__main__':
    main()
