#!/usr/bin/env python3
"""Times the start: from the process's beginning until all rules are ready, with and without cached compiled rules.

usage: start_bench.py RULES… [--program PROGRAM] [--runs N]

RULES are folders of Sigma rules; they are copied, so that their times can be changed. What is timed is a whole
`hunt --quiet` over one small file of zeros, so that a little more than the start is in every figure. "cold"
has no cache, "first" writes one, "cached" finds path, size and times of every file as they were, "hashed" finds other
times, reads every file again and finds the same contents. Files are in the system's page cache. Medians.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONG_AGO = 1_600_000_000


def run(command, environment):
    """(wall ms, CPU ms)"""
    start = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return (time.monotonic() - start) * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def set_times(folder, seconds):
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (seconds, seconds))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rules", nargs="+", type=pathlib.Path)
    parser.add_argument("--program", default=str(ROOT / "build/release/landwarden"))
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        (work / "nothing.bin").write_bytes(bytes(64))
        hunt = [arguments.program, "hunt", "--quiet", work / "nothing.bin"]
        for i, rules in enumerate(arguments.rules):
            shutil.copytree(rules, work / f"rules{i}")
            hunt += ["--rules", work / f"rules{i}"]
        cache = work / "cache"
        environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
        time.sleep(2.5)  # what was changed just now is not cached
        figures = {"cold": [], "first": [], "cached": [], "hashed": []}
        for i in range(arguments.runs):
            figures["cold"].append(run([*hunt, "--no-rule-cache"], environment))
            shutil.rmtree(cache, ignore_errors=True)
            figures["first"].append(run(hunt, environment))
            if not list(cache.rglob("*.rules")):
                raise SystemExit("start_bench.py: nothing was cached")
            figures["cached"].append(run(hunt, environment))
            set_times(work / "rules0", LONG_AGO + i)
            figures["hashed"].append(run(hunt, environment))
            time.sleep(2.5)
        files = sum(len(list(path.rglob("*.yml"))) for path in work.glob("rules*"))
        print(f"{files} rule files, median of {arguments.runs}")
        for label, rows in figures.items():
            wall, cpu = (statistics.median(column) for column in zip(*rows))
            print(f"  {label:8} {wall:7.1f} ms wall {cpu:7.1f} ms CPU, least {min(rows)[0]:.1f} ms wall")


if __name__ == "__main__":
    main()
