"""The workflows that others call, and what docs/ci.md says of them: each run as a runner does, its action and its checkout
being those of this machine."""

import re

from runner import ACTION, EXPRESSION, PROJECT, Runner, evaluate, read, yaml
from forge import TOKEN
from scenario import CLEAN, FILES, NAME, NODE, main

FOLDER = '.github/workflows'
CALLED = {path.name: read(path) for path in sorted((PROJECT / FOLDER).glob('*.yml'))}
OWN = 'unroot/unroot@main'
PAGE = (PROJECT / 'docs/ci.md').read_text()
TRIGGERS = True  # YAML 1.1's word for "on"


def interface(workflow):
    return workflow[TRIGGERS]['workflow_call']


def job_of(workflow):
    (job,) = workflow['jobs'].values()
    return job


def rights_of(text):
    return dict(re.findall(r'`([a-z-]+): (read|write)`', text))


def examples():
    """The workflows for GitHub on the page."""
    part = PAGE[PAGE.index('## GitHub'):PAGE.index('### Suggestions')]
    return [yaml.safe_load(text) for text in re.findall(r'```yaml\n(.*?)```', part, re.S)]


class Files(Runner):
    def test_expressions_name_what_is_declared(self):
        for name, workflow in CALLED.items():
            known = {f'inputs.{x}' for x in interface(workflow)['inputs']}
            known |= {f'secrets.{x}' for x in interface(workflow).get('secrets', {})}
            used = {part for m in re.findall(EXPRESSION, (PROJECT / FOLDER / name).read_text()) for part in m.split(' || ')}
            self.assertEqual({x for x in used if x.startswith(('inputs.', 'secrets.'))}, known, name)
            for step in job_of(workflow)['steps']:
                if step['uses'] == OWN:
                    self.assertLessEqual(set(step['with']), set(ACTION['inputs']), name)

    def test_actions_are_pinned(self):
        for name, workflow in CALLED.items():
            for step in job_of(workflow)['steps']:
                self.assertRegex(step['uses'], f'^({OWN}|[a-z/]+@[0-9a-f]{{40}})$', name)
                if step['uses'].startswith('actions/checkout@'):
                    self.assertIs(step['with']['persist-credentials'], False, name)

    def test_rights_are_those_of_the_page(self):
        rows = dict(re.findall(r'^\| \[([a-z.]+)\]\(.*?\|.*\|(.*)\|$', PAGE, re.M))
        self.assertEqual(set(rows), set(CALLED))
        for name, workflow in CALLED.items():
            self.assertEqual(workflow['permissions'], {}, name)
            self.assertEqual(job_of(workflow)['permissions'], rights_of(rows[name]), name)

    def test_examples_of_the_page_fit(self):
        called = 0
        for example in examples():
            for job in example['jobs'].values():
                for step in job.get('steps', []):
                    if step['uses'] == OWN:
                        self.assertLessEqual(set(step['with']), set(ACTION['inputs']))
                if 'uses' not in job:
                    continue
                called += 1
                workflow = CALLED[re.fullmatch(f'unroot/unroot/{FOLDER}/(.*)@main', job['uses'])[1]]
                self.assertLessEqual(set(job['with']), set(interface(workflow)['inputs']))
                self.assertEqual(job['permissions'], job_of(workflow)['permissions'])
        self.assertGreater(called, 1)


class Calls(Runner):
    def call(self, name, cwd=None, number='', code=0, secret='', **inputs):
        """What the last step of the job prints, and the outputs of the workflow."""
        workflow = CALLED[name]
        declared = interface(workflow)['inputs']
        self.assertLessEqual(set(inputs), set(declared))
        values = {f'inputs.{x}': inputs.get(x, item['default']) for x, item in declared.items()}
        values.update({'secrets.token': secret, 'github.token': 'another' if secret else TOKEN})
        step = job_of(workflow)['steps'][-1]
        given = {x: evaluate(str(text), values) for x, text in step['with'].items()}
        printed, outputs = self.run_action(given, cwd, number, code)
        values = {f"steps.{step.get('id')}.outputs.{x}": text for x, text in outputs.items()}
        made = {x: evaluate(text, values) for x, text in job_of(workflow).get('outputs', {}).items()}
        values = {f'jobs.{job}.outputs.{x}': text for job in workflow['jobs'] for x, text in made.items()}
        return printed, {x: evaluate(item['value'], values) for x, item in interface(workflow).get('outputs', {}).items()}

    def test_check(self):
        (self.place / 'Dockerfile').write_text(NODE)
        self.assertIn('file=Dockerfile,line=', self.call('check.yml', code=1)[0])
        self.call('check.yml', args='--exit-zero')
        self.assertIn('+USER node', self.call('check.yml', mode='diff', code=1)[0])
        (self.place / 'Dockerfile').write_text(CLEAN)
        self.call('check.yml')

    def test_suggest(self):
        repository = self.add_pull_request()
        self.call('suggest.yml', cwd=self.clone(), number='1')
        self.assertEqual(len(repository.requests[0]['reviews']), 1)

    def test_request(self):
        """Twice, from a checkout as shallow as the workflow's, with either token."""
        repository = self.forge.add(NAME, FILES, message='First')
        repository.write({'server.js': '// 2\n'}, 'Second')
        depth = str(job_of(CALLED['request.yml'])['steps'][0]['with']['fetch-depth'])
        clone = self.home / 'shallow'
        self.shell('git', 'clone', '-q', '--depth', depth, f'file://{self.forge.root}/{NAME}.git', str(clone))
        self.shell('git', '-C', str(clone), 'remote', 'set-url', 'origin', f'{self.forge.url}/{NAME}.git')
        for secret in ('', TOKEN):
            _, outputs = self.call('request.yml', cwd=clone, secret=secret)
            self.assertEqual(outputs, {'requests': f'{self.forge.url}/{NAME}/pull/1'})
        self.assertEqual(self.one(repository)['title'], 'Run containers as non-root')


if __name__ == '__main__':
    main()
