# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/run does once the packages are there; `tests/run --help` says what for."""
import argparse
import os
import sys
from pathlib import Path

import build
import ctest
import lint
from report import Report

ROOT = Path(__file__).resolve().parents[3]
RUNGS = ("lint", "unit", "simulation", "contract", "service", "e2e", "fuzz")


def rungs(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in RUNGS:
            raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(RUNGS)}")
    return names


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/run", add_help=False)
    parser.add_argument("--only", type=rungs)
    parser.add_argument("--filter")
    parser.add_argument("--preset", choices=("dev", "tsan"), default="dev")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--tidy", choices=("changed", "product", "all"), default="changed")
    parser.add_argument("--tidy-minutes", type=float, default=6)
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    os.chdir(ROOT)
    report = Report()
    linted = "lint" in chosen.only if chosen.only else not (chosen.filter or chosen.list)
    tested = not chosen.only or chosen.only != ["lint"]

    if linted:
        lint.formatting(report)
        lint.lua(report)
        lint.python(report)
    if not build.preset(report, chosen.preset):
        return report.close()
    if chosen.list:
        return ctest.print_names(chosen.preset, chosen.only, chosen.filter)
    if tested:
        labels = [rung for rung in chosen.only or RUNGS if rung != "lint"]
        ctest.run(report, chosen.preset, labels, chosen.filter, chosen.jobs)
    if linted:
        lint.clang_tidy(report, chosen.preset, chosen.tidy, chosen.jobs, chosen.tidy_minutes)
    return report.close()


sys.exit(main())
