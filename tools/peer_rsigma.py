#!/usr/bin/env python3
"""Compares our Sigma hits on the DEV evidence with those of RSigma 0.23, rule by rule and record by record.

usage: peer_rsigma.py PROGRAM [--list N]

RSigma gets what evtx_dump made of the event logs, as flat records that name their log source (one for each pair of
category and service that content/logsources/windows.yaml has for the record; Security 4688 once more with the fields
of its view), so that only the meaning of rules is compared. Rules are those of golden_diff.py. Every difference must be
of a class of CLASSES, and docs/sigma-semantics.md says of each who is right ("Hits"). Exit code 0: it is so; 1: a
difference has no class; 77: the data or the program is not here.
"""
import argparse
import collections
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

import golden_diff
import peer_records

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUTING = ["--logsource-routing", "--logsource-field-map", "product=_product,service=_service,category=_category"]


def tool(name):
    return shutil.which(name) or shutil.which(str(pathlib.Path.home() / ".cargo/bin" / name))


class LogSources:
    """Which categories and services a record is of."""

    def __init__(self):
        table = yaml.safe_load((ROOT / "content/logsources/windows.yaml").read_text(encoding="utf-8"))
        self.views = table["views"]
        self.services = collections.defaultdict(list)  # channel → services
        for service, channels in table["services"].items():
            for channel in channels:
                self.services[channel.lower()].append(service)
        self.categories = collections.defaultdict(list)  # channel, event id → (category, source)
        for category, sources in table["categories"].items():
            for source in sources:
                if not source.get("alternative") or source.get("strict"):
                    for number in source["event_id"]:
                        self.categories[(source["channel"].lower(), number)].append((category, source))

    def seen(self, fields, system):
        """The record once for each log source that it is of."""
        channel = str(system.get("Channel")).lower()
        services = self.services.get(channel) or ["none"]
        plain, views = [], []
        for category, source in self.categories.get((channel, peer_records.event_id(system)), []):
            where = source.get("where") or {}
            if all(fields.get(name) in values for name, values in where.items()):
                (views if source.get("view") else plain).append((category, source.get("view")))
        for (category, _), service in itertools.product(plain or [("none", None)], services):
            yield {**fields, "_product": "windows", "_category": category, "_service": service}
        for category, view in views:
            for service in services:
                yield {**peer_records.seen_through(fields, self.views[view]), "_product": "windows",
                       "_category": category, "_service": service}


def write_events(path, rows):
    """Writes the records; the file and number of each is `_hit` in a list beside them, lest keywords find them."""
    sources, places = LogSources(), {}
    with open(path, "w", encoding="utf-8") as out:
        for file, record, fields, system in rows:
            place = places.setdefault((file, record), len(places))
            for seen in sources.seen(fields, system):
                out.write(json.dumps({**seen, "_hit": f"#{place}"}) + "\n")
    return {f"#{number}": place for place, number in places.items()}


def theirs(rules, events, places):
    """Their hits, each once. What they say of rules that they cannot load is printed."""
    command = [tool("rsigma"), "engine", "eval", "-r", str(rules), *ROUTING, "-e", f"@{events}", "--output-format",
               "ndjson", "--include-event"]
    hits = set()
    with tempfile.TemporaryFile(mode="w+") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as running:
            for line in running.stdout:
                match = json.loads(line)
                hits.add((match["rule_id"], *places[match["event"]["_hit"]]))
        errors.seek(0)
        print("".join(line for line in errors if re.search("rror|kipp|fail", line))[:2000], end="")
    return collections.Counter(hits)


def rewritten(value, change):
    """A detection with change(key, value) → (key, value) made to its items."""
    if isinstance(value, list):
        return [rewritten(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    return dict(change(key, inner) if isinstance(key, str) and "|" in key else (key, rewritten(inner, change))
                for key, inner in value.items())


def texts(value, change):
    return [change(item) for item in value] if isinstance(value, list) else change(value)


def hyphens_for_slashes(key, value):
    return (key, texts(value, lambda text: text.replace("/", "-"))) if "windash" in key else (key, value)


def star_for_endswith(key, value):
    if key.endswith("|endswith") and any("?" in text for text in (value if isinstance(value, list) else [value])):
        return key.removesuffix("|endswith"), texts(value, lambda text: "*" + text)
    return key, value


# Class → change to a rule after which RSigma has our hits. docs/sigma-semantics.md says of each who is right.
CLASSES = {
    "windash of a slash": hyphens_for_slashes,
    "? under endswith": star_for_endswith,
}


def explained(differing, rules, events, places, ours):
    """Rule id → class, for the rules that have our hits once they are rewritten."""
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in rules.rglob("*.yml")
                 if any(rule in path.read_text(encoding="utf-8") for rule in differing)]
    out = {}
    for class_, change in CLASSES.items():
        with tempfile.TemporaryDirectory() as folder:
            for number, document in enumerate(documents):
                new = {**document, "detection": rewritten(document["detection"], change)}
                if new != document:
                    (pathlib.Path(folder) / f"{number}.yml").write_text(yaml.safe_dump(new), encoding="utf-8")
            again = theirs(folder, events, places) if any(pathlib.Path(folder).iterdir()) else {}
        for rule in differing:
            mine = {hit for hit in ours if hit[0] == rule}
            if mine == {hit for hit in again if hit[0] == rule}:
                out[rule] = class_
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--list", type=int, default=10, help="rules to list for each class")
    arguments = parser.parse_args()
    data = peer_records.data_folder()
    if not (data / "sigma/rules").is_dir() or not tool("rsigma") or not tool("evtx_dump"):
        print("the evidence, rsigma or evtx_dump is not here: nothing compared")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder) / "rules"
        for name in peer_records.RULE_FOLDERS:
            shutil.copytree(data / "sigma" / name, rules / name)
        events = pathlib.Path(folder) / "events.ndjson"
        dump = [tool("evtx_dump"), "-t", "1", "-o", "jsonl"]
        places = write_events(events, peer_records.records(dump, peer_records.event_logs(data), data))
        their_hits = theirs(rules, events, places)
        ours, _ = golden_diff.ours(arguments.program, data, 2)
        ours = collections.Counter(set(ours))
        differing = {hit[0] for hit in (ours - their_hits) | (their_hits - ours)}
        class_of = explained(differing, rules, events, places, ours)
    missing = peer_records.report(ours, their_hits, lambda _side, hit: class_of.get(hit[0]), arguments.list, "RSigma")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
