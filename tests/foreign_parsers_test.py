#!/usr/bin/env python3
"""Reads the sample estate with other people's EVTX parsers: evtx_dump (crate evtx) and python3-evtx.

usage: foreign_parsers_test.py COMMAND...      COMMAND writes an estate into the folder that is added as last argument.
Ends with 77 (skipped) if neither parser is here. Files are read with python3-evtx only up to a size, since it takes
seconds for a megabyte.
"""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

PYTHON_EVTX_MAX_BYTES = 70_000
# (file, parsers' view of System and data of one record that must be there)
EXPECTED = [
    ("EVW-DC01/Application.evtx", 325, "EVW-DC01.eldervalley.example",
     r"C:\Windows\Temp\pro\Active Directory\ntds.dit"),
    ("EVW-JUMP01/Security.evtx", 1102, "EVW-JUMP01.eldervalley.example", "adm-itops"),
    ("EVW-JUMP01/System.evtx", 104, "EVW-JUMP01.eldervalley.example", "adm-itops"),
    ("EVW-FS01/System.evtx", 7045, "EVW-FS01.eldervalley.example", r"%SystemRoot%\PSEXESVC.exe"),
    ("EVW-JUMP01/Microsoft-Windows-TerminalServices-LocalSessionManager%4Operational.evtx", 21,
     "EVW-JUMP01.eldervalley.example", "10.20.90.47"),
    ("EVW-DC01/Microsoft-Windows-Sysmon%4Operational.evtx", 1, "EVW-DC01.eldervalley.example",
     r'ntdsutil "ac i ntds" ifm "create full C:\Windows\Temp\pro" q q'),
]


def find_evtx_dump():
    beside = os.path.expanduser("~/.cargo/bin/evtx_dump")
    return shutil.which("evtx_dump") or (beside if os.access(beside, os.X_OK) else None)


def count_records(file):
    """By the counters of the chunks' headers."""
    count = 0
    for chunk in range(4096, len(file), 65536):
        first, last = struct.unpack_from("<QQ", file, chunk + 8)
        count += last - first + 1
    return count


def texts(value):
    """All leaf texts of a JSON value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    else:
        yield str(value)


def read_with_evtx_dump(program, path):
    """(event id, computer, texts) of each record."""
    run = subprocess.run([program, "-t", "1", "-o", "jsonl", path], capture_output=True, check=True)
    if run.stderr:
        raise AssertionError(f"evtx_dump complains about {path}: {run.stderr[:400]!r}")
    for line in run.stdout.splitlines():
        event = json.loads(line)["Event"]
        event_id = event["System"]["EventID"]
        if isinstance(event_id, dict):
            event_id = event_id["#text"]
        yield int(event_id), event["System"]["Computer"], set(texts(event))


def read_with_python_evtx(path):
    from Evtx.Evtx import Evtx

    namespace = "{http://schemas.microsoft.com/win/2004/08/events/event}"
    with Evtx(path) as log:
        header = log.get_file_header()
        # Format 3.2 is younger than python3-evtx, whose verify() knows 3.1 only.
        if header.minor_version() == 1 and not header.verify() or header.checksum() != header.calculate_checksum():
            raise AssertionError(f"python3-evtx finds a bad file header in {path}")
        for chunk in log.chunks():
            if not chunk.verify():
                raise AssertionError(f"python3-evtx finds a bad chunk checksum in {path}")
            for record in chunk.records():
                event = xml.etree.ElementTree.fromstring(record.xml())
                system = event.find(f"{namespace}System")
                # String arrays come as <string> elements inside the text.
                found = {part for text in event.itertext()
                         for part in text.replace("<string>", "\n").replace("</string>", "\n").split("\n")}
                yield int(system.find(f"{namespace}EventID").text), system.find(f"{namespace}Computer").text, found


def check(name, reader, folder, counts, sizes, limit):
    files = records = 0
    for file, count in sorted(counts.items()):
        if limit and sizes[file] > limit:
            continue
        seen = list(reader(os.path.join(folder, file)))
        if len(seen) != count:
            raise AssertionError(f"{name} reads {len(seen)} of {count} records of {file}")
        for wanted, event_id, computer, text in EXPECTED:
            if wanted == file and not any(i == event_id and c == computer and text in t for i, c, t in seen):
                raise AssertionError(f"{name} does not find {text!r} in an event {event_id} of {file}")
        files += 1
        records += count
    print(f"{name}: {records} records of {files} files")


def main():
    evtx_dump = find_evtx_dump()
    try:
        import Evtx.Evtx  # noqa: F401
        python_evtx = True
    except ImportError:
        python_evtx = False
    if not evtx_dump and not python_evtx:
        print("neither evtx_dump nor python3-evtx is here")
        return 77
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, "estate")
        subprocess.run(sys.argv[1:] + [folder], stdout=subprocess.DEVNULL, check=True)
        counts, sizes = {}, {}
        for path in pathlib.Path(folder).rglob("*.evtx"):
            name = path.relative_to(folder).as_posix()
            counts[name], sizes[name] = count_records(path.read_bytes()), path.stat().st_size
        if sum(counts.values()) < 20_000:
            raise AssertionError(f"the estate has {sum(counts.values())} records only")
        if {wanted for wanted, *_ in EXPECTED} - set(counts):
            raise AssertionError("files are missing: " + ", ".join(sorted({w for w, *_ in EXPECTED} - set(counts))))
        if evtx_dump:
            check("evtx_dump", lambda path: read_with_evtx_dump(evtx_dump, path), folder, counts, sizes, 0)
        if python_evtx:
            check("python3-evtx", read_with_python_evtx, folder, counts, sizes, PYTHON_EVTX_MAX_BYTES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
