#!/usr/bin/env python3
"""Claims about the Sigma vectors (tests/golden/sigma) as data: what src/sigma's own tests do not look at."""

import fnmatch
import functools
import pathlib
import re
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests/golden/sigma"
# Vectors whose claim is that nothing, or everything, of a kind matches.
ONE_SIDED = {"absent/positive-is-false", "modifiers/wide-alone-matches-nothing"}


LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the same, but for speed


@functools.cache
def vectors():
    return [(file, vector) for file in sorted(FOLDER.rglob("*.yaml"))
            for vector in yaml.load(file.read_text(encoding="utf-8"), LOADER)]


class Vectors(unittest.TestCase):
    def test_names_are_unique_and_begin_with_their_folder(self):
        names = [vector["name"] for _, vector in vectors()]
        self.assertEqual(len(names), len(set(names)))
        for file, vector in vectors():
            if file.parent == FOLDER:
                self.assertTrue(vector["name"].startswith(file.stem + "/"), vector["name"])

    def test_each_has_an_event_that_matches_and_one_that_does_not(self):
        for _, vector in vectors():
            if "cases" in vector and vector["name"] not in ONE_SIDED:
                answers = {case["match"] for case in vector["cases"]}
                self.assertEqual(answers, {"true", "false"}, vector["name"])

    def test_what_the_documentation_names_is_there(self):
        prefixes = sorted({vector["name"].split("/")[0] for _, vector in vectors()})
        names = {vector["name"] for _, vector in vectors()}
        text = re.sub(r"\s+", " ", (ROOT / "docs/sigma-semantics.md").read_text(encoding="utf-8"))
        for name in re.findall(rf"`((?:{'|'.join(prefixes)})/[^` …]+)`", text):
            pattern = re.escape(name).replace(r"\*", ".*")
            self.assertTrue(any(re.fullmatch(pattern, there) for there in names), name)

    def test_the_table_of_corners_names_all_and_only_what_is_there(self):
        text = (FOLDER / "README.md").read_text(encoding="utf-8").split("## What is covered")[1]
        rows = [line.split("|")[2].split() for line in text.splitlines() if line.startswith("| ") and "`" in line]
        self.assertGreater(len(rows), 25)
        names = {vector["name"] for _, vector in vectors()}
        covered = set()
        for pattern in (pattern.strip("`") for row in rows for pattern in row):
            matched = set(fnmatch.filter(names, pattern))
            self.assertTrue(matched, pattern)
            covered |= matched
        self.assertEqual(names - covered, set())


if __name__ == "__main__":
    sys.exit(unittest.main())
