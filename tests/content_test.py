#!/usr/bin/env python3
"""Holds the analysts' content to its rules: the log-source table and the rule pack.

    tests/content_test.py [ROOT]

Every rule has what a reader and the engine need: a unique id, title, description, licence, author, level, tags in
form, honest false positives, a Japanese title and explanation, confidence, urgency and the steps to take, and tests of
both polarities. What the rules match is tested by the engine itself (`landwarden rules test`); here only their form is,
and that content/techniques.yaml answers for each technique of the advisory. Where third-party knowledge lies in the
folder named by LW_DATA (default ~/lw-data), two more claims are tested: the technique ids exist in ATT&CK, and every
log source that the five rule collections use is mapped or listed as unmapped with the reason. Exit code 77 (skipped)
without PyYAML.
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
    "title", "title_ja", "id", "status", "description", "description_ja", "references", "author", "date", "license",
    "tags", "falsepositives", "level", "confidence", "urgency", "response", "tests",
}
CONFIDENCES = {"low", "medium", "high"}
URGENCIES = {"now", "day", "week", "none"}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
MOST_TECHNIQUES = 3  # of a rule that points to something; everyday survey rules may name more
TEST_KEYS = {"name", "match", "channel", "provider", "event_id", "fields"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TAG = re.compile(r"attack\.(t\d{4}(\.\d{3})?|[a-z-]+)")


def rule_files():
    return sorted((ROOT / "content" / "rules").rglob("*.yml"))


def read(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def techniques_of(rule):
    return {tag[len("attack."):].upper() for tag in rule["tags"] if re.match(r"attack\.t\d", tag)}


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
        cls.everything = [(path.relative_to(ROOT), read(path)) for path in rule_files()]
        cls.rules = [(path, rule) for path, rule in cls.everything if "correlation" not in rule]
        cls.chains = [(path, rule) for path, rule in cls.everything if "correlation" in rule]

    def test_holds_rules_and_chains(self):
        self.assertGreaterEqual(len(self.rules), 250)
        self.assertGreaterEqual(len(self.chains), 15)

    def test_every_rule_has_the_required_keys(self):
        for path, rule in self.everything:
            with self.subTest(rule=str(path)):
                self.assertEqual(REQUIRED - set(rule), set())
                self.assertIn("correlation" if path.parts[2] == "chains" else "detection", rule)
                self.assertEqual(rule["license"], "Apache-2.0")
                self.assertEqual(rule["author"], "Landwarden")
                self.assertIsInstance(rule["date"], datetime.date)
                self.assertIn(rule["level"], LEVELS)
                self.assertTrue(rule["falsepositives"])
                self.assertTrue(all(isinstance(entry, str) for entry in rule["falsepositives"]))
                self.assertGreater(len(rule["description"]), 80)
                self.assertLessEqual(len(rule["title"]), 256)

    def test_titles_and_explanations_are_in_both_languages(self):
        for path, rule in self.everything:
            with self.subTest(rule=str(path)):
                for key in ("title", "description"):
                    self.assertNotRegex(rule[key], JAPANESE)
                    self.assertRegex(rule[key + "_ja"], JAPANESE)
                self.assertNotIn("\n", rule["title_ja"])
                self.assertGreater(len(rule["description_ja"]), 30)

    def test_what_to_do_is_said(self):
        responses = read(ROOT / "content" / "responses.yaml")
        for path, rule in self.everything:
            with self.subTest(rule=str(path)):
                self.assertIn(rule["confidence"], CONFIDENCES)
                self.assertIn(rule["urgency"], URGENCIES)
                self.assertIn(rule["response"], responses)
                if rule["level"] in {"critical", "high"}:
                    self.assertIn(rule["urgency"], {"now", "day"})
                if rule["level"] in {"low", "informational"}:
                    self.assertIn(rule["urgency"], {"week", "none"})
        for name, steps in responses.items():
            with self.subTest(response=name):
                self.assertEqual(set(steps), {"en", "ja"})
                self.assertEqual(len(steps["en"]), len(steps["ja"]))
                self.assertTrue(2 <= len(steps["en"]) <= 6)
                self.assertTrue(all(JAPANESE.search(step) for step in steps["ja"]))
        self.assertEqual(set(responses), {rule["response"] for _, rule in self.everything})

    def test_rules_worth_a_look_point_to_few_techniques(self):
        for path, rule in self.everything:
            if rule["level"] in {"medium", "high", "critical"}:
                with self.subTest(rule=str(path)):
                    self.assertLessEqual(len(techniques_of(rule)), MOST_TECHNIQUES)

    def test_ids_are_random_uuids_and_titles_and_ids_are_unique(self):
        seen = {}
        for path, rule in self.everything:
            with self.subTest(rule=str(path)):
                self.assertRegex(rule["id"], UUID)
                for key in ("id", "title", "title_ja"):
                    self.assertNotIn(rule[key], seen, f"also in {seen.get(rule[key])}")
                    seen[rule[key]] = rule["title"]

    def test_tags_are_tactics_and_techniques_in_form(self):
        for path, rule in self.everything:
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
                    self.assertLessEqual({"name", "match", "fields"}, set(test))
                    self.assertLessEqual(set(test), TEST_KEYS)
                    self.assertTrue(test["fields"])
                    if rule["logsource"].get("product") == "windows":
                        self.assertIn("channel", test)
                        self.assertIsInstance(test["event_id"], int)

    def test_chains_refer_to_rules_by_name_and_are_tested_in_time(self):
        names = {rule["name"]: rule for _, rule in self.everything if "name" in rule}
        for path, chain in self.chains:
            with self.subTest(rule=str(path)):
                self.assertEqual(chain["name"], path.stem)
                behind = chain["correlation"]["rules"]
                self.assertLessEqual(set(behind), set(names))
                loud = [name for name in behind if names[name]["level"] not in {"informational", "low"}]
                if loud:
                    self.assertTrue(chain["correlation"].get("generate"), f"{loud} must keep their own matches")
                self.assertEqual({test["match"] for test in chain["tests"]}, {True, False})
                for test in chain["tests"]:
                    self.assertTrue(all("at" in event and event["rule"] in names for event in test["events"]))
        for path, rule in self.everything:
            if "name" in rule:
                self.assertEqual(rule["name"], path.stem)

    def test_tests_are_of_a_source_that_the_rule_covers(self):
        table = read(ROOT / "content" / "logsources" / "windows.yaml")
        for path, rule in self.rules:
            if rule["logsource"].get("product") != "windows":
                continue
            with self.subTest(rule=str(path)):
                source = rule["logsource"]
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
                if rule["logsource"] != {"product": "windows", "category": "process_creation"}:
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
        for path, rule in self.everything:
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
        for path, rule in self.everything:
            with self.subTest(rule=str(path)):
                for tag in rule["tags"]:
                    if re.match(r"attack\.t\d", tag):
                        self.assertIn(tag[len("attack."):].upper(), known)


class Techniques(unittest.TestCase):
    """content/techniques.yaml: what answers for each technique of the advisory."""

    @classmethod
    def setUpClass(cls):
        cls.rules = {path.relative_to(ROOT / "content" / "rules").as_posix(): read(path) for path in rule_files()}
        cls.table = read(ROOT / "content" / "techniques.yaml")

    def test_holds_every_technique_of_the_advisory(self):
        advisory = {row["id"] for row in self.table["techniques"] if row["origin"] == "aa24-038a"}
        self.assertGreaterEqual(len(advisory), 67)
        ids = [row["id"] for row in self.table["techniques"]]
        self.assertEqual(len(ids), len(set(ids)))

    def test_each_has_rules_or_the_reason_why_logs_cannot_show_it(self):
        for row in self.table["techniques"]:
            with self.subTest(technique=row["id"]):
                self.assertLessEqual(set(row), {"id", "name", "origin", "rules", "blind", "partly"})
                self.assertNotEqual("rules" in row, "blind" in row)
                self.assertGreater(len(row.get("blind", row.get("partly", "x" * 40))), 30)

    def test_every_rule_that_is_named_exists_and_carries_the_tag(self):
        for row in self.table["techniques"]:
            for name in row.get("rules", []):
                with self.subTest(technique=row["id"], rule=name):
                    self.assertIn(name + ".yml", self.rules)
                    tags = techniques_of(self.rules[name + ".yml"])
                    self.assertTrue(any(tag == row["id"] or tag.startswith(row["id"] + ".") for tag in tags), tags)

    def test_a_technique_of_the_advisory_that_a_rule_names_is_not_called_blind(self):
        named = set().union(*(techniques_of(rule) for rule in self.rules.values()))
        for row in self.table["techniques"]:
            if "blind" in row:
                self.assertNotIn(row["id"], named)


def tables():
    """The documents of all tables of log sources, with their files."""
    for path in sorted((ROOT / "content" / "logsources").glob("*.yaml")):
        for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=LOADER):
            yield path, document


LOG_SOURCE = re.compile(r"^logsource:[ \t]*(\{.*\}|\r?\n(?:[ \t]+.*\n|[ \t]*\r?\n)+)", re.MULTILINE)


def log_sources_of(folder):
    """The log source of every rule below a folder, with its file."""
    for path in sorted(folder.rglob("*.y*ml")):
        for block in LOG_SOURCE.finditer(path.read_text(encoding="utf-8", errors="replace")):
            try:
                source = yaml.load(block[1], Loader=LOADER)
            except yaml.YAMLError:
                continue  # that the engine says so is tested elsewhere
            if isinstance(source, dict):
                yield path, source


class LogSources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tables = list(tables())
        cls.by_product = {table["product"]: table for _, table in cls.tables}

    def test_has_one_table_a_product(self):
        self.assertEqual(len(self.by_product), len(self.tables))

    def test_has_only_the_keys_that_the_engine_reads(self):
        known = {"product", "readable", "services", "categories", "unmapped", "elsewhere", "views", "virtual",
                 "command_lines", "cut"}
        of_source = {"product", "channel", "dataset", "event_id", "provider", "where", "alternative", "strict",
                     "fuller", "view"}
        for path, table in self.tables:
            self.assertLessEqual(set(table), known, path.name)
            for category, sources in table.get("categories", {}).items():
                for source in sources:
                    with self.subTest(table=table["product"], category=category):
                        self.assertLessEqual(set(source), of_source)
                        self.assertTrue({"channel", "dataset"} & set(source))
                        self.assertTrue(all(isinstance(number, int) for number in source.get("event_id", [])))
                        self.assertIn(source.get("view"), {None, *table.get("views", {})})
                        self.assertIn(source.get("product", table["product"]), self.by_product)
            for service, channels in table.get("services", {}).items():
                with self.subTest(table=table["product"], service=service):
                    self.assertTrue(channels)
                    self.assertTrue(all(isinstance(channel, str) for channel in channels))
            for service, elsewhere in table.get("elsewhere", {}).items():
                product, other = elsewhere.split("/")
                self.assertIn(other, self.by_product[product]["services"], service)

    def test_sources_of_windows_name_their_events(self):
        for category, sources in self.by_product["windows"]["categories"].items():
            for source in sources:
                if not str(source["channel"]).endswith("_history"):  # what somebody typed is no event with an id
                    self.assertTrue(source.get("event_id"), category)

    def test_nothing_is_both_mapped_and_unmapped(self):
        for product, table in self.by_product.items():
            for kind in ("categories", "services"):
                both = set(table.get(kind, {})) & set(table.get("unmapped", {}).get(kind, {}))
                self.assertEqual(both, set(), product)

    def test_what_is_unmapped_says_why(self):
        for _, table in self.tables:
            for reasons in table.get("unmapped", {}).values():
                for name, reason in reasons.items():
                    self.assertGreater(len(reason), 20, name)

    def test_every_product_and_channel_that_a_layout_gives_is_in_a_table(self):
        for path in sorted((ROOT / "content" / "layouts").glob("*.yaml")):
            layout = read(path)
            product = layout.get("product", "windows")
            channel = layout.get("fields", {}).get("System.Channel")
            with self.subTest(layout=path.name):
                self.assertIn(product, self.by_product)
                if product == "windows" or not isinstance(channel, dict) or "is" not in channel:
                    continue
                named = {name for names in self.by_product[product].get("services", {}).values() for name in names}
                for table in self.by_product.values():
                    for sources in table.get("categories", {}).values():
                        for source in sources:
                            if source.get("product", table["product"]) != product:
                                continue
                            for key in ("channel", "dataset"):
                                names = source.get(key, [])
                                named |= {names} if isinstance(names, str) else set(names)
                self.assertIn(channel["is"], named)

    def has_answer(self, source):
        """Whether each word of a log source is mapped by some table, or listed with the reason why not."""
        product, category, service = (source.get(key) or "" for key in ("product", "category", "service"))
        of = [self.by_product[product]] if product in self.by_product else []
        of = of if product else list(self.by_product.values())

        def knows(kind, name):
            return any(name in table.get(kind, {}) or name in table.get("unmapped", {}).get(kind, {})
                       or (kind == "services" and name in table.get("elsewhere", {})) for table in of)

        if not of or (category and not knows("categories", category)):
            return False
        return not service or knows("services", service)

    def test_every_log_source_of_the_collections_has_an_answer(self):
        folders = [DATA / "sigma", *(DATA / "rules" / name for name in (
            "hayabusa-rules", "suzaku-rules", "joesecurity-sigma", "mdecrevoisier-sigma"))]
        folders = [folder for folder in folders if folder.is_dir()]
        if not folders:
            self.skipTest("no rule collections")
        seen = 0
        for folder in folders:
            for path, source in log_sources_of(folder):
                words = [source.get(key) for key in ("product", "category", "service")]
                # A list is no log source; the engine rejects the rule. One rule writes a product in capitals.
                listed = any(word is not None and not isinstance(word, str) for word in words)
                if listed or "," in str(words[2]):
                    continue
                if source.get("product") == "Windows":
                    continue
                seen += 1
                with self.subTest(rule=path.name, source=words):
                    self.assertTrue(self.has_answer(source))
        self.assertGreater(seen, 1000)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
