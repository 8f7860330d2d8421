#!/usr/bin/env python3
"""The same events give the same hits in whatever layout they come.

Writes the sample estate as EVTX and in every layout of `landwarden range layouts`, hunts each, and compares rule,
host, time and record number of all hits. What a layout cannot carry is said in LAYOUTS below, nowhere else.

    layouts_test.py PROGRAM [LAYOUT…]
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter

# Digits of the second that a layout keeps (default 7), and which events it can carry.
LAYOUTS = {
    "winlogbeat-6": {"digits": 3},
    "winlogbeat-7": {"digits": 3},
    "winlogbeat-8": {"digits": 3},
    # Values without names in Windows are left out.
    "nxlog": {"digits": 6, "not_of": {"ESENT"}},
    "powershell-5": {"digits": 3},
    # Only what Sysmon records.
    "helk": {"digits": 3, "channels": {"Microsoft-Windows-Sysmon/Operational"}},
    "syslog-xml": {"channels": {"Microsoft-Windows-Sysmon/Operational"}},
    "syslog-json": {"channels": {"Microsoft-Windows-Sysmon/Operational"}},
    "flat-csv": {"channels": {"Microsoft-Windows-Sysmon/Operational"}},
    # Other sensors see the same deeds, but not all that Sysmon does: no registry keys without values, no access to
    # processes, no images but the main one.
    "elastic-defend": {"channels": {"Microsoft-Windows-Sysmon/Operational"}, "ids": {1, 3, 11, 13, 22, 26}},
    "defender-json": {"channels": {"Microsoft-Windows-Sysmon/Operational"}, "ids": {1, 3, 11, 13, 26}},
    "defender-csv": {"channels": {"Microsoft-Windows-Sysmon/Operational"}, "ids": {1, 3, 11, 13, 26}},
}


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        sys.exit(f"{' '.join(words)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def hits(program, folder, estate):
    """Every hit as (rule, host, time, record id), with channel and event id to choose by."""
    timeline = os.path.join(folder, "timeline.jsonl")
    run(program, "hunt", estate, "-o", timeline, "--format", "jsonl")
    with open(timeline, encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    os.remove(timeline)
    return found


def keys(found, digits, rule, partial):
    """Hits to compare. Of a correlation, what completes it is another event where a layout carries only a part of the
    events, and any of those of one time where it rounds times."""
    out = Counter()
    for hit in found:
        if partial and "events_total" in hit:
            continue
        if rule.get("channels") and hit["channel"] not in rule["channels"]:
            continue
        if hit["provider"] in rule.get("not_of", ()):
            continue
        if rule.get("ids") and hit["event_id"] not in rule["ids"]:
            continue
        time = hit["time"][: 20 + digits] if digits else hit["time"][:19]
        record = None if digits < 7 and "events_total" in hit else hit["record_id"]
        out[(hit["rule_id"], hit["host"], time, record)] += 1
    return out


def main():
    program = os.path.abspath(sys.argv[1])
    names = sys.argv[2:] or [line.split()[0] for line in run(program, "range", "layouts").splitlines()]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        estate = os.path.join(folder, "evtx")
        run(program, "range", "write", estate)
        wanted = hits(program, folder, estate)
        if not wanted:
            sys.exit("no hits in the EVTX estate")
        for name in names:
            if name == "evtx":
                continue
            rule = LAYOUTS.get(name, {})
            estate = os.path.join(folder, "estate")
            run(program, "range", "write", estate, "--layout", name)
            digits = rule.get("digits", 7)
            partial = bool(rule.keys() & {"channels", "ids", "not_of"})
            expected = keys(wanted, digits, rule, partial)
            got = keys(hits(program, folder, estate), digits, {}, partial)
            lost, added = expected - got, got - expected
            print(f"{name}: {sum(expected.values())} expected, {sum(got.values())} found")
            for what, which in (("lost", lost), ("added", added)):
                for key, count in sorted(which.items(), key=str)[:5]:
                    print(f"  {what}: {count} x {key}")
            failed += bool(lost or added) or not expected
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
