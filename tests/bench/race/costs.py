# SPDX-License-Identifier: GPL-3.0-or-later
"""What something cost: rows and transactions of PostgreSQL by its own counters, memory of a process."""
import os
import time
from dataclasses import dataclass
from pathlib import Path

from lab.postgres import Postgres
from lab.process import children_of

_ROWS = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables WHERE schemaname = 'presence'"
_STATISTICS_DELAY_SECONDS = 1.1  # a backend tells its counters once a second at most, and when it is idle


@dataclass(frozen=True)
class Written:
    """By the service with the role rostrum_presence."""
    rows: int  # inserted, updated and deleted in the schema presence
    transactions: int  # committed, in the whole database

    def __sub__(self, before: "Written") -> "Written":
        return Written(self.rows - before.rows, self.transactions - before.transactions)

    @staticmethod
    def so_far(postgres: Postgres) -> "Written":
        time.sleep(_STATISTICS_DELAY_SECONDS)
        rows = sum(sum(map(int, line.split("|")[1:])) for line in postgres.psql(_ROWS).splitlines())
        return Written(rows, int(postgres.psql("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")))


def resident_mib(pid: int, field: str = "VmRSS") -> float:
    """VmRSS: now; VmHWM: at most so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{field}:"))


def cpu_seconds(pid: int, with_children: bool = False) -> float:
    """Computed so far, in user and kernel (proc(5)); of children those that have ended, too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    last = 15 if with_children else 13
    return sum(map(int, fields[11:last])) / os.sysconf("SC_CLK_TCK")


def postgres_cpu_seconds(postgres: Postgres) -> float:
    """Of the whole server."""
    return cpu_seconds(postgres.pid, with_children=True) + sum(cpu_seconds(pid) for pid in children_of(postgres.pid))
