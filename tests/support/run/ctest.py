# SPDX-License-Identifier: GPL-3.0-or-later
"""Run CTest and read what it says in its JUnit file: which were skipped, and why."""
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from report import Report


def _selection(preset: str, labels: list[str] | None, name_filter: str | None) -> list[str]:
    command = ["ctest", "--test-dir", f"build/{preset}", "--no-tests=ignore"]
    if labels:
        command += ["--label-regex", f"^({'|'.join(labels)})$"]
    if name_filter:
        command += ["--tests-regex", name_filter]
    return command


def print_names(preset: str, labels: list[str] | None, name_filter: str | None) -> int:
    listed = subprocess.run([*_selection(preset, labels, name_filter), "--show-only=json-v1"], capture_output=True, text=True)
    for test in json.loads(listed.stdout)["tests"]:
        print(test["name"])
    return listed.returncode


def run(report: Report, preset: str, labels: list[str], name_filter: str | None, jobs: int) -> None:
    began = report.begin("tests")
    junit = Path(f"build/{preset}/tests.xml").resolve()
    junit.unlink(missing_ok=True)
    command = [*_selection(preset, labels, name_filter), "--parallel", str(jobs), "--output-on-failure",
               "--test-output-size-failed", "20000", "--test-output-size-passed", "200000", "--output-junit", str(junit)]
    status = subprocess.run(command).returncode
    if not junit.exists():
        report.wrong("ctest", began, f"ctest ended with {status} and wrote no results")
        return
    passed, failed, skipped = [], [], []
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        name, state, output = case.get("name"), case.get("status"), case.findtext("system-out") or ""
        if state == "run":
            passed.append(name)
            skipped += [(f"{name}: {part}", reason) for part, reason in _skipped_parts(output)]
        elif state == "notrun" and "SKIP_RETURN_CODE" in case.find("skipped").get("message"):
            said = re.search(r"SKIPPED:?\s*(.+)", output)
            skipped.append((name, said.group(1).strip() if said else "it gave no reason"))
        else:
            failed.append((name, "could not be started" if state == "notrun" else "its output stands above"))
    if not passed and not failed:
        failed.append(("ctest", "no test was run"))
    report.add(passed, failed, skipped)


def _skipped_parts(output: str) -> list[tuple[str, str]]:
    """Single tests within a passed program: as GoogleTest and unittest print them."""
    google = re.findall(r": Skipped\n(.*)\n\n?\[  SKIPPED \] (\S+) \(", output)
    python = re.findall(r"^(\w+) \(.*?\).*? \.\.\. skipped '(.*)'$", output, re.MULTILINE)
    return [(part, reason) for reason, part in google] + python
