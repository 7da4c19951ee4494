# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the views all the time, so that a test can say what never was to be seen."""
import threading
import time

import psycopg2
from lab.services import Services

LOOK_SECONDS = 0.05
_STATES = "SELECT member_id, state FROM presence.member_now"


class Watcher:
    """While it stands: every state in which each member was ever shown, and when (time.monotonic) any was unknown."""

    def __init__(self, services: Services):
        self._services = services
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="watcher", daemon=True)
        self.seen: dict[str, set[str]] = {}
        self.unknown: list[float] = []

    def states(self, *member_ids: str) -> set[str]:
        return set().union(*(self.seen.get(member, set()) for member in member_ids))

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._is_over.set()
        self._thread.join(10)

    def _live(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            try:
                rows = self._services.rows(_STATES)
            except psycopg2.Error:  # the database is away: then nobody can be told anything
                continue
            for row in rows:
                self.seen.setdefault(row.member_id, set()).add(row.state)
            if any(row.state == "unknown" for row in rows):
                self.unknown.append(time.monotonic())
