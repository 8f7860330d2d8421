#!/usr/bin/env python3
"""Claims about ./dev and its tools that need neither a network nor a build."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import test_report  # noqa: E402
import unpack_arrow  # noqa: E402

COMMANDS = "hunt test setup build bench fmt lint golden golden-diff fuzz asan tsan help".split()


def dev(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)


class Dev(unittest.TestCase):
    def test_help_has_a_line_for_each_command(self):
        text = dev("help").stdout
        for command in COMMANDS:
            self.assertRegex(text, rf"(?m)^  {command}\b.*  +\w")

    def test_an_unknown_command_is_refused_with_the_help(self):
        done = dev("hnut")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there is no command 'hnut'", done.stderr)
        self.assertIn("./dev COMMAND", done.stderr)

    def test_every_package_has_a_group_and_a_reason(self):
        table = re.search(r"readonly packages='\n(.*?)'", (ROOT / "dev").read_text(), re.DOTALL)[1]
        for line in table.splitlines():
            self.assertRegex(line, r"^(build|checks)  +[a-z0-9.+-]+  +\w.*")

    def test_every_package_is_explained_in_the_dependencies(self):
        table = re.search(r"readonly packages='\n(.*?)'", (ROOT / "dev").read_text(), re.DOTALL)[1]
        explained = (ROOT / "docs/dependencies.md").read_text()
        missing = [line.split()[1] for line in table.splitlines() if f"`{line.split()[1]}`" not in explained]
        self.assertEqual(missing, [])

    def test_the_words_that_mean_a_path_are_told_from_values_of_options(self):
        source = (ROOT / "dev").read_text()
        function = re.search(r"^has_path\(\) \{.*?^\}", source, re.DOTALL | re.MULTILINE)[0]
        for arguments, expected in (("", False), ("--quiet", False), (". ", True), ("--rules . --quiet", False),
                                    ("--rules . /etc", True), ("-o /etc/passwd", False), ("-", True),
                                    ("absent.evtx", True), ("--min-level high", False)):
            done = subprocess.run(["bash", "-c", f"{function}\nhas_path {arguments}"], cwd=ROOT, check=False)
            self.assertEqual(done.returncode == 0, expected, arguments)


JUNIT = """<testsuite>
<testcase name="a" status="run"/>
<testcase name="b" status="fail"><failure message="SEGFAULT"/><system-out>line</system-out></testcase>
<testcase name="c" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
<system-out>x.cc:1: Skipped\nno data\n</system-out></testcase>
<testcase name="d" status="notrun"><skipped message="Unable to find executable"/></testcase>
</testsuite>"""


class Report(unittest.TestCase):
    def report(self, junit: str | None, status: int) -> tuple[list[str], int]:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "tests.xml")
            if junit is not None:
                path.write_text(junit)
            done = subprocess.run([sys.executable, ROOT / "tools/test_report.py", path, str(status)],
                                  capture_output=True, text=True, check=False)
        return done.stdout.splitlines(), done.returncode

    def test_the_count_stands_alone_in_the_last_line(self):
        lines, code = self.report(JUNIT, 8)
        self.assertEqual((lines[-1], code), ("1 passed, 2 failed, 1 skipped", 1))
        self.assertIn("skipped 1: no data", lines)

    def test_a_test_that_could_not_start_has_failed(self):
        self.assertIn("FAILED d: Unable to find executable", self.report(JUNIT, 8)[0])

    def test_no_tests_or_no_file_is_a_failure(self):
        self.assertEqual(self.report("<testsuite/>", 0)[0][-1], "0 passed, 1 failed, 0 skipped")
        self.assertEqual(self.report(None, 0)[0][-1], "0 passed, 1 failed, 0 skipped")

    def test_a_failure_of_ctest_itself_is_not_hidden_by_passing_tests(self):
        lines, code = self.report('<testsuite><testcase name="a" status="run"/></testsuite>', 8)
        self.assertEqual((lines[-1], code), ("1 passed, 1 failed, 0 skipped", 1))


class Arrow(unittest.TestCase):
    def test_a_wheel_with_another_hash_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "pyarrow-1.0-cp311-x.whl").write_bytes(b"not the wheel")
            with self.assertRaisesRegex(SystemExit, "has SHA-256"):
                unpack_arrow.main(folder, "1.0", "0" * 64, folder + "/target")
            self.assertFalse(pathlib.Path(folder, "target").exists())


assert test_report  # imported to fail early if it does not parse

if __name__ == "__main__":
    unittest.main(verbosity=1)
