# SPDX-License-Identifier: GPL-3.0-or-later
"""Under which conditions figures came about: without these they are none."""
import os
import platform
import subprocess
import time
from pathlib import Path

PACKAGES = ("postgresql-15", "prosody", "libzmq5", "python3-slixmpp")


def show(root: Path) -> None:
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    commit = _output("git", "-C", str(root), "describe", "--always", "--dirty")
    print(f"{time.strftime('%Y-%m-%d')}, commit {commit}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, Linux {platform.release()}")
    print(", ".join(_output("dpkg-query", "-W", "-f", "${Package} ${Version}", package) for package in PACKAGES))
    print("PostgreSQL: fsync on, synchronous_commit on. Clients, servers and Rostrum share the cores.")
    show_load()


def show_load() -> None:
    """Cores wanted on average during the last minute; at the beginning this is what disturbs."""
    print(f"load: {os.getloadavg()[0]:.1f}", flush=True)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "?"
