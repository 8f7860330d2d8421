#!/usr/bin/env python3
"""Holds that the rule pack reports the advisories' command lines in every spelling, and lets everyday lines be.

    tests/advisory_commands_test.py PROGRAM [ROOT]

tests/advisory_commands.yaml has the lines. Each is spelt as the program itself would still take it, written as one
process-creation record of Sysmon and one of the Security log, and all are hunted in one run. Exit code 77 (skipped)
without PyYAML.
"""

import base64
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("skipped: PyYAML is not installed")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEVELS = ["informational", "low", "medium", "high", "critical"]
SYSMON, SECURITY = "Microsoft-Windows-Sysmon/Operational", "Security"


def first_word(line):
    return re.match(r'"[^"]*"|\S+', line)[0]


def with_first_word(line, word):
    return word + line[len(first_word(line)):]


def bare(line):
    return re.sub(r"\.exe$", "", first_word(line).strip('"').split("\\")[-1], flags=re.IGNORECASE)


def alternate_case(text):
    return "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(text))


def carets(line):
    """As cmd reads it: a caret before every second letter that stands outside of quotes."""
    out, inside = "", False
    for place, c in enumerate(line):
        inside ^= c == '"'
        out += "^" + c if c.isalpha() and not inside and place % 2 else c
    return out


def torn(line):
    """Quotes in the middle of the program's name and of the next word."""
    def tear(m):
        return f'{m[1]}"{m[2]}"{m[3] or ""}' + (f'"{m[4]}"' if m[4] else "")

    return re.sub(r"^(\w)(\w+)( \w)?(\w*)", tear, line)


def encoded(line):
    line = "& " + line if line.startswith('"') else line
    return "powershell -nop -e " + base64.b64encode(line.encode("utf-16-le")).decode()


# What each change makes of a line. None of them may change what the program does.
SPELLINGS = {
    "case": lambda line: [line.upper(), line.lower()] if "-p" not in line and "-hp" not in line
            else [with_first_word(line, first_word(line).upper())],
    "exe": lambda line: [with_first_word(line, bare(line)), with_first_word(line, bare(line) + ".exe")],
    "path": lambda line: [with_first_word(line, "C:\\Windows\\System32\\" + bare(line) + ".exe"),
                          with_first_word(line, '"C:\\Windows\\System32\\' + bare(line) + '.exe"')],
    "spaces": lambda line: [line.replace(" ", "  ", 1), with_first_word(line, first_word(line) + "   ")],
    "dash": lambda line: [re.sub(r"(?<=\s)[-/](?=\w)", dash, line) for dash in "-/"],
    "quotes": lambda line: [re.sub(r"^(\S+ )([\w-]+)( |$)", r'\1"\2"\3', line),
                            with_first_word(line, f'"{bare(line)}"')],
    "renamed": lambda line: [],  # another record, below
    "hidden": lambda line: ["cmd /c " + carets(line), "cmd.exe /d /c " + torn(line), encoded(line)],
}


def spellings(entry):
    """Every spelling of every line: one change, and every two changes after each other."""
    for line in entry["lines"]:
        found = {line}
        # What hides the line is put round a spelling, never the other way about.
        pairs = [pair for pair in itertools.permutations(entry["spell"], 2) if pair[0] != "hidden"]
        for names in itertools.chain([(name,) for name in entry["spell"]], pairs):
            step = [line]
            for name in names:
                step = [spelt for before in step for spelt in SPELLINGS[name](before)]
            found.update(step)
        yield from sorted(found)


def image_of(line, image):
    starter = re.match(r"(cmd|powershell)\b", line)
    name = starter[1] if starter else image or first_word(line).strip('"')
    if "\\" in name:
        return name
    return "C:\\Windows\\System32\\" + (name if name.lower().endswith(".exe") else name + ".exe")


def records_of(line, entry):
    """The same process as Sysmon and as the Security log write it, and under another name."""
    image = image_of(line, entry.get("image"))
    sysmon = {"Image": image, "CommandLine": line}
    if "original" in entry and bare(line).lower() == bare(entry["lines"][0]).lower():
        sysmon["OriginalFileName"] = entry["original"]
    yield SYSMON, 1, sysmon
    yield SECURITY, 4688, {"NewProcessName": image, "CommandLine": line}
    if "renamed" in entry["spell"] and not re.match(r"(cmd|powershell)\b", line):
        yield SYSMON, 1, {"Image": "C:\\ProgramData\\upd7.exe", "CommandLine": with_first_word(line, "upd7.exe"),
                          "OriginalFileName": entry["original"]}


def written(number, channel, event_id, data):
    provider = "Microsoft-Windows-Sysmon" if event_id == 1 else "Microsoft-Windows-Security-Auditing"
    return json.dumps({
        "@timestamp": "2026-03-02T10:00:00.000Z",
        "winlog": {"channel": channel, "provider_name": provider, "event_id": event_id, "record_id": number,
                   "computer_name": f"pc{number}", "event_data": data},
    })


def hunt(program, records):
    """Record number -> the highest level of a rule (an index of LEVELS), and the rules' titles."""
    with tempfile.TemporaryDirectory() as scratch:
        evidence, out = pathlib.Path(scratch) / "lines.json", pathlib.Path(scratch) / "out.jsonl"
        evidence.write_text("".join(written(i, *record) + "\n" for i, record in enumerate(records)), encoding="utf-8")
        subprocess.run([program, "hunt", evidence, "--rules", ROOT / "content" / "rules", "--no-rule-cache", "-o", out,
                        "--quiet"], check=True)
        found = {}
        for text in out.read_text(encoding="utf-8").splitlines():
            match = json.loads(text)
            level, titles = found.get(int(match["record_id"]), (-1, []))
            found[int(match["record_id"])] = (max(level, LEVELS.index(match["level"])), titles + [match["title"]])
        return found


def main():
    program, table = sys.argv[1], yaml.safe_load((ROOT / "tests" / "advisory_commands.yaml").read_text("utf-8"))
    records, wanted = [], []
    for entry in table["commands"]:
        for line in spellings(entry):
            for record in records_of(line, entry):
                records.append(record)
                wanted.append(entry)
    for line in table["near_misses"]:
        for record in records_of(line, {"spell": []}):
            records.append(record)
            wanted.append(None)
    found = hunt(program, records)
    failures = 0
    for number, (record, entry) in enumerate(zip(records, wanted)):
        level, titles = found.get(number, (-1, []))
        if entry and level < LEVELS.index(entry["level"]):
            said = f"{entry['id']}: not reported at {entry['level']}"
        elif not entry and level >= LEVELS.index("medium"):
            said = f"near miss: reported by {', '.join(titles)}"
        else:
            continue
        failures += 1
        print(f"{said} on {record[0]}\n    {record[2]['CommandLine']}")
    print(f"{len(records)} records of {len(table['commands'])} patterns and {len(table['near_misses'])} near misses, "
          f"{failures} failures")
    return 1 if failures or not records else 0


if __name__ == "__main__":
    if len(sys.argv) > 2:
        ROOT = pathlib.Path(sys.argv[2]).resolve()
    sys.exit(main())
