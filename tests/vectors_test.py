#!/usr/bin/env python3
"""Claims about the Sigma vectors (tests/golden/sigma) as data: what src/sigma's own tests do not look at."""

import pathlib
import re
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests/golden/sigma"
# Vectors whose claim is that nothing, or everything, of a kind matches.
ONE_SIDED = {"absent/positive-is-false", "modifiers/wide-alone-matches-nothing"}


def vectors():
    for file in sorted(FOLDER.rglob("*.yaml")):
        for vector in yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader):
            yield file, vector


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


if __name__ == "__main__":
    sys.exit(unittest.main())
