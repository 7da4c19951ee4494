#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/operations.md holds, word for word, what each executable says about its own configuration."""
import os
import re
import subprocess
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
BIN = Path(os.environ.get("ROSTRUM_BIN", REPOSITORY / "build/dev/bin"))
PAGE = REPOSITORY / "docs/operations.md"
BLOCK = re.compile(r"<!-- reference: (\S+) -->\n(.*?)<!-- end -->", re.S)


def reference(executable: str) -> str:
    return subprocess.run([BIN / executable, "--config-reference"], check=True, capture_output=True, text=True).stdout


class ConfigurationReference(unittest.TestCase):
    def test_every_executable_has_its_table(self):
        services = {f"rostrum-{folder.name}" for folder in (REPOSITORY / "services").iterdir() if folder.is_dir()}
        self.assertEqual({name for name, _ in BLOCK.findall(PAGE.read_text())}, services | {"rostrum"})

    def test_the_tables_are_what_the_code_says(self):
        for name, table in BLOCK.findall(PAGE.read_text()):
            with self.subTest(executable=name):
                self.assertEqual(table.strip(), reference(name).strip(), f"docs/operations.md: run `{__file__} --write`")


def write() -> None:
    page = BLOCK.sub(lambda found: f"<!-- reference: {found[1]} -->\n{reference(found[1]).strip()}\n<!-- end -->", PAGE.read_text())
    PAGE.write_text(page)


if __name__ == "__main__":
    import sys
    write() if "--write" in sys.argv else unittest.main()
