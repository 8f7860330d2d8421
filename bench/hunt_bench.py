#!/usr/bin/env python3
"""Times the hunt beside its peers on the same evidence and rules, in turn, in one run.

usage: hunt_bench.py WORK [--program PROGRAM] [--runs N] [--input NAME…]

WORK holds, made by the scripts in ../shared/bench: `rules/` (SigmaHQ's Windows rules), the inputs `once.evtx`,
`rep.evtx`, `rep5.evtx` … and beside each, for RSigma, `once.ndjson` … (flattened). What is missing is left out. Every
figure is the median of the runs: wall seconds, CPU seconds (user + system), peak resident memory. Ratios are to peers
of this same run. The hunt's bar is with the cache of compiled rules warm; "first" is the run that writes it, "no cache"
does without. Peers that no registry has are compared by the figures of ../shared/bench/README.md, scaled by evtx_dump's
time in this run.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# CPU seconds of evtx_dump and of peers on one machine, by input.
ELSEWHERE = {"once": (0.13, {"Chainsaw 2.16": 69}), "rep": (0.57, {"Chainsaw 2.16": 352, "Hayabusa 3.10": 218})}


def run(command, cache, keep_cache):
    """One run: (wall s, CPU s, peak MB). A command that ends with "<", FILE reads the file from standard input."""
    if not keep_cache:
        shutil.rmtree(cache, ignore_errors=True)
    source = subprocess.DEVNULL
    if command[-2] == "<":
        source = open(command[-1], "rb")
        command = command[:-2]
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=os.environ | {"XDG_CACHE_HOME": str(cache)})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(work, name, program, rules):
    evtx, flat = work / f"{name}.evtx", work / f"{name}.ndjson"
    out = work / "hits.jsonl"
    yield "read the bytes (cat)", ["cat", evtx]
    if shutil.which("evtx_dump"):
        yield "evtx_dump -t 1 -o jsonl", ["evtx_dump", "-t", "1", "-o", "jsonl", evtx]
    flat_too = shutil.which("rsigma") and flat.is_file()
    if flat_too:
        rsigma = ["rsigma", "engine", "eval", "-r", rules, "-p", "sysmon", "--logsource-routing", "--event-logsource",
                  "product=windows", "-e", f"@{flat}", "--output-format", "ndjson", "-q"]
        yield "rsigma, flat NDJSON", rsigma
        yield "rsigma, flat NDJSON, bloom filter", [*rsigma, "--bloom-prefilter"]

    def hunt(threads, *more):
        return [program, "hunt", "--quiet", "--threads", threads, "--rules", rules, "-o", out, *(more or [evtx])]

    yield "hunt, 1 thread, no cache", hunt("1", "--no-rule-cache", evtx)
    yield "hunt, 1 thread, first", hunt("1")  # the cache was emptied just before
    yield "hunt, 1 thread", hunt("1")
    yield "hunt, 2 threads", hunt("2")
    if flat_too:
        yield "hunt -, flat NDJSON, 1 thread", hunt("1", "-", "<", flat)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--program", default=str(ROOT / "build/release/landwarden"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--input", nargs="*", default=["once", "rep", "rep5"])
    arguments = parser.parse_args()
    rules = arguments.work / "rules"
    for name in arguments.input:
        if not (arguments.work / f"{name}.evtx").is_file():
            continue
        print(f"\n{name}.evtx, {(arguments.work / f'{name}.evtx').stat().st_size} bytes, median of {arguments.runs}")
        table = list(commands(arguments.work, name, arguments.program, rules))
        figures = {label: [] for label, _ in table}
        for _ in range(arguments.runs):  # in turn, so that a drifting machine is fair to all
            for label, command in table:
                figures[label].append(run(command, arguments.work / "cache", not label.endswith("first")))
        medians = {label: [statistics.median(column) for column in zip(*rows)] for label, rows in figures.items()}
        for label, (wall, cpu, memory) in medians.items():
            print(f"  {label:34} {wall:8.2f} s wall {cpu:8.2f} s CPU {memory:7.0f} MB")
        ours = medians["hunt, 1 thread"][1]
        dump = medians.get("evtx_dump -t 1 -o jsonl", (0, 0, 0))[1]
        rsigma = [medians[label][1] for label in medians if label.startswith("rsigma")]
        if rsigma and dump:
            print(f"  CPU of the hunt / (evtx_dump + rsigma): 1/{(dump + min(rsigma)) / ours:.1f}")
            flat = medians["hunt -, flat NDJSON, 1 thread"][1]
            print(f"  CPU of the hunt of NDJSON / rsigma's best: 1/{min(rsigma) / flat:.1f}")
        there, others = ELSEWHERE.get(name, (0, {}))
        for peer, seconds in others.items():
            if dump:
                print(f"  CPU of the hunt / {peer}, scaled by evtx_dump: 1/{seconds * dump / there / ours:.0f}")


if __name__ == "__main__":
    main()
