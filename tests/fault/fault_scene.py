# SPDX-License-Identifier: GPL-3.0-or-later
"""A PresenceScene with a storm of members, some who sit still in it, and the questions asked of everything afterwards."""
import os
import secrets
import sys
import unittest

import actors
from history import History
from lab.members import wait_for
from presence_scene import PresenceScene
from storm import Storm
from watcher import Watcher

RESTLESS = 12  # members, each with two devices
STEADY = 4
IS_LONG = "ROSTRUM_FAULT_LONG" in os.environ
SEED = int(os.environ.get("ROSTRUM_FAULT_SEED") or secrets.randbelow(1_000_000))

_UNCONFIRMED = ("SELECT count(*) FROM presence.resource r JOIN presence.lease l ON l.domain = r.domain "
                "WHERE (r.epoch, r.snapshot) <> (l.epoch, l.snapshot)")

only_long = unittest.skipUnless(IS_LONG, "a minute and more; tests/fault/run --long")


class FaultScene(PresenceScene):
    LEASE_SECONDS = 3  # short, so that a fault of 5 s is longer
    SERVER = {"extra_settings": "smacks_hibernation_time = 2"}

    @classmethod
    def setUpClass(cls) -> None:
        cls.OPTIONS = {"presence": {"lease_seconds": cls.LEASE_SECONDS}, **cls.OPTIONS}
        super().setUpClass()
        scene = cls(methodName="setUp")
        cls.steady_names = [f"steady{number}" for number in range(STEADY)]
        members = scene.many_members(*cls.steady_names, *(f"restless{number:02}" for number in range(RESTLESS)))
        cls.steady = members[:STEADY]
        cls.crowd.log_in(cls.steady)
        cls.devices = [member.device(device) for member in members[STEADY:] for device in ("desk", "phone")]
        scene.wait_right()

    def storm(self) -> Storm:
        return Storm(self.devices, SEED)

    def watcher(self) -> Watcher:
        return Watcher(self.services)

    def assert_all_is_right(self, *, gaps: int | None = None) -> None:
        """Once there is quiet: the table is the server's own list within 10 s, and the history holds together."""
        self.wait_right()
        wait_for(lambda: self.lab.postgres.psql(_UNCONFIRMED) == "0", "those whom the snapshot did not name to be closed", 10)
        self.assertEqual(History(self.lab.postgres).faults(), [])
        if gaps is not None:
            self.assertEqual(len(self.coverages()) - self.coverages_before, gaps, self.coverages())

    def setUp(self) -> None:
        self.wait_right()
        self.coverages_before = len(self.coverages())
        self.changes_before = {name: self.history(name) for name in self.steady_names}

    def assert_steady_never_moved(self, watcher: Watcher | None = None) -> None:
        """Those who sat still all the time neither went nor came, neither in the history nor in any look at the views."""
        self.assertEqual({name: self.history(name) for name in self.steady_names}, self.changes_before)
        if watcher:
            self.assertLessEqual(watcher.states(*self.steady_names), {"online", "unknown"})

    def wait_owner(self, deadline_seconds: float = 30) -> str:
        return wait_for(lambda: self.services.presence_owners() if len(self.services.presence_owners()) == 1 else None,
                        "one gateway to own the presence", deadline_seconds)[0]


def main() -> None:
    print(f"seed {SEED}; the same again: ROSTRUM_FAULT_SEED={SEED}, or tests/fault/run --seed {SEED}", file=sys.stderr, flush=True)
    actors.main()
