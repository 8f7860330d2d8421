#!/usr/bin/env python3
"""How a rule set judges labelled command lines: which abused ones it reports, and which everyday ones. One table.

usage: command_score.py PROGRAM FOLDER NAME=RULES... [--show NAME] [--level LEVEL]

FOLDER holds one command a line in files whose names tell the label: "benign" for everyday lines, anything else for
abused ones; "bash" for Linux, anything else for Windows. Each line becomes a process-creation record (Sysmon's event 1;
Elastic Defend's on Linux) with the image that the line itself names. A line counts as reported
if a rule of the level or above (medium by default) matches. Labels of such collections are rough: "mostly benign"
holds real attacks, and a list of abusable commands holds everyday ones.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

PROGRAM_NAME = re.compile(r'^\s*(?:"([^"]+)"|(\S+))')


def image_of(line, linux):
    found = PROGRAM_NAME.match(line)
    name = (found[1] or found[2]) if found else "sh"
    if linux:
        return name if name.startswith("/") else "/usr/bin/" + pathlib.PurePosixPath(name).name
    if "\\" in name:
        return name
    return "C:\\Windows\\System32\\" + (name if name.lower().endswith(".exe") else name + ".exe")


def record(number, line, linux):
    """The line as a process that started on a host of its own, by whose name the match is known again."""
    if linux:
        return json.dumps({
            "@timestamp": "2026-03-02T10:00:00.000Z", "agent": {"type": "endpoint"},
            "event": {"category": ["process"], "action": "exec", "type": ["start"], "module": "endpoint"},
            "host": {"name": str(number), "os": {"type": "linux"}},
            "process": {"executable": image_of(line, linux), "command_line": line},
        })
    return json.dumps({
        "@timestamp": "2026-03-02T10:00:00.000Z",
        "winlog": {
            "channel": "Microsoft-Windows-Sysmon/Operational", "provider_name": "Microsoft-Windows-Sysmon",
            "event_id": 1, "record_id": number, "computer_name": str(number),
            "event_data": {"Image": image_of(line, linux), "CommandLine": line},
        },
    })


def reported(program, path, rules, level):
    """Line numbers of the file that a rule of this level or above matches, with the rules' titles."""
    lines = [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    linux = "bash" in path.name
    with tempfile.TemporaryDirectory() as scratch:
        evidence, out = pathlib.Path(scratch) / "lines.json", pathlib.Path(scratch) / "matches.jsonl"
        evidence.write_text("".join(record(i, line, linux) + "\n" for i, line in enumerate(lines)), encoding="utf-8")
        command = [program, "hunt", evidence, "-o", out, "--quiet", "--min-level", level]
        for folder in rules:
            command += ["--rules", folder]
        status = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if status.returncode not in (0, 3):
            sys.exit(status.stderr)
        hits = {}
        for text in out.read_text(encoding="utf-8").splitlines():
            match = json.loads(text)
            hits.setdefault(int(match["host"]), set()).add(match["title"])
    return lines, hits


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("rules", nargs="+", metavar="NAME=FOLDER[,FOLDER...]")
    parser.add_argument("--show", metavar="NAME", help="this rule set's reported benign and missed abused lines")
    parser.add_argument("--level", default="medium")
    options = parser.parse_args()
    print(f"{'rules':12} {'file':44} {'reported':>8} of {'lines':>6}")
    for entry in options.rules:
        name, _, folders = entry.partition("=")
        for path in sorted(options.folder.glob("*.txt")):
            lines, hits = reported(options.program, path, folders.split(","), options.level)
            print(f"{name:12} {path.name:44} {len(hits):8} of {len(lines):6}  {100 * len(hits) / len(lines):5.1f} %",
                  flush=True)
            if options.show != name:
                continue
            for number, line in enumerate(lines):
                if (number in hits) == ("benign" in path.name):
                    print(f"    {line[:200]}  << {'; '.join(sorted(hits.get(number, ())))}")


if __name__ == "__main__":
    main()
