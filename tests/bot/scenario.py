"""What the tests of unroot-bot against a forge share."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from forge import TOKEN
from gitea import Gitea
from github import GitHub
from gitlab import GitLab

BOT = os.environ['UNROOT_BOT']
KINDS = {kind.kind: kind for kind in (GitHub, GitLab, Gitea)}
KIND = KINDS[os.environ.get('FORGE', 'github')]
PRISM = os.environ.get('PRISM')            # the script of @stoplight/prism-cli
DESCRIPTION = os.environ.get('DESCRIPTION')  # what it validates against

NODE = ('FROM node:20-slim\nWORKDIR /srv\nCOPY package.json .\nRUN npm install\nCOPY . .\nEXPOSE 3000\n'
        'CMD ["node", "server.js"]\n')
FILES = {'Dockerfile': NODE, 'package.json': '{}\n', 'server.js': '//\n'}
TWO = {'a/Dockerfile': NODE, 'a/package.json': '{}\n', 'b/Dockerfile': NODE, 'b/package.json': '{}\n'}
CLEAN = 'FROM scratch\nCOPY a /a\nUSER 65532:65532\nENTRYPOINT ["/a"]\n'
NAME = 'acme/shop'
SANITIZER = 'Sanitizer|runtime error'  # what one complains of, where the bot was built with it
BRANCH = 'unroot/fix'


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def start_prism(upstream):
    """The validating proxy: a request that the description does not allow is answered with 4xx by it."""
    port = free_port()
    process = subprocess.Popen(['node', PRISM, 'proxy', DESCRIPTION, upstream, '--errors', '-p', str(port)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            urllib.request.urlopen(f'http://127.0.0.1:{port}/', timeout=5)
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
    return process, f'http://127.0.0.1:{port}'


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()

    def __str__(self):
        return f'exit {self.code}\n{self.out}\n{self.err}'


class Scenario(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.forge = KIND('/nonexistent')
        cls.prism, cls.api = None, cls.forge.url + cls.forge.api_path
        if PRISM:
            cls.prism, cls.api = start_prism(cls.api)

    @classmethod
    def tearDownClass(cls):
        cls.forge.close()
        if cls.prism:
            cls.prism.terminate()
            cls.prism.wait()

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix='unroot-bot-test-'))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        (self.home / '.gitconfig').write_text('[user]\n\tname = Ada\n\temail = ada@example.org\n[protocol "file"]\n\tallow = always\n')
        (self.home / 'tmp').mkdir()
        self.forge.reset(self.home / 'forge')
        self.ways = ('git', 'api') if KIND is not Gitea else ('git',)

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items()
               if k not in ('GH_TOKEN', 'GITHUB_TOKEN', 'GITLAB_TOKEN', 'GITEA_TOKEN', 'FORGEJO_TOKEN', 'GITLAB_CI')}
        env.update(HOME=str(self.home), TMPDIR=str(self.home / 'tmp'), GIT_CONFIG_NOSYSTEM='1',
                   GITHUB_SERVER_URL=self.forge.url, CI_SERVER_URL=self.forge.url)
        env[KIND.token_name] = TOKEN
        env[KIND.api_name] = self.api
        env.update(more)
        return {k: v for k, v in env.items() if v is not None}

    def command(self, *words):
        return [BOT, f'--forge={KIND.kind}', *words]

    def bot(self, *words, code=0, cwd=None, repo=NAME, env=None):
        """Runs the bot to its end, without a clone unless words say otherwise."""
        words = words if cwd or repo is None else (f'--repo={repo}', *words)
        done = subprocess.run(self.command(*words), capture_output=True, cwd=cwd or self.home,
                              env=self.environment(**(env or {})), timeout=120, check=False)
        result = Result(done)
        self.assertNotIn(TOKEN, result.out + result.err)
        self.assertNotRegex(result.err, SANITIZER)
        if code is not None:
            self.assertEqual(result.code, code, str(result))
        return result

    def clone(self, name=NAME, where='clone'):
        path = self.home / where
        self.shell('git', 'clone', '-q', f'{self.forge.root}/{name}.git', str(path))
        self.shell('git', '-C', str(path), 'remote', 'set-url', 'origin', f'{self.forge.url}/{name}.git')
        return path

    def shell(self, *words):
        subprocess.run(words, check=True, env=self.environment(), capture_output=True)

    def one(self, repository, state='open'):
        """The only request there is."""
        self.assertEqual([r['state'] for r in repository.requests], [state])
        return repository.requests[0]

    def assert_nothing_left(self):
        self.assertEqual(list((self.home / 'tmp').iterdir()), [])


def main():
    unittest.main(module='__main__', argv=[sys.argv[0], *sys.argv[1:]])
