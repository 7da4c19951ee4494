# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process passes which crash point, and how it dies there under load."""
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Callable

from lab.members import wait_for
from lab.services import Services

HEADER = Path(__file__).resolve().parents[2] / "common" / "base" / "crash_point.hpp"
VARIABLE = "ROSTRUM_CRASH_AT"
DIES_WITHIN_SECONDS = 60

_INTAKES = ("registration", "notification")
# The site passes what publishers pass as well; it is no service, and named apart.
PASSED_BY = {
    "publisher.taken": ("site", "gateway"), "publisher.sent": ("site", "gateway"), "publisher.resent": ("site", "gateway"),
    "publisher.concluded": ("site", "gateway"),
    "intake.received": _INTAKES, "intake.inserted": _INTAKES, "intake.committed": _INTAKES, "intake.answered": _INTAKES,
    "expansion.inserted": ("notification",), "expansion.committed": ("notification",),
    "dispatch.claimed": _INTAKES, "dispatch.attempting": _INTAKES, "command.sent": _INTAKES, "command.resulted": _INTAKES,
    "dispatch.recorded": _INTAKES, "dispatch.settled": _INTAKES,
    "command.received": ("gateway",), "sender.handed_over": ("gateway",), "sender.confirmed": ("gateway",), "door.asked": ("gateway",),
    "door.replied": ("gateway",), "command.answered": ("gateway",),
    "lease.asked": ("gateway",), "lease.inserted": ("presence",), "lease.committed": ("presence",), "lease.answered": ("presence",),
    "lease.owned": ("gateway",),
    "observation.sent": ("gateway",), "observation.received": ("presence",), "observation.inserted": ("presence",),
    "observation.committed": ("presence",), "observation.answered": ("presence",), "observation.confirmed": ("gateway",)}

ALL = [(victim, point) for point, victims in PASSED_BY.items() for victim in victims]

# Only passed when an intake comes back to a publisher with open events.
NEEDS_RESTART = {"publisher.resent": "notification"}
PASSED_ONCE = {*NEEDS_RESTART, "lease.owned"}  # by a process that nobody else disturbs


def names() -> list[str]:
    """As the header lists them."""
    listing = HEADER.read_text().partition("kCrashPoints =")[2].partition("});")[0]
    return re.findall(r'^\s*"([a-z_.]+)"', listing, re.MULTILINE)


def are_in(executable: Path) -> bool:
    """Whether it was built with them."""
    return VARIABLE.encode() in executable.read_bytes()


def repeats(victim: str) -> bool:
    """Whether a confirmation can get lost when it dies."""
    return victim in ("gateway", "notification")


class Crash:
    """One process dies at one point. It is restarted for that, as in an upgrade, and once more afterwards. `say_something` has a gateway tell
    notification something although nothing new is sent."""

    def __init__(self, services: Services, site, victim: str, point: str, times: int, say_something: Callable[[], None]):
        self.name = f"{victim} dies at {point}" + (f", on passing it {times} times" if times > 1 else "")
        self._services = services
        self._site = site
        self._victim = victim
        self._point = point
        self._say_something = say_something
        self._crash_at = {VARIABLE: f"{point}:{times}"}

    def apply(self) -> None:
        """Until it is dead; TimeoutError when it never gets to the point."""
        if self._victim == "site":
            self._site.kill()
            self._site.start(**self._crash_at)
            process = self._site.process
        else:
            self._services.stop(self._victim)
            self._services.launch(self._victim, **self._crash_at)
            process = self._services.processes[self._victim]
        if self._point in NEEDS_RESTART:
            self._restart_intake_until(process)
        wait_for(lambda: not process.is_running(), f"{self._victim} to get to {self._point}", DIES_WITHIN_SECONDS, process.log_tail)
        if process.returncode != -9 or f"crash point {self._point}" not in process.log_tail():
            raise AssertionError(f"{self._victim} ended with {process.returncode} and not at {self._point}:\n{process.log_tail()}")

    def revert(self) -> None:
        if self._victim == "site":
            self._site.start()
        else:
            self._services.processes.pop(self._victim)
            self._services.start(self._victim)

    def _restart_intake_until(self, process) -> None:
        """It stands still before it dies: what is said meanwhile stays open."""
        intake = NEEDS_RESTART[self._point]
        if self._victim != "site":
            self._services.wait_ready(self._victim)
        for _ in range(5):
            if not process.is_running():
                return
            with self._services.paused(intake):
                self._say_something()
                time.sleep(1)  # some five events of the site
                self._services.kill(intake)
            self._services.launch(intake)  # not ready without the victim
            with suppress(TimeoutError):
                wait_for(lambda: not process.is_running(), "its end", 10)
