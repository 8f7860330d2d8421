#!/usr/bin/env python3
"""Compares what `landwarden evtx dump` writes with evtx_dump (crate `evtx`) and with our own reader.

usage: evtx_dump_differential.py LANDWARDEN LW_EVTX_FIELDS [--estate | FILE_OR_FOLDER…]

JSON lines, in both attribute styles, record by record against evtx_dump's as parsed JSON; the only difference that is
explained is a name that comes again, which evtx_dump numbers (LogonGuid_1) and which is an array here. XML: the whole
output must parse as one document, and its fields, named by the rules of docs/evtx.md, must be those that LW_EVTX_FIELDS
prints. Without a path: small folders of $LW_DATA (~/lw-data); with --estate: the sample estate. Ends with 77 (skipped)
where those or evtx_dump are absent. Only the standard library.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

TOOL = shutil.which("evtx_dump") or os.path.expanduser("~/.cargo/bin/evtx_dump")
SMALL_FOLDERS = ["omerbenamram-evtx", "python-evtx-testdata", "evtx-attack-samples"]


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def key_of(record):
    system = (record.get("Event") or {}).get("System") or {}
    time = system.get("TimeCreated") or system.get("TimeCreated_attributes")
    return str(system.get("EventRecordID")), json.dumps(time)


def leaves(value, path=""):
    """Every value with its path, without the numbers that evtx_dump gives to names that come again, or our arrays."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, path + "/" + re.sub(r"_[0-9]+(?=$|_attributes$)", "", name))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif value is not None:
        yield path, json.dumps(value)


def same(ours, theirs):
    return ours == theirs or sorted(leaves(ours)) == sorted(leaves(theirs))


class Fields:
    """The fields of an <Event>, by the rules of docs/evtx.md."""

    def __init__(self, event):
        self.fields = collections.defaultdict(list)
        for part in event:
            name = plain(part.tag)
            if name == "System":
                self.group(part, "System.", "", True)
            elif name in ("EventData", "UserData"):
                self.group(part, "", name + "_", False)
            elif name in ("RenderingInfo", "ProcessingErrorData"):
                self.group(part, name + ".", name + ".", False)
            else:
                self.leaf(part, "", False, True)

    def put(self, name, value):
        self.fields[name].append(value)

    def group(self, part, prefix, attribute_prefix, system):
        for name, value in part.attrib.items():
            self.put(attribute_prefix + plain(name), plain_text(value))
        for element in part:
            self.leaf(element, prefix, system, not prefix)
        if text := own_text(part):
            self.put(plain(part.tag), text)

    def leaf(self, element, prefix, system, data):
        name, named = prefix + plain(element.tag), False
        if data and name == "Data":
            name, named = plain_text(element.get("Name", "")) or "Data", True
            if name.startswith("System."):
                name = "EventData." + name
        attributes = {key: value for key, value in element.attrib.items() if not (named and key == "Name")}
        for key, value in attributes.items():
            self.put(name + "_" + plain(key), plain_text(value))
        for inner in element:
            self.leaf(inner, prefix, system, data)
        text = own_text(element)
        if text or (not len(element) and not system and (named or not attributes)):
            self.put(name, text if text or named else None)


def plain(name):
    return plain_text(re.sub(r"^\{[^}]*\}", "", name))


def plain_text(text):
    return re.sub(r"_x([0-9A-F]{4})_", lambda match: chr(int(match.group(1), 16)), text)


def own_text(element):
    return plain_text((element.text or "") + "".join(inner.tail or "" for inner in element))


def normal(fields):
    """Null and absent, and null beside attributes, are one; a list of one is that one."""
    out = {}
    for name, value in fields.items():
        values = [item for item in (value if isinstance(value, list) else [value]) if item is not None]
        if values:
            out[name] = values
    return out


class Comparison:
    def __init__(self, program, fields_tool):
        self.program, self.fields_tool = program, fields_tool
        self.counts = collections.Counter()
        self.wrong = []

    def complain(self, text):
        if len(self.wrong) < 20:
            self.wrong.append(text)
        self.counts["wrong"] += 1

    def json(self, path, style):
        pool = collections.defaultdict(list)
        for line in output(TOOL, "-t", "1", "-o", "jsonl", *style, path).splitlines():
            record = json.loads(line)
            pool[key_of(record)].append(record)
        for line in output(self.program, "evtx", "dump", "-q", *style, path).splitlines():
            ours = json.loads(line)
            theirs = pool[key_of(ours)]
            match = next((other for other in theirs if same(ours, other)), None)
            if match is not None:
                theirs.remove(match)
                self.counts["records as evtx_dump's" if ours == match else "records with a name that comes again"] += 1
            elif theirs:
                self.complain(f"{path}: {json.dumps(ours)[:600]}\n  evtx_dump: {json.dumps(theirs.pop(0))[:600]}")
            else:
                self.counts["records that evtx_dump does not give"] += 1
        for key, rest in pool.items():
            for _ in rest:
                self.complain(f"{path}: record {key} is missing")

    def xml(self, path):
        try:
            root = ElementTree.fromstring(output(self.program, "evtx", "dump", "-q", "--format", "xml", path))
        except ElementTree.ParseError as error:
            return self.complain(f"{path}: XML does not parse: {error}")
        lines = output(self.fields_tool, path).splitlines()
        if len(lines) != len(root):
            self.complain(f"{path}: {len(root)} events in XML, {len(lines)} records")
        records = sorted((json.loads(line) for line in lines), key=lambda record: record["offset"])
        for event, record in zip(root, records):
            ours, reader = normal(Fields(event).fields), normal(record["fields"])
            for name in sorted(set(ours) | set(reader)):
                if ours.get(name) != reader.get(name):
                    self.complain(f"{path}@{record['offset']:#x} {name}: XML {str(ours.get(name))[:200]!r}, "
                                  f"reader {str(reader.get(name))[:200]!r}")
            self.counts["values of XML as the reader's"] += len(reader)


def main():
    if sys.argv[3:4] == ["--estate"]:
        with tempfile.TemporaryDirectory() as scratch:
            estate = os.path.join(scratch, "estate")
            subprocess.run([sys.argv[1], "range", "write", estate], stdout=subprocess.DEVNULL, check=True)
            return compare([estate])
    data = os.environ.get("LW_DATA") or os.path.expanduser("~/lw-data")
    return compare(sys.argv[3:] or [os.path.join(data, name) for name in SMALL_FOLDERS])


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
    result = Comparison(sys.argv[1], sys.argv[2])
    for path in sorted(paths):
        if os.path.getsize(path):
            result.json(path, [])
            result.json(path, ["--separate-json-attributes"])
            result.xml(path)
    print(f"{len(paths)} files")
    for what, count in sorted(result.counts.items()):
        print(f"{count} {what}")
    for text in result.wrong:
        print(" ", text)
    return 1 if result.wrong or not result.counts else 0


if __name__ == "__main__":
    sys.exit(main())
