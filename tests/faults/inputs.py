#!/usr/bin/env python3
"""Inputs made to hurt: each is given to `fix --check`, `facts` or the filter with a limit on memory and processor time.
The program ends by itself with an exit code of its own, leaves the files as they were, and a failure says so in one line.

inputs.py UNROOT [FACTOR]    FACTOR multiplies the limits, for sanitizers and valgrind."""
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile

MEBIBYTE = 1 << 20


def nested_defaults(depth):
    return "FROM debian:12\nARG A=" + "${B:-" * depth + "x" + "}" * depth + "\nRUN echo $A\n"


def doubling_arguments(n):
    lines = ["FROM debian:12", "ENV A0=0123456789"]
    lines += [f"ENV A{i}=$A{i - 1}$A{i - 1}" for i in range(1, n)]
    return "\n".join(lines + [f"WORKDIR /$A{n - 1}", f'CMD ["$A{n - 1}"]', ""])


def yaml_bomb(levels):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9) + "]" for i in range(1, levels)]
    return "\n".join(lines) + f"\nselect: *a{levels - 1}\n"


def merging_services(levels):
    lines = ["x-0: &a0 {x: 1}"]
    lines += [f"x-{i}: &a{i} {{<<: [" + ", ".join([f"*a{i - 1}"] * 9) + "]}" for i in range(1, levels)]
    return "\n".join(lines) + f"\nservices:\n  web:\n    <<: *a{levels - 1}\n    build: .\n    ports: ['80:80']\n"


def junk(n):
    return random.Random(1).randbytes(n)


# name: the Dockerfile, and the exit codes that may be.
DOCKERFILES = {
    "binary junk": (junk(MEBIBYTE), {0, 1, 2}),
    "nothing but NUL": (b"\0" * MEBIBYTE, {2}),
    "an empty file": (b"", {2}),
    "one line of 16 MiB": (b"FROM debian:12\nRUN " + b"x" * (16 * MEBIBYTE), {2}),
    "two hundred thousand instructions": (b"FROM debian:12\n" + b"RUN true\n" * 200_000, {0, 1}),
    "a hundred thousand stages": (b"".join(b"FROM s%d AS s%d\n" % (i - 1, i) for i in range(1, 100_000)), {0, 1, 2}),
    "a hundred thousand stages of one": (b"FROM debian AS b\n" + b"FROM b\nCMD [\"a\"]\n" * 100_000, {0, 1}),
    "a hundred thousand empty lines in a continuation": (b"FROM debian:12\nRUN a \\\n" + b"\n" * 100_000 + b" b\n", {0, 1}),
    "a hundred thousand comments in a continuation": (b"FROM debian:12\nRUN a \\\n" + b"# c\n" * 100_000 + b" b\n", {0, 1}),
    "a hundred thousand here-documents": (b"FROM debian:12\nRUN cat " + b"<<E " * 5_000 + b"\n" + b"E\n" * 5_000, {0, 1, 2}),
    "an unterminated here-document": (b"FROM debian:12\nRUN <<E\n" + b"x\n" * 500_000, {0, 1, 2}),
    "nested defaults": (nested_defaults(10_000).encode(), {0, 1, 2}),
    "arguments that double": (doubling_arguments(60).encode(), {0, 1, 2}),
    "nested substitutions": (b"FROM debian:12\nRUN echo " + b"$(echo " * 6_000 + b")" * 6_000 + b"\n", {0, 1}),
    "nested groups": (b"FROM debian:12\nRUN " + b"( " * 15_000 + b"true" + b" )" * 15_000 + b"\n", {0, 1}),
    "nested ONBUILD": (b"FROM debian:12\n" + b"ONBUILD " * 8_000 + b"RUN true\n", {0, 1, 2}),
    "nested exec form": (b"FROM debian:12\nCMD " + b"[" * 30_000 + b"]" * 30_000 + b"\n", {0, 1, 2}),
    "ten thousand accounts": (b"FROM debian:12\n" + b"".join(b"RUN useradd -u %d u%d\n" % (2000 + i, i) for i in range(10_000)) +
                              b"COPY . /app\nWORKDIR /app\nCMD [\"/app/a\"]\n", {0, 1}),
    "ten thousand directories": (b"FROM debian:12\n" + b"".join(b"WORKDIR /d%d\nCOPY a b\n" % i for i in range(10_000)) +
                                 b"CMD [\"/app/a\"]\n", {0, 1}),
    "ten thousand ports": (b"FROM node:20\n" + b"".join(b"EXPOSE %d\n" % (1 + i % 1023) for i in range(10_000)) +
                           b'CMD ["node", "a.js"]\n', {0, 1}),
    "two hundred thousand ports of a server": (b"FROM nginx:1.27\nCOPY . /usr/share/nginx/html\n" + b"EXPOSE 81\n" * 200_000,
                                               {0, 1}),
    "a range of all ports": (b"FROM node:20\nEXPOSE 1-65535\n" * 2_000 + b'CMD ["node", "a.js"]\n', {0, 1, 2}),
}

BOUND = "FROM python:3.12-slim\nEXPOSE 80\nCMD [\"gunicorn\", \"-b\", \":80\", \"app:app\"]\n"
BUILD = "services:\n  web:\n    build:\n      context: .\n"

# name: files beside a small Dockerfile, options, exit codes.
SURROUNDINGS = {
    "a YAML bomb as configuration": ({".unroot.yaml": yaml_bomb(40)}, [], {2}),
    "YAML nested deeply": ({".unroot.yaml": "a: " + "[" * 50_000}, [], {2}),
    "a pattern that backtracks": ({".unroot.yaml": "images: own.tsv\n",
                                   "own.tsv": "*\t(a+)+$|((x*)*)*y\t\tdebian\tshadow\t\t\t\troot\n"}, [], {0, 1, 2}),
    "a huge configuration of the context": ({"default.conf": "server { listen 80; }\n" * 200_000}, [], {0, 1, 2}),
    "a compose file that is a bomb": ({"compose.yaml": yaml_bomb(40)}, [], {0, 1, 2}),
    "a compose file of merges": ({"Dockerfile": BOUND, "compose.yaml": merging_services(40)}, [], {0, 1}),
    "sixteen thousand services": ({"Dockerfile": BOUND, "compose.yaml": "services:\n" + "".join(
        f"  w{i}:\n    build: .\n    ports: ['80:80']\n" for i in range(16_000))}, [], {0, 1}),
    "fifty thousand build arguments": ({"Dockerfile": "ARG A1\n" + BOUND, "compose.yaml": BUILD + "      args:\n" + "".join(
        f"        A{i}: 1\n" for i in range(50_000))}, [], {0, 1}),
    "forty thousand health checks": ({"Dockerfile": BOUND, "compose.yaml": BUILD + "    healthcheck:\n      test:\n" +
                                      "      - localhost:80\n" * 40_000}, [], {0, 1}),
    "a compose file nested deeply": ({"Dockerfile": BOUND, "compose.yaml": "[" * 200_000}, [], {0, 1}),
    "a service with a long name": ({"Dockerfile": BOUND, "compose.yaml": "services:\n  " + "w" * 1_000 + ":\n    build: .\n"
                                    "    ports: ['80-90:80-90']\n    user: root\n"}, [], {0, 1}),
    "an entrypoint that never ends": ({"run.sh": "#!/bin/sh\n" + "if true; then\n" * 100_000}, [], {0, 1, 2}),
    "a .dockerignore of stars": ({".dockerignore": "**/a*a*a*a*a*a*b\n" * 2_000}, [], {0, 1, 2}),
    "a .gitignore of stars": ({".gitignore": "*a*a*a*a*a*a*a*a*b\n" * 2_000}, [], {0, 1, 2}),
}
SMALL = ("FROM nginx:1.27\nCOPY default.conf /etc/nginx/conf.d/\nCOPY run.sh /run.sh\nENTRYPOINT [\"/run.sh\"]\n"
         "CMD [\"nginx\", \"-g\", \"daemon off;\"]\n")


class Tried:
    def __init__(self, program, factor):
        self.program, self.factor = program, factor
        self.count = self.wrong = 0

    def limit(self):
        resource.setrlimit(resource.RLIMIT_CPU, (20 * self.factor, 20 * self.factor))
        if self.factor == 1:  # a sanitizer reserves address space without using it
            resource.setrlimit(resource.RLIMIT_AS, (2048 * MEBIBYTE,) * 2)

    def complain(self, name, what):
        self.wrong += 1
        print(f"{name}: {what}", file=sys.stderr)

    def run(self, name, codes, arguments, text=None):
        self.count += 1
        done = subprocess.run([self.program] + arguments, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, preexec_fn=self.limit)
        errors = done.stderr.decode(errors="replace")
        if done.returncode not in codes:
            self.complain(name, f"{arguments}: exit code {done.returncode}: {errors[:300]}")
        if done.returncode == 2 and not errors.strip():
            self.complain(name, f"{arguments}: failed without a word")
        if any(len(line) > 4_000 for line in errors.splitlines()):
            self.complain(name, f"{arguments}: a line of its messages is longer than 4,000 characters")
        return done

    def dockerfile(self, name, text, codes):
        with open("Dockerfile", "wb") as file:
            file.write(text)
        self.run(name, codes, ["fix", "--check", "--unsafe-fixes", "Dockerfile"])
        self.run(name, {0, 2}, ["facts", "Dockerfile"])
        filtered = self.run(name, {0, 2}, ["fix", "-"], text)
        if filtered.returncode == 2 and filtered.stdout:
            self.complain(name, "the filter failed and printed something")
        with open("Dockerfile", "rb") as file:
            if file.read() != text:
                self.complain(name, "the file was changed")

    def surroundings(self, name, files, options, codes):
        with open("Dockerfile", "w", encoding="ascii") as file:
            file.write(SMALL)
        for path, text in files.items():
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        self.run(name, codes, ["fix", "--check", "--unsafe-fixes"] + options)


def main():
    program = os.path.abspath(sys.argv[1])
    tried = Tried(program, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    for name, (text, codes) in DOCKERFILES.items():
        in_scratch(lambda name=name, text=text, codes=codes: tried.dockerfile(name, text, codes))
    for name, (files, options, codes) in SURROUNDINGS.items():
        in_scratch(lambda name=name, a=(files, options, codes): tried.surroundings(name, *a))
    print(f"{tried.count} runs over bad inputs: {tried.wrong} wrong")
    return 1 if tried.wrong else 0


def in_scratch(what):
    here, scratch = os.getcwd(), tempfile.mkdtemp(prefix="unroot-inputs-")
    os.chdir(scratch)
    try:
        what()
    finally:
        os.chdir(here)
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
