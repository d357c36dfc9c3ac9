"""Many repositories in one command: first what would be opened, then opening it against the fake and once more, from clones
and without them (--repo). Tells time and requests: FORGE=github UNROOT_BOT=… many.py 1000. As a test it takes a few of them."""

import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from scenario import BOT, BRANCH, CLEAN, FILES, KIND, NODE, TOKEN


class Many:
    def __init__(self, home, number):
        self.home, self.number = home, number
        self.forge = KIND(home / 'forge')
        self.expected, self.clones = 0, []
        (home / '.gitconfig').write_text('[user]\n\tname = Ada\n\temail = ada@example.org\n')

    def make(self):
        """Every third needs nothing, every tenth holds no Dockerfile; each has a clone."""
        for i in range(self.number):
            needs = i % 10 != 9 and i % 3 != 2
            files = {**FILES, 'Dockerfile': NODE.replace('/srv', f'/srv/{i}') if needs else CLEAN}
            self.expected += needs
            repository = self.forge.add(f'acme/r{i}', {'README': f'{i}\n'} if i % 10 == 9 else files)
            clone = self.home / f'r{i}'
            subprocess.run(['git', 'clone', '-q', '--shared', repository.path, clone], check=True)
            subprocess.run(['git', '-C', clone, 'remote', 'set-url', 'origin', f'{self.forge.url}/acme/r{i}.git'], check=True)
            self.clones.append(str(clone))
        print(f'{self.number} repositories, {self.expected} of which need a request')

    def run(self, what, *words, online=True):
        env = {**os.environ, 'HOME': str(self.home), 'GIT_CONFIG_NOSYSTEM': '1', 'GITHUB_SERVER_URL': self.forge.url,
               'CI_SERVER_URL': self.forge.url, KIND.api_name: self.forge.url + self.forge.api_path}
        env.pop(KIND.token_name, None)
        if online:
            env[KIND.token_name] = TOKEN
        self.forge.log.clear()
        start, before = time.monotonic(), self.used()
        done = subprocess.run([BOT, '-q', *words], env=env, capture_output=True, check=False)
        took, used = time.monotonic() - start, self.used() - before
        api = sum(not line.startswith('git ') for line in self.forge.log)
        print(f'{what}: {took:.1f} s ({used:.1f} s of it the processors\', the fake\'s git included), {api} requests to the '
              f'API, {len(self.forge.log) - api} of git', flush=True)
        assert done.returncode in (0, 1), done.stderr.decode()
        return done.stdout.decode()

    @staticmethod
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def open_twice(self, what, *words):
        repositories = self.forge.repositories.values()
        opened = self.run(f'{what}, opening', *words)
        assert opened.count(': opened') == self.expected
        assert sum(len(r.requests) for r in repositories) == self.expected
        again = self.run(f'{what}, again', *words)
        assert again == '' and sum(len(r.requests) for r in repositories) == self.expected

    def forget(self):
        for repository in self.forge.repositories.values():
            if repository.requests:
                repository.requests.clear()
                repository.git('update-ref', '-d', f'refs/heads/{BRANCH}')


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix='unroot-bot-many-'))
    many = Many(home, int(os.environ.get('NUMBER') or sys.argv[1]))
    try:
        many.make()
        dry = many.run('clones, --dry-run', '--dry-run', *many.clones, online=False)
        assert dry.count(': would open') == many.expected and not many.forge.log
        many.open_twice('clones', *many.clones)
        many.forget()
        many.open_twice('--repo', '--repo=' + ','.join(many.forge.repositories))
    finally:
        many.forge.close()
        shutil.rmtree(home)


if __name__ == '__main__':
    main()
