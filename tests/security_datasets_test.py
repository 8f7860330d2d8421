#!/usr/bin/env python3
"""Other people's JSON of Windows events is recognised, and no value of it is lost.

For each file of OTRF's security datasets (folder `security-datasets` of the data that LW_DATA names): what it is
taken for and why not, how many records, values and hits of rules it has. Fails if Windows events are not recognised,
if anything is quarantined, if no rule finds anything, or if a value of a record is not among the fields that a hunt
gives of it. Records are a sample of one in ten, by record number.

    security_datasets_test.py PROGRAM [--rules PATH…] [--report]
"""

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SAMPLE = """title: A sample of everything
id: 7b0c8a52-63f1-4c5d-9d6d-0f5c3a1e2b90
logsource: {product: windows}
detection:
  sample: {EventRecordID|endswith: '3'}
  condition: sample
level: informational
"""
# Written differently in the event log than the tool writes them: signed numbers, names, clocks.
REWRITTEN = {"Keywords", "EventType", "EventTime", "Severity", "TimeCreated", "Level", "LevelDisplayName", "Opcode"}
# What says that a record is one of Windows' events, in whatever layout.
WINDOWS = ({"Channel", "EventID"}, {"EventLog", "EventID"}, {"log_name", "event_id"}, {"winlog"}, {"Event"})


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        sys.exit(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}")


def leaves(value, name=""):
    """Each (name, text) of a record; a list's elements have its name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    elif value is not None:
        yield name, value if isinstance(value, str) else json.dumps(value)


def record_number(record):
    for place in (record, record.get("winlog") or {}):
        for key in ("RecordNumber", "record_number", "record_id", "EventRecordID"):
            if key in place:
                return str(place[key])
    return None


def records_of(path):
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("{"):
                yield json.loads(line)


def given_texts(event):
    out = set()
    for _, text in leaves(event):
        out.add(text)
        out.update(text.split("\n"))
    return out


def compare(path, events):
    """(values looked at, Counter of names of values that are in no field, examples)."""
    by_number = collections.defaultdict(list)
    for event in events:
        by_number[str(event.get("EventRecordID"))].append(given_texts(event))
    looked_at, lost, examples = 0, collections.Counter(), {}
    for record in records_of(path) if by_number else ():
        number = record_number(record)
        if number is None or not number.endswith("3"):
            continue
        values = [(name, text) for name, text in leaves(record) if name not in REWRITTEN]
        missing = min(
            ([pair for pair in values if pair[1] not in texts] for texts in by_number.get(number, [set()])), key=len
        )
        looked_at += len(values)
        for name, text in missing:
            lost[name] += 1
            examples.setdefault(name, text)
    return looked_at, lost, examples


def hits_by_file(timeline):
    out = collections.defaultdict(list)
    with open(timeline, encoding="utf-8") as lines:
        for line in lines:
            hit = json.loads(line)
            out[hit["file"]].append(hit)
    return out


def windows_records(path):
    if not path.endswith(".json"):
        return 0
    return sum(any(keys <= record.keys() for keys in WINDOWS) for record in records_of(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--rules", nargs="*", default=[], metavar="PATH", help="instead of the built-in ones")
    parser.add_argument("--report", action="store_true", help="a line for every file, not only for those that fail")
    given = parser.parse_args()
    folder = pathlib.Path(os.environ.get("LW_DATA") or pathlib.Path.home() / "lw-data") / "security-datasets"
    if not folder.is_dir():
        print(f"skipped: no {folder}")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        evidence, sample, hits = (os.path.join(scratch, name) for name in ("evidence.json", "sample", "hits"))
        rule = os.path.join(scratch, "sample.yml")
        pathlib.Path(rule).write_text(SAMPLE, encoding="utf-8")
        rules = [word for path in given.rules for word in ("--rules", path)]
        run(given.program, "evidence", folder, "-q", "--format", "json", "-o", evidence)
        run(given.program, "hunt", folder, "-q", "--rules", rule, "--no-rule-cache", "--fields", "all",
            "--format", "jsonl", "-o", sample)  # fmt: skip
        run(given.program, "hunt", folder, "-q", *rules, "--format", "jsonl", "-o", hits)
        files = json.loads(pathlib.Path(evidence).read_text(encoding="utf-8"))["files"]
        sampled, found = hits_by_file(sample), hits_by_file(hits)
    failed, totals = 0, collections.Counter()
    for file in files:
        path, unknown = file["file"], "unknown layout" in file["kind"] or not file["is_evidence"]
        looked_at, lost, examples = compare(path, [hit["event"] for hit in sampled[path]])
        recognised = sum(log["records"] for log in file["logs"] if log["channel"]) + file["records_of_more_logs"]
        written = windows_records(path)
        wrong = [f"{written - recognised} events of Windows, not recognised"] if written > recognised else []
        wrong += ["quarantined"] if file["records_quarantined"] else []
        wrong += [f"lost {count} x {name}: {examples[name][:60]!r}" for name, count in sorted(lost.items())]
        failed += bool(wrong)
        rules_hit = len({hit["rule_id"] for hit in found[path]})
        totals.update(files=1, unknown=unknown, records=file["records"], values=looked_at, hits=len(found[path]))
        if given.report or wrong:
            print(f"{os.path.relpath(path, folder)}: {file['kind'] or 'nothing'}; {file['records']} records, "
                  f"{looked_at} values compared, {len(found[path])} hits of {rules_hit} rules"
                  + "".join(f"; {note}" for note in file["notes"] if given.report))  # fmt: skip
            for what in wrong:
                print(f"  {what}")
    print(", ".join(f"{count:,} {name}" for name, count in totals.items()))
    return 1 if failed or not totals["hits"] or not totals["values"] else 0


if __name__ == "__main__":
    sys.exit(main())
