#!/usr/bin/env python3
"""Compares our Sigma hits on the DEV evidence with those of pySigma's SQLite backend, by rule and record.

usage: peer_sqlite.py PROGRAM [--list N]

The table is built from `landwarden evtx dump`: a column a field that a rule asks for, text, compared without case; what
a log source covers is content/logsources/windows.yaml, as SQL. Security 4688 has a second row with the fields of its
view. Rules are those of golden_diff.py. Exit code 0: the hits are the same; 1: they are not; 77: the data is not here.
"""
import argparse
import collections
import pathlib
import re
import sqlite3
import sys
import warnings

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection

import golden_diff
import peer_records

ROOT = pathlib.Path(__file__).resolve().parent.parent


class LogSources:
    """content/logsources/windows.yaml as SQL."""

    def __init__(self):
        table = yaml.safe_load((ROOT / "content/logsources/windows.yaml").read_text(encoding="utf-8"))
        self.services, self.categories, self.views = table["services"], table["categories"], table["views"]

    @staticmethod
    def one_of(field, values):
        texts = ["'" + str(value).replace("'", "''") + "'" for value in values]
        return f"{field} IN ({', '.join(texts)})"

    def category_sources(self, category):
        return [s for s in self.categories.get(category, []) if not s.get("alternative") or s.get("strict")]

    def of(self, rule):
        """The condition that a row is of the rule's log source; None if no Windows event is."""
        source = rule.logsource
        if source.product not in (None, "windows") or not (source.product or source.category):
            return None
        parts = []
        if source.service:
            if source.service not in self.services:
                return None
            parts.append(self.one_of("_channel", self.services[source.service]))
        if source.category:
            if not self.category_sources(source.category):
                return None
            parts.append("(" + " OR ".join(map(self.source, self.category_sources(source.category))) + ")")
        else:
            parts.append("_view = ''")
        return " AND ".join(parts)

    def source(self, source):
        parts = [self.one_of("_channel", [source["channel"]]), self.one_of("_event_id", source["event_id"]),
                 f"_view = '{source.get('view', '')}'"]
        parts += [self.one_of(f"`{field}`", values) for field, values in (source.get("where") or {}).items()]
        return "(" + " AND ".join(parts) + ")"

    def views_of(self, system):
        """Views, with their names, under which a record is a row of its own."""
        for sources in self.categories.values():
            for source in sources:
                if (source.get("view") and source.get("strict") and source["channel"] == system.get("Channel")
                        and peer_records.event_id(system) in source["event_id"]):
                    yield source["view"], self.views[source["view"]]


def text(value):
    """What a column holds of a value."""
    if isinstance(value, list):
        return "\n".join(text(item) or "" for item in value)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def table(database, columns, rows, sources):
    names = ["_file", "_record", "_view", "_channel", "_event_id", "_values", *columns]
    database.execute("CREATE TABLE logs (" + ", ".join(f"`{name}` TEXT COLLATE NOCASE" for name in names) + ")")
    insert = f"INSERT INTO logs VALUES ({', '.join('?' * len(names))})"
    for file, record, fields, system in rows:
        values = "\n".join(filter(None, map(text, [*system.values(), *fields.values()])))
        for view, seen in [("", fields)] + [(v, peer_records.seen_through(fields, names)) for v, names in
                                            {v: n for v, n in sources.views_of(system)}.items()]:
            lower = {name.lower(): value for name, value in seen.items()}  # SQL's names have no case
            system_part = [text(system.get("Channel")), text(peer_records.event_id(system))]
            database.execute(insert, [file, record, view, *system_part, values,
                                      *(text(lower.get(column)) for column in columns)])
    database.execute("CREATE INDEX by_source ON logs (_channel, _event_id, _view)")


def load_rules(data):
    paths = [data / "sigma" / folder for folder in peer_records.RULE_FOLDERS]
    return SigmaCollection.load_ruleset(paths, collect_errors=True, resolve_references=False).rules


def queries(rules, sources):
    """(rule, where) of the rules that SQL can say; and why the others cannot."""
    backend, out, without = sqliteBackend(fulltext_field="_values"), [], collections.Counter()
    for rule in rules:
        where = sources.of(rule)
        if where is None:
            without["log source of no Windows event"] += 1
            continue
        try:
            for query in backend.convert_rule(rule):
                out.append((rule, f"{where} AND ({query.split(' WHERE ', 1)[1]})"))
        except Exception as error:
            without[f"{type(error).__name__}: {error}"] += 1
    columns = {field for rule, _ in out for field in backend.required_fields(rule)} - {"_values"}
    columns |= {f for s in sources.categories.values() for one in s for f in (one.get("where") or {})}
    return out, sorted({column.lower() for column in columns}), without


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--list", type=int, default=10, help="rules to list for each class")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    data = peer_records.data_folder()
    if not (data / "sigma/rules").is_dir():
        print("the rules or the evidence are not here: nothing compared")
        return 77
    sources = LogSources()
    wheres, columns, without = queries(load_rules(data), sources)
    for reason, count in without.most_common():
        print(f"{count} rules are no SQL: {reason[:200]}")
    database = sqlite3.connect(":memory:")
    database.create_function("REGEXP", 2, lambda pattern, value: value is not None and
                             re.search(pattern, value) is not None, deterministic=True)
    dump = [arguments.program, "evtx", "dump", "--quiet", "--threads", "1"]
    table(database, columns, peer_records.records(dump, peer_records.event_logs(data), data), sources)
    print(f"{len(wheres)} queries over {database.execute('SELECT count(*) FROM logs').fetchone()[0]} rows", flush=True)
    theirs = collections.Counter()
    for rule, where in wheres:
        hits = {(str(rule.id), file, record) for file, record in
                database.execute(f"SELECT _file, _record FROM logs WHERE {where}")}
        theirs.update(hits)
    ours, _ = golden_diff.ours(arguments.program, data, 2)
    missing = peer_records.report(ours, theirs, lambda _side, _hit: None, arguments.list, "SQL")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
