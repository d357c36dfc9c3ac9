"""Many clones in one command: first what would be opened, then opening it against the fake, then once more. Tells time and
requests: many.py [NUMBER]."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from scenario import BOT, CLEAN, FILES, KIND, NODE, TOKEN


def make(forge, home, number):
    """Every third needs nothing, every tenth holds no Dockerfile; all are clones of the forge's repositories."""
    expected, clones = 0, []
    for i in range(number):
        files = {'README': f'{i}\n'} if i % 10 == 9 else {**FILES, 'Dockerfile': CLEAN if i % 3 == 2 else
                                                          NODE.replace('/srv', f'/srv/{i}')}
        expected += i % 10 != 9 and i % 3 != 2
        repository = forge.add(f'acme/r{i}', files)
        clone = home / f'r{i}'
        subprocess.run(['git', 'clone', '-q', '--shared', repository.path, clone], check=True)
        subprocess.run(['git', '-C', clone, 'remote', 'set-url', 'origin', f'{forge.url}/acme/r{i}.git'], check=True)
        clones.append(str(clone))
    return expected, clones


def run(what, forge, home, words, online):
    env = {**os.environ, 'HOME': str(home), 'GIT_CONFIG_NOSYSTEM': '1', 'GITHUB_SERVER_URL': forge.url,
           KIND.api_name: forge.url + forge.api_path}
    env.pop(KIND.token_name, None)
    if online:
        env[KIND.token_name] = TOKEN
    forge.log.clear()
    start = time.monotonic()
    done = subprocess.run([BOT, '-q', *words], env=env, capture_output=True, check=False)
    took = time.monotonic() - start
    api = sum(not line.startswith('git ') for line in forge.log)
    print(f'{what}: {took:.1f} s, {api} requests to the API, {len(forge.log) - api} of git', flush=True)
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout.decode()


def main():
    number = int(os.environ.get('NUMBER') or sys.argv[1])
    home = pathlib.Path(tempfile.mkdtemp(prefix='unroot-bot-many-'))
    forge = KIND(home / 'forge')
    try:
        (home / '.gitconfig').write_text('[user]\n\tname = Ada\n\temail = ada@example.org\n')
        expected, clones = make(forge, home, number)
        print(f'{number} clones, {expected} of which need a request')
        dry = run('--dry-run', forge, home, ['--dry-run', *clones], False)
        assert dry.count(': would open') == expected and not forge.log
        opened = run('opening', forge, home, clones, True)
        assert opened.count(': opened') == expected
        assert sum(len(r.requests) for r in forge.repositories.values()) == expected
        again = run('again', forge, home, clones, True)
        assert again == '' and sum(len(r.requests) for r in forge.repositories.values()) == expected
    finally:
        forge.close()
        shutil.rmtree(home)


if __name__ == '__main__':
    main()
