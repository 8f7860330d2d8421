#!/usr/bin/env python3
"""Times EVTX decoding beside evtx_dump on the same files, in turn, and prints a table for docs/performance.md.

usage: evtx_bench.py WORK [--programs FOLDER] [--runs N] [--input NAME…]

WORK holds `once.evtx`, `rep.evtx` … (made by the scripts in ../shared/bench) and `rules/` (SigmaHQ's Windows rules).
FOLDER holds lw_decode_bench and lw_detect_bench (`ninja lw_decode_bench lw_detect_bench`), and landwarden.
Figures are medians: CPU seconds (user + system), for two threads wall seconds, and peak resident memory. evtx_dump and
landwarden are timed as whole processes; the benches say themselves what reading and decoding took, without their start
and without the reading of rules.
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(command):
    """One run: (wall s, CPU s, peak MB); the times of a bench are those that it says."""
    start = time.monotonic()
    bench = "_bench" in pathlib.Path(command[0]).name
    process = subprocess.Popen(command, stdout=subprocess.PIPE if bench else subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    said = process.stdout.read().decode() if bench else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    wall, cpu = time.monotonic() - start, usage.ru_utime + usage.ru_stime
    if own := re.search(r"in ([0-9.]+) s CPU, ([0-9.]+) s wall", said):
        cpu, wall = float(own[1]), float(own[2])
    return wall, cpu, usage.ru_maxrss / 1024


def commands(work, name, programs):
    evtx = work / f"{name}.evtx"
    decode, detect = programs / "lw_decode_bench", programs / "lw_detect_bench"
    if shutil.which("evtx_dump"):
        yield "evtx_dump -t 1 -o jsonl", ["evtx_dump", "-t", "1", "-o", "jsonl", evtx]
    yield "read and checksum (the floor)", [decode, "--repeat", "1", "--floor", evtx]
    yield "every field", [decode, "--repeat", "1", evtx]
    yield "every field, 2 threads", [decode, "--repeat", "1", "--threads", "2", evtx]
    if detect.exists() and (work / "rules").is_dir():
        yield "for detection", [detect, "--repeat", "1", "--rules", work / "rules", evtx]
        yield "for detection, without keyword rules", [
            detect, "--repeat", "1", "--no-keywords", "--rules", work / "rules", evtx]
    program = programs / "landwarden"
    if program.exists() and subprocess.run([program, "evtx", "dump", "--help"], capture_output=True).returncode == 0:
        yield "evtx dump --format jsonl", [program, "evtx", "dump", evtx, "--format", "jsonl", "--threads", "1"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--input", nargs="*", default=["once", "rep"])
    arguments = parser.parse_args()
    for name in arguments.input:
        megabytes = (arguments.work / f"{name}.evtx").stat().st_size / 1e6
        table = list(commands(arguments.work, name, arguments.programs))
        figures = {label: [] for label, _ in table}
        for _ in range(arguments.runs):  # in turn, so that a drifting machine is fair to all
            for label, command in table:
                figures[label].append(run(command))
        medians = {label: [statistics.median(column) for column in zip(*rows)] for label, rows in figures.items()}
        peer = medians.get("evtx_dump -t 1 -o jsonl")
        print(f"\n`{name}.evtx`, {megabytes:.1f} MB, median of {arguments.runs}\n")
        print("| | seconds | MB/s | of evtx_dump's rate | peak memory |\n|---|---|---|---|---|")
        for label, (wall, cpu, memory) in medians.items():
            seconds = wall if "threads" in label else cpu
            ratio = f"{peer[1] / seconds:.2f}" if peer else "–"
            print(f"| {label} | {seconds:.3f} | {megabytes / seconds:.0f} | {ratio} | {memory:.0f} MB |")
        one, two = medians["every field"], medians["every field, 2 threads"]
        print(f"\nTwo threads, wall against one thread's: {one[0] / two[0]:.2f}")


if __name__ == "__main__":
    main()
