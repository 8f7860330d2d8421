#!/usr/bin/env python3
"""Says what ctest's JUnit file holds: each failed test with its output, why tests were skipped, and the closing count.

test_report.py FILE STATUS, where STATUS is ctest's exit code. The last line is "N passed, N failed, N skipped",
alone. Exits with 1 if a test failed, if none ran, or if ctest failed for a reason that the file does not show.
"""

import collections
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

OUTPUT_LINES = 60  # of one failed test: enough for a stack trace, few enough that ten failures can be read
UNPRINTABLE = re.compile(r"[^\t\n\x20-\x7e\x80-\U0010ffff]")


def verdict(case: xml.Element) -> tuple[str, str]:
    """'passed', 'failed' or 'skipped', and why."""
    status = case.get("status", "")
    skipped = case.find("skipped")
    if status == "run":
        return "passed", ""
    if status == "disabled":
        return "skipped", "disabled"
    if skipped is not None and skipped.get("message", "").startswith("SKIP_"):
        return "skipped", reason(case.findtext("system-out") or "")
    failure = case.find("failure")
    element = failure if failure is not None else skipped
    return "failed", element.get("message", "") if element is not None else status


def reason(output: str) -> str:
    """What a GoogleTest said when it skipped itself: the line after 'Skipped', or the last line of a script."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for index, line in enumerate(lines[:-1]):
        if line.endswith("Skipped"):
            return lines[index + 1]
    return lines[-1].removeprefix("skipped: ") if lines else "no reason given"


def tell(cases: list[xml.Element]) -> collections.Counter:
    counts: collections.Counter = collections.Counter(passed=0, failed=0, skipped=0)
    reasons: collections.Counter = collections.Counter()
    for case in cases:
        what, why = verdict(case)
        counts[what] += 1
        if what == "failed":
            print(f"FAILED {case.get('name')}: {why}")
            for line in (case.findtext("system-out") or "").splitlines()[-OUTPUT_LINES:]:
                print("    " + UNPRINTABLE.sub("?", line))
        elif what == "skipped":
            reasons[why] += 1
    for why, count in sorted(reasons.items()):
        print(f"skipped {count}: {why}")
    return counts


def main(file: str, status: int) -> int:
    path = pathlib.Path(file)
    cases = list(xml.parse(path).getroot().iter("testcase")) if path.exists() else []
    counts = tell(cases)
    if not cases or (status != 0 and counts["failed"] == 0):
        print(f"FAILED ctest itself: exit code {status}, {len(cases)} tests in {path}")
        counts["failed"] += 1
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])) if len(sys.argv) == 3 else __doc__)
