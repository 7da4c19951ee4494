# SPDX-License-Identifier: GPL-3.0-or-later
"""How a test file written in Python ends: `python_tests.main()`. Exit status 0 passed, 1 failed, 77 skipped with the reason printed."""

import logging
import shutil
import sys
import unittest

_SKIPPED = 77


def _missing():
    if not shutil.which("prosody"):
        return "Prosody is not installed (apt install prosody)"
    return ""


def main():
    if reason := _missing():
        print(f"SKIPPED: {reason}")
        sys.exit(_SKIPPED)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # its warnings about slow steps say nothing about the server
    unittest.main(module="__main__", verbosity=2, warnings="ignore")
