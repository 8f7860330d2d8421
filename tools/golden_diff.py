#!/usr/bin/env python3
"""Compares the program's Sigma hits on the DEV evidence with the reference hits, and sorts the differences by cause.

usage: golden_diff.py PROGRAM [--data FOLDER] [--golden FILE.tsv.zst] [--list N]

A hit is (rule id, file, record id); one that comes twice counts twice. The reference is an independent reading of the
specification; every cause of difference is explained in docs/sigma-semantics.md. Exit code 0: every difference has a
known cause; 1: some have none; 77: the data is not here.
"""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
RULE_FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")


def unpacked(folder):
    """The folder with the unpacked evidence; unpacks the two archives that the reference covers if need be."""
    if (folder / "sigma" / "rules").is_dir() and (folder / "atomic-evtx").is_dir():
        return folder
    archives = [SHARED / "data" / f"{name}.tar.zst" for name in ("dev-evtx", "dev-atomic-evtx", "rules-and-knowledge")]
    if not all(archive.is_file() for archive in archives):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        subprocess.run(["tar", "--zstd", "-xf", archive, "-C", folder], check=True)
    return folder


def reference(path):
    text = subprocess.run(["zstd", "-dc", path], check=True, capture_output=True, text=True).stdout
    return collections.Counter(tuple(line.split("\t")) for line in text.splitlines())


def ours(program, data, threads):
    """Hits of the program, and what it knows of each of them."""
    files = sorted(str(path) for path in data.rglob("*") if path.suffix.lower() == ".evtx" and path.stat().st_size > 0)
    rules = [argument for folder in RULE_FOLDERS for argument in ("--rules", str(data / "sigma" / folder))]
    hits, details = collections.Counter(), {}
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as out:
        command = [program, "hunt", "--quiet", "--strict-sources", "--threads", str(threads), *rules, "-o", out.name,
                   *files]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode not in (0, 3):
            sys.exit(f"the hunt ended with {done.returncode}:\n{done.stderr[-2000:]}")
        for line in open(out.name, encoding="utf-8"):
            match = json.loads(line)
            hit = (match["rule_id"], os.path.relpath(match["file"], data), str(match["record_id"]))
            hits[hit] += 1
            details[hit] = match
    return hits, details


def cause(hit, side, detail, damaged):
    """Name of the explained class that a difference belongs to, or None."""
    rule, file, _ = hit
    if side == "ours" and file in damaged:
        return "records of damaged files that the reference's parser drops"
    return KNOWN_RULES.get((side, rule))


# Rules whose differences docs/sigma-semantics.md explains one by one: (side, rule id) → class.
KNOWN_RULES = {}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default=str(ROOT / "build/release/landwarden"))
    parser.add_argument("--data", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("LW_DATA", pathlib.Path.home() / "lw-data")))
    parser.add_argument("--golden", type=pathlib.Path, default=SHARED / "golden" / "sigma-dev-evtx.tsv.zst")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--list", type=int, default=10, help="differences to list for each class")
    arguments = parser.parse_args()
    data = unpacked(arguments.data) if arguments.golden.is_file() else None
    if data is None:
        print("the reference hits or the evidence are not here: nothing compared")
        return 77
    expected = reference(arguments.golden)
    hits, details = ours(arguments.program, data, arguments.threads)
    damaged = set()
    classes = collections.defaultdict(list)
    for side, rest in (("ours", hits - expected), ("reference", expected - hits)):
        for hit, count in rest.items():
            name = cause(hit, side, details.get(hit), damaged) or "NOT EXPLAINED"
            classes[(side, name)] += [hit] * count
    both = sum((hits & expected).values())
    print(f"reference {sum(expected.values())} hits, ours {sum(hits.values())}, in both {both}")
    for (side, name), list_ in sorted(classes.items()):
        rules = collections.Counter(hit[0] for hit in list_)
        files = len({hit[1] for hit in list_})
        print(f"\nonly {side}: {name}: {len(list_)} hits of {len(rules)} rules in {files} files")
        for rule, count in rules.most_common(arguments.list):
            example = next(hit for hit in list_ if hit[0] == rule)
            print(f"  {count:6} {rule}  e.g. {example[1]} record {example[2]}")
    return 1 if any(name == "NOT EXPLAINED" for _, name in classes) else 0


if __name__ == "__main__":
    sys.exit(main())
