#!/usr/bin/env python3
"""Holds what a formatter does not: size of headers and functions, names of files, leftovers, reachability of tests.

Each check is a function (file name, text) -> problems, and stands in CHECKS with samples that it must catch and
samples that it must leave alone; the samples are tried before the checks are trusted. Exceptions need a reason and
must still be needed.
"""

import dataclasses
import re
import sys
import typing

import source_tree

HEADER_LINES = 300  # one concept a header, readable in one go
COLUMNS = 120
FUNCTION_LINES = 90  # a screen is about 70; beyond 90 a function does two things
CODE = (".h", ".cc", ".inc", ".py", ".cmake", ".sh", ".bash", "CMakeLists.txt")
FORBIDDEN_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}

# (file, function): why it may be longer than FUNCTION_LINES.
LONG_FUNCTIONS: dict[tuple[str, str], str] = {}
# file: why it may be longer than HEADER_LINES.
LONG_HEADERS: dict[str, str] = {
    "src/range/event_kinds.h": "a table, one entry an event; it is looked up in, not read",
}
# Files with long lines or unusual bytes that a program wrote or that are samples of foreign formats.
GENERATED = re.compile(r"^(src/.*_table\.inc|docs/pictures/.*\.svg|content/.*|fuzz/seeds/.*|tests/golden/.*|LICENSE)$")


def header_length(name: str, text: str) -> list[str]:
    lines = text.count("\n")
    if name.endswith(".h") and lines > HEADER_LINES and name not in LONG_HEADERS:
        return [f"{name}: {lines} lines; a header has at most {HEADER_LINES}: is that one concept?"]
    return []


def header_opening(name: str, text: str) -> list[str]:
    found = []
    if name.endswith(".h") and not text.startswith("// "):
        found.append(f"{name}:1: a header opens with a line that says what it is")
    if name.endswith(".h") and "\n#pragma once\n" not in text:
        found.append(f"{name}: no #pragma once")
    return found


RAW_STRING = re.compile(r'R"([^(\s]*)\(.*?\)\1"[^\n]*', re.DOTALL)  # samples of evidence are as long as they are


def line_length(name: str, text: str) -> list[str]:
    if not name.endswith(CODE) and name not in ("dev", ".ci/run"):
        return []
    if name.endswith((".h", ".cc")):
        text = RAW_STRING.sub(lambda match: "\n" * match[0].count("\n"), text)
    return [f"{name}:{number}: {len(line)} columns; at most {COLUMNS}"
            for number, line in enumerate(text.split("\n"), 1)
            if len(line) > COLUMNS and not re.search(r"https?://\S{40}", line)]


def file_name(name: str, _text: str) -> list[str]:
    found = []
    for part in name.split("/"):
        words = set(re.split(r"[._-]", part.lower()))
        for word in sorted(words & FORBIDDEN_WORDS):
            found.append(f"{name}: '{word}' says nothing about what is in it")
    if name.startswith("src/") and not re.fullmatch(r"[a-z0-9_/]+\.(h|cc|inc)|.*/CMakeLists\.txt", name):
        found.append(f"{name}: files of src/ are snake_case .h, .cc or .inc")
    return found


def whitespace(name: str, text: str) -> list[str]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip(" \t\r"):
            found.append(f"{name}:{number}: blanks at the end of the line")
    if text and not text.endswith("\n"):
        found.append(f"{name}: no newline at the end")
    return found


LEFTOVERS = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")) + r")\b")


def leftovers(name: str, text: str) -> list[str]:
    return [f"{name}:{number}: '{match[1]}': finish it, or say in an ADR why not"
            for number, line in enumerate(text.split("\n"), 1) if (match := LEFTOVERS.search(line))]


# Folders of somebody's machine, and package registries: the project must build from anywhere.
MACHINE = re.compile("|".join((
    r"(?<![\w.])/wo" r"rk/\w", r"(?<![\w.])/ro" r"ot/\w", r"(?<![\w.])/ho" r"me/(?!user\b|\$)\w+/", r"/tmp/\w*build\w*",
    r"\bpy" r"pi\.org\b", r"\bfiles\.python" r"hosted\.org\b", r"\bregistry\.npm" r"js\.org\b", r"\bcra" r"tes\.io\b",
    r"\bdeb\.deb" r"ian\.org\b", r"\bproxy\.gol" r"ang\.org\b", r"\brepo\.ma" r"ven\b")))


def machine_paths(name: str, text: str) -> list[str]:
    return [f"{name}:{number}: '{match[0]}' belongs to one machine or registry"
            for number, line in enumerate(text.split("\n"), 1) if (match := MACHINE.search(line))]


SILENT = re.compile(r'//[^\n]*|/\*.*?\*/|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
                    r"|'(?:\\.|[^'\\\n])'",
                    re.DOTALL | re.MULTILINE)
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()]*$|\b(struct|class) alignas\b[^;={}]*$")
FUNCTION = re.compile(r"([\w:~<>]+|operator\S+)\s*\(.*\)[\s\w:&<>,*()\[\]-]*$", re.DOTALL)


def functions(text: str) -> typing.Iterator[tuple[str, int, int]]:
    """(name, line, lines) of each function body: a brace at namespace or class level behind a signature."""
    quiet = SILENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    stack: list[tuple[str, str, int]] = []  # kind, name, line
    head_start, line = 0, 1
    for index, char in enumerate(quiet):
        if char == "\n":
            line += 1
        elif char == "{":
            kind, name = classify(quiet[head_start:index].strip(), bool(stack) and stack[-1][0] != "scope")
            stack.append((kind, name, line))
            head_start = index + 1
        elif char == "}" and stack:
            kind, name, first = stack.pop()
            if kind == "function":
                yield name, first, line - first + 1
            head_start = index + 1
        elif char == ";":
            head_start = index + 1


def classify(head: str, inside: bool) -> tuple[str, str]:
    if inside:
        return "block", ""
    if SCOPE.search(head):
        return "scope", ""
    signature = head.split(" : ")[0] if ") : " in head or ")\n" in head else head
    match = FUNCTION.search(signature)
    if match and not re.search(r"[^=!<>]=\s*$|\)\s*=", head):
        return "function", called(signature)
    return "block", ""


def called(signature: str) -> str:
    names = re.findall(r"([\w:~]+)\s*\(([^()]*)", signature)
    if names and names[0][0] in ("TEST", "TEST_F", "TEST_P"):
        return names[0][1].replace(",", ".").replace(" ", "")
    return names[0][0].split("::")[-1] if names else "?"


def function_length(name: str, text: str) -> list[str]:
    if not name.endswith((".h", ".cc")):
        return []
    return [f"{name}:{line}: {function} has {lines} lines; at most {FUNCTION_LINES}, or a reason in tests/tidy_test.py"
            for function, line, lines in functions(text)
            if lines > FUNCTION_LINES and (name, function) not in LONG_FUNCTIONS]


def test_reachable(name: str, text: str) -> list[str]:
    """Rooms compile every _test.cc of theirs; one anywhere else, or without a test in it, would never run."""
    if not name.endswith("_test.cc"):
        return []
    found = []
    if not re.search(r"^(TYPED_)?TEST(_F|_P)?\(", text, re.MULTILINE):
        found.append(f"{name}: there is no test in it")
    if name.startswith("src/"):
        rooms = re.search(r"set\(LW_ALL_ROOMS ([^)]*)\)", source_tree.text_of("cmake/rooms.cmake"))
        if not rooms or name.split("/")[1] not in rooms[1].split():
            found.append(f"{name}: its room is not in LW_ALL_ROOMS of cmake/rooms.cmake, so nothing builds it")
    elif name not in source_tree.text_of("cmake/checks.cmake"):
        found.append(f"{name}: cmake/checks.cmake does not name it, so nothing builds it")
    return found


@dataclasses.dataclass
class Check:
    function: typing.Callable[[str, str], list[str]]
    bad: list[tuple[str, str]]
    good: list[tuple[str, str]]
    reads_generated: bool = False


LONG_BODY = "int f(int a)\n    noexcept {\n" + "  g();\n" * FUNCTION_LINES + "}\n"
CHECKS = [
    Check(header_length, [("src/base/a.h", "\n" * 301)], [("src/base/a.h", "\n" * 300), ("src/base/a.cc", "\n" * 900)]),
    Check(header_opening, [("a.h", "#pragma once\n"), ("a.h", "// What.\n\nint a;\n")],
          [("a.h", "// What.\n\n#pragma once\n")]),
    Check(line_length, [("a.cc", "x" * 121), ("src/base/CMakeLists.txt", "\n" + "x" * 121), ("dev", "x" * 121)],
          [("a.cc", "ä" * 120), ("a.md", "x" * 200), ("a.cc", "// https://" + "x" * 120),
           ("a.cc", 'f(R"({"' + "x" * 200 + '"})", 1, 2, 3);\n')]),
    Check(file_name, [("src/base/string_utils.h", ""), ("src/common/a.h", ""), ("src/base/CamelCase.cc", "")],
          [("src/base/utf16.cc", ""), ("docs/dependencies.md", ""), ("src/base/CMakeLists.txt", "")], True),
    Check(whitespace, [("a.cc", "int a; \n"), ("a.cc", "int a;\r\n"), ("a.md", "no newline")],
          [("a.cc", "int a;\n"), ("a", "")]),
    Check(leftovers, [("a.cc", "// TO" "DO: finish\n"), ("a.py", "# FIX" "ME\n")], [("a.cc", "// to do it well\n")]),
    Check(machine_paths, [("a.md", "cd /wo" "rk/main\n"), ("a.py", "'/ro" "ot/x'\n"),
                          ("dev", "https://py" "pi.org/simple\n")],
          [("a.md", "src/wo" "rk/x, ./ro" "ot/y, a package index\n")]),
    Check(function_length,
          [("a.cc", LONG_BODY), ("a.h", "namespace n {\nclass C final : public B {\n" + LONG_BODY + "};\n}\n"),
           ("a.cc", "TEST(A, B) {\n" + "  if (a) {\n  }\n" * 45 + "}\n"),
           ("a.cc", "C::C(int a)\n    : a_(a) {\n" + "  g();\n" * 90 + "}\n")],
          [("a.cc", "int f() {\n" + "  g();\n" * 88 + "}\nint h() {\n" + "  g();\n" * 88 + "}\n"),
           ("a.cc", "const int kTable[] = {\n" + "    f(1),\n" * 200 + "};\n"),
           ("a.cc", "int f() {\n  // {{{\n  g(\"{{{\", '{');\n}\n" + "int a;\n" * 100)]),
    Check(test_reachable, [("src/attic/a_test.cc", "TEST(A, B) {}\n"), ("src/base/a_test.cc", "// none\n"),
                           ("tests/lost_test.cc", "TEST(A, B) {}\n")],
          [("src/base/a_test.cc", "\nTEST_F(A, B) {}\n"), ("tests/arrow_smoke_test.cc", "TEST(A, B) {}\n")]),
]


def self_test() -> list[str]:
    found = []
    for check in CHECKS:
        for sample, expected in [(s, True) for s in check.bad] + [(s, False) for s in check.good]:
            got = check.function(*sample)
            if bool(got) != expected:
                found.append(f"self-test: {check.function.__name__} of {sample[0]} {sample[1][:60]!r}…: {got}")
    return found


def stale_exceptions() -> list[str]:
    found = []
    for name, function in LONG_FUNCTIONS:
        lengths = [lines for called_, _, lines in functions(source_tree.text_of(name)) if called_ == function]
        if not lengths or max(lengths) <= FUNCTION_LINES:
            found.append(f"tests/tidy_test.py: {function} of {name} needs no exception any more")
    found += [f"tests/tidy_test.py: {name} needs no exception any more"
              for name in LONG_HEADERS if source_tree.text_of(name).count("\n") <= HEADER_LINES]
    return found


def main() -> int:
    found = self_test()
    if "--self-test" not in sys.argv:
        for name in source_tree.files():
            content = (source_tree.ROOT / name).read_bytes()
            if b"\0" in content:
                continue
            text = content.decode("utf-8", errors="replace")
            generated = bool(GENERATED.match(name))
            for check in CHECKS:
                if check.reads_generated or not generated:
                    found += check.function(name, text)
        found += stale_exceptions()
    print("\n".join(found) if found else "tidy: nothing to say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
