#!/usr/bin/env python3
"""Times decoding JSON lines into columns beside Python's orjson.loads alone, in turn, in one run.

usage: json_bench.py FILE… [--program PROGRAM] [--runs N]

Both have the file in memory before the clock starts: PROGRAM (lw_json_bench) as work units, orjson as lines. Figures
are CPU seconds of the decoding alone, the median of the runs; every run of ours begins with a decoder that knows
nothing. Prints a table in Markdown. `pip install orjson` gives the peer.
"""
import argparse
import gc
import json
import pathlib
import statistics
import subprocess
import time

import orjson

ROOT = pathlib.Path(__file__).resolve().parent.parent


def ours(program, path):
    """One run: (CPU s, bytes, records)."""
    out = subprocess.run([program, "--repeat", "1", path], check=True, capture_output=True, text=True).stdout
    figures = json.loads(out)
    return figures["seconds"], figures["bytes"], figures["records"]


def theirs(lines):
    gc.collect()
    start = time.process_time()
    for line in lines:
        orjson.loads(line)
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=pathlib.Path, nargs="+", metavar="FILE")
    parser.add_argument("--program", default=str(ROOT / "build/release/lw_json_bench"))
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    print(f"| input | MB | records | orjson {orjson.__version__}, MB/s | Landwarden, MB/s | ratio |")
    print("|---|---|---|---|---|---|")
    for path in arguments.files:
        lines = path.read_bytes().splitlines()
        mine, peer, size, records = [], [], 0, 0
        for _ in range(arguments.runs):  # in turn, so that a drifting machine is fair to both
            peer.append(theirs(lines))
            seconds, size, records = ours(arguments.program, path)
            mine.append(seconds)
        size /= 1e6
        a, b = size / statistics.median(peer), size / statistics.median(mine)
        print(f"| `{path.name}` | {size:.1f} | {records:,} | {a:.0f} | {b:.0f} | **{b / a:.2f}** |")


if __name__ == "__main__":
    main()
