#!/usr/bin/env python3
"""Compares what unroot reads and refuses with how BuildKit read the files of a corpus.

compare.py UNROOT [CORPUS]; the corpus else from UNROOT_CORPUS. It holds buildkit.jsonl.gz, a line of JSON for each
file: path; nodes with the S-expression of each instruction, or parse_err_line; sem_ok and sem_err_line, whether the
instruction layer took it.
"""
import gzip
import json
import os
import re
import subprocess
import sys

SKIPPED = 77
SHOWN = 20
BATCH = 500


def expected_tree(entry):
    if entry["parse_ok"]:
        return [node["sexp"] for node in entry["nodes"]]
    return ["error %d" % entry["parse_err_line"]]


def expected_refusal(entry):
    """The line at which a build stops, or None."""
    if not entry["parse_ok"]:
        return entry["parse_err_line"]
    return None if entry["sem_ok"] else entry["sem_err_line"]


def run_batches(command, corpus, paths):
    for start in range(0, len(paths), BATCH):
        yield subprocess.run([*command, *paths[start:start + BATCH]], cwd=corpus, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="surrogateescape")


def read_trees(unroot, corpus, paths):
    """The lines below each `== FILE`; of an error only its line number."""
    trees = {}
    for run in run_batches([unroot, "tokens", "--sexp"], corpus, paths):
        lines = []
        for line in run.stdout.split("\n"):
            if line.startswith("== "):
                lines = trees.setdefault(line[3:], [])
            elif line.startswith("error "):
                lines.append(line.split(":")[0])
            elif line:
                lines.append(line)
    return trees


def read_refusals(unroot, corpus, paths):
    """The line of each `FILE:LINE:COLUMN: message` on standard error."""
    refusals = {}
    for run in run_batches([unroot, "check", "--isolated", "--exit-zero"], corpus, paths):
        for match in re.finditer(r"^(.+?):(\d+):\d+: ", run.stderr, re.MULTILINE):
            refusals[match[1]] = int(match[2])
    return refusals


def report(what, expected, actual):
    """Prints the first differences, and gives their number."""
    wrong = [path for path in expected if expected[path] != actual.get(path)]
    for path in wrong[:SHOWN]:
        theirs, ours = expected[path], actual.get(path)
        if isinstance(theirs, list) and isinstance(ours, list):
            pairs = zip(theirs + ["(end)"], ours + ["(end)"])
            theirs, ours = next(((a, b) for a, b in pairs if a != b), (theirs, ours))
        print("%s: %s\n  BuildKit: %s\n  unroot:   %s" % (path, what, theirs, ours))
    return len(wrong)


def main():
    unroot = os.path.abspath(sys.argv[1])
    corpus = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("UNROOT_CORPUS", "")
    if not corpus or not os.path.exists(os.path.join(corpus, "buildkit.jsonl.gz")):
        print("skipped: no corpus of Dockerfiles (set UNROOT_CORPUS to its folder)")
        return SKIPPED
    with gzip.open(os.path.join(corpus, "buildkit.jsonl.gz"), "rt", encoding="utf-8") as lines:
        entries = {entry["path"]: entry for entry in map(json.loads, lines)}
    paths = list(entries)
    trees = {path: expected_tree(entry) for path, entry in entries.items()}
    refusals = {path: expected_refusal(entry) for path, entry in entries.items()}
    different = report("instructions", trees, read_trees(unroot, corpus, paths))
    other_refusals = report("refused at line", refusals, read_refusals(unroot, corpus, paths))
    print("%d files, %d instructions: %d read otherwise than by BuildKit, %d refused otherwise (%d are refused)"
          % (len(paths), sum(map(len, trees.values())), different, other_refusals,
             sum(line is not None for line in refusals.values())))
    return 1 if different or other_refusals else 0


if __name__ == "__main__":
    sys.exit(main())
