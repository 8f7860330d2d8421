#!/usr/bin/env python3
"""Puts what the program really prints about the sample estate into README.md and docs/pictures/hunt.svg.

readme_output.py [--program PROGRAM] [--check]

The text goes between <!-- output:begin --> and <!-- output:end --> of README.md, without colours, as a reader gets
it by ./dev hunt. With --check nothing is written: exits with 1 where README.md shows something else, apart from
times and speeds, which differ from run to run.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import terminal_svg

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECTION = re.compile(r"(<!-- output:begin -->\n).*?(<!-- output:end -->)", re.DOTALL)
COLUMNS = 100  # fits beside a picture's margin and in a code block of a web page
VARYING = re.compile(r"\b\d[\d.,]* ?(?:ms|s|min|MB/s|GB/s|events/s|records/s)(?!\w)")
COMMAND = "./dev hunt"
HEAD_LINES = 36  # README.md has two screens; the picture has the whole
END = "ATT&CK tactics"  # from this heading on, the end of the summary is shown


def hunt(program: pathlib.Path, folder: pathlib.Path, colour: str) -> str:
    """What `./dev hunt` prints: it hunts build/sample-estate, so the estate has the same name here."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", "COLUMNS": str(COLUMNS)}
    done = subprocess.run([program, "hunt", "--color", colour, "build/sample-estate"], cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"readme_output: the hunt ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode("utf-8")


def excerpt(text: str) -> str:
    """The head and the end of the summary, cut between findings; what is left out is counted."""
    lines = text.rstrip().split("\n")
    first = max((i for i, line in enumerate(lines[:HEAD_LINES]) if not line), default=0)
    last = next((i for i, line in enumerate(lines) if line.startswith(END)), first)
    if last <= first:
        return "\n".join(lines)
    cut = ["", f"  [… {last - first - 1} lines left out here; the picture has them …]", ""]
    return "\n".join(lines[:first] + cut + lines[last:])


def section(text: str) -> str:
    return f"```console\n$ {COMMAND}\n{excerpt(text)}\n```\n"


def constant(text: str) -> str:
    """Without what changes from run to run."""
    return VARYING.sub("<measured>", text)


def main() -> int:
    parser = argparse.ArgumentParser(description="Puts the real output of the sample hunt into README.md.")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/landwarden")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where README.md is out of date")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    if not program.exists():
        print(f"skipped: {program.name} is not built")
        return 77
    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="readme-") as name:
        folder = pathlib.Path(name)
        (folder / "build").mkdir()
        subprocess.run([program, "range", "write", folder / "build/sample-estate"], check=True,
                       stdout=subprocess.DEVNULL)
        plain, coloured = hunt(program, folder, "never"), hunt(program, folder, "always")
    new = SECTION.sub(lambda match: match[1] + section(plain) + match[2], old)
    if not SECTION.search(old):
        sys.exit("readme_output: README.md has no <!-- output:begin --> … <!-- output:end -->")
    if arguments.check:
        if constant(new) == constant(old):
            return 0
        print("README.md does not show what the program prints: run tools/readme_output.py and read the diff")
        return 1
    readme.write_text(new, encoding="utf-8")
    prompt = f"\x1b[1;32m$\x1b[0m \x1b[1m{COMMAND}\x1b[0m\n"
    target = ROOT / "docs/pictures/hunt.svg"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(terminal_svg.picture(prompt + coloured, COMMAND), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
