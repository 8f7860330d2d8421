#!/usr/bin/env python3
"""Holds the analysts' content to its rules: the log-source table and the rule pack.

    tests/content_test.py [ROOT]

Every rule has what a reader and the engine need: a unique id, title, description, licence, author, level, tags in
form, honest false positives, and tests of both polarities. What the rules match is tested by the engine itself
(`landwarden rules test`); here only their form is. Where third-party knowledge lies in the folder named by LW_DATA
(default ~/lw-data), two more claims are tested: the technique ids exist in ATT&CK, and every Windows log source that
SigmaHQ uses is mapped or listed as unmapped. Exit code 77 (skipped) without PyYAML.
"""

import datetime
import json
import os
import pathlib
import re
import sys
import unittest

try:
    import yaml
except ImportError:
    print("skipped: PyYAML is not installed")
    sys.exit(77)

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("LW_DATA", pathlib.Path.home() / "lw-data"))

LEVELS = {"informational", "low", "medium", "high", "critical"}
TACTICS = {
    "reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation",
    "defense-evasion", "credential-access", "discovery", "lateral-movement", "collection", "command-and-control",
    "exfiltration", "impact",
}
REQUIRED = {
    "title", "id", "status", "description", "references", "author", "date", "license", "tags", "logsource", "detection",
    "falsepositives", "level", "tests",
}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TAG = re.compile(r"attack\.(t\d{4}(\.\d{3})?|[a-z-]+)")


def rule_files():
    return sorted((ROOT / "content" / "rules").rglob("*.yml"))


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def condition_names(condition):
    """The search identifiers that a condition names, patterns as they are."""
    keywords = {"and", "or", "not", "of", "all", "any", "them", "1"}
    return {word for word in re.findall(r"[\w*-]+", condition) if word not in keywords}


def reached(names, identifier):
    for name in names:
        if re.fullmatch(name.replace("*", ".*"), identifier):
            return True
    return False


class RulePack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rules = [(path.relative_to(ROOT), read(path)) for path in rule_files()]

    def test_holds_at_least_forty_rules(self):
        self.assertGreaterEqual(len(self.rules), 40)

    def test_every_rule_has_the_required_keys(self):
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                self.assertEqual(REQUIRED - set(rule), set())
                self.assertEqual(rule["license"], "Apache-2.0")
                self.assertEqual(rule["author"], "Landwarden")
                self.assertIsInstance(rule["date"], datetime.date)
                self.assertIn(rule["level"], LEVELS)
                self.assertTrue(rule["falsepositives"])
                self.assertTrue(all(isinstance(entry, str) for entry in rule["falsepositives"]))
                self.assertGreater(len(rule["description"]), 80)
                self.assertLessEqual(len(rule["title"]), 256)

    def test_ids_are_random_uuids_and_titles_and_ids_are_unique(self):
        seen = {}
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                self.assertRegex(rule["id"], UUID)
                for key in ("id", "title"):
                    self.assertNotIn(rule[key], seen, f"also in {seen.get(rule[key])}")
                    seen[rule[key]] = rule["title"]

    def test_tags_are_tactics_and_techniques_in_form(self):
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                tags = rule["tags"]
                self.assertEqual(len(tags), len(set(tags)))
                for tag in tags:
                    self.assertRegex(tag, "^" + TAG.pattern + "$")
                names = {tag[len("attack."):] for tag in tags}
                techniques = {name for name in names if re.fullmatch(r"t\d{4}(\.\d{3})?", name)}
                self.assertTrue(techniques)
                self.assertTrue(names - techniques)
                self.assertLessEqual(names - techniques, TACTICS)

    def test_every_search_identifier_is_used(self):
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                detection = dict(rule["detection"])
                names = condition_names(detection.pop("condition"))
                if "them" in rule["detection"]["condition"]:
                    continue
                for identifier in detection:
                    self.assertTrue(reached(names, identifier), f"{identifier} is not in the condition")

    def test_every_rule_has_tests_of_both_polarities(self):
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                tests = rule["tests"]
                self.assertEqual({test["match"] for test in tests}, {True, False})
                names = [test["name"] for test in tests]
                self.assertEqual(len(names), len(set(names)))
                for test in tests:
                    self.assertLessEqual({"name", "match", "channel", "event_id", "fields"}, set(test))
                    self.assertLessEqual(set(test), {"name", "match", "channel", "provider", "event_id", "fields"})
                    self.assertIsInstance(test["event_id"], int)
                    self.assertTrue(test["fields"])

    def test_tests_are_of_a_source_that_the_rule_covers(self):
        table = read(ROOT / "content" / "logsources" / "windows.yaml")
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                source = rule["logsource"]
                self.assertEqual(source["product"], "windows")
                for test in rule["tests"]:
                    channel, event_id = test["channel"].lower(), test["event_id"]
                    if "category" in source:
                        covered = any(
                            entry["channel"].lower() == channel and event_id in entry["event_id"]
                            for entry in table["categories"][source["category"]]
                        )
                    else:
                        covered = channel in [name.lower() for name in table["services"][source["service"]]]
                    self.assertTrue(covered, f"{test['name']}: {test['channel']} {event_id}")

    def test_process_rules_are_tested_on_sysmon_and_on_the_security_log(self):
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                if rule["logsource"].get("category") != "process_creation":
                    continue
                positive = [test for test in rule["tests"] if test["match"]]
                if all("OriginalFileName" in test["fields"] for test in positive):
                    continue  # only Sysmon has that field
                self.assertEqual({test["event_id"] for test in positive}, {1, 4688})

    def test_files_are_plain(self):
        for path in rule_files():
            text = path.read_bytes()
            with self.subTest(rule=str(path.relative_to(ROOT))):
                self.assertNotIn(b"\t", text)
                self.assertNotIn(b"\r", text)
                self.assertFalse(text.startswith(b"\xef\xbb\xbf"))
                self.assertTrue(text.endswith(b"\n"))
                self.assertRegex(path.name, r"^[a-z0-9_]+\.yml$")

    def test_folders_are_tactics_that_the_rule_names(self):
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                self.assertIn("attack." + path.parent.name, rule["tags"])

    @unittest.skipUnless((DATA / "kb" / "attack-bundle").is_dir(), "no ATT&CK bundle")
    def test_techniques_exist_in_attack(self):
        known = set()
        for bundle in (DATA / "kb" / "attack-bundle").glob("enterprise-attack-*.json"):
            for entry in json.loads(bundle.read_text(encoding="utf-8"))["objects"]:
                if entry["type"] != "attack-pattern" or entry.get("revoked") or entry.get("x_mitre_deprecated"):
                    continue
                known |= {ref["external_id"] for ref in entry["external_references"]
                          if ref["source_name"] == "mitre-attack"}
        self.assertTrue(known)
        for path, rule in self.rules:
            with self.subTest(rule=str(path)):
                for tag in rule["tags"]:
                    if re.match(r"attack\.t\d", tag):
                        self.assertIn(tag[len("attack."):].upper(), known)


class LogSources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.table = read(ROOT / "content" / "logsources" / "windows.yaml")

    def test_has_only_the_keys_that_the_engine_reads(self):
        self.assertEqual(set(self.table), {"product", "services", "categories", "unmapped", "views", "virtual", "cut"})
        for category, sources in self.table["categories"].items():
            for source in sources:
                with self.subTest(category=category):
                    self.assertLessEqual({"channel", "event_id"}, set(source))
                    self.assertLessEqual(set(source), {"channel", "event_id", "provider", "where", "alternative",
                                                       "strict", "fuller", "view"})
                    self.assertTrue(all(isinstance(number, int) for number in source["event_id"]))
                    if "view" in source:
                        self.assertIn(source["view"], self.table["views"])
        for service, channels in self.table["services"].items():
            with self.subTest(service=service):
                self.assertTrue(channels)
                self.assertTrue(all(isinstance(channel, str) for channel in channels))

    def test_nothing_is_both_mapped_and_unmapped(self):
        self.assertEqual(set(self.table["categories"]) & set(self.table["unmapped"]["categories"]), set())

    @unittest.skipUnless((DATA / "sigma" / "rules").is_dir(), "no SigmaHQ rules")
    def test_every_windows_log_source_of_sigmahq_has_an_answer(self):
        services = set(self.table["services"])
        categories = set(self.table["categories"]) | set(self.table["unmapped"]["categories"])
        seen = 0
        for folder in sorted((DATA / "sigma").glob("rules*")):
            for path in folder.rglob("*.yml"):
                head = path.read_text(encoding="utf-8")
                block = re.search(r"^logsource:\n((?:[ \t]+.*\n|\n)+)", head, re.MULTILINE)
                source = yaml.load(block[1], Loader=LOADER) if block else None
                if not source or source.get("product") != "windows":
                    continue
                seen += 1
                with self.subTest(rule=path.name):
                    self.assertIn(source.get("service", "security"), services)
                    self.assertIn(source.get("category", "process_creation"), categories)
        self.assertGreater(seen, 1000)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
