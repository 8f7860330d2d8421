#!/usr/bin/env python3
"""Each test that docs/assurance.md names exists: no promise is held by a test that was renamed or removed.

Names stand in backquotes as ctest lists them, room.Suite.Name, with * for any part; `…Name` repeats the suite
before it.
"""

import fnmatch
import re
import sys

import source_tree

TEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", re.MULTILINE)
PAPER = re.compile(r"lw_add_paper_test\((\w+)")
QUOTED = re.compile(r"`([^`\s]+)`")


def existing() -> set[str]:
    names = {"papers." + name for name in PAPER.findall(source_tree.text_of("cmake/checks.cmake"))}
    for file in source_tree.files():
        if file.startswith("src/") and file.endswith("_test.cc"):
            names |= {f"{file.split('/')[1]}.{suite}.{name}" for suite, name in TEST.findall(source_tree.text_of(file))}
    return names


def unknown(text: str, names: set[str]) -> list[str]:
    """What the text names and nothing is called; * may stand for prefix and suffix of a parametrised test."""
    rooms = {name.split(".")[0] for name in names}
    found, last = [], ""
    for quoted in QUOTED.findall(text):
        pattern = last.rpartition(".")[0] + "." + quoted[1:] if quoted.startswith("…") else quoted
        if pattern.split(".")[0] not in rooms or "/" in pattern or pattern.endswith((".md", ".py", ".cc", ".h")):
            continue
        last = pattern
        if not any(fnmatch.fnmatchcase(name, pattern) for name in names):
            found.append(f"docs/assurance.md: there is no test {pattern}")
    return found


def self_test() -> list[str]:
    names = {"base.Queue.IsBounded", "base.Queue.Ends", "papers.tidy"}
    good = ("`base.Queue.IsBounded`, `…Ends`, `base.Queue.*`, `papers.tidy`, `./dev asan`, `fuzz/x_fuzz.cc`, "
            "`base/limits.h`")
    bad = "`base.Queue.IsEndless`, `…Starts`, `papers.untidy`, `base.Kew.*`"
    if unknown(good, names) or len(unknown(bad, names)) != 4:
        return [f"self-test: {unknown(good, names)} {unknown(bad, names)}"]
    return []


def main() -> int:
    found = self_test() or unknown(source_tree.text_of("docs/assurance.md"), existing())
    print("\n".join(found) if found else "assurance: every test it names exists")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
