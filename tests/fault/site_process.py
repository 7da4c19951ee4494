# SPDX-License-Identifier: GPL-3.0-or-later
"""The site of the runs under load: rostrum-fault-site, which publishes all the time and keeps an outbox, and what it wrote there."""
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from lab.process import Process
from lab.services import Services

ANSWERED_WITHIN_SECONDS = 120  # once it says nothing new


@dataclass
class Entry:
    """One event: what tests/fault/site/plan.cpp says about it, and each outcome that was written down."""
    id: str
    kind: str  # group, member, password, removed or notice
    about: dict
    told: list[str] = field(default_factory=list)
    code: str = ""


class SiteProcess:
    """Can be killed and started again like a service; another process goes on where the one before was."""

    def __init__(self, services: Services, registration: str, notification: str, readers: int, pause_ms: int):
        self._services = services
        self._endpoints = (registration, notification)
        self._readers = readers
        self._pause_ms = pause_ms
        self._process: Process | None = None
        self.journal = services.folder / "site.journal"

    def open(self) -> None:
        """States the group and the readers, to the end."""
        self._launch("--opening")
        self._await_end()

    def start(self, **environment: str) -> None:
        self._launch(environment=environment)

    @property
    def process(self) -> Process:
        return self._process

    def kill(self) -> None:
        self._process.kill()

    def restart(self) -> None:
        self.kill()
        self.start()

    def finish(self) -> None:
        """Nothing new; until all that was said is answered."""
        self._process.send_signal(signal.SIGTERM)
        self._await_end()

    def entries(self) -> list[Entry]:
        entries: dict[str, Entry] = {}
        for text in self.journal.read_text().splitlines():
            line = json.loads(text)
            if "told" in line:
                entries[line["id"]].told.append(line["told"])
                entries[line["id"]].code = line["code"]
            else:
                entries[line["id"]] = Entry(line["id"], line["kind"], line)
        return list(entries.values())

    def _launch(self, *options: str, environment: dict[str, str] | None = None) -> None:
        self._process = Process("site", [
            Path(self._services.binaries) / "rostrum-fault-site", self.journal, *self._endpoints,
            self._services.folder / "keys", self._services.lab.domain, str(self._readers),
            str(self._pause_ms), *options], self._services.log("site"), death_signal=signal.SIGKILL, env=os.environ | (environment or {}))

    def _await_end(self) -> None:
        code = self._process.stop(0, ANSWERED_WITHIN_SECONDS)  # signal 0: only waits
        if code != 0:
            raise AssertionError(f"the site ended with {code}:\n{self._process.log_tail()}")
