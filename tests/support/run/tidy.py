# SPDX-License-Identifier: GPL-3.0-or-later
"""clang-tidy over the compilation database, remembering what was found clean.

A file is clean again without a run when nothing it was made from has changed: its own text, every header of ours it includes, the
rules, the command line and the version of clang-tidy. The memory stands beside ccache's, so that a fresh clone profits as well.
A cold run over everything takes long; it has a budget, and what it did not reach has its turn next time."""
import hashlib
import json
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Outcome:
    checked: int = 0
    remembered: int = 0
    unreached: int = 0
    failed: list[str] = field(default_factory=list)
    words: str = ""


def check(preset: str, scope: str, jobs: int, budget_seconds: float) -> Outcome:
    deadline = time.monotonic() + budget_seconds
    build = Path("build", preset)
    memory = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "rostrum", "clang-tidy")
    memory.mkdir(parents=True, exist_ok=True)
    salt = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout + Path(".clang-tidy").read_bytes()

    recorded = _recorded(build)
    outcome = Outcome()
    work = []
    for name, unit in sorted(_units(build, scope).items()):
        clean = memory / _digest(salt, unit, _made_from(build, unit, recorded))
        if clean.exists():
            outcome.remembered += 1
        else:
            work.append((name, clean))
    with ThreadPoolExecutor(jobs) as pool:
        for name, clean, done in pool.map(lambda item: (*item, _tidy(build, item[0], deadline)), work):
            if done is None:
                outcome.unreached += 1
                continue
            outcome.checked += 1
            if done.returncode == 0:
                clean.touch()
            else:
                outcome.failed.append(name)
                outcome.words += done.stdout
    return outcome


def _units(build: Path, scope: str) -> dict[str, dict]:
    """The database's entries for files of ours, by path from the root."""
    root = Path.cwd()
    entries = json.loads((build / "compile_commands.json").read_text())
    units = {os.path.relpath(entry["file"], root): entry for entry in entries}
    units = {name: unit for name, unit in units.items() if not name.startswith((str(build), ".."))}
    if scope == "product":
        return {name: unit for name, unit in units.items() if not name.startswith("tests/")}
    if scope == "changed":
        base = subprocess.run(["git", "merge-base", "HEAD", "@{upstream}"], capture_output=True, text=True).stdout.strip() or "HEAD~1"
        listed = subprocess.run(["git", "diff", "--name-only", base], capture_output=True, text=True, check=True).stdout.split()
        return {name: unit for name, unit in units.items() if name in listed}
    return units


def _recorded(build: Path) -> dict[str, list[str]]:
    """Object file → what ninja recorded as read by the compiler for it."""
    listed = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True, check=True).stdout
    blocks = (block.splitlines() for block in listed.split("\n\n") if block.strip())
    return {lines[0].partition(": #deps")[0]: [line.strip() for line in lines[1:]] for lines in blocks}


def _made_from(build: Path, unit: dict, recorded: dict[str, list[str]]) -> list[Path]:
    """The source and every header of ours that it reads."""
    output = re.search(r" -o (\S+)", unit["command"]).group(1)
    paths = {Path(build, name).resolve() for name in recorded.get(output, ())}
    return sorted(path for path in paths | {Path(unit["file"])} if path.is_file() and not path.is_relative_to("/usr"))


def _digest(salt: bytes, unit: dict, files: list[Path]) -> str:
    root = Path.cwd()
    digest = hashlib.sha256(salt + unit["command"].replace(str(root), ".").encode())
    for path in files:
        digest.update(os.path.relpath(path, root).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _tidy(build: Path, name: str, deadline: float) -> subprocess.CompletedProcess | None:
    if time.monotonic() > deadline:
        return None
    command = ["clang-tidy", "--quiet", "-p", str(build), name]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
