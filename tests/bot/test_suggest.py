"""Suggestions on a pull request: applied as GitHub applies them, they give what unroot fix gives."""

import os
import re
import subprocess

from scenario import CLEAN, FILES, NAME, NODE, Scenario, main

UNROOT = os.environ['UNROOT']


class Suggestions(Scenario):
    def open_by_somebody(self, files, base_files):
        repository = self.forge.add(NAME, base_files)
        repository.write(files, 'feat: add', 'topic', on=repository.commit_of('main'))
        self.forge.open_request(repository, repository, 'topic', 'main', 'feat: add', '')
        repository.git('update-ref', 'refs/pull/1/head', repository.commit_of('topic'))
        return repository

    def apply(self, text, review, path):
        lines = text.split('\n')
        for comment in sorted((c for c in review['comments'] if c['path'] == path), key=lambda c: -c['line']):
            new = re.fullmatch(r'(`{3,})suggestion\n(.*?)\n?\1\n', comment['body'], re.S)[2]
            lines[comment.get('start_line', comment['line']) - 1:comment['line']] = new.split('\n') if new else []
        return '\n'.join(lines)

    def fixed(self, text):
        done = subprocess.run([UNROOT, 'fix', '-'], input=text.encode(), capture_output=True, check=True)
        return done.stdout.decode()

    def test_a_new_dockerfile(self):
        repository = self.open_by_somebody({'api/Dockerfile': NODE, 'api/package.json': '{}\n'}, {'README': 'x\n'})
        for _ in range(2):
            self.bot('--suggest=1')
            review, = repository.requests[0]['reviews']
            self.assertEqual((review['event'], review['commit_id']), ('COMMENT', repository.commit_of('topic')))
            self.assertEqual(self.apply(NODE, review, 'api/Dockerfile'), self.fixed(NODE))
            self.assertNotIn('```diff', review['body'])
        repository.write({'api/Dockerfile': NODE.replace('/srv', '/opt/shop')}, 'fix: more', 'topic')
        repository.git('update-ref', 'refs/pull/1/head', repository.commit_of('topic'))
        self.bot('--suggest=1')
        self.assertEqual(len(repository.requests[0]['reviews']), 2)

    def test_lines_that_the_request_does_not_show(self):
        """Half a fix would not build: the whole is shown instead."""
        long = NODE.replace('EXPOSE', '# x\n' * 20 + 'EXPOSE')
        repository = self.open_by_somebody({'Dockerfile': long.replace('3000', '3001')}, {**FILES, 'Dockerfile': long})
        self.bot('--suggest=1')
        review, = repository.requests[0]['reviews']
        self.assertEqual(review['comments'], [])
        self.assertIn('```diff\n--- a/Dockerfile', review['body'])

    def test_nothing_to_suggest(self):
        for files in ({'Dockerfile': CLEAN}, {'other': 'x\n'}):
            self.forge.reset(self.home / f'forge-{len(files)}-{list(files)[0]}')
            repository = self.open_by_somebody(files, FILES)
            self.assertIn('nothing to suggest', self.bot('--suggest=1').out)
            self.assertEqual(repository.requests[0]['reviews'], [])

    def test_in_a_clone(self):
        repository = self.open_by_somebody({'api/Dockerfile': NODE, 'api/package.json': '{}\n'}, {'README': 'x\n'})
        self.bot('--suggest=1', cwd=self.clone())
        self.assertEqual(len(repository.requests[0]['reviews']), 1)

    def test_mistakes(self):
        self.forge.add(NAME, FILES)
        self.assertIn('404', self.bot('--suggest=9', code=2).err)
        self.assertIn('expected a number', self.bot('--suggest=x', code=2).err)
        self.assertIn('--suggest', self.bot('--suggest=1', '--dry-run', cwd=self.home, code=2).err)


if __name__ == '__main__':
    main()
