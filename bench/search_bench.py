#!/usr/bin/env python3
"""Times the search beside `evtx_dump -o jsonl FILE | rg PATTERN` on the same evidence, in turn, in one run.

usage: search_bench.py WORK [--program PROGRAM] [--runs N] [--input NAME…]

WORK holds event logs `once.evtx`, `rep.evtx` …; what is missing is left out. Both sides write what they find to a file.
Every figure is the median of the runs: CPU seconds (user + system, of the whole pipe) and wall seconds. "one" gives
each
program one thread, "all" what each takes by itself. Ratios are to the peer of this same run.
"""
import argparse
import pathlib
import resource
import shutil
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

# what, the pattern, rg's options for the same, ours
CASES = [
    ("rare literal", "mimikatz", [], ["-s"]),
    ("frequent literal", "svchost", [], ["-s"]),
    ("frequent, in names too", "PowerShell", [], ["-s"]),
    ("caseless literal", "mimikatz", ["-i"], []),
    ("regular expression", r"(whoami|net +user) ", ["-i"], ["-r"]),
    ("a number", "4688", [], ["-s"]),
]


def run(commands, out):
    """Runs a pipe of commands into a file: (wall s, CPU s)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    with open(out, "wb") as sink:
        processes = []
        for i, command in enumerate(commands):
            last = i + 1 == len(commands)
            processes.append(subprocess.Popen(
                command, stdin=processes[-1].stdout if processes else subprocess.DEVNULL,
                stdout=sink if last else subprocess.PIPE, stderr=subprocess.DEVNULL))
        for process in processes[:-1]:
            process.stdout.close()
        codes = [process.wait() for process in processes]
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if codes[-1] not in (0, 1, 3):
        raise SystemExit(f"{commands[-1]} ended with {codes[-1]}")
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--program", default=str(ROOT / "build/release/landwarden"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--input", nargs="*", default=["once", "rep"])
    arguments = parser.parse_args()
    for tool in ("evtx_dump", "rg"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is not installed: there is nothing to compare with")
    out = arguments.work / "search.out"
    for name in arguments.input:
        evtx = arguments.work / f"{name}.evtx"
        if not evtx.is_file():
            continue
        print(f"\n{evtx.name}, {evtx.stat().st_size} bytes, median of {arguments.runs}: CPU s, wall s")
        for what, pattern, peer_options, our_options in CASES:
            sides = {}
            for label, peer, grep, ours in (("one", ["-t", "1"], ["-j1"], ["--threads", "1"]), ("all", [], [], [])):
                searching = ["rg", *grep, *peer_options, pattern]
                sides[label, "peer"] = [["evtx_dump", *peer, "-o", "jsonl", evtx], searching]
                sides[label, "ours"] = [[arguments.program, "search", *ours, *our_options, pattern, evtx]]
            figures = {side: [] for side in sides}
            for _ in range(arguments.runs):  # in turn, so that a drifting machine is fair to all
                for side, commands in sides.items():
                    figures[side].append(run(commands, out))
            for label in ("one", "all"):
                (wall, cpu), (our_wall, our_cpu) = (
                    [statistics.median(column) for column in zip(*figures[label, who])] for who in ("peer", "ours"))
                print(f"  {what:24} {label}: evtx_dump|rg {cpu:6.3f} {wall:6.3f} search {our_cpu:6.3f} {our_wall:6.3f}"
                      f"   {cpu / our_cpu:5.2f} times as fast by CPU, {wall / our_wall:5.2f} by the clock")
    out.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
