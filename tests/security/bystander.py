# SPDX-License-Identifier: GPL-3.0-or-later
"""What an honest site notices, and what a process holds, while others do what they should not."""
import math
import threading
import time
from pathlib import Path

from publisher import NotNow, Publisher
from statements import group_upserted


class Bystander:
    """Publishes one event after the other and takes the time from each to its outcome."""

    def __init__(self, publisher: Publisher):
        self._publisher = publisher
        self._revision = time.time_ns()

    def seconds_of(self, duration_seconds: float, wait=lambda: False) -> list[float]:
        """One figure for each event, for so long, and until `wait()` is false."""
        taken, end = [], time.monotonic() + duration_seconds
        while time.monotonic() < end or wait():
            taken.append(self._one())
        return taken

    def _one(self) -> float:
        begin = time.monotonic()
        self._revision += 1
        while True:
            try:
                ticket = self._publisher.publish(group_upserted("bystanders", revision=self._revision))
                break
            except NotNow:
                self._publisher.turn(0.005)
        while not ticket.status:
            assert time.monotonic() < begin + 60, f"no outcome; losses: {self._publisher.losses}"
            self._publisher.turn(0.005)
        assert ticket.status == "ACCEPTED", ticket.status
        return time.monotonic() - begin


class Watch:
    """The most that a process holds, in MiB, while this is open."""

    def __init__(self, pid: int):
        self._status = Path(f"/proc/{pid}/statm")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.before = self.most = self._held()

    def _held(self) -> float:
        return int(self._status.read_text().split()[1]) * 4096 / 2**20

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, self._held())

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()


def p99(figures: list[float]) -> float:
    """The nearest rank; of fewer than a hundred the worst."""
    return sorted(figures)[math.ceil(len(figures) * 0.99) - 1]
