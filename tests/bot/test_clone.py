"""unroot-bot in clones, without a network: --dry-run, --verify, and many clones at once."""

import fcntl
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BOT, UNROOT = os.environ['UNROOT_BOT'], os.environ['UNROOT']
NODE = ('FROM node:20-slim\nWORKDIR /srv\nCOPY package.json .\nRUN npm install\nCOPY . .\nEXPOSE 3000\n'
        'CMD ["node", "server.js"]\n')
CLEAN = 'FROM scratch\nCOPY a /a\nUSER 65532:65532\nENTRYPOINT ["/a"]\n'


class Clones(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix='unroot-bot-test-'))
        self.addCleanup(shutil.rmtree, self.home)
        (self.home / '.gitconfig').write_text('[user]\n\tname = Ada\n\temail = ada@example.org\n')
        self.env = {k: v for k, v in os.environ.items() if not k.endswith('_TOKEN')}
        self.env.update(HOME=str(self.home), GIT_CONFIG_NOSYSTEM='1')

    def run_in(self, cwd, *argv):
        return subprocess.run(argv, cwd=cwd, env=self.env, capture_output=True, text=True, timeout=120, check=False)

    def repository(self, files, name='r', message='feat: first'):
        path = self.home / name
        for name, text in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text)
        for words in (('init', '-q', '-b', 'main'), ('add', '-A'), ('commit', '-qm', message)):
            self.assertEqual(self.run_in(path, 'git', *words).returncode, 0)
        return path

    def dry(self, path, *words, code=1, bot=BOT):
        done = self.run_in(path, bot, '--dry-run', *words)
        self.assertNotRegex(done.stderr, 'Sanitizer|runtime error')
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_title_body_and_diff(self):
        path = self.repository({'Dockerfile': NODE, 'package.json': '{}\n'})
        out = self.dry(path).stdout
        self.assertRegex(out, r'^\.: would open \(unroot/fix to main\)\n\nfix\(docker\): run containers as non-root\n\n')
        self.assertIn('| `Dockerfile` | last | `node` (1000) |', out)
        diff = out[out.index('diff --git'):]
        (path / 'x.diff').write_text(diff)
        self.assertEqual(self.run_in(path, 'git', 'apply', 'x.diff').returncode, 0)
        (path / 'x.diff').unlink()
        self.assertEqual(self.run_in(path, UNROOT, 'fix', '--check').returncode, 0)
        self.assertEqual(self.run_in(path, 'git', 'worktree', 'list').stdout.count('\n'), 1)
        self.assertFalse((path / '.git/unroot-bot').exists())

    def test_through_unroot(self):
        path = self.repository({'Dockerfile': NODE, 'package.json': '{}\n'})
        done = self.run_in(path, UNROOT, 'bot', '--dry-run')
        self.assertEqual((done.returncode, done.stdout), (1, self.dry(path).stdout))
        self.assertIn('unroot-bot', self.run_in(path, UNROOT, 'bot', '--version').stdout)

    def test_what_is_committed_counts(self):
        path = self.repository({'Dockerfile': CLEAN})
        (path / 'Dockerfile').write_text(NODE)
        self.assertIn('nothing to do', self.dry(path, code=0).stdout)
        self.assertEqual((path / 'Dockerfile').read_text(), NODE)

    def test_nothing_to_do(self):
        self.assertIn('nothing to do', self.dry(self.repository({'README': 'x\n'}, 'a'), code=0).stdout)
        self.assertEqual(self.dry(self.repository({'Dockerfile': CLEAN}, 'b'), '-q', code=0).stdout, '')

    def test_titles_follow_the_log(self):
        files = {'Dockerfile': NODE, 'package.json': '{}\n'}
        self.assertIn('\nRun containers as non-root\n', self.dry(self.repository(files, 'a', 'First')).stdout)
        out = self.dry(self.repository(files, 'b'), '--group=file').stdout
        self.assertIn('fix(docker): run containers as non-root (Dockerfile)', out)
        self.assertRegex(out, r'\(unroot/fix-Dockerfile-[0-9a-f]{8} to main\)')

    def test_options_of_fix(self):
        path = self.repository({'Dockerfile': NODE.replace('node:20', 'python:3.12').replace('"node", "server.js"', '"python", "x.py"'),
                                'package.json': '{}\n'})
        self.assertIn('USER shop', self.dry(path, '--user=shop', '--uid=2000').stdout)
        self.assertIn('nothing to do', self.dry(path, '--ignore=run-as-root,copy-without-chown,unwritable-path', code=0).stdout)
        self.assertIn('did you mean --select?', self.dry(path, '--selcet=x', code=2).stderr)
        self.assertIn('did you mean --draft?', self.dry(path, '--darft', code=2).stderr)
        self.assertIn('needs a value', self.dry(path, '--label', code=2).stderr)
        self.assertIn('takes no value', self.dry(path, '--draft=1', code=2).stderr)
        self.assertIn('expected repository or file', self.dry(path, '--group=x', code=2).stderr)

    def test_a_configuration_reads_nothing_outside(self):
        """What a repository names is its own; what the command line names is the user's."""
        outside = self.home / 'outside'
        outside.mkdir()
        (outside / 'images.tsv').write_text('secret text\n')
        (outside / 'config.yaml').write_text('secret: text\n')
        (outside / 'empty').mkdir()
        configurations = (f'templates: {outside}\n', 'templates: ../../../../outside\n', f'images: {outside}/images.tsv\n',
                          'templates: own\n', 'images: link.tsv\n', None)
        for i, text in enumerate(configurations):
            path = self.repository({'Dockerfile': NODE, 'package.json': '{}\n', **({'.unroot.yaml': text} if text else {})}, f'r{i}')
            (path / 'own').mkdir()
            (path / 'own/images.tsv').symlink_to(outside / 'images.tsv')
            (path / 'link.tsv').symlink_to(outside / 'images.tsv')
            if not text:
                (path / '.unroot.yaml').symlink_to(outside / 'config.yaml')
            for words in (('add', '-A'), ('commit', '-qm', 'links')):
                self.assertEqual(self.run_in(path, 'git', *words).returncode, 0)
            done = self.dry(path, code=2)
            self.assertIn('leads out of the repository', done.stderr, text)
            self.assertNotIn('secret', done.stdout + done.stderr)
        self.dry(path, f'--templates={outside}/empty', code=2)
        self.dry(self.repository({'Dockerfile': NODE, 'package.json': '{}\n', '.unroot.yaml': 'user: shop\n'}, 'r'),
                 f'--templates={outside}/empty')

    def test_a_terminal_obeys_nothing(self):
        """A file gets the diff as it is: it has to apply."""
        path = self.repository({'Dockerfile': NODE.replace('EXPOSE', '# \x1b]0;owned\x07\nEXPOSE'), 'package.json': '{}\n'})
        self.assertIn('\x1b]0;owned\x07', self.dry(path).stdout)
        for argv in ((BOT, '--dry-run'), (UNROOT, 'fix', '--diff', '--color=auto')):
            master, slave = pty.openpty()
            with open(master, 'rb', buffering=0) as screen:
                process = subprocess.Popen(argv, cwd=path, env={**self.env, 'TERM': 'xterm'}, stdout=slave, stderr=subprocess.DEVNULL)
                os.close(slave)
                shown = b''
                try:
                    while piece := screen.read(65536):
                        shown += piece
                except OSError:  # the other end is closed
                    pass
                self.assertEqual(process.wait(timeout=60), 1)
            self.assertIn('# \ufffd]0;owned\ufffd'.encode(), shown)
            self.assertNotIn(b'\x1b]', shown)

    def test_unsafe_fixes_are_named_so(self):
        path = self.repository({'Dockerfile': 'FROM node:20-slim\nRUN unknown-tool\nCMD ["unknown-program"]\n'})
        self.assertIn('nothing to do', self.dry(path, code=0).stdout)
        self.assertIn('rest on facts that are not known', self.dry(path, '--unsafe-fixes').stdout)

    def test_what_is_no_repository(self):
        self.assertIn('not a git repository', self.dry(self.home, code=2).stderr)
        self.assertIn('no such directory', self.dry(self.home, '/nonexistent', code=2).stderr)
        empty = self.home / 'empty'
        self.run_in(self.home, 'git', 'init', '-q', str(empty))
        self.assertIn('no commit yet', self.dry(empty, code=2).stderr)

    def test_two_at_once_in_one_clone(self):
        path = self.repository({'Dockerfile': NODE, 'package.json': '{}\n'})
        (path / '.git/unroot-bot').mkdir()
        (path / '.git/unroot-bot/tree').mkdir()
        with open(path / '.git/unroot-bot/lock', 'w', encoding='ascii') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn('another unroot-bot is at work', self.dry(path, code=2).stderr)
            self.assertTrue((path / '.git/unroot-bot/tree').exists())
        self.dry(path)

    def test_after_a_run_that_died(self):
        path = self.repository({'Dockerfile': NODE, 'package.json': '{}\n'})
        (path / '.git/unroot-bot').mkdir()
        self.run_in(path, 'git', 'worktree', 'add', '-q', '--detach', '.git/unroot-bot/tree')
        (path / '.git/unroot-bot/tree/Dockerfile').write_text('half')
        self.assertIn('+USER node', self.dry(path).stdout)
        self.assertFalse((path / '.git/unroot-bot').exists())
        # Earlier still: what lies there is no tree to git.
        (path / '.git/unroot-bot/tree').mkdir(parents=True)
        (path / '.git/unroot-bot/tree/Dockerfile').write_text('half')
        self.assertIn('+USER node', self.dry(path).stdout)
        self.assertFalse((path / '.git/unroot-bot').exists())

    def test_verify(self):
        """A stand-in for unroot beside the bot says what it was asked, and answers as it is told."""
        path = self.repository({'api/Dockerfile': NODE, 'api/package.json': '{}\n'})
        place = self.home / 'bin'
        place.mkdir()
        bot = shutil.copy(BOT, place)
        (place / 'unroot').write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$HOME/asked"\ngrep -c USER api/Dockerfile >> "$HOME/asked"\n'
                                      'echo "it <says> so" >&2\nexit $(cat "$HOME/answer")\n')
        (place / 'unroot').chmod(0o755)
        answers = (('0', 1, 'ran both: they do the same'), ('2', 1, 'could not tell (it \\<says\\> so)'))
        for answer, code, text in answers:
            (self.home / 'answer').write_text(answer)
            self.assertIn(text, self.dry(path, '--verify', '--user=shop', code=code, bot=bot).stdout)
            self.assertEqual((self.home / 'asked').read_text(), 'verify\n--user=shop\n--context\n./api\n--\napi/Dockerfile\n0\n')
        (self.home / 'answer').write_text('1')
        done = self.dry(path, '--verify', code=0, bot=bot)
        self.assertIn('api/Dockerfile: left out, unroot verify refutes it: it <says> so', done.stderr)
        (place / 'unroot').unlink()
        self.env['PATH'] = str(self.home) + ':/usr/bin:/bin'
        self.assertIn('could not tell', self.dry(path, '--verify', bot=bot).stdout)

    def test_several_clones(self):
        clones = [str(self.repository({'Dockerfile': NODE if i % 2 else CLEAN, 'package.json': '{}\n'}, f'c{i}')) for i in range(4)]
        done = self.dry(self.home, *clones)
        self.assertEqual(re.findall(r'^(/.*): would open', done.stdout, re.M), [clones[1], clones[3]])
        self.assertIn('2 would be opened, 2 with nothing to do', done.stderr)

    def test_help_and_version(self):
        self.assertEqual(self.run_in(self.home, BOT, '--help').returncode, 0)
        lines = self.run_in(self.home, BOT, '--help').stdout.splitlines()
        self.assertTrue(all(len(line) <= 80 for line in lines))
        self.assertRegex(self.run_in(self.home, BOT, '-V').stdout, r'^unroot-bot \d')

    def test_the_manual_names_the_same_options(self):
        page = (pathlib.Path(__file__).parents[2] / 'docs/man/unroot-bot.1.scd').read_text()
        text = self.run_in(self.home, BOT, '--help').stdout
        named = set(re.findall(r'[*](--[a-z-]+)', page)) - {'--labels', '--quiet', '--verbose', '--help', '--version'}
        for_fix = {'--select', '--ignore', '--unsafe-fixes', '--user', '--ports'}
        self.assertEqual(named, set(re.findall(r'(--[a-z-]+)', text)) - for_fix)


if __name__ == '__main__':
    unittest.main(argv=sys.argv)
