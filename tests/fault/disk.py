# SPDX-License-Identifier: GPL-3.0-or-later
"""A small disk under PostgreSQL, which can be filled and cleared again."""
import shutil
from contextlib import suppress
from pathlib import Path

import network
from lab.members import wait_for
from lab.postgres import Postgres
from lab.process import give_to

MEGABYTES = 400
_WORDS = "No space left on device"


def missing(postgres: Postgres) -> str:
    """Why it cannot be filled; empty when it can."""
    return "" if _ballast(postgres).parent.is_mount() else network.missing() or "nothing could be mounted under PostgreSQL"


def make_small(postgres: Postgres) -> None:
    """Moves the cluster to a disk of its own where that is permitted; PostgreSQL runs before and after."""
    for setting in ("min_wal_size = '32MB'", "max_wal_size = '64MB'"):
        postgres.psql(f"ALTER SYSTEM SET {setting}")
    postgres.stop()
    kept = postgres.folder / "data.before"
    postgres.data.rename(kept)
    postgres.data.mkdir(mode=0o700)
    network.add_tmpfs(postgres.data, MEGABYTES)
    shutil.copytree(kept, postgres.data, dirs_exist_ok=True, symlinks=True)
    postgres.data.chmod(0o700)
    give_to("postgres", postgres.data)
    postgres.start()


def fill(postgres: Postgres) -> None:
    """Until PostgreSQL says that there is no room."""
    said = _said(postgres)
    ballast = _ballast(postgres)
    ballast.touch()

    def is_noticed() -> bool:
        with suppress(OSError), ballast.open("ab") as file:  # also what was freed meanwhile
            while True:
                file.write(bytes(65_536))
                file.flush()
        return _said(postgres) > said
    wait_for(is_noticed, "PostgreSQL to notice that its disk is full", 60)


def clear(postgres: Postgres) -> None:
    """There is room again; a server that has given up meanwhile is started, as an operator would."""
    _ballast(postgres).unlink()
    if not postgres.is_running():
        postgres.start()


def _ballast(postgres: Postgres) -> Path:
    return postgres.data / "ballast"


def _said(postgres: Postgres) -> int:
    return postgres.log_path.read_text(errors="replace").count(_WORDS)
