"""The hooks of .pre-commit-hooks.yaml, run by pre-commit itself in a repository. Skipped where there is no pre-commit."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
UNROOT = os.environ['UNROOT']
FIXABLE = 'FROM node:20-slim\nWORKDIR /srv\nCOPY . .\nCMD ["node", "server.js"]\n'
CLEAN = 'FROM scratch\nCOPY a /a\nUSER 65532:65532\nENTRYPOINT ["/a"]\n'
NAMES = ['Dockerfile', 'Dockerfile.dev', 'Dockerfile-alpine', 'Containerfile', 'api.dockerfile', 'sub/web.Dockerfile']
OTHERS = ['Dockerfile.md', 'Dockerfile.j2', 'Dockerfile.dockerignore', 'notes.txt', 'MyDockerfile.txt']


class Hooks(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix='unroot-precommit-'))
        self.addCleanup(shutil.rmtree, self.home)
        self.env = {**os.environ, 'HOME': str(self.home), 'PRE_COMMIT_HOME': str(self.home / 'cache'),
                    'GIT_CONFIG_NOSYSTEM': '1', 'PATH': os.path.dirname(UNROOT) + os.pathsep + os.environ['PATH']}
        (self.home / '.gitconfig').write_text('[user]\n\tname = Ada\n\temail = ada@example.org\n'
                                              '[protocol "file"]\n\tallow = always\n')
        # The hooks alone: the whole project would be copied for nothing.
        self.hooks = self.repository('hooks', {'.pre-commit-hooks.yaml': (PROJECT / '.pre-commit-hooks.yaml').read_text()})

    def run_in(self, cwd, *argv):
        return subprocess.run(argv, cwd=cwd, env=self.env, capture_output=True, text=True, timeout=300, check=False)

    def repository(self, name, files):
        path = self.home / name
        for file, text in files.items():
            (path / file).parent.mkdir(parents=True, exist_ok=True)
            (path / file).write_text(text)
        for words in (('init', '-q'), ('add', '-A'), ('commit', '-qm', 'first')):
            done = self.run_in(path, 'git', *words)
            self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def try_repo(self, path, hook):
        return self.run_in(path, 'pre-commit', 'try-repo', str(self.hooks), hook, '--all-files', '--verbose')

    def test_fix(self):
        path = self.repository('r', {**dict.fromkeys(NAMES + OTHERS, FIXABLE), 'clean.Dockerfile': CLEAN})
        done = self.try_repo(path, 'unroot')
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn('files were modified by this hook', done.stdout)
        for name in NAMES:
            self.assertIn('USER node', (path / name).read_text(), name)
        for name in OTHERS:
            self.assertEqual((path / name).read_text(), FIXABLE, name)
        done = self.try_repo(path, 'unroot')
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_check(self):
        path = self.repository('r', dict.fromkeys(NAMES + OTHERS, FIXABLE))
        done = self.try_repo(path, 'unroot-check')
        self.assertEqual(done.returncode, 1, done.stdout)
        for name in NAMES:
            self.assertIn(f'{name}:', done.stdout)
            self.assertEqual((path / name).read_text(), FIXABLE)
        for name in OTHERS:
            self.assertNotIn(f'{name}:', done.stdout)
        clean = self.repository('clean', dict.fromkeys(NAMES, CLEAN))
        self.assertEqual(self.try_repo(clean, 'unroot-check').returncode, 0)

    def test_exclusions_of_the_configuration(self):
        path = self.repository('r', {'Dockerfile': FIXABLE, '.unroot.yaml': 'exclude: [Dockerfile]\n'})
        for hook in ('unroot', 'unroot-check'):
            done = self.try_repo(path, hook)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_on_a_commit(self):
        """Installed as people install it: the commit is refused, and goes through with what was fixed."""
        config = 'repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: unroot\n'
        rev = self.run_in(self.hooks, 'git', 'rev-parse', 'HEAD').stdout.strip()
        path = self.repository('r', {'.pre-commit-config.yaml': config.format(self.hooks, rev)})
        self.assertEqual(self.run_in(path, 'pre-commit', 'install').returncode, 0)
        (path / 'Containerfile').write_text(FIXABLE)
        self.run_in(path, 'git', 'add', '-A')
        self.assertNotEqual(self.run_in(path, 'git', 'commit', '-qm', 'feat: image').returncode, 0)
        self.run_in(path, 'git', 'add', '-A')
        done = self.run_in(path, 'git', 'commit', '-qm', 'feat: image')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('USER node', self.run_in(path, 'git', 'show', 'HEAD:Containerfile').stdout)


if __name__ == '__main__':
    if not shutil.which('pre-commit'):
        print('skipped: there is no pre-commit')
        sys.exit(77)
    unittest.main()
