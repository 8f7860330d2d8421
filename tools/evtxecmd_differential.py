#!/usr/bin/env python3
"""Compares our EVTX fields with those of EvtxECmd's full JSON (`--fj`) of the same logs, record by record.

usage: evtxecmd_differential.py LW_EVTX_FIELDS [FOLDER [STEP]]

FOLDER (default: atomic-evtx in $LW_DATA, ~/lw-data) holds ttp_evtx/NAME/*.evtx and evtxecmd_json/NAME/*.json; with STEP
only every STEPth NAME is read. Ends with 77 (a test that was skipped) where the folder is absent, with 1 if there is a
class of difference that docs/evtx.md does not explain. Only the standard library.
"""
import collections
import html
import json
import os
import re
import subprocess
import sys

EXPLAINED = {
    "GUID without braces": "it takes the braces of GUIDs away",
    "time in another form": "it writes 2024-10-22 14:14:35.5387426, the XML has 2024-10-22T14:14:35.5387426Z",
    "unnamed Data joined": "it joins the strings of unnamed Data by commas to one; here they are a list, as in the XML",
    "empty Data left out": "an empty Data or element is left out or null there, an empty text or null here",
    "binary with dashes": "it writes a dash between the bytes of binary values",
    "number in another form": "it prints hexadecimal numbers with other letters or paddings",
    "text without its ends": "it cuts white space off the ends of a text",
    "markup escaped, line breaks lost": "it leaves &amp; and &lt; escaped, and turns line breaks into commas",
    "record not in the export": "most of them a browser's updater; evtx_dump gives every one of them",
}

GUID = re.compile(r"\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")
TIME = re.compile(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?Z?$")


class Event:
    """Fields of one of its records, by the names of docs/evtx.md."""

    def __init__(self, event):
        self.fields = collections.defaultdict(list)
        for key, value in (event.get("System") or {}).items():
            self.element("System." + key, value)
        for part in ("EventData", "UserData"):
            self.part(part, event.get(part))

    def element(self, name, value):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "#text":
                    self.fields[name].append(inner)
                elif key.startswith("@") and not key.startswith("@xmlns"):
                    self.fields[f"{name}_{key[1:]}"].append(inner)
        else:
            for item in value if isinstance(value, list) else [value]:
                self.fields[name].append(item)

    def part(self, part, value):
        if not isinstance(value, dict):
            return
        for key, inner in value.items():
            if key.startswith("@"):
                if not key.startswith("@xmlns"):
                    self.fields[f"{part}_{key[1:]}"].append(inner)
                continue
            for item in inner if isinstance(inner, list) else [inner]:
                if key == "Data" and isinstance(item, dict) and "@Name" in item:
                    self.fields[item["@Name"]].append(item.get("#text"))
                elif isinstance(item, dict) and any(not k.startswith(("@", "#")) for k in item):
                    self.leaves(item)
                else:
                    self.element(key, item)

    def leaves(self, element):
        for key, inner in element.items():
            if key.startswith("@"):
                continue
            for item in inner if isinstance(inner, list) else [inner]:
                if isinstance(item, dict) and any(not k.startswith(("@", "#")) for k in item):
                    self.leaves(item)
                else:
                    self.element(key, item)


def blank(values):
    return all(value in (None, "") for value in values or [])


def time_form(text):
    found = TIME.match(text)
    return (found[1], found[2], (found[3] or "").ljust(7, "0")[:7]) if found else None


def number_form(text):
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        return None


def without_braces(text):
    return GUID.sub(lambda found: found[0][1:-1], text).lower()


def squeezed(text):
    return re.sub(r"[,\s]+", "", text)


def kind(name, ours, theirs):
    """The class of a difference; nothing if there is none."""
    if ours == theirs:
        return None
    if blank(ours) and blank(theirs):
        return "empty Data left out"
    if ours is None or theirs is None:
        return "only theirs" if ours is None else "only ours"
    if name in ("Data", "Binary") and len(theirs) == 1 and isinstance(theirs[0], str):
        joined = squeezed(",".join(value or "" for value in ours))
        if joined in (squeezed(theirs[0]), squeezed(html.unescape(theirs[0]))):
            return "unnamed Data joined"
    if len(ours) != len(theirs):
        return "another count of values"
    classes = {value_kind(str(mine or ""), str(other or "")) for mine, other in zip(ours, theirs)} - {None}
    return classes.pop() if len(classes) == 1 else "values differ"


def value_kind(mine, other):
    if mine == other:
        return None
    if without_braces(mine) == without_braces(other):
        return "GUID without braces"
    if time_form(mine) is not None and time_form(mine) == time_form(other):
        return "time in another form"
    if mine == other.replace("-", "") and len(mine) % 2 == 0:
        return "binary with dashes"
    if number_form(mine) is not None and number_form(mine) == number_form(other):
        return "number in another form"
    if mine.strip() == other.strip():
        return "text without its ends"
    if squeezed(mine) == squeezed(html.unescape(other)):
        return "markup escaped, line breaks lost"
    return "values differ"


class Comparison:
    def __init__(self):
        self.classes = collections.Counter()
        self.examples = collections.defaultdict(list)
        self.files = self.records = self.values = self.equal = 0

    def note(self, what, example):
        self.classes[what] += 1
        if len(self.examples[what]) < 4:
            self.examples[what].append(example)

    def file(self, fields_tool, evtx, exported):
        out = subprocess.run([fields_tool, evtx], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        ours = {}
        for line in out.split(b"\n"):
            if line:
                record = json.loads(line)
                ours[record["fields"].get("System.EventRecordID")] = record["fields"]
        self.files += 1
        with open(exported, encoding="utf-8-sig") as lines:
            for line in lines:
                if not line.strip():
                    continue
                theirs = Event(json.loads(line)["Event"]).fields
                number = theirs["System.EventRecordID"][0]
                where = f"{evtx} record {number}"
                if number in ours:
                    self.record(where, ours.pop(number), theirs)
                else:
                    self.note("record that only EvtxECmd gives", where)
        for number in ours:
            self.note("record not in the export", f"{evtx} record {number}")

    def record(self, where, ours, theirs):
        self.records += 1
        for name in sorted(set(ours) | set(theirs)):
            mine, other = ours.get(name), theirs.get(name)
            if name in ours and not isinstance(mine, list):
                mine = [mine]
            self.values += 1
            what = kind(name, mine, other)
            if what is None:
                self.equal += 1
            else:
                self.note(what, f"{where} {name}: ours {str(mine)[:140]} theirs {str(other)[:140]}")


def main():
    data = os.environ.get("LW_DATA") or os.path.expanduser("~/lw-data")
    folder = sys.argv[2] if len(sys.argv) > 2 else os.path.join(data, "atomic-evtx")
    step = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    exports = os.path.join(folder, "evtxecmd_json")
    if not os.path.isdir(exports):
        print(f"{exports} is not there: nothing to compare with")
        return 77
    result = Comparison()
    for name in sorted(os.listdir(exports))[::step]:
        for exported in sorted(os.listdir(os.path.join(exports, name))):
            evtx = os.path.join(folder, "ttp_evtx", name, exported.removesuffix(".json") + ".evtx")
            if exported.endswith(".json") and os.path.exists(evtx):
                result.file(sys.argv[1], evtx, os.path.join(exports, name, exported))
    print(f"{result.files} files, {result.records} records compared, {result.values} fields, {result.equal} equal "
          "to the letter")
    for what, count in result.classes.most_common():
        print(f"\n{count} x {what}" + (f" ({EXPLAINED[what]})" if what in EXPLAINED else "  <-- not explained"))
        for example in result.examples[what]:
            print("   ", example)
    return 1 if set(result.classes) - set(EXPLAINED) or not result.records else 0


if __name__ == "__main__":
    sys.exit(main())
