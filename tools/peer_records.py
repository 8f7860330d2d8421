"""What the comparisons of hits with other engines share: the evidence as flat records, and tables of differences."""
import collections
import json
import os
import pathlib
import re
import subprocess

import golden_diff

RULE_FOLDERS = golden_diff.RULE_FOLDERS


def data_folder():
    return pathlib.Path(os.environ.get("LW_DATA", pathlib.Path.home() / "lw-data"))


def event_logs(data):
    return sorted(path for path in data.rglob("*") if path.suffix.lower() == ".evtx" and path.stat().st_size > 0)


def put(fields, key, value):
    if isinstance(value, list):
        for item in value:
            put(fields, key, item)
    elif isinstance(value, dict):
        for name, attribute in (value.get("#attributes") or {}).items():
            if name != "xmlns":
                put(fields, f"{key}_{name}", attribute)
        if "#text" in value:
            put(fields, key, value["#text"])
        else:
            for name, inner in value.items():
                if name != "#attributes":
                    put(fields, name, inner)
    elif key in fields:
        fields[key] = (fields[key] if isinstance(fields[key], list) else [fields[key]]) + [value]
    else:
        fields[key] = value


def flat(event):
    """A record's fields by the names that rules use; the event's own data hides the System part."""
    system, data = {}, {}
    for key, value in (event.get("System") or {}).items():
        put(system, key, value)
    for section in ("EventData", "UserData"):
        content = event.get(section)
        for key, value in content.items() if isinstance(content, dict) else ():
            if key != "#attributes":
                put(data, key, value)
    return {**system, **data}, system


def event_id(system):
    value = system.get("EventID")
    return int((value[0] if isinstance(value, list) else value) or 0)


def seen_through(fields, view):
    """The fields as a view names them."""
    out = dict(fields)
    for name, source in view.items():
        value = fields.get(source["field"])
        if source.get("transform") == "hex_to_decimal" and re.fullmatch("0x[0-9a-fA-F]+", str(value)):
            value = int(value, 16)
        out[name] = value
    return out


def records(dump, files, data):
    """(file relative to `data`, record number, fields, System fields) of every record that `dump` + [file] prints."""
    for file in files:
        out = subprocess.run([*dump, str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for line in out.splitlines():
            try:
                event = json.loads(line)["Event"]
            except ValueError:
                continue
            fields, system = flat(event)
            yield os.path.relpath(file, data), str(system.get("EventRecordID")), fields, system


def report(ours, theirs, class_of, shown, name):
    """Sorts the hits that only one side has by class and prints them; returns how many have none."""
    both = sum((ours & theirs).values())
    print(f"ours {sum(ours.values())} hits, {name} {sum(theirs.values())}, in both {both}")
    classes = collections.defaultdict(list)
    for side, rest in (("ours", ours - theirs), (name, theirs - ours)):
        for hit, count in rest.items():
            classes[(side, class_of(side, hit) or "NOT EXPLAINED")] += [hit] * count
    for (side, class_), hits in sorted(classes.items()):
        rules = collections.Counter(hit[0] for hit in hits)
        print(f"\nonly {side}: {class_}: {len(hits)} hits of {len(rules)} rules")
        for rule, count in rules.most_common(shown):
            example = next(hit for hit in hits if hit[0] == rule)
            print(f"  {count:6} {rule}  e.g. {example[1]} record {example[2]}")
    return sum(len(hits) for (_, class_), hits in classes.items() if class_ == "NOT EXPLAINED")
