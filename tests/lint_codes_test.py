#!/usr/bin/env python3
"""Claims about what `rules check` finds: the kinds in the program, in docs/rules.md and in the code are the same."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINT = (ROOT / "src/sigma/lint.cc").read_text(encoding="utf-8")
LISTED = dict(re.findall(r'^    \{"([a-z-]+)", Severity::(\w+),', LINT, re.M))
SOURCES = [path for folder in ("sigma", "cli") for path in (ROOT / "src" / folder).glob("*.cc")
           if not path.name.endswith("_test.cc")]
# How the code says of which kind a finding is.
TOLD = re.compile(r'(?:report_?\.at|tell)\(\s*"([a-z-]+)"|FindingCode \w+\(\w+, "([a-z-]+)"\)'
                  r'|\.?code = (?:[^;]*\? )?"([a-z-]+)"(?: : "([a-z-]+)")?|\{\}, "([a-z-]+)"\}')


def told():
    for path in SOURCES:
        for match in TOLD.finditer(path.read_text(encoding="utf-8")):
            yield from ((path.name, code) for code in match.groups() if code)


class LintCodes(unittest.TestCase):
    def test_the_code_tells_only_what_is_listed(self):
        found = set(told())
        self.assertGreater(len({code for _, code in found}), 30)
        self.assertEqual({(file, code) for file, code in found if code not in LISTED}, set())

    def test_the_documentation_lists_each_with_its_severity(self):
        text = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
        documented = dict(re.findall(r"^\| `([a-z-]+)` \| (error|warning|note|–) \|", text, re.M))
        self.assertEqual(sorted(documented), sorted(LISTED))
        for code, severity in documented.items():
            if code != "not-run":
                self.assertEqual(severity, LISTED[code], code)

    def test_each_is_tested(self):
        tests = (ROOT / "src/sigma/lint_test.cc").read_text(encoding="utf-8")
        tests += (ROOT / "src/sigma/loader_test.cc").read_text(encoding="utf-8")
        tests += "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/golden").glob("rules*.case"))
        untested = [code for code in LISTED if f'"{code}"' not in tests and f"[{code}]" not in tests]
        self.assertEqual(untested, [])


if __name__ == "__main__":
    sys.exit(unittest.main())
