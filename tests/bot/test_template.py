"""The template for GitLab CI and what docs/ci.md says of it: the scripts of its jobs, run with the fake of GitLab."""

import json
import re
import subprocess

from forge import TOKEN
from runner import PROGRAMS, PROJECT, Runner, yaml
from scenario import CLEAN, FILES, NAME, NODE, main

PLACE = '.gitlab/unroot.gitlab-ci.yml'
TEXT = (PROJECT / PLACE).read_text()
HEAD, BODY = yaml.safe_load_all(re.sub(r'\$\[\[ inputs\.([a-z-]+) \]\]', r'<\1>', TEXT))
INPUTS = HEAD['spec']['inputs']


class Template(Runner):
    def run_job(self, name, inputs, code=0, **variables):
        self.assertLessEqual(set(inputs), set(INPUTS))
        for line in BODY[name]['script']:
            script = re.sub('<([a-z-]+)>', lambda m: inputs.get(m[1], INPUTS[m[1]].get('default')), line)
            done = subprocess.run(['sh', '-e', '-c', script], cwd=self.place, capture_output=True, text=True, check=False,
                                  env=self.environment(PATH=PROGRAMS, CI_PROJECT_PATH=NAME, **variables), timeout=120)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertNotIn(TOKEN, done.stdout + done.stderr)
        return done.stdout

    def test_inputs_are_declared_and_used(self):
        self.assertEqual(set(re.findall(r'\$\[\[ inputs\.([a-z-]+) \]\]', TEXT)), set(INPUTS))

    def test_the_example_of_the_page_fits(self):
        page = (PROJECT / 'docs/ci.md').read_text()
        (text,) = re.findall(r'```yaml\n(include:.*?)```', page, re.S)
        (include,) = yaml.safe_load(text)['include']
        self.assertTrue(include['remote'].endswith('/main/' + PLACE))
        needed = {x for x, item in INPUTS.items() if 'default' not in item}
        self.assertLessEqual(needed, set(include['inputs']))
        self.assertLessEqual(set(include['inputs']), set(INPUTS))

    def test_check(self):
        report = self.place / BODY['unroot']['artifacts']['reports']['codequality']
        (self.place / 'Dockerfile').write_text(NODE)
        self.run_job('unroot', {}, code=1)
        self.assertEqual(json.loads(report.read_text())[0]['location']['path'], 'Dockerfile')
        self.run_job('unroot', {'args': '--exit-zero'})
        (self.place / 'Dockerfile').write_text(CLEAN)
        self.run_job('unroot', {})
        self.assertEqual(json.loads(report.read_text()), [])

    def test_request(self):
        """Without a checkout, as GIT_STRATEGY says."""
        self.assertEqual(BODY['unroot-request']['variables'], {'GIT_STRATEGY': 'none'})
        repository = self.forge.add(NAME, FILES)
        self.run_job('unroot-request', {'bot-args': "--label 'a b'"})
        self.assertIn('up to date', self.run_job('unroot-request', {}))
        self.assertEqual(self.one(repository)['labels'], ['a b'])
        self.assertEqual(list(self.place.iterdir()), [])


if __name__ == '__main__':
    main()
