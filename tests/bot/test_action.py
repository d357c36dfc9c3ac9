"""action.yml, its steps run as a runner runs them. Skipped where there is no yaml module for Python."""

import os
import pathlib
import re
import subprocess
import sys

from scenario import CLEAN, FILES, NAME, NODE, TOKEN, Scenario, main

try:
    import yaml
except ImportError:
    print('skipped: Python has no module yaml (Debian: python3-yaml)')
    sys.exit(77)

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
ACTION = yaml.safe_load((PROJECT / 'action.yml').read_text())


class Action(Scenario):
    def setUp(self):
        super().setUp()
        self.output, self.summary = self.home / 'output', self.home / 'summary'
        self.place = self.home / 'work'
        self.place.mkdir()

    def evaluate(self, text, inputs):
        """The expressions that the file uses."""
        values = {'github.token': TOKEN, 'github.action_path': str(PROJECT), 'github.server_url': self.forge.url,
                  'github.action_repository': 'unroot/unroot',
                  'github.event.pull_request.number': inputs.pop('number', '')}
        values.update({f'inputs.{name}': str(inputs.get(name, item['default'])) for name, item in ACTION['inputs'].items()})
        values['inputs.token'] = inputs.get('token', TOKEN)
        return re.sub(r'\$\{\{ (\S+) \}\}', lambda m: values[m[1]], text)

    def use(self, cwd=None, code=0, **inputs):
        for file in (self.output, self.summary):
            file.write_text('')
        programs = f"{os.path.dirname(os.environ['UNROOT'])}:{os.path.dirname(os.environ['UNROOT_BOT'])}"
        printed = ''
        for step in ACTION['runs']['steps']:
            env = self.environment(GITHUB_OUTPUT=str(self.output), GITHUB_STEP_SUMMARY=str(self.summary),
                                   RUNNER_TEMP=str(self.home / 'tmp'), GITHUB_PATH=str(self.home / 'path'),
                                   PATH=programs + ':' + os.environ['PATH'], GH_TOKEN=None)
            env.update({name: self.evaluate(str(value), dict(inputs)) for name, value in step['env'].items()})
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

    def test_check(self):
        (self.place / 'Dockerfile').write_text(NODE)
        printed, _ = self.use(code=1)
        self.assertRegex(printed, r'::(warning|error|notice) file=Dockerfile,line=')
        self.use(args='--exit-zero')
        (self.place / 'Dockerfile').write_text(CLEAN)
        self.use()

    def test_diff(self):
        (self.place / 'a b').mkdir()
        (self.place / 'a b/Dockerfile').write_text(NODE)
        (self.place / 'Dockerfile').write_text(NODE)
        printed, outputs = self.use(mode='diff', paths='"a b"', args='-q', code=1)
        self.assertNotIn('+++ b/Dockerfile', printed)
        self.assertIn('+USER node', pathlib.Path(outputs['diff']).read_text())
        self.assertIn('+USER node', self.summary.read_text())
        self.assertEqual(self.use(mode='diff', args="--exclude 'a b'", paths='. ', code=1)[0].count('+++ b/'), 1)
        (self.place / 'Dockerfile').write_text(CLEAN)
        self.use(mode='diff', paths='Dockerfile')
        self.assertEqual(self.summary.read_text(), '')

    def test_inputs_are_no_commands(self):
        (self.place / 'Dockerfile').write_text(CLEAN)
        self.use(args='$(touch pwned) `touch pwned`; touch pwned', code=2)
        self.use(mode='$(touch pwned)', code=2)
        self.assertEqual([p.name for p in self.place.iterdir()], ['Dockerfile'])

    def test_suggest(self):
        repository = self.forge.add(NAME, {'README': 'x\n'})
        repository.write({'Dockerfile': NODE, 'package.json': '{}\n'}, 'feat: add', 'topic', on=repository.commit_of('main'))
        self.forge.open_request(repository, repository, 'topic', 'main', 'feat: add', '')
        repository.git('update-ref', 'refs/pull/1/head', repository.commit_of('topic'))
        clone = self.clone()
        self.use(cwd=clone, mode='suggest', number='1')
        self.assertEqual(len(repository.requests[0]['reviews']), 1)
        self.use(cwd=clone, mode='suggest', code=2)

    def test_pr(self):
        repository = self.forge.add(NAME, FILES)
        clone = self.clone()
        for _ in range(2):
            _, outputs = self.use(cwd=clone, mode='pr', args='--label docker')
            self.assertEqual(outputs['requests'].strip(), f'{self.forge.url}/{NAME}/pull/1')
        self.assertEqual(self.one(repository)['labels'], ['docker'])


if __name__ == '__main__':
    main()
