#!/usr/bin/env python3
"""Runs tests/golden/*.case: sessions of a shell with what they must print. docs/hacking.md shows how to write one.

    # What the case claims.
    #! canon duration speed
    $ $PROGRAM hunt --quiet $ESTATE -o out.csv
    > ; head -1 out.csv
    time,level,…
    ? 3

`$ ` opens a command for sh, `> ` continues it; what follows is the standard output it must give, then `? N` where
the exit code is not 0. Standard error is shown only where the command says 2>&1. A line of output that would look
like one of these marks, or like a comment, is written with a backslash before it. Blank lines at the end of an
output do not count.

Commands run in an empty folder, $TMP. $PROGRAM is the program, $SOURCE the checkout, $ESTATE the sample estate
(made when a case first names it), $DATA real evidence that not every machine has: a case that names it is skipped
where it is absent. Paths of these are written by their names in the output. `#! canon NAME…` replaces what may
change from run to run.
"""

import argparse
import difflib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SKIPPED = 77  # what ctest takes for "skipped"
TIMEOUT_S = 300  # one command: the slowest takes seconds, a sanitizer makes that tens
MARKS = ("$ ", "> ", "? ", "#", "\\")

CANON = {
    "time": (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?", "<time>"),
    "duration": (r"\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|min)\b", "<duration>"),
    "speed": (r"\b[\d.,]+ ?(?:k|K|M|G|Ki|Mi|Gi)?(?:i?B|bytes|records|events)/s", "<speed>"),
    "version": (r"\b\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.-]+)?\b", "<version>"),
}


class Step:
    """One command of a case, the lines before it, and what it must give."""

    def __init__(self, before: list[str], command: str):
        self.before = before
        self.command = command
        self.output: list[str] = []
        self.code = 0

    def render(self) -> list[str]:
        first, *more = self.command.split("\n")
        output = list(self.output)
        while output and not output[-1]:
            output.pop()
        lines = self.before + ["$ " + first] + ["> " + line for line in more]
        lines += ["\\" + line if line.startswith(MARKS) else line for line in output]
        return lines + ([f"? {self.code}"] if self.code else [])


class Case:
    def __init__(self, text: str):
        self.steps: list[Step] = []
        self.canon: list[str] = []
        before: list[str] = []
        answered = False  # after "? N" only a comment or a command may follow
        for number, line in enumerate(text.splitlines(), 1):
            step = self.steps[-1] if self.steps else None
            if line.startswith("$ "):
                self.steps.append(Step(before, line[2:]))
                before, answered = [], False
            elif line.startswith("#"):
                if line.startswith("#! canon "):
                    self.canon += line.split()[2:]
                if step and not before:
                    while step.output and not step.output[-1]:
                        before.append(step.output.pop())
                before.append(line)
            elif before or step is None or answered:
                if line:
                    raise ValueError(f"line {number}: output without a command before it")
                before.append(line)
            elif line.startswith("> "):
                step.command += "\n" + line[2:]
            elif line.startswith("? "):
                step.code, answered = int(line[2:]), True
            else:
                step.output.append(line[1:] if line.startswith("\\") else line)
        self.after = before
        if not self.steps:
            raise ValueError("there is no command in it")
        for name in self.canon:
            if name not in CANON:
                raise ValueError(f"there is no canonifier '{name}'; there are: {' '.join(CANON)}")
        for step, following in zip(self.steps, self.steps[1:]):  # one blank line parts two steps
            if step.output and not step.output[-1] and not following.before:
                following.before.append(step.output.pop())

    def render(self) -> str:
        lines = [line for step in self.steps for line in step.render()] + self.after
        return "\n".join(lines).rstrip("\n") + "\n"


class Runner:
    def __init__(self, program: pathlib.Path, data: pathlib.Path):
        self.program = program.resolve()
        self.estate = self.program.parent / "golden-estate"
        self.data = data

    def missing(self, text: str) -> str:
        """Why this case cannot run here; empty if it can."""
        if ("$PROGRAM" in text or "$ESTATE" in text) and not self.program.exists():
            return f"{self.program.name} is not built"
        if "$DATA" in text and not self.data.is_dir():
            return "the evidence archives are not unpacked here (LW_DATA)"
        return ""

    def make_estate(self) -> None:
        """Once per build of the program, whoever comes first."""
        with open(self.estate.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made = self.estate.with_suffix(".made")
            if made.exists() and made.stat().st_mtime_ns > self.program.stat().st_mtime_ns:
                return
            shutil.rmtree(self.estate, ignore_errors=True)
            subprocess.run([self.program, "range", "write", self.estate], check=True, stdout=subprocess.DEVNULL)
            made.touch()

    def run(self, case: Case) -> Case:
        """The same case with what the commands really gave."""
        got = Case(case.render())
        if any("$ESTATE" in step.command for step in case.steps):
            self.make_estate()
        with tempfile.TemporaryDirectory(prefix="golden-") as folder:
            names = {"TMP": folder, "ESTATE": str(self.estate), "DATA": str(self.data), "PROGRAM": str(self.program),
                     "SOURCE": str(ROOT)}
            keep = {key: value for key, value in os.environ.items() if key == "PATH" or key.endswith("SAN_OPTIONS")}
            environment = {**keep, **names, "HOME": folder, "TMPDIR": folder, "LC_ALL": "C.UTF-8", "TZ": "UTC",
                           "COLUMNS": "100", "TERM": "dumb"}
            for step in got.steps:
                done = subprocess.run(["sh", "-c", step.command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
                text = done.stdout.decode("utf-8", errors="backslashreplace")
                step.code = done.returncode
                step.output = canonical(text, names, case.canon).split("\n")
        return got


def canonical(text: str, names: dict[str, str], canon: list[str]) -> str:
    for name, path in sorted(names.items(), key=lambda item: -len(item[1])):
        text = text.replace(path, "$" + name)
    for name in canon:
        pattern, replacement = CANON[name]
        text = re.sub(pattern, replacement, text)
    return text


def check(path: pathlib.Path, runner: Runner, accept: bool) -> int:
    text = path.read_text(encoding="utf-8")
    try:
        case = Case(text)
    except ValueError as error:
        print(f"{path}: {error}")
        return 1
    missing = runner.missing(text)
    if missing:
        print(f"skipped: {missing}")
        return SKIPPED
    wanted, got = case.render(), runner.run(case).render()
    if wanted == got:
        return 0
    if accept:
        path.write_text(got, encoding="utf-8")
        print(f"rewrote {path}: read the diff")
        return 0
    print(f"{path}: not what is expected (./dev golden --accept takes what is there)")
    sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), "expected", "got", n=2))
    return 1


def self_test() -> int:
    """The runner notices each kind of difference, and rewriting changes nothing else."""
    runner = Runner(pathlib.Path("absent"), pathlib.Path("absent"))
    good = ("# Claim.\n#! canon version\n$ echo one; echo '# two'\n> echo 1.2.3\none\n\\# two\n<version>\n\n"
            "$ exit 3\n? 3\n")
    assert Case(good).render() == good, Case(good).render()
    assert runner.run(Case(good)).render() == good, runner.run(Case(good)).render()
    for old, new in (("one\n\\#", "won\n\\#"), ("? 3\n", ""), ("? 3", "? 4"), ("<version>", "1.2.4"),
                     ("one\n\\# two\n", "one\n")):
        bad = good.replace(old, new)
        assert bad != good and runner.run(Case(bad)).render() == good, bad
    for broken in ("only text\n", "# no command\n", "#! canon nothing\n$ true\n", "$ true\n? 1\nstray\n"):
        try:
            Case(broken)
        except ValueError:
            continue
        raise AssertionError(broken)
    assert runner.missing("$ $PROGRAM") and runner.missing("$ cat $DATA/x") and not runner.missing("$ true")
    print("golden runner: its own test passed")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs golden cases.")
    parser.add_argument("cases", nargs="*", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/landwarden")
    parser.add_argument("--accept", action="store_true", help="rewrite what the cases expect")
    parser.add_argument("--all", action="store_true", help="every case of tests/golden")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    data = pathlib.Path(os.environ.get("LW_DATA", pathlib.Path.home() / "lw-data"))
    runner = Runner(arguments.program, data)
    cases = arguments.cases + (sorted((ROOT / "tests/golden").glob("*.case")) if arguments.all else [])
    codes = [check(path, runner, arguments.accept) for path in cases]
    if len(codes) == 1:
        return codes[0]
    print(f"{codes.count(0)} as expected, {codes.count(1)} not, {codes.count(SKIPPED)} skipped")
    return 1 if 1 in codes else 0


if __name__ == "__main__":
    sys.exit(main())
