#!/usr/bin/env python3
"""Writes docs/survey.md: what unroot says of real Dockerfiles, by class and by reason.

survey.py UNROOT CORPUS OUTPUT: CORPUS holds index.tsv and the files that it names.
"""
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys

PER_REPOSITORY = 20


def chosen_files(corpus):
    """The files of the modern group, at most PER_REPOSITORY of one repository."""
    count = collections.Counter()
    with open(os.path.join(corpus, "index.tsv"), encoding="utf-8") as index:
        header = index.readline().rstrip("\n").split("\t")
        for line in index:
            row = dict(zip(header, line.rstrip("\n").split("\t")))
            repository = row["origin"].split("@")[0]
            if row["group"] == "modern" and count[repository] < PER_REPOSITORY:
                count[repository] += 1
                yield os.path.join(corpus, row["file"])


def ask(unroot, path):
    run = subprocess.run([unroot, "check", "--output-format", "json", path], capture_output=True, timeout=120, check=False)
    if run.returncode == 2:
        return None
    return json.loads(run.stdout)["files"][0]["findings"]


def verdict(report):
    """(class, reasons) of the one finding that decides, or None where nothing runs as root."""
    for finding in report:
        if finding["rule"] in ("run-as-root", "starts-as-root"):
            lines = finding["message"].split("\n")
            reasons = [general(line) for line in lines[1:] if line.strip()] if finding["rule"] == "run-as-root" else [general(lines[0])]
            return finding["class"], reasons or ["-"]
    return None


def general(reason):
    """The reason without the names of one file."""
    reason = re.sub(r"^line \d+: ", "", reason.strip())
    reason = re.sub(r"\((image |[^)]*is used in it)[^)]*\)", "", reason)
    for pattern, text in GENERAL:
        if re.search(pattern, reason):
            return text
    return reason.strip()


GENERAL = [
    (r"^what .* does is not known", "a step runs a command that is not known"),
    (r"ENTRYPOINT of the base is not known", "the ENTRYPOINT of the base is not known"),
    (r"^what is known of .* is not verified", "what is known of the base is not verified"),
    (r"^which accounts there are in .* is not verified", "which accounts the base has is not verified"),
    (r"starts as root to prepare its data directory", "the base prepares its data as root and gives root up by itself"),
    (r"leaves files in root's home", "a step leaves files in root's home that are looked for at run time"),
    (r"starts as root and hands requests", "a master starts as root and hands work to workers"),
    (r"how accounts are made", "how accounts are made there is not known"),
    (r"^whether .* needs root is not known", "whether the start program needs root is not known"),
    (r"could not be read", "a start script could not be read (the survey has no build contexts)"),
    (r"^whether it runs as root is not known", "whether it runs as root is not known"),
    (r"^where port \d+ is bound", "where the low port is bound does not stand in the Dockerfile"),
    (r"looks like a place the app writes", "a variable names a place to write that root owns"),
    (r"^at start it writes", "at start it writes where root owns"),
    (r"shuts the user out", "a mode shuts the user out"),
    (r"is installed: ", "a package is installed that needs root to be of use"),
    (r"^the user .* of the image is not verified", "the image's user is not verified"),
    (r"^where the server of .* writes", "where the base's server writes is not known"),
    (r"entrypoint of .* does for another program", "what the base's entrypoint does for another program is not known"),
    (r"starts as root and gives it up", "the base starts as root and gives it up by itself"),
    (r"master as root", "a master starts as root and hands work to workers"),
    (r"bind port \d+ unless", "the base's programs bind a low port unless they are told otherwise"),
    (r"cannot be read here: which port", "a server's configuration could not be read (the survey has no build contexts)"),
    (r"starts a shell", "it starts a shell"),
    (r"starts a prompt", "it starts a prompt"),
    (r"only root can do", "it does at start what only root can do"),
    (r"writes where only root may", "it writes at start where only root may"),
    (r"^[^ ]+: ", "the start program needs root, or starts as root on purpose"),
]


def main():
    unroot, corpus, output = sys.argv[1:4]
    files = list(chosen_files(corpus))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda path: ask(unroot, path), files))
    verdicts = [verdict(r) for r in reports if r is not None]
    rooted = [v for v in verdicts if v]
    classes = collections.Counter(v[0] for v in rooted)
    if any(not v[1] for v in rooted):
        sys.exit("a file without a fix and without a reason")
    with open(output, "w", encoding="utf-8") as page:
        page.write("# What unroot says of real Dockerfiles\n\n")
        page.write("Written by `tests/corpus/survey.py` over Dockerfiles of public repositories, at most %d of one repository. " % PER_REPOSITORY)
        page.write("They are read without their build contexts, so entrypoint scripts stay unread; in a clone more is known.\n\n")
        page.write("%d files; %d are refused by BuildKit; %d run as root or may.\n\n" % (len(files), reports.count(None), len(rooted)))
        page.write("| class | files | share |\n| --- | ---: | ---: |\n")
        for name in ("safe", "interface", "unsafe", "display-only"):
            page.write("| %s | %d | %.1f %% |\n" % (name, classes[name], 100.0 * classes[name] / len(rooted)))
        for name in ("unsafe", "display-only"):
            reasons = collections.Counter(reason for cls, all_reasons in rooted if cls == name for reason in set(all_reasons))
            page.write("\n## Reasons for %s\n\nA file can have several.\n\n| reason | files |\n| --- | ---: |\n" % name)
            for reason, count in reasons.most_common(30):
                page.write("| %s | %d |\n" % (reason.replace("|", "\\|"), count))


if __name__ == "__main__":
    main()
