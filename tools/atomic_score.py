#!/usr/bin/env python3
"""How many recorded attack tests does a rule set find under the right name? One table, a line a rule set.

usage: atomic_score.py PROGRAM DATA NAME=RULES... [--list] [--missed NAME]

DATA has one folder a test, named after its ATT&CK technique (T1003.001-14/). A test is *found* if a rule of level
medium or above matches in its logs and names the technique: the same id (exact), or its parent or a child (related).
A rule that names more than three techniques points nowhere and finds nothing. What the recording itself leaves in
every test is not counted: logs cleared with wevtutil, and whoami. *Any* counts tests with whatever match of that level
besides, *else* such matches that point to another technique, a test: the price of the score.

The figures are of the machine that the tests were recorded on, and say nothing about false alarms.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

TEST = re.compile(r"(T\d{4}(?:\.\d{3})?)-\d+")
TECHNIQUE = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.IGNORECASE)
COUNTING = {"medium", "high", "critical"}
MOST_TECHNIQUES = 3
HARNESS_LINE = re.compile(r"wevtutil(\.exe)?\W+cl\s|^\W*(\w:\S*\\)?whoami(\.exe)?\W*$", re.IGNORECASE)
CLEARED = {("Security", 1102), ("System", 104), ("Security", 1100)}


def harness(match):
    """Whether the recording made this record, not the test."""
    if (match["channel"], match["event_id"]) in CLEARED:
        return True
    values = [str(value) for value in match.get("matched", {}).values()]
    values += re.findall(r'"CommandLine": ?"((?:[^"\\]|\\.)*)"', json.dumps(match.get("event", {})))
    return any(HARNESS_LINE.search(value) for value in values)


def techniques(match):
    found = {TECHNIQUE.fullmatch(tag) for tag in match.get("tags", [])} - {None}
    return {hit[1].upper() for hit in found}


def related(left, right):
    return left == right or left.startswith(right + ".") or right.startswith(left + ".")


def matches_of(program, data, rules):
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch) / "matches.jsonl"
        command = [program, "hunt", data, "-o", out, "--fields", "all", "--quiet", "--min-level", "medium"]
        for folder in rules:
            command += ["--rules", folder]
        status = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if status.returncode not in (0, 3):
            sys.exit(f"{' '.join(map(str, command))}: {status.stderr}")
        with out.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


class Score:
    def __init__(self, tests):
        self.tests = tests
        self.exact, self.related, self.any = set(), set(), set()
        self.elsewhere = collections.Counter()
        self.reasons = collections.defaultdict(set)

    def add(self, match):
        if match["level"] not in COUNTING or harness(match):
            return
        test = next((part for part in pathlib.PurePath(match["file"]).parts if part in self.tests), None)
        if test is None:
            return
        self.any.add(test)
        wanted, named = self.tests[test], techniques(match)
        if len(named) > MOST_TECHNIQUES or not any(related(wanted, name) for name in named):
            self.elsewhere[(test, match["title"])] += 1
            return
        self.related.add(test)
        self.reasons[test].add(match["title"])
        if wanted in named:
            self.exact.add(test)

    def line(self, name):
        total = len(self.tests)
        share = lambda part: f"{len(part):5} {100 * len(part) / total:5.1f} %"
        return f"{name:24} {share(self.exact)}  {share(self.related)}  {share(self.any)}  " \
               f"{len(self.elsewhere) / total:6.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("rules", nargs="+", metavar="NAME=FOLDER[,FOLDER...]")
    parser.add_argument("--list", action="store_true", help="which rules found which test")
    parser.add_argument("--missed", metavar="NAME", help="the tests that this rule set did not find")
    options = parser.parse_args()
    tests = {path.name: TEST.fullmatch(path.name)[1] for path in sorted(options.data.iterdir())
             if TEST.fullmatch(path.name)}
    if not tests:
        sys.exit(f"{options.data}: no folder is named like T1003.001-14")
    print(f"{len(tests)} tests\n{'rules':24} {'exact':>13}  {'related':>13}  {'any':>13}    else")
    for entry in options.rules:
        name, _, folders = entry.partition("=")
        score = Score(tests)
        for match in matches_of(options.program, options.data, folders.split(",")):
            score.add(match)
        print(score.line(name), flush=True)
        for test in sorted(score.reasons) if options.list else []:
            print(f"  {test:16} {'; '.join(sorted(score.reasons[test]))}")
        for test in sorted(set(tests) - score.related) if options.missed == name else []:
            print(f"  missed {test}")


if __name__ == "__main__":
    main()
