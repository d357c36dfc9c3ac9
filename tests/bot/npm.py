"""Packages of npm that tests need; without them a test is skipped."""

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
    try:
        subprocess.run(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', *packages], cwd=folder, check=True,
                       capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        print(f'skipped: {" and ".join(packages)} cannot be had from npm ({error})')
        sys.exit(77)
    return modules
