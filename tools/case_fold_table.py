#!/usr/bin/env python3
"""Writes src/base/case_fold_table.inc: Unicode simple case folding as ranges, from this Python's Unicode database.

usage: case_fold_table.py > src/base/case_fold_table.inc
Simple folding maps one code point to one: str.casefold() where it gives one character, else str.lower() where that
does.
"""
import unicodedata


def fold(code):
    for mapped in (chr(code).casefold(), chr(code).lower()):
        if len(mapped) == 1:
            return ord(mapped)
    return code


def main():
    pairs = [(code, fold(code)) for code in range(0x80, 0x110000) if not 0xD800 <= code < 0xE000]
    pairs = [(code, to) for code, to in pairs if code != to]
    ranges = []  # first, last, step, delta
    for code, to in pairs:
        delta = to - code
        if ranges and ranges[-1][3] == delta:
            first, last, step, _ = ranges[-1]
            gap = code - last
            if gap in (1, 2) and (first == last or gap == step):
                ranges[-1] = (first, code, gap, delta)
                continue
        ranges.append((code, code, 1, delta))
    print(f"// Made by tools/case_fold_table.py from Unicode {unicodedata.unidata_version}: "
          "{first, last, step, delta}.")
    for row in ranges:
        print("{0x%X, 0x%X, %d, %d}," % row)


main()
