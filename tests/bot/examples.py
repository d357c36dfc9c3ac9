"""Keeps the examples of docs/bot.md true: what unroot-bot --dry-run prints for each folder of examples/, as the one
commit of a repository. With --write they are written anew; then read the difference."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / 'docs/bot.md'
BEGIN = '<!-- From here on written by tests/bot/examples.py. -->\n'
EXAMPLES = {
    'api': 'A web API on Node.js',
    'django': 'A Django site on port 80',
    'site': 'A static site behind nginx',
    'laravel': 'Laravel on Apache',
    'metrics': 'An exporter in Go, without a shell',
}


def dry_run(name):
    home = tempfile.mkdtemp(prefix='unroot-bot-example-')
    tree = pathlib.Path(home) / name
    env = {**os.environ, 'HOME': home, 'GIT_CONFIG_NOSYSTEM': '1'}
    for role in ('AUTHOR', 'COMMITTER'):
        env.update({f'GIT_{role}_NAME': 'Ada', f'GIT_{role}_EMAIL': 'ada@example.org'})
    try:
        shutil.copytree(HERE / 'examples' / name, tree)
        for words in (('init', '-q', '-b', 'main'), ('add', '-A'), ('commit', '-qm', f'feat: {name}')):
            subprocess.run(['git', *words], cwd=tree, env=env, check=True, capture_output=True)
        done = subprocess.run([os.environ['UNROOT_BOT'], '--dry-run'], cwd=tree, env=env, capture_output=True, check=False)
    finally:
        shutil.rmtree(home)
    assert done.returncode == 1, done.stderr.decode()
    return done.stdout.decode()


def example(name, title):
    """A request is Markdown itself: it stands in a quotation, as people see it."""
    _, subject, body = dry_run(name).split('\n\n', 2)
    body, diff = body.split('diff --git', 1)
    body, _ = body.split('<!-- unroot-bot', 1)
    quoted = ''.join(f'> {line}'.rstrip() + '\n' for line in f'**{subject}**\n\n{body.strip()}'.split('\n'))
    diff = 'diff --git' + diff.rstrip('\n')
    diff = '\n'.join(line for line in diff.split('\n') if not line.startswith(('diff --git', 'index ')))
    return f'### {title}\n\n{quoted}\n```diff\n{diff}\n```\n'


def main():
    text = PAGE.read_text()
    head, _, tail = text.partition(BEGIN)
    wanted = '\n' + '\n'.join(example(name, title) for name, title in EXAMPLES.items())
    if '--write' in sys.argv:
        PAGE.write_text(head + BEGIN + wanted)
    elif tail != wanted:
        print(f'{PAGE}: its examples are not what the program prints; see {__file__} --write')
        sys.exit(1)


if __name__ == '__main__':
    main()
