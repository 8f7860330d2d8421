#!/usr/bin/env python3
"""Compares what our parser makes of Sigma rules with what pySigma makes of them: condition trees and typed values.

usage: peer_pysigma.py LW_RULE_DUMP [--data FOLDER] [--list N] [RULES…]

Without RULES: the five collections below --data as far as they are here, and the rules of our own vectors. Trees are
compared with nested and/or of one kind joined; values with their type, parts, flags and numbers. Every difference must
be of a class of CLASSES, and docs/sigma-semantics.md says of each who is right ("Beside pySigma"). Exit code 0: it is
so; 1: a difference has no class. Runs where pySigma is installed: `./dev golden-diff --peer pysigma`.
"""
import argparse
import collections
import copy
import dataclasses
import decimal
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import yaml
from sigma import conditions, types
from sigma.collection import SigmaCollection
from sigma.correlations import (CorrelationConditionAND, CorrelationConditionNOT, CorrelationConditionOR,
                                SigmaCorrelationRule, SigmaExtendedCorrelationCondition)
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLLECTIONS = {
    "SigmaHQ": "sigma",
    "Hayabusa": "rules/hayabusa-rules",
    "Suzaku": "rules/suzaku-rules",
    "Joe Security": "rules/joesecurity-sigma",
    "mdecrevoisier": "rules/mdecrevoisier-sigma",
}
DASHES = "-/\u2013\u2014\u2015"
WILDCARDS = {types.SpecialChars.WILDCARD_MULTI: "*", types.SpecialChars.WILDCARD_SINGLE: "?"}


# --- one form for both --------------------------------------------------------------------------------------------
# A tree is ("and"|"or", [trees]), ("not", [tree]) or ("test", field, value); a value is a tuple whose first member is
# its type. The parts of a text are strings (literals) and ("*",) or ("?",).

def joined(kind, children):
    flat = []
    for child in children:
        flat += child[1] if child[0] == kind else [child]
    return flat[0] if len(flat) == 1 else (kind, flat)


def merged(parts):
    out = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "" and not (part == ("*",) and out and out[-1] == ("*",)):
            out.append(part)
    return tuple(out)


def keyword(parts):
    while parts and parts[0] == ("*",):
        parts = parts[1:]
    while parts and parts[-1] == ("*",):
        parts = parts[:-1]
    return parts


def number(text):
    return ("number", decimal.Decimal(str(text)).normalize())


# --- ours ----------------------------------------------------------------------------------------------------------

def our_test(field, predicate):
    kind = predicate["kind"]
    if kind in ("pattern", "keyword"):
        choices = [DASHES if part[0] == "dash" else [part[1] if part[0] == "literal" else (part[0],)]
                   for part in predicate["pattern"]]
        name = "text" if kind == "pattern" and field else kind
        texts = [("test", field, (name, merged(parts), predicate["cased"])) for parts in itertools.product(*choices)]
        return joined("or", texts)
    value = {
        "number": lambda p: number(p["number"]),
        "boolean": lambda p: ("boolean", p["flag"]),
        "null": lambda p: ("null",),
        "exists": lambda p: ("exists", p["flag"]),
        "regex": lambda p: ("regex", p["text"], "".join(sorted(p["flags"]))),
        "cidr": lambda p: ("cidr", p["text"]),
        "compare": lambda p: ("compare", p["comparison"], number(p["number"])),
        "time_part": lambda p: ("time", p["part"], p["comparison"], number(p["number"])),
        "field": lambda p: ("field", p["text"], p["relation"], p["cased"]),
        "never": lambda p: ("never",),
    }[kind](predicate)
    return ("test", field, value)


def our_tree(tree):
    if tree[0] == "test":
        return our_test(tree[1], tree[2])
    children = [our_tree(child) for child in tree[1]]
    return ("not", children) if tree[0] == "not" else joined(tree[0], children)


def our_words(tree):
    if tree is None or tree[0] == "rule":
        return tree and ("rule", tree[1])
    children = [our_words(child) for child in tree[1]]
    return ("not", children) if tree[0] == "not" else joined(tree[0], children)


def our_correlation(correlation):
    bounds = sorted((op, decimal.Decimal(value)) for op, value in correlation["bounds"])
    if correlation["type"].startswith("temporal") and not bounds and not correlation["condition"]:
        bounds = [("gte", decimal.Decimal(len(correlation["rules"])))]  # what pySigma writes out
    return {
        "type": correlation["type"], "rules": correlation["rules"], "group-by": correlation["group_by"],
        "aliases": {name: dict(fields) for name, fields in correlation["aliases"]},
        "seconds": correlation["seconds"], "fields": correlation["fields"], "generate": correlation["generate"],
        "bounds": bounds,
        "condition": our_words(correlation["condition"]),
    }


@dataclasses.dataclass
class Reading:
    """What one of the two parsers made of a document."""
    what: object = None  # a rule's tree, a correlation or a filter
    errors: list = dataclasses.field(default_factory=list)
    remarks: list = dataclasses.field(default_factory=list)


def our_reading(got):
    if got["kind"] == "correlation":
        return Reading(("correlation", our_correlation(got["correlation"])))
    what = ("rule", tuple(got["logsource"]), our_tree(got["condition"]))
    if got["kind"] == "filter":
        what += (got["filters_any"], tuple(got["filtered"]))
    return Reading(what)


def ours(program, paths):
    """What our parser says of each file: [(line, implied, Reading)] and [(line, severity, message)]."""
    out = subprocess.run([program, *paths], check=True, capture_output=True, text=True).stdout
    readings, remarks = collections.defaultdict(list), collections.defaultdict(list)
    for line in out.splitlines():
        got = json.loads(line)
        if "severity" in got:
            remarks[got["file"]].append((got["line"], got["severity"], got["message"]))
        else:
            readings[got["file"]].append((got["line"], got["implied"], our_reading(got)))
    return readings, remarks


# --- pySigma's -----------------------------------------------------------------------------------------------------

def placeholder_values(placeholder):
    """The values that lw_rule_dump has for every placeholder."""
    yield types.SigmaString(f"lw-{placeholder.name}")
    yield types.SigmaString(f"lw-*-{placeholder.name}")


def their_parts(text):
    return merged(part if isinstance(part, str) else (WILDCARDS[part],) for part in text.s)


def their_value(field, value):
    """The tree of one value."""
    if isinstance(value, types.SigmaExpansion):
        return joined("or", [their_value(field, inner) for inner in value.values])
    if isinstance(value, types.SigmaRegularExpression):
        flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
        if not value.contains_placeholder():
            return ("test", field, ("regex", str(value.regexp), flags))
        return joined("or", [("test", field, ("regex", their_regex(inner), flags))
                             for inner in value.regexp.replace_placeholders(placeholder_values)])
    if isinstance(value, types.SigmaString):
        cased = isinstance(value, types.SigmaCasedString)
        texts = value.replace_placeholders(placeholder_values) if value.contains_placeholder() else [value]
        parts = [their_parts(text) for text in texts]
        return joined("or", [("test", field, ("text", part, cased) if field else ("keyword", keyword(part), cased))
                             for part in parts])
    return ("test", field, their_scalar(field, value))


def their_regex(text):
    """A regular expression with values put in: literal, with '.*' for their stars."""
    return "".join(part if isinstance(part, str) else ".*" for part in text.s)


def their_scalar(field, value):
    if isinstance(value, types.SigmaCompareExpression):
        inner, op = value.number, value.op.name.lower()
        if isinstance(inner, types.SigmaTimestampPart):
            return ("time", inner.timestamp_part.name.lower(), op, number(inner.number))
        return ("compare", op, number(inner.number))
    if isinstance(value, types.SigmaTimestampPart):
        return ("time", value.timestamp_part.name.lower(), "eq", number(value.number))
    if isinstance(value, types.SigmaNumber):
        return number(value.number) if field else ("keyword", (str(value.number),), False)
    if isinstance(value, types.SigmaBool):
        return ("boolean", value.boolean)
    if isinstance(value, types.SigmaNull):
        return ("null",)
    if isinstance(value, types.SigmaExists):
        return ("exists", value.exists)
    if isinstance(value, types.SigmaCIDRExpression):
        return ("cidr", value.cidr)
    if isinstance(value, types.SigmaFieldReference):
        relation = {(False, False): "equals", (True, False): "startswith", (False, True): "endswith",
                    (True, True): "contains"}[(value.starts_with, value.ends_with)]
        return ("field", value.field, relation, False)
    raise TypeError(f"unknown type {type(value).__name__}")


def their_tree(tree):
    if isinstance(tree, conditions.ConditionFieldEqualsValueExpression):
        return their_value(tree.field, tree.value)
    if isinstance(tree, conditions.ConditionValueExpression):
        return their_value("", tree.value)
    children = [their_tree(child) for child in tree.args]
    if isinstance(tree, conditions.ConditionNOT):
        return ("not", children)
    return joined("and" if isinstance(tree, conditions.ConditionAND) else "or", children)


def their_words(tree):
    names = {CorrelationConditionAND: "and", CorrelationConditionOR: "or", CorrelationConditionNOT: "not"}
    if type(tree) not in names:
        return ("rule", tree.reference)
    children = [their_words(child) for child in tree.args]
    kind = names[type(tree)]
    return ("not", children) if kind == "not" else joined(kind, children)


def their_correlation(rule):
    out = {
        "type": rule.type.name.lower(), "rules": [r.reference for r in rule.rules or []],
        "group-by": rule.group_by or [],
        "aliases": {a.alias: {r.reference: f for r, f in a.mapping.items()} for a in rule.aliases},
        "seconds": rule.timespan.seconds, "fields": [], "generate": rule.generate, "bounds": [], "condition": None,
    }
    if isinstance(rule.condition, SigmaExtendedCorrelationCondition):
        out["condition"] = their_words(rule.condition.parsed)
        if rule.rules is None:
            out["rules"] = rule.condition.get_referenced_rules()
    else:
        field = rule.condition.fieldref
        out["fields"] = [] if field is None else field if isinstance(field, list) else [field]
        out["bounds"] = [(rule.condition.op.name.lower(), decimal.Decimal(str(rule.condition.count)))]
    return out


def their_rule(rule):
    detection = rule.filter if isinstance(rule, SigmaFilter) else rule.detection
    tree = joined("or", [their_tree(condition.parsed) for condition in detection.parsed_condition])
    logsource = tuple(part or "" for part in (rule.logsource.category, rule.logsource.product, rule.logsource.service))
    what = ("rule", logsource, tree)
    if isinstance(rule, SigmaFilter):
        any_ = detection.rules == "any"
        what += (any_, () if any_ else tuple(r.reference for r in detection.rules))
    return what


# What pySigma says of metadata says nothing about what a rule means.
METADATA = re.compile("SigmaIdentifierError|SigmaLevelError|SigmaStatusError|SigmaDateError|SigmaModifiedError"
                      "|SigmaTitleError|SigmaNameError|SigmaTaxonomyError|SigmaAuthorError|SigmaReferencesError"
                      "|SigmaFieldsError|SigmaFalsePositivesError|SigmaTypeError: Sigma rule|SigmaRelatedError"
                      "|SigmaDescriptionError|SigmaLicenseError|SigmaTagError|SigmaValueError: Sigma tag"
                      "|SigmaScopeError")


MEANING = {"title", "logsource", "detection", "correlation", "filter", "action"}


def their_reading(parsed):
    reading = Reading()
    for error in parsed.errors:
        message = f"{type(error).__name__}: {error}"
        (reading.remarks if METADATA.match(message) else reading.errors).append(message)
    if reading.errors:
        return reading
    try:
        reading.what = (("correlation", their_correlation(parsed)) if isinstance(parsed, SigmaCorrelationRule)
                        else their_rule(parsed))
    except Exception as error:  # whatever pySigma raises late is its answer about this rule
        reading.errors.append(f"{type(error).__name__}: {error}")
    return reading


def parse_last(documents):
    """The last document as pySigma reads it behind the others, of which only the `action` ones matter."""
    documents = [d for d in documents[:-1] if "action" in d] + [documents[-1]]
    try:
        made = SigmaCollection.from_dicts(copy.deepcopy(documents), collect_errors=True, collect_filters=True,
                                          resolve_references=False)
    except Exception as error:
        bare = [{key: d[key] for key in d if key in MEANING} for d in documents]
        if bare != documents:  # metadata that pySigma cannot take says nothing about what the rule means
            reading = parse_last([{"title": "rule", **d} for d in bare])
            reading.remarks.append(f"{type(error).__name__}: {error}")
            return reading
        return Reading(errors=[f"{type(error).__name__}: {error}"])
    rules = made.filters if "filter" in documents[-1] and "correlation" not in documents[-1] else made.rules
    return their_reading(rules[-1]) if rules else Reading(errors=[f"{type(e).__name__}: {e}" for e in made.errors])


def theirs(text):
    """[(line, Reading, documents so far, the last of them as text)] of a file; line 0 if it is no YAML."""
    try:
        lines = [node.start_mark.line + 1 for node in yaml.compose_all(text, yaml.SafeLoader) if node is not None]
        documents, written = list(yaml.safe_load_all(text)), list(yaml.load_all(text, yaml.BaseLoader))
    except (yaml.YAMLError, ValueError) as error:
        return [(0, Reading(errors=["YAML: " + str(error).replace("\n", " ")]))]
    out, before = [], []
    for line, document, text_only in zip(lines, documents, written, strict=True):
        if document is None:
            continue
        if not isinstance(document, dict):
            out.append((line, Reading(errors=["no map of keys"])))
            continue
        before.append(document)
        if document.get("action") not in ("global", "reset"):
            out.append((line, parse_last(before), list(before), text_only))
    return out


# --- what differs ----------------------------------------------------------------------------------------------------

@dataclasses.dataclass
class Pair:
    """One document, seen by both."""
    place: str
    ours: Reading
    theirs: Reading
    documents: list = dataclasses.field(default_factory=list)  # the file's up to this one
    written: dict = None  # this one, with every scalar as its text
    counted: object = None  # ours, of an aggregation: the rule whose matches are counted


NO_REASON = "rejected without a reason"
# What our parser says of a file as a whole, not of one of its documents.
WHOLE_FILE = re.compile("not valid YAML|duplicate key|alias of|the file holds no rule")


def pairs_of(file, readings, remarks):
    documents = theirs(file.read_bytes().decode("utf-8-sig", "replace"))
    begins = [line for line, *_ in documents]
    pairs = [Pair(f"{file}:{line}", Reading(), *rest) for line, *rest in documents]

    def at(line):
        return pairs[max((i for i, begin in enumerate(begins) if begin <= line), default=0)]

    for line, implied, reading in readings:
        if implied:
            at(line).counted = reading.what
        elif at(line).ours.what is None:
            at(line).ours.what = reading.what
        else:
            pairs.append(Pair(f"{file}:{line}", reading, Reading(errors=["no such document"])))
    whole = [message for _, _, message in remarks if WHOLE_FILE.match(message)]
    for line, severity, message in remarks:
        if pairs and message not in whole:
            failed = severity == "error" or message.startswith("not a Sigma rule")
            (at(line).ours.errors if failed else at(line).ours.remarks).append(message)
    for pair in pairs:
        if pair.ours.what is None and not pair.ours.errors:
            pair.ours.errors += whole or [NO_REASON]
    return pairs


# --- classes ---------------------------------------------------------------------------------------------------------

def lower_case_operators(document, _):
    condition = document["detection"]["condition"]
    document["detection"]["condition"] = re.sub(r"\b(AND|OR|NOT)\b", lambda m: m[0].lower(), str(condition))


def without_aggregation(document, _):
    document["detection"]["condition"] = str(document["detection"]["condition"]).split("|")[0]


def numbers_as_text(document, written):
    """Takes the values of items with text modifiers as they are written in the file."""
    def mend(search, written):
        for item, text in zip(search, written) if isinstance(search, list) else [(search, written)]:
            for key in item if isinstance(item, dict) else []:
                if re.search(r"\|(contains|startswith|endswith)", key):
                    item[key] = text[key]

    for name in document["detection"]:
        mend(document["detection"][name], written["detection"][name])


def mended(change):
    """Differences that are gone once pySigma is given the document with `change` made to it."""
    def belongs(pair):
        detection = (pair.written or {}).get("detection")
        whole = isinstance(detection, dict) and "condition" in detection  # a collection's head may have it instead
        if pair.theirs.what is not None or pair.ours.what is None or not whole:
            return False
        documents = copy.deepcopy(pair.documents)
        change(documents[-1], pair.written)
        return (pair.counted or pair.ours.what) == parse_last(documents).what
    return belongs


def only_ours_rejects(pattern):
    return lambda pair: pair.ours.what is None and any(re.match(pattern, message) for message in pair.ours.errors)


# Name of the class → does this difference belong to it? docs/sigma-semantics.md says of each who is right and why.
CLASSES = {
    "duplicate keys": only_ours_rejects("duplicate key"),
    "operators in upper case": mended(lower_case_operators),
    "aggregations": mended(without_aggregation),
    "numbers and truth values under text modifiers":
        mended(numbers_as_text),
}


# The same for our own vectors (tests/golden/sigma), by name.
VECTOR_CLASSES = {
    "only pySigma rejects what has a meaning": """
        conditions/all-of-a-pattern-without-match-drops-out conditions/pattern-without-match-drops-out
        conditions/pattern-without-match-under-or correlations/ordered-by-the-other-name correlations/range
        files/action-repeat modifiers/fieldref-cased modifiers/re-dollar-is-the-very-end modifiers/re-empty-last-line
        modifiers/re-look-around modifiers/utf16le-is-wide modifiers/wide-base64-beyond-ascii
        modifiers/windash-of-four-flags types/nested-lists-are-flat""",
    "only ours rejects what has none": """
        correlations/not-in-an-order correlations/percentile-without-percentile correlations/sum-of-two-fields
        correlations/threshold-of-text correlations/unknown-key rejected/base64offset-of-one-byte
        rejected/cidr-without-field rejected/encoded-twice rejected/gt-without-field rejected/hour-of-a-float
        rejected/no-title rejected/no-value rejected/null-as-a-keyword rejected/re-then-contains""",
    "pySigma loses a part of the value": "modifiers/base64-cased types/large-unsigned-number types/numbers-beyond-2^53",
    "pySigma reads it otherwise": "expand/escaped-percent-sign modifiers/windash-begins-at-any-dash",
    "rejected here when it is compiled": "rejected/regex-of-a-class-upside-down rejected/regex-that-is-none",
    "pySigma's tree does not hold it": """
        correlations/generate-beside-the-correlation files/merge-keys keywords/startswith-binds-to-one-value
        modifiers/wide-alone-matches-nothing""",
}
BY_VECTOR = {vector: class_ for class_, vectors in VECTOR_CLASSES.items() for vector in vectors.split()}


def vector_class(pair):
    return next((class_ for vector, class_ in BY_VECTOR.items() if f"/{vector}.yml:" in pair.place), None)


def class_of(pair):
    if NO_REASON in pair.ours.errors:
        return "NOT EXPLAINED"
    if pair.ours.what is None and pair.theirs.what is None:
        return "rejected by both"
    if pair.ours.what is not None and pair.ours.what == pair.theirs.what:
        return "same"
    return next((name for name, belongs in CLASSES.items() if belongs(pair)), vector_class(pair) or "NOT EXPLAINED")


def difference(pair):
    """One line for people."""
    if pair.ours.what is None and pair.theirs.what is None:
        return f"ours: {pair.ours.errors[0]} | pySigma: {pair.theirs.errors[0][:200]}"
    if pair.ours.what is None:
        return "only ours rejects: " + pair.ours.errors[0]
    if pair.theirs.what is None:
        return "only pySigma rejects: " + pair.theirs.errors[0][:300]
    a, b = repr(pair.ours.what), repr(pair.theirs.what)
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f"ours …{a[max(0, at - 60):at + 100]}… pySigma …{b[max(0, at - 60):at + 100]}…"


def rule_files(path):
    return sorted(p for p in path.rglob("*") if p.suffix in (".yml", ".yaml", ".YML") and p.is_file()
                  and not p.name.startswith("._"))


def write_vectors(folder):
    """The rules of our own vectors, a file each: they use what no collection uses."""
    for file in sorted((ROOT / "tests/golden/sigma").rglob("*.yaml")):
        for vector in yaml.compose(file.read_text(encoding="utf-8")).value:
            keys = {key.value: value for key, value in vector.value}
            at = folder / (keys["name"].value + ".yml")
            at.parent.mkdir(parents=True, exist_ok=True)
            if "file" in keys:
                at.write_bytes(keys["file"].value.encode())
            elif "documents" in keys or "rule" in keys:  # chains.yaml has neither
                documents = keys["documents"].value if "documents" in keys else [keys["rule"]]
                at.write_text(yaml.serialize_all(documents, allow_unicode=True), encoding="utf-8")
    return folder


def compare(program, path, classes):
    readings, remarks = ours(program, [str(path)])
    count = collections.Counter()
    for file in rule_files(path):
        for pair in pairs_of(file, readings[str(file)], remarks[str(file)]):
            class_ = class_of(pair)
            count[class_] += 1
            if class_ != "same":
                classes[class_].append(pair)
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("rules", nargs="*", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--data", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("LW_DATA", pathlib.Path.home() / "lw-data")))
    parser.add_argument("--rejected", action="store_true", help="also show what both reject")
    parser.add_argument("--list", type=int, default=3, help="differences to show of each class")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    classes = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        sources = {str(path): path for path in arguments.rules}
        if not sources:
            sources = {name: arguments.data / path for name, path in COLLECTIONS.items()}
            sources["our vectors"] = write_vectors(pathlib.Path(folder))
        for name, path in sources.items():
            if not path.exists():
                print(f"{name}: {path} is not here")
                continue
            count = compare(arguments.program, path, classes)
            rest = sum(count.values()) - count["same"] - count["rejected by both"]
            print(f"{name}: {sum(count.values())} documents: {count['same']} same, {count['rejected by both']} "
                  f"rejected by both, {rest} different", flush=True)
    if not arguments.rejected:
        classes.pop("rejected by both", None)
    for class_, pairs in sorted(classes.items(), key=lambda item: -len(item[1])):
        print(f"\n{class_}: {len(pairs)}")
        for pair in pairs[:arguments.list]:
            print(f"  {pair.place}: {difference(pair)}")
    return 1 if "NOT EXPLAINED" in classes else 0


if __name__ == "__main__":
    sys.exit(main())
