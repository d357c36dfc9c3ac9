"""Packages of npm that tests need. Where there is no registry a test is skipped; where there is one, it has to answer."""

import subprocess
import sys


def install(folder, packages):
    """Where they are. Each is NAME@VERSION."""
    modules = folder / 'node_modules'
    if all((modules / package.rpartition('@')[0]).exists() for package in packages):
        return modules
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / 'package.json').exists():
        (folder / 'package.json').write_text('{"private": true}\n')
    words = ['npm', 'install', '--loglevel=error', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', *packages]
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode == 0:
            return modules
        print(done.stdout + done.stderr)
        ping = subprocess.run(['npm', 'ping', '--fetch-retries=0', '--fetch-timeout=20000'], cwd=folder, capture_output=True,
                              check=False, timeout=60)
    except FileNotFoundError:
        print('skipped: no npm here')
        sys.exit(77)
    if ping.returncode:
        print("skipped: npm's registry cannot be reached")
        sys.exit(77)
    sys.exit(1)
