"""action.yml, its steps run as a runner runs them."""

import pathlib

from runner import Runner
from scenario import CLEAN, FILES, NAME, NODE, main


class Action(Runner):
    def use(self, cwd=None, code=0, number='', **inputs):
        return self.run_action(inputs, cwd, number, code)

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
        repository = self.add_pull_request()
        clone = self.clone()
        self.use(cwd=clone, mode='suggest', number='1')
        self.assertEqual(len(repository.requests[0]['reviews']), 1)
        self.use(cwd=clone, mode='suggest', code=2)

    def test_pr(self):
        repository = self.forge.add(NAME, FILES)
        clone = self.clone()
        for _ in range(2):
            _, outputs = self.use(cwd=clone, mode='pr', args='--label docker')
            self.assertEqual(outputs['requests'], f'{self.forge.url}/{NAME}/pull/1')
        self.assertEqual(self.one(repository)['labels'], ['docker'])


if __name__ == '__main__':
    main()
