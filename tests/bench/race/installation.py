# SPDX-License-Identifier: GPL-3.0-or-later
"""The private servers, Rostrum's services and the writers."""
import json
import subprocess
from contextlib import ExitStack
from pathlib import Path

import psycopg2
from costs import resident_mib
from lab.lab import Lab
from lab.members import wait_for
from lab.services import SERVICES, Services
from table import Table

DOMAIN = "example.test"
BENCH_DOMAIN = "crowd.test"  # beside the one whose presence the gateway owns


class Writer:
    """A child that obeys one line after the other (tools/obey.hpp)."""

    def __init__(self, *command: object):
        self._child = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words: object) -> dict[str, float]:
        self.tell(*words)
        return self.answer()

    def tell(self, *words: object) -> None:
        """Begins what answer() waits for: several writers side by side."""
        self._child.stdin.write(" ".join(str(word) for word in words) + "\n")
        self._child.stdin.flush()

    def answer(self) -> dict[str, float]:
        answer = self._child.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._child.args[0]} ended; its words stand above")
        return json.loads(answer)

    @property
    def pid(self) -> int:
        return self._child.pid

    def close(self) -> None:
        self._child.stdin.close()
        self._child.wait(10)


class Installation:
    """`prosody`: what else the lab's Prosody is told (Lab); `counts`, `options`: as of Services."""

    def __init__(self, binaries: Path, *, prosody: dict | None = None, counts: dict[str, int] | None = None, options: dict[str, dict] | None = None):
        self._binaries = binaries
        self._prosody = prosody or {}
        self._counts = counts
        self._options = {"presence": {"domains": f"{DOMAIN},{BENCH_DOMAIN}"}, **(options or {})}
        self._memory: dict[str, dict[str, float]] = {}
        self._running = ExitStack()

    def __enter__(self) -> "Installation":
        with ExitStack() as starting:
            self.lab = starting.enter_context(Lab(host=DOMAIN, **self._prosody))
            self.services = starting.enter_context(Services(self.lab, self._binaries, counts=self._counts, options=self._options, log_level="warning"))
            registration, notification = (self.services.instances[name].endpoint for name in ("registration", "notification"))
            self.site = Writer(self._binaries / "rostrum-bench-publish", self.services.folder / "keys", registration, notification, self.lab.domain)
            starting.callback(self.site.close)
            self._views = psycopg2.connect(self.lab.postgres.conninfo("rostrum_reader"))
            self._views.autocommit = True
            starting.callback(self._views.close)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._running.close()

    def another(self, **arguments) -> "Installation":
        """Of the same executables, with servers of its own."""
        return Installation(self._binaries, **arguments)

    def row_writer(self) -> Writer:
        """With the rights of registration, as the intake has them."""
        writer = Writer(self._binaries / "rostrum-bench-write-rows", self.lab.postgres.conninfo("rostrum_registration"), self.lab.domain)
        self._running.callback(writer.close)
        return writer

    def publishers(self, count: int) -> list[Writer]:
        """Processes of the same site, each with a connection of its own to registration."""
        command = (self._binaries / "rostrum-bench-publish", self.services.folder / "keys", self.services.instances["registration"].endpoint, "-", self.lab.domain)
        writers = [Writer(*command) for _ in range(count)]
        for writer in writers:
            self._running.callback(writer.close)
        return writers

    def crowd_of_publishers(self, count: int, run: str) -> Writer:
        """One process that holds so many connections to registration, each a publisher."""
        writer = Writer(self._binaries / "rostrum-bench-return", self.services.folder / "keys", self.services.instances["registration"].endpoint, count, run)
        self._running.callback(writer.close)
        return writer

    def observer(self, domain: str, members: int) -> Writer:
        """A gateway of its own that owns the presence of this domain, and has told of so many members."""
        return Writer(self._binaries / "rostrum-bench-observe", self.services.folder / "keys", self.services.instances["presence"].endpoint, domain, members)

    def presence_writer(self, domain: str, members: int) -> Writer:
        """With the rights of presence."""
        return Writer(self._binaries / "rostrum-bench-write-presence", self.lab.postgres.conninfo("rostrum_presence"), domain, members)

    def without_gateway(self) -> None:
        """What is accepted now stays requested."""
        if "gateway" in self.services.processes:
            self.services.stop("gateway")

    def view(self, sql: str, *values: object) -> object:
        """One value, on a connection that stays: looking must not cost what is looked at."""
        with self._views.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()[0]

    def wait_accounts(self, run: str, count: int) -> None:
        """Until the accounts of a run's members are active; looked at every 20 ms."""
        def active() -> int:
            return self.view("SELECT count(*) FROM directory.members WHERE member_id LIKE %s AND account_state = 'active'", f"{run}-%")
        wait_for(lambda: active() == count, f"{count} accounts", 120, active)

    def wait_receipts(self) -> None:
        """Until every delivery of every announcement is confirmed by its member."""
        wait_for(lambda: self.view("SELECT sum(total) = sum(delivered) FROM notification.notices"), "all receipts", 60)

    # -- memory ----------------------------------------------------------------------------------------------------

    def note_memory(self, moment: str) -> None:
        self._memory[moment] = {name: resident_mib(process.pid) for name, process in self.services.processes.items()}

    def memory_table(self) -> Table:
        table = Table("memory: resident, MiB (stopped: –)", ("", *self._memory))
        for service in SERVICES:
            table.add(service, *(f"{sample[service]:.1f}" if service in sample else "–" for sample in self._memory.values()))
        return table
