"""unroot-bot against a forge: what it opens, updates, closes and leaves alone."""

import re
import subprocess
import urllib.error
import urllib.request

from forge import TOKEN
from scenario import BRANCH, CLEAN, FILES, NAME, NODE, PRISM, TWO, Scenario, main


class Requests(Scenario):
    def each_way(self):
        """Both ways to make commits, each with a forge of its own."""
        for way in self.ways:
            with self.subTest(commit=way):
                self.forge.reset(self.home / f'forge-{way}')
                yield f'--commit={way}'

    def test_the_proxy_refuses_what_the_description_does_not_allow(self):
        if not PRISM:
            self.skipTest('there is no proxy in this run')
        self.forge.add(NAME, FILES)
        wrong = urllib.request.Request(f'{self.api}/repos/{NAME}/pulls', b'{"title": 1}', method='POST',
                                       headers={'Authorization': f'Bearer {TOKEN}', 'Content-Type': 'application/json'})
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(wrong, timeout=30)
        self.assertEqual(caught.exception.code, 422)
        self.assertEqual(self.forge.log, [])

    def test_opens_one(self):
        for way in self.each_way():
            repository = self.forge.add(NAME, FILES)
            self.bot(way)
            request = self.one(repository)
            self.assertEqual(request['title'], 'fix(docker): run containers as non-root')
            self.assertIn('| `Dockerfile` | last | `node` (1000) |', request['body'])
            self.assertEqual((request['branch'], request['base'], request['draft']), (BRANCH, 'main', False))
            self.assertIn('USER node\n', repository.read(BRANCH, 'Dockerfile'))
            self.assertEqual(repository.git('rev-list', '--count', f'main..{BRANCH}'), '1')
            self.assertEqual(repository.git('diff', '--name-only', f'main..{BRANCH}'), 'Dockerfile')
            self.assert_nothing_left()

    def test_second_run_does_nothing(self):
        for way in self.each_way():
            repository = self.forge.add(NAME, FILES)
            self.bot(way)
            tip, before = repository.commit_of(BRANCH), dict(repository.requests[0])
            self.forge.log.clear()
            self.assertIn('up to date', self.bot(way).out)
            self.assertEqual(repository.commit_of(BRANCH), tip)
            self.assertEqual(self.one(repository), before)
            self.assertEqual([x for x in self.forge.log if not re.match('GET|git .*upload-pack|git GET', x)], [])

    def test_updates_in_place(self):
        for way in self.each_way():
            repository = self.forge.add(NAME, FILES)
            self.bot(way)
            body = repository.requests[0]['body']
            repository.write({'Dockerfile': NODE.replace('COPY . .\n', 'COPY . .\nVOLUME /srv/uploads\n')})
            self.assertIn('updated', self.bot(way).out)
            request = self.one(repository)
            self.assertIn('/srv/uploads', repository.read(BRANCH, 'Dockerfile'))
            self.assertNotEqual(request['body'], body)
            self.assertEqual(repository.git('rev-parse', f'{BRANCH}^'), repository.commit_of('main'))

    def test_a_base_that_moves_elsewhere_changes_nothing(self):
        repository = self.forge.add(NAME, FILES)
        self.bot()
        tip = repository.commit_of(BRANCH)
        repository.write({'server.js': '// more\n'})
        self.bot()
        self.assertEqual(repository.commit_of(BRANCH), tip)

    def test_closed_stays_closed(self):
        for way in self.each_way():
            repository = self.forge.add(NAME, FILES)
            self.bot(way)
            repository.requests[0]['state'] = 'closed'
            repository.git('update-ref', '-d', f'refs/heads/{BRANCH}')
            self.assertIn('stays closed', self.bot(way).out)
            self.one(repository, 'closed')
            self.assertIsNone(repository.commit_of(BRANCH))
            repository.write({'Dockerfile': NODE + 'HEALTHCHECK NONE\n'})
            self.assertIn('stays closed', self.bot(way).out)
            repository.write({'Dockerfile': NODE.replace('20', '18')})
            self.bot(way)
            self.one(repository, 'closed')
            repository.write({'Dockerfile': NODE.replace('/srv', '/opt/shop')})
            self.bot(way)
            self.assertEqual([r['state'] for r in repository.requests], ['closed', 'open'])

    def test_merged_is_no_refusal(self):
        repository = self.forge.add(NAME, FILES)
        self.bot()
        repository.requests[0].update(state='closed', merged=True)
        self.bot()
        self.assertEqual([r['state'] for r in repository.requests], ['closed', 'open'])

    def test_closes_what_is_obsolete(self):
        for way in self.each_way():
            repository = self.forge.add(NAME, FILES)
            self.bot(way)
            repository.write({'Dockerfile': CLEAN})
            self.assertIn('closed', self.bot(way).out)
            request = self.one(repository, 'closed')
            self.assertIn('Closed by itself', request['body'])
            self.assertIsNone(repository.commit_of(BRANCH))
            self.assertIn('nothing to do', self.bot(way).out)
            # That was no refusal: when the need comes back, so does the request.
            repository.write({'Dockerfile': NODE})
            self.bot(way)
            self.assertEqual([r['state'] for r in repository.requests], ['closed', 'open'])

    def test_what_cannot_be_judged_closes_nothing(self):
        repository = self.forge.add(NAME, FILES)
        self.bot()
        repository.write({'Dockerfile': 'FROM node:20-slim\nFRMO x\n'})
        result = self.bot(code=2)
        self.assertIn('Dockerfile:2:1: unknown instruction FRMO', result.err)
        self.assertIn('left as it is', result.out)
        self.one(repository)

    def test_commits_of_others_are_left_alone(self):
        for way in self.each_way():
            repository = self.forge.add(NAME, FILES)
            self.bot(way)
            for files in ({'Dockerfile': NODE + '# mine\n'}, {'notes': 'x\n'}):
                tip = repository.write(files, 'a change of my own', BRANCH)
                body = repository.requests[0]['body']
                repository.write({'Dockerfile': NODE.replace('3000', str(3000 + len(files)))})
                self.assertIn('left alone', self.bot(way).out)
                self.assertEqual(repository.commit_of(BRANCH), tip)
                self.assertEqual(self.one(repository)['body'], body)
            repository.write({'Dockerfile': CLEAN})
            self.bot(way)
            self.one(repository)
            self.assertEqual(repository.commit_of(BRANCH), tip)

    def test_an_amended_commit_is_somebodys(self):
        repository = self.forge.add(NAME, FILES)
        self.bot()
        message = repository.git('log', '-1', '--format=%B', BRANCH)
        tree = repository.tree(BRANCH, {'Dockerfile': NODE + '# amended\n'})
        tip = repository.git('commit-tree', tree, '-p', 'main', text=message.encode())
        repository.git('update-ref', f'refs/heads/{BRANCH}', tip)
        self.assertIn('left alone', self.bot().out)
        self.assertEqual(repository.commit_of(BRANCH), tip)

    def test_a_branch_of_that_name_without_a_request(self):
        repository = self.forge.add(NAME, FILES)
        tip = repository.write({'x': 'x\n'}, 'mine', BRANCH, on=repository.commit_of('main'))
        self.assertIn('left alone', self.bot().out)
        self.assertEqual((repository.commit_of(BRANCH), repository.requests), (tip, []))

    def test_fork(self):
        repository = self.forge.add(NAME, FILES)
        repository.read_only = True
        self.assertIn('use --fork', self.bot(code=2).err)
        for _ in range(2):
            self.bot('--fork')
            request = self.one(repository)
            self.assertEqual(request['source'], 'bot/shop')
            self.assertIsNone(repository.commit_of(BRANCH))
            self.assertTrue(self.forge.find('bot/shop').commit_of(BRANCH))
        # A fork that fell behind gets what it lacks with the push.
        repository.write({'Dockerfile': NODE.replace('3000', '3001')})
        repository.write({'Dockerfile': NODE.replace('/srv', '/opt/shop')})
        self.assertIn('updated', self.bot('--fork').out)
        self.one(repository)
        repository.write({'Dockerfile': CLEAN})
        self.bot('--fork')
        self.one(repository, 'closed')

    def test_a_request_for_each_file(self):
        repository = self.forge.add(NAME, TWO)
        self.bot('--group=file')
        self.assertEqual(len(repository.open_requests()), 2)
        titles = sorted(r['title'] for r in repository.requests)
        self.assertEqual(titles, [f'fix(docker): run containers as non-root ({x}/Dockerfile)' for x in 'ab'])
        for request in repository.requests:
            changed = repository.git('diff', '--name-only', f"main..{request['branch']}")
            self.assertIn(changed, request['title'])
        # One that is gone takes its request along; back to one for all, the others go.
        repository.write({'b/Dockerfile': None})
        self.bot('--group=file')
        self.assertEqual([r['state'] for r in repository.requests if 'b/' in r['title']], ['closed'])
        self.bot()
        self.assertEqual([r['branch'] for r in repository.open_requests()], [BRANCH])
        self.assertEqual(repository.branches(), ['main', BRANCH])

    def test_labels_draft_signoff_and_titles(self):
        for way in self.each_way():
            repository = self.forge.add(NAME, FILES, message='First')
            self.bot(way, '--label=security,docker', '--draft', '--signoff')
            request = self.one(repository)
            self.assertEqual(request['labels'], ['security', 'docker'])
            self.assertTrue(request['draft'])
            self.assertRegex(request['title'], '^((Draft|WIP): )?Run containers as non-root$')
            message = repository.git('log', '-1', '--format=%B', BRANCH)
            self.assertRegex(message, r'Unroot-Change: [0-9a-f]{16} [0-9a-f]{40}\nSigned-off-by: Ada <ada@example.org>')
            if way.endswith('git'):
                self.assertEqual(repository.git('log', '-1', '--format=%ae', BRANCH), 'ada@example.org')
            self.bot(way, '--label=security,docker', '--draft', '--signoff')
            self.one(repository)

    def test_limit(self):
        self.forge.add('acme/a', FILES)
        self.forge.add('acme/b', FILES)
        result = self.bot('--repo=acme/a,acme/b', '--limit=1', repo=None)
        self.assertIn('acme/b: put off', result.out)
        self.assertEqual(len(self.forge.find('acme/b').requests), 0)
        self.bot('--repo=acme/a,acme/b', '--limit=1', repo=None)
        self.assertEqual(len(self.forge.find('acme/b').requests), 1)

    def test_one_failure_does_not_stop_the_others(self):
        self.forge.add('acme/b', FILES)
        result = self.bot('--repo=acme/none,acme/b', repo=None, code=2)
        self.assertRegex(result.err, 'acme/none: .*404')
        self.assertEqual(len(self.forge.find('acme/b').requests), 1)

    def test_archived(self):
        repository = self.forge.add(NAME, FILES)
        repository.archived = True
        self.assertIn('is archived', self.bot(code=2).err)

    def test_configuration_of_the_default_branch(self):
        repository = self.forge.add(NAME, {**TWO, '.unroot.yaml': 'exclude: [b]\nuser: shop\n'})
        self.bot()
        self.assertEqual(repository.git('diff', '--name-only', f'main..{BRANCH}'), 'a/Dockerfile')
        repository.write({'.unroot.yaml': 'exclude: ["*"]\n'})
        self.bot()
        self.one(repository, 'closed')
        repository.write({'.unroot.yaml': 'ignore: [\n'})
        self.assertIn('.unroot.yaml:', self.bot(code=2).err)

    def test_in_a_clone(self):
        """The default branch counts, not what is checked out; hooks and identity are the user's; nothing stays."""
        repository = self.forge.add(NAME, FILES)
        clone = self.clone()
        hook = clone / '.git/hooks/commit-msg'
        hook.write_text('#!/bin/sh\nenv > "$HOME/hook-environment"\necho "Hooked: yes" >> "$1"\n')
        hook.chmod(0o755)
        (clone / 'Dockerfile').write_text('FROM scratch\n')
        self.shell('git', '-C', str(clone), 'checkout', '-q', '-b', 'topic')
        before = (clone / '.git/HEAD').read_text()
        for _ in range(2):
            self.bot(cwd=clone)
            self.one(repository)
        self.assertIn('Hooked: yes', repository.git('log', '-1', '--format=%B', BRANCH))
        self.assertEqual(repository.git('log', '-1', '--format=%an', BRANCH), 'Ada')
        self.assertNotIn(TOKEN, (self.home / 'hook-environment').read_text())
        self.assertNotIn('Authorization', (self.home / 'hook-environment').read_text())
        self.assertEqual((clone / 'Dockerfile').read_text(), 'FROM scratch\n')
        self.assertEqual((clone / '.git/HEAD').read_text(), before)
        refs = subprocess.run(['git', '-C', clone, 'for-each-ref', 'refs/unroot'], capture_output=True, check=True)
        self.assertEqual(refs.stdout, b'')
        self.assertFalse((clone / '.git/unroot-bot').exists())

    def test_a_hook_that_changes_files(self):
        repository = self.forge.add(NAME, FILES)
        clone = self.clone()
        hook = clone / '.git/hooks/pre-commit'
        hook.write_text('#!/bin/sh\necho "# formatted" >> Dockerfile\ngit add Dockerfile\n')
        hook.chmod(0o755)
        self.bot(cwd=clone)
        tip = repository.commit_of(BRANCH)
        self.assertIn('# formatted', repository.read(BRANCH, 'Dockerfile'))
        self.assertIn('up to date', self.bot(cwd=clone).out)
        self.assertEqual(repository.commit_of(BRANCH), tip)

    def test_a_token_that_the_checkout_left_behind(self):
        repository = self.forge.add(NAME, FILES)
        clone = self.clone()
        self.shell('git', '-C', str(clone), 'config', f'http.{self.forge.url}/.extraHeader', 'Authorization: Basic b2xk')
        self.bot(cwd=clone)
        self.one(repository)

    def test_a_clone_of_another_host(self):
        self.forge.add(NAME, FILES)
        clone = self.clone()
        self.shell('git', '-C', str(clone), 'remote', 'set-url', 'origin', f'git@example.org:{NAME}.git')
        self.assertIn(f'is not on {self.forge.url}', self.bot(cwd=clone, code=2).err)
        self.assertEqual(self.forge.log, [])
        self.shell('git', '-C', str(clone), 'remote', 'set-url', 'origin', '/srv/shop.git')
        self.assertIn('names no repository', self.bot(cwd=clone, code=2).err)

    def test_somebody_pushes_meanwhile(self):
        """The lease: a commit that came after the look is not lost."""
        repository = self.forge.add(NAME, FILES)
        self.bot('--commit=git')
        repository.write({'Dockerfile': NODE.replace('/srv', '/opt/shop')})
        mine = []

        def push(method, path):
            if method == 'GET' and ('pulls' in path or 'merge_requests' in path) and not mine:
                mine.append(repository.write({'x': 'x\n'}, 'mine', BRANCH))
        self.forge.faults.append(push)
        self.bot('--commit=git', code=2)
        self.assertEqual(repository.commit_of(BRANCH), mine[0])


if __name__ == '__main__':
    main()
