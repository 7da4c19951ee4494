# SPDX-License-Identifier: GPL-3.0-or-later
"""What the running services show to Prometheus: docs/metrics.md names every series, promtool finds nothing to say, and no value of a
member's gets in. `ROSTRUM_WRITE_METRICS=1` writes the page anew."""
import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from actors import Scene, main

PAGE = Path(__file__).resolve().parents[2] / "docs/metrics.md"
INTRODUCTION = """<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
# Metrics

What each service shows on its `/metrics`, as a test reads it from the running services.
"""


def tables(expositions: dict[str, str]) -> str:
    return "\n".join([INTRODUCTION, *(table(service, text) for service, text in expositions.items())])


def table(service: str, exposition: str) -> str:
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", exposition, re.M))
    kinds = dict(re.findall(r"^# TYPE (\S+) (.*)$", exposition, re.M))
    rows = [f"| `{name}` | {kinds[name]} | {', '.join(labels(exposition, name)) or '–'} | {helps[name]} |" for name in sorted(kinds)]
    return "\n".join([f"## {service}", "", "| name | kind | labels | meaning |", "|---|---|---|---|", *rows, ""])


def labels(exposition: str, name: str) -> list[str]:
    series = re.findall(rf"^{name}(?:_bucket|_sum|_count)?{{(.*)}} ", exposition, re.M)
    return sorted({f"`{label}`" for one in series for label in re.findall(r'(\w+)="', one) if label != "le"})


class Metrics(Scene):
    def setUp(self):
        (anna,) = self.members_online("anna")
        self.wait_deliveries(self.site.announces("Counted"), {"anna": "delivered"})
        self.expositions = {name: self.exposition(name) for name in self.services.instances}

    def exposition(self, name: str) -> str:
        with urllib.request.urlopen(f"{self.services.instances[name].http}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def test_the_page_the_checker_and_discretion(self):
        if os.environ.get("ROSTRUM_WRITE_METRICS"):
            PAGE.write_text(tables(self.expositions))
        with self.subTest("docs/metrics.md says the same"):
            self.assertEqual(PAGE.read_text(), tables(self.expositions), "ROSTRUM_WRITE_METRICS=1 writes docs/metrics.md anew")
        for name, exposition in self.expositions.items():
            with self.subTest("nothing of a member's or a notice's", service=name):
                self.assertNotRegex(exposition, "anna|Counted|site@|password")
            with self.subTest("promtool check metrics", service=name):
                self.assertTrue(shutil.which("promtool"), "install Debian's package prometheus")
                check = subprocess.run(["promtool", "check", "metrics"], input=exposition, text=True, capture_output=True)
                self.assertEqual((check.returncode, check.stdout + check.stderr), (0, ""))


if __name__ == "__main__":
    main()
