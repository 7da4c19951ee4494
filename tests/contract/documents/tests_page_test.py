#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tests/README.md names tests that exist, and every rejection."""
import re
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
PAGE = (TESTS / "README.md").read_text()
REFERENCES = re.findall(r"`((?:unit|simulation|contract|e2e|protocol_client|fault|security)/\S+\.(?:py|cpp))`((?: `\w+`(?: ✗)?,?)*)", PAGE)


class TestsPage(unittest.TestCase):
    def test_names_tests_that_exist(self):
        self.assertGreater(len(REFERENCES), 50)
        for path, names in REFERENCES:
            for name in re.findall(r"\w+", names):
                with self.subTest(file=path, test=name):
                    self.assertRegex((TESTS / path).read_text(), rf"(?:def {name}\(|, {name}\))")
            self.assertTrue((TESTS / path).exists(), path)

    def test_names_every_test_of_the_rejections(self):
        named = {name for path, names in REFERENCES if path == "e2e/rejected_events_test.py" for name in re.findall(r"\w+", names)}
        self.assertEqual(named, set(re.findall(r"def (test_\w+)", (TESTS / "e2e/rejected_events_test.py").read_text())))


if __name__ == "__main__":
    unittest.main()
