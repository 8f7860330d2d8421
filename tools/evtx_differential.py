#!/usr/bin/env python3
"""Compares our EVTX fields with those of evtx_dump (crate `evtx`), record by record and field by field.

usage: evtx_differential.py LW_EVTX_FIELDS [--estate LANDWARDEN | FILE_OR_FOLDER…]

Without a path: three small folders of $LW_DATA (~/lw-data); with --estate: the sample estate, which
LANDWARDEN writes. Needs `evtx_dump` on the PATH or in ~/.cargo/bin. Ends with 77 (a test that was skipped) where that
or the folders are absent. Prints how many records and values agree, and each class of difference with a few examples;
ends with 1 if there is a class that docs/evtx.md does not explain. Only the standard library.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

EXPLAINED = {
    "more records than evtx_dump": "it drops what follows a damaged record of a chunk, and chunks without a mark",
    "record without its template": "it leaves such records out; here their values are the list Data",
    "name counted up": "it numbers a name that comes back (LogonGuid_1); here the field is a list",
    "Data without a name": "it leaves unnamed Data out where another has a name",
    "attributes in UserData": "the reference flattening loses attributes of wrappers, or drops their element's name",
    "empty part of the event": "null there, absent here",
    "null beside attributes": "an element with attributes only: null there, the attributes alone here",
}


TOOL = shutil.which("evtx_dump") or os.path.expanduser("~/.cargo/bin/evtx_dump")
SMALL_FOLDERS = ["omerbenamram-evtx", "python-evtx-testdata", "evtx-attack-samples"]


def dump(path):
    command = [TOOL, "-t", "1", "-o", "jsonl", "--separate-json-attributes", path]
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for line in out.split(b"\n"):
        if line:
            yield json.loads(line, object_pairs_hook=lambda pairs: pairs)


def shown(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


class Flat:
    """The fields that our rules give for an event in evtx_dump's JSON (members as pairs, so that none is lost)."""

    def __init__(self, event):
        self.fields = collections.defaultdict(list)
        for key, value in event:
            self.part(key, value)

    def put(self, name, value):
        if isinstance(value, list) and not (value and isinstance(value[0], tuple)):
            for item in value:
                self.put(name, item)
        else:
            self.fields[name].append(shown(value))

    @staticmethod
    def is_map(value):
        return isinstance(value, list) and bool(value) and isinstance(value[0], tuple)

    def part(self, key, value):
        if key.endswith("_attributes"):
            if key[:-11] in ("EventData", "UserData", "RenderingInfo", "ProcessingErrorData"):
                joint = "." if key[:-11] in ("RenderingInfo", "ProcessingErrorData") else "_"
                self.attributes(key[:-11] + joint, value)
            return
        if key == "System":
            for name, inner in value or []:
                self.leaf("System.", name, inner)
        elif key in ("EventData", "UserData"):
            self.content("", value)
        elif key in ("RenderingInfo", "ProcessingErrorData"):
            self.content(key + ".", value)
        else:
            self.leaf("", key, value)

    def attributes(self, prefix, value):
        for name, inner in value or []:
            if name != "xmlns" and not name.startswith("xmlns:"):
                self.put(prefix + name, inner)

    def content(self, prefix, value):
        if not self.is_map(value):
            return
        for name, inner in value:
            self.leaf(prefix, name, inner)

    def leaf(self, prefix, name, value):
        if name == "#text":
            return
        if name.endswith("_attributes") and (self.is_map(value) or value is None):
            self.attributes(prefix + name[:-11] + "_", value)
        elif name == "Data" and self.is_map(value) and [key for key, _ in value] == ["#text"]:
            self.put(prefix + "Data", value[0][1])
        elif self.is_map(value):
            texts = [inner for key, inner in value if key == "#text"]
            for text in texts:
                self.put(prefix + name, text)
            for key, inner in value:
                if key == "#attributes":
                    self.attributes(prefix + name + "_", inner)
                elif key != "#text":
                    self.leaf(prefix, key, inner)
        else:
            self.put(prefix + name, value)


def uncounted(fields, ours):
    """Takes back the numbers that evtx_dump gives to names that come back."""
    out, changed = collections.defaultdict(list), False
    for name, values in fields.items():
        base = re.sub(r"_[0-9]+(?=_|$)", "", name, count=1)
        if base != name and name not in ours and base in ours:
            out[base] += values
            changed = True
        else:
            out[name] += values
    return out, changed


def same_number(left, right):
    try:
        return float(left) == float(right)
    except (TypeError, ValueError):
        return False


class Comparison:
    def __init__(self):
        self.classes = collections.Counter()
        self.examples = collections.defaultdict(list)
        self.records = self.values = self.files = 0

    def note(self, what, example):
        self.classes[what] += 1
        if len(self.examples[what]) < 4:
            self.examples[what].append(example)

    def record(self, where, ours, theirs):
        self.records += 1
        theirs, changed = uncounted(theirs, ours)
        if changed:
            self.note("name counted up", where)
        for name in sorted(set(ours) | set(theirs)):
            mine = ours.get(name)
            other = theirs.get(name)
            if isinstance(mine, str) or (mine is None and name in ours):
                mine = [mine]
            self.values += 1
            if changed and mine and other and sorted(map(str, mine)) == sorted(map(str, other)):
                continue  # the numbers hide the order
            if mine == other or (mine and other and len(mine) == len(other) and all(map(same_number, mine, other))):
                continue
            self.note(self.kind(name, mine, other), f"{where} {name}: ours {str(mine)[:150]} theirs {str(other)[:150]}")

    @staticmethod
    def kind(name, mine, other):
        if mine is None and other == [None]:
            return "null beside attributes" if name.startswith("System.") else "empty part of the event"
        if name == "Data" and other is None:
            return "Data without a name"
        if other is None:
            return "only ours: " + (name if name.startswith(("System", "Event", "User")) else "field")
        if mine is None:
            return "only theirs"
        if mine == [""] and other == [None] or mine == [None] and other == [""]:
            return "empty text or null"
        return "values differ"


def compare_file(fields_tool, path, result):
    ours = []
    out = subprocess.run([fields_tool, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for line in out.split(b"\n"):
        if line:
            ours.append(json.loads(line))
    ours.sort(key=lambda record: record["offset"])
    theirs = []
    for line in dump(path):
        event = next((value for key, value in line if key == "Event"), None)
        attributes = [(key, value) for key, value in line if key != "Event"]
        del attributes
        theirs.append(Flat(event or []).fields)
    result.files += 1
    if len(ours) != len(theirs):
        kind = "more records than evtx_dump" if len(ours) > len(theirs) else "fewer records than evtx_dump"
        result.note(kind, f"{path}: ours {len(ours)} theirs {len(theirs)}")
    pool = collections.defaultdict(list)
    for record in theirs:
        pool[(str((record.get("System.EventRecordID") or [None])[0]),
              (record.get("System.TimeCreated_SystemTime") or [None])[0])].append(record)
    for record in ours:
        fields = record["fields"]
        key = (str(fields.get("System.EventRecordID")), fields.get("System.TimeCreated_SystemTime"))
        if pool[key]:
            result.record(f"{path}@{record['offset']:#x}", fields, pool[key].pop(0))
        elif "System.EventRecordID" not in fields and "Data" in fields:
            result.note("record without its template", f"{path}@{record['offset']:#x}")
        else:
            result.note("record that evtx_dump does not give", f"{path}@{record['offset']:#x} {key}")
    for key, rest in pool.items():
        for _ in rest:
            result.note("record that only evtx_dump gives", f"{path} {key}")


def main():
    if sys.argv[2:3] == ["--estate"]:
        with tempfile.TemporaryDirectory() as scratch:
            estate = os.path.join(scratch, "estate")
            subprocess.run([sys.argv[3], "range", "write", estate], stdout=subprocess.DEVNULL, check=True)
            return compare([estate])
    data = os.environ.get("LW_DATA") or os.path.expanduser("~/lw-data")
    return compare(sys.argv[2:] or [os.path.join(data, name) for name in SMALL_FOLDERS])


def compare(arguments):
    for needed in [TOOL, *arguments]:
        if not os.path.exists(needed):
            print(f"{needed} is not there: nothing to compare with")
            return 77
    paths = []
    for argument in arguments:
        if os.path.isdir(argument):
            for folder, _, names in os.walk(argument):
                paths += [os.path.join(folder, name) for name in names if name.lower().endswith(".evtx")]
        else:
            paths.append(argument)
    result = Comparison()
    for path in sorted(paths):
        if os.path.getsize(path):
            compare_file(sys.argv[1], path, result)
    if not result.values:
        print("there was nothing to compare")
        return 1
    print(f"{result.files} files, {result.records} records compared, {result.values} fields compared")
    unexplained = 0
    for what, count in result.classes.most_common():
        unexplained += what not in EXPLAINED
        print(f"\n{count} x {what}" + (f" ({EXPLAINED[what]})" if what in EXPLAINED else "  <-- not explained"))
        for example in result.examples[what]:
            print("   ", example)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
