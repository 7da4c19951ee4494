# SPDX-License-Identifier: GPL-3.0-or-later
"""Format and lint, each one check of the report."""
import compileall
import contextlib
import io
import subprocess

import tidy
from report import Report


def ours(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--", *patterns], capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name]


def formatting(report: Report) -> None:
    began = report.begin("format and lint")
    files = ours("*.cpp", "*.hpp")
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], capture_output=True, text=True)
    if done.returncode == 0:
        report.ok("clang-format", began, f"{len(files)} files")
    else:
        wrong = sorted({line.partition(":")[0] for line in done.stderr.splitlines() if "[-Wclang-format-violations]" in line})
        report.wrong("clang-format", began, f"{len(wrong)} files; mend with: clang-format -i <file>", "\n".join(wrong))


def lua(report: Report) -> None:
    began = report.begin("lint of the Prosody module")
    done = subprocess.run(["luacheck", "--quiet", "--no-color", "--config", "deploy/jabber/prosody/.luacheckrc", *ours("*.lua")], capture_output=True, text=True)
    if done.returncode == 0:
        report.ok("luacheck", began)
    else:
        report.wrong("luacheck", began, "its words stand above", done.stdout + done.stderr)


def python(report: Report) -> None:
    began = report.begin("lint of the Python parts")
    words = io.StringIO()
    with contextlib.redirect_stdout(words):
        good = all([compileall.compile_file(name, quiet=1) for name in ours("*.py")])
    if good:
        report.ok("python syntax", began)
    else:
        report.wrong("python syntax", began, "its words stand above", words.getvalue())


def clang_tidy(report: Report, preset: str, scope: str, jobs: int, budget_minutes: float) -> None:
    began = report.begin(f"clang-tidy ({scope})")
    outcome = tidy.check(preset, scope, jobs, 60 * budget_minutes)
    if outcome.unreached:
        report.skip("clang-tidy of the rest", f"{outcome.unreached} files were not reached within {budget_minutes:g} minutes (--tidy-minutes)")
    if outcome.failed:
        report.wrong("clang-tidy", began, f"{len(outcome.failed)} files: {' '.join(outcome.failed[:5])}", outcome.words)
    else:
        report.ok("clang-tidy", began, f"{outcome.checked} files checked, {outcome.remembered} unchanged since their last check")
