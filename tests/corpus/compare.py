#!/usr/bin/env python3
"""Compares `unroot tokens --sexp` with how BuildKit read the files of a corpus.

compare.py UNROOT [CORPUS]; the corpus else from UNROOT_CORPUS. It holds buildkit.jsonl.gz, a line of JSON for each
file: path, parse_ok, parse_err_line, and nodes with the S-expression of each instruction.
"""
import gzip
import json
import os
import subprocess
import sys

SKIPPED = 77
SHOWN = 20


def read_expected(corpus):
    with gzip.open(os.path.join(corpus, "buildkit.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            if entry["parse_ok"]:
                yield entry["path"], [node["sexp"] for node in entry["nodes"]]
            else:
                yield entry["path"], ["error %s" % entry.get("parse_err_line", "")]


def read_actual(unroot, corpus, paths):
    """The lines below each `== FILE`; of an error only its line number."""
    actual = {}
    for start in range(0, len(paths), 500):
        run = subprocess.run([unroot, "tokens", "--sexp", *paths[start:start + 500]], cwd=corpus,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        for line in run.stdout.decode("utf-8", "surrogateescape").split("\n"):
            if line.startswith("== "):
                lines = actual.setdefault(line[3:], [])
            elif line.startswith("error "):
                lines.append(line.split(":")[0])
            elif line:
                lines.append(line)
    return actual


def same(expected, actual):
    if expected and expected[0] == "error ":  # the corpus does not say which line
        return len(actual) == 1 and actual[0].startswith("error ")
    return expected == actual


def main():
    unroot = os.path.abspath(sys.argv[1])
    corpus = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("UNROOT_CORPUS", "")
    if not corpus or not os.path.exists(os.path.join(corpus, "buildkit.jsonl.gz")):
        print("skipped: no corpus of Dockerfiles (set UNROOT_CORPUS to its folder)")
        return SKIPPED
    expected = dict(read_expected(corpus))
    actual = read_actual(unroot, corpus, list(expected))
    wrong = [path for path, lines in expected.items() if not same(lines, actual.get(path, []))]
    for path in wrong[:SHOWN]:
        pairs = zip(expected[path] + ["(end)"], actual.get(path, []) + ["(end)"])
        first = next(((e, a) for e, a in pairs if e != a), None)
        print("%s\n  BuildKit: %s\n  unroot:   %s" % ((path,) + (first or ("?", "?"))))
    instructions = sum(len(lines) for lines in expected.values())
    print("%d files, %d instructions, %d files read otherwise than by BuildKit"
          % (len(expected), instructions, len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
