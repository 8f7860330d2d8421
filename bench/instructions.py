#!/usr/bin/env python3
"""Counts instructions per record on three fixed corpora, with callgrind: a slow-down is seen whatever the machine does.

usage: instructions.py [--program PROGRAM] [--corpus NAME…]

The corpora are written by the program itself (`range write`), so that everybody counts the same: the same options give
the same bytes. What runs is `hunt` with the built-in rules, one thread, all matches to a file. The instructions of
the same hunt over no evidence are taken off: starting and reading rules has its own line.
Valgrind knows no AVX-512: what uses it where it is there is counted as on a machine without.
"""
import argparse
import collections
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPORA = {  # name: (options of `range write`, which of its files)
    "mixed": (["--seed", "1", "--days", "3"], "**/*.evtx"),
    "sysmon": (["--seed", "2", "--days", "3", "--scale", "2"], "**/*Sysmon*.evtx"),
    "json": (["--seed", "3", "--days", "3", "--layout", "winlogbeat-7"], "**/*"),
}
# Parts by the function that everything of it is called from; a part within another counts in both.
PARTS = {
    "matching": r"sigma::Matcher::match\(",
    "testing values": r"sigma::FieldPredicates::test\(",
    "keeping and sorting matches": r"engine::(MatchSorter::add|merge_matches)\(",
}


def write_corpus(program, name, folder):
    options, pattern = CORPORA[name]
    written = subprocess.run([program, "range", "write", *options, folder], check=True, capture_output=True, text=True)
    files = sorted(str(path) for path in folder.glob(pattern) if path.is_file())
    if not files:
        raise SystemExit(f"instructions.py: {written.stdout.strip()}, but no file is called {pattern}")
    return files


def count(program, files, work):
    """Instructions of one hunt: all, and by part."""
    profile = work / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", program, "hunt", "--quiet",
               "--threads", "1", "--no-rule-cache", "-o", work / "matches.jsonl", *files]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode not in (0, 3):
        raise SystemExit(f"instructions.py: the hunt ended with {run.returncode}: {run.stderr[-2000:]}")
    table = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", profile], check=True,
                           capture_output=True, text=True).stdout
    counts = collections.Counter()
    for line in table.splitlines():
        found = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(.*)", line)
        if not found:
            continue
        number = int(found[1].replace(",", ""))
        if found[2].startswith("PROGRAM TOTALS"):
            counts["all"] = number
        for part, pattern in PARTS.items():
            # A function that calls itself is listed more than once: the largest holds the others.
            if re.search(pattern, found[2].split(" [")[0].replace("landwarden::", "")):
                counts[part] = max(counts[part], number)
    return counts


def records_of(program, files, work):
    survey = subprocess.run([program, "hunt", "--threads", "1", "--color", "never", *files], capture_output=True,
                            text=True).stdout
    found = re.search(r"([\d,]+) events?\b", survey)
    if not found:
        raise SystemExit("instructions.py: the summary does not say how many events there are")
    return int(found[1].replace(",", ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build/release/landwarden"))
    parser.add_argument("--corpus", nargs="*", choices=CORPORA, default=list(CORPORA))
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        print("instructions.py: there is no valgrind here; apt-get install valgrind", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        nothing = work / "nothing.txt"
        nothing.write_text("no evidence\n")
        start = count(arguments.program, [nothing], work)
        print(f"starting with the built-in rules: {start['all'] / 1e6:.1f} million instructions\n")
        print("| corpus | records | instructions a record | " + " | ".join(PARTS) + " |")
        print("|---|---|---|" + "---|" * len(PARTS))
        for corpus in arguments.corpus:
            files = write_corpus(arguments.program, corpus, work / corpus)
            records = records_of(arguments.program, files, work)
            counts = count(arguments.program, files, work)
            cells = [(counts[part] - start[part]) / records for part in ("all", *PARTS)]
            print(f"| {corpus} | {records:,} | " + " | ".join(f"{cell:,.0f}" for cell in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
