"""Runs the steps of action.yml as a runner does. Without a yaml module for Python, tests that need it are skipped."""

import os
import pathlib
import re
import subprocess
import sys

from forge import TOKEN
from scenario import NAME, NODE, Scenario

try:
    import yaml
except ImportError:
    print('skipped: Python has no module yaml (Debian: python3-yaml)')
    sys.exit(77)

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = f"{os.path.dirname(os.environ['UNROOT'])}:{os.path.dirname(os.environ['UNROOT_BOT'])}:{os.environ['PATH']}"
EXPRESSION = r'\$\{\{ (.+?) \}\}'


def read(path):
    return yaml.safe_load((PROJECT / path).read_text())


ACTION = read('action.yml')


def evaluate(text, values):
    """Expressions of the one form A || B; what is not in `values` is an error."""
    return re.sub(EXPRESSION, lambda m: next(filter(None, [values[name] for name in m[1].split(' || ')]), ''), text)


class Runner(Scenario):
    def setUp(self):
        super().setUp()
        self.output, self.summary = self.home / 'output', self.home / 'summary'
        self.place = self.home / 'work'
        self.place.mkdir()

    def run_action(self, inputs, cwd=None, number='', code=0):
        for file in (self.output, self.summary):
            file.write_text('')
        values = {'github.token': TOKEN, 'github.action_path': str(PROJECT), 'github.server_url': self.forge.url,
                  'github.action_repository': 'unroot/unroot', 'github.event.pull_request.number': number}
        self.assertLessEqual(set(inputs), set(ACTION['inputs']))
        for name, item in ACTION['inputs'].items():
            values[f'inputs.{name}'] = evaluate(str(inputs.get(name, item['default'])), values)
        printed = ''
        for step in ACTION['runs']['steps']:
            env = self.environment(GITHUB_OUTPUT=str(self.output), GITHUB_STEP_SUMMARY=str(self.summary),
                                   RUNNER_TEMP=str(self.home / 'tmp'), GITHUB_PATH=str(self.home / 'path'),
                                   PATH=PROGRAMS, GH_TOKEN=None)
            env.update({name: evaluate(str(value), values) for name, value in step['env'].items()})
            done = subprocess.run(['bash', '--noprofile', '--norc', '-e', '-c', step['run']], cwd=cwd or self.place, env=env,
                                  capture_output=True, text=True, check=False, timeout=120)
            printed += done.stdout + done.stderr
            if done.returncode:
                break
        self.assertEqual(done.returncode, code, printed)
        self.assertNotIn(TOKEN, printed)
        outputs = dict(line.split('=', 1) for line in self.output.read_text().splitlines())
        self.assertEqual(outputs['exit-code'], str(code))
        self.assertLessEqual(set(outputs), set(ACTION['outputs']))
        return printed, outputs

    def add_pull_request(self):
        """A repository with pull request 1, which adds a Dockerfile."""
        repository = self.forge.add(NAME, {'README': 'x\n'})
        repository.write({'Dockerfile': NODE, 'package.json': '{}\n'}, 'feat: add', 'topic', on=repository.commit_of('main'))
        self.forge.open_request(repository, repository, 'topic', 'main', 'feat: add', '')
        repository.git('update-ref', 'refs/pull/1/head', repository.commit_of('topic'))
        return repository
