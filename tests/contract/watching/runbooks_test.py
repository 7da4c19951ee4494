# SPDX-License-Identifier: GPL-3.0-or-later
"""Every alert says where docs/operations.md tells what to do, and is tested."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ALERTS = (ROOT / "deploy/prometheus/alerts.yml").read_text()
TESTS = Path(__file__).with_name("alerts.yml").read_text()
PAGE = (ROOT / "docs/operations.md").read_text()


def anchor(heading: str) -> str:
    """As GitHub and others make it."""
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


def sections() -> dict[str, str]:
    """Anchor → the text below its heading."""
    parts = re.split(r"^#+ (.*)$", PAGE, flags=re.M)
    return {anchor(heading): text for heading, text in zip(parts[1::2], parts[2::2])}


class Runbooks(unittest.TestCase):
    def setUp(self):
        self.alerts = {alert.split()[0]: alert for alert in ALERTS.split("- alert: ")[1:]}
        self.assertGreater(len(self.alerts), 10)

    def test_each_alert_has_a_section_that_names_it(self):
        known = sections()
        for name, alert in self.alerts.items():
            with self.subTest(alert=name):
                page, _, section = re.search(r"runbook: (\S+)$", alert, re.M)[1].partition("#")
                self.assertEqual(page, "docs/operations.md")
                self.assertIn(section, known)
                self.assertIn(f"`{name}`", known[section])

    def test_each_alert_says_how_urgent_it_is(self):
        for name, alert in self.alerts.items():
            with self.subTest(alert=name):
                self.assertRegex(alert, r"labels: \{severity: (page|ticket)\}")

    def test_each_alert_is_seen_silent_and_speaking(self):
        for name in self.alerts:
            with self.subTest(alert=name):
                self.assertRegex(TESTS, rf"- {{eval_time: \w+, alertname: {name}}}")
                self.assertRegex(TESTS, rf"alertname: {name}\n +exp_alerts:")


if __name__ == "__main__":
    unittest.main()
