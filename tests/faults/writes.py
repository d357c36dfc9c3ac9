#!/usr/bin/env python3
"""Every system call of an in-place fix fails once, with every error it is likely to give, and the program is killed
before every one of them: each file then is the old or the new one with its mode and owner, an exit code of 0 means
all or nothing, and a second run completes the fix and sweeps what the first left behind.

writes.py UNROOT [--sanitized]    needs strace, and the right to trace; else exits 77. Under a sanitizer the calls for memory
are the sanitizer's own, which waits for ever where one of them fails: they are left out."""
import collections
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

# A Dockerfile and a configuration file of its build context that change together.
FILES = {
    "Dockerfile": "FROM nginx:1.27\nCOPY default.conf /etc/nginx/conf.d/default.conf\nCOPY site /usr/share/nginx/html\n"
                  "EXPOSE 80\n",
    "default.conf": "server {\n    listen 80;\n    root /usr/share/nginx/html;\n}\n",
    "site/index.html": "<p>hello</p>\n",
}
MODE, OWNER = 0o664, 12345
ERRORS = {
    "open": ["EACCES", "EROFS", "EMFILE"], "openat": ["EACCES", "EROFS", "EMFILE"], "write": ["ENOSPC", "EINTR", "EIO"],
    "read": ["EIO", "EINTR"], "fsync": ["EIO"], "rename": ["ENOSPC", "EACCES"], "renameat": ["ENOSPC", "EACCES"],
    "renameat2": ["ENOSPC", "EACCES"], "linkat": ["EPERM"], "fchown": ["EPERM"], "fchmod": ["EPERM"],
    "ftruncate": ["ENOSPC"], "fallocate": ["ENOSPC", "EOPNOTSUPP"],
}
MEMORY = {"mmap", "munmap", "mprotect", "mremap", "madvise", "brk"}
PATIENCE = 60  # seconds; more is a hang
ENVIRONMENT = {"PATH": os.environ["PATH"], "ASAN_OPTIONS": "detect_leaks=0"}


def lay(directory):
    for name, text in FILES.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(path, MODE)
        if os.geteuid() == 0:
            os.chown(path, OWNER, OWNER)


def texts(directory):
    found = {}
    for at, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(at, name)
            with open(path, encoding="ascii") as file:
                found[os.path.relpath(path, directory)] = file.read()
    return found


def run(program, directory, inject=None, log=os.devnull):
    command = ["strace", "-f", "-qq", "-o", log]
    if inject:
        command += ["-e", f"inject={inject}"]
    with subprocess.Popen(command + [program, "fix", "Dockerfile"], cwd=directory, env=ENVIRONMENT, start_new_session=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            return running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # strace, and what it traces
            return None


def system_calls(program, directory):
    """How often each is made, and what the files are like afterwards."""
    lay(directory)
    log = directory + ".log"
    code = run(program, directory, log=log)
    with open(log, encoding="utf-8", errors="replace") as file:
        calls = collections.Counter(re.findall(r"^\d+ +(\w+)\(", file.read(), re.M))
    os.unlink(log)
    return code, calls, texts(directory)


class Checker:
    def __init__(self, program, work, new):
        self.program, self.work, self.new = program, work, new
        self.faults = self.kills = self.half = self.wrong = 0

    def complain(self, inject, what):
        self.wrong += 1
        print(f"{inject}: {what}", file=sys.stderr)

    def check_files(self, inject, directory, code):
        found = texts(directory)
        for name, text in FILES.items():
            if found.get(name) not in (text, self.new[name]):
                self.complain(inject, f"{name} is neither the old nor the new file")
                continue
            state = os.stat(os.path.join(directory, name))
            if stat.S_IMODE(state.st_mode) != MODE:
                self.complain(inject, f"{name} has mode {stat.S_IMODE(state.st_mode):o}")
            if os.geteuid() == 0 and (state.st_uid, state.st_gid) != (OWNER, OWNER):
                self.complain(inject, f"{name} has owner {state.st_uid}:{state.st_gid}")
        changed = {name for name in FILES if self.new[name] != FILES[name] and found.get(name) == self.new[name]}
        self.half += len(changed) == 1
        # A file of the context that cannot be read may make the fix unsafe: then nothing is done, and said.
        if code == 0 and any(found.get(name) != text for name, text in self.new.items()) and changed:
            self.complain(inject, "exit code 0, but only a part is written")

    def inject(self, inject):
        directory = os.path.join(self.work, "tree")
        lay(directory)
        code = run(self.program, directory, inject)
        if code is None:
            self.complain(inject, f"still running after {PATIENCE} seconds")
        self.check_files(inject, directory, code)
        code = subprocess.run([self.program, "fix", "-q", "."], cwd=directory, env=ENVIRONMENT, check=False,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE).returncode
        if code != 0 or texts(directory) != self.new:
            self.complain(inject, f"a second run does not complete it (exit {code}): {sorted(texts(directory))}")
        shutil.rmtree(directory)


def main():
    program, sanitized = os.path.abspath(sys.argv[1]), "--sanitized" in sys.argv[2:]
    work = tempfile.mkdtemp(prefix="unroot-faults-")
    try:
        if not shutil.which("strace") or subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], check=False).returncode:
            print("skipped: strace is missing, or may not trace here")
            return 77
        code, calls, new = system_calls(program, os.path.join(work, "first"))
        if code != 0 or sum(new[name] != text for name, text in FILES.items()) != 2:
            print(f"the fix does not change two files (exit {code})", file=sys.stderr)
            return 1
        checker = Checker(program, work, new)
        for name, times in sorted(calls.items()):
            if name in ("execve", "exit_group", "exit") or (sanitized and name in MEMORY):
                continue
            for n in range(1, times + 1):
                for error in ERRORS.get(name, ["EIO"]):
                    checker.inject(f"{name}:error={error}:when={n}")
                    checker.faults += 1
                checker.inject(f"{name}:signal=SIGKILL:when={n}")
                checker.kills += 1
        print(f"{checker.faults} system calls failed, {checker.kills} kills survived, {checker.half} of them between two files: "
              f"{checker.wrong} wrong")
        return 1 if checker.wrong or not checker.half else 0
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
