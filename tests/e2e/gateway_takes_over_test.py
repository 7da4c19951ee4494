# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway that owns the domain's presence goes: another takes over, nobody is taken for gone or come, and what nobody could see is said
to be uncertain."""
import time

from actors import main, wait_for
from presence_scene import PresenceScene
from watcher import Watcher

LEASE_SECONDS = 4


class GatewayTakesOver(PresenceScene):
    COUNTS = {"gateway": 2}
    OPTIONS = {"presence": {"lease_seconds": LEASE_SECONDS}}

    def owner(self) -> str:
        return wait_for(lambda: self.services.presence_owners() if len(self.services.presence_owners()) == 1 else None, "one owner")[0]

    def tearDown(self):
        gone = [name for name in self.services.instances if name not in self.services.processes]
        self.services.start(*gone)

    def test_killed(self):
        """Within the lease and 5 s; meanwhile everybody is unknown, and who goes and comes then did so unseen."""
        stays, goes, comes = self.members("anna", "ben", "carla")
        self.crowd.log_in([stays, goes])
        self.wait_who("ben", state="online")
        self.wait_right()
        before, epoch, owner = {name: self.history(name) for name in ("anna", "ben", "carla")}, self.domain().epoch, self.owner()
        with Watcher(self.services) as watcher:
            self.services.kill(owner)
            killed = time.monotonic()
            goes.logs_out()
            comes.logs_in()
            self.wait_right(LEASE_SECONDS + 5)
            took = time.monotonic() - killed
        self.assertLess(took, LEASE_SECONDS + 5)
        self.assertTrue(watcher.unknown, "nobody was ever said to be unknown")
        self.assertEqual(watcher.states("anna"), {"online", "unknown"})
        self.assertNotEqual(self.owner(), owner)
        self.assertEqual(self.domain().epoch, epoch + 1)

        self.assertEqual(self.history("anna"), before["anna"])
        self.assertTrue(self.who("anna").uncertain)
        self.wait_who("ben", state="offline", uncertain=True)
        self.wait_history("ben", [*before["ben"], ("unseen", before["ben"][0][1], None, False)])
        self.assertEqual(self.history("carla"), [("online", comes.resource, "online", False)])
        *_, lost, regained = self.coverages()
        self.assertEqual((lost.reason, regained.ended_at), ("gateway-lost", None))
        self.assertLess(lost.ended_at, regained.began_at)
        in_between = lost.ended_at + (regained.began_at - lost.ended_at) / 2
        self.assertEqual(set(self.at(in_between).values()), {"unknown"})

    def test_told_to_stop(self):
        """It gives the lease back: the other has it at once."""
        dora, = self.members_online("dora")
        self.wait_who("dora", state="online")
        before, owner = self.history("dora"), self.owner()
        with Watcher(self.services) as watcher:
            self.services.stop(owner)
            stopped = time.monotonic()
            self.wait_right(LEASE_SECONDS)
            took = time.monotonic() - stopped
        self.assertLess(took, LEASE_SECONDS / 2)
        self.assertLessEqual(watcher.states("dora"), {"online", "unknown"})
        self.assertEqual(self.history("dora"), before)
        self.assertEqual([coverage.reason for coverage in self.coverages()][-2:], ["stopping", ""])

    def test_nobody_is_left_to_take_over(self):
        """Nobody stays online because all gateways died: unknown at the end of the lease, until one is there again."""
        fritz, = self.members_online("fritz")
        self.wait_who("fritz", state="online")
        before = self.history("fritz")
        self.services.kill("gateway", "gateway-2")
        unknown = self.wait_who("fritz", LEASE_SECONDS + 2, state="unknown", show=None, resources=0)
        self.assertEqual(unknown.last_seen, self.domain().unknown_since)
        self.assertFalse(self.domain().known)
        self.services.start("gateway")
        self.wait_who("fritz", state="online", uncertain=True)
        self.assertEqual(self.history("fritz"), before)

    def test_the_one_that_stands_by_goes(self):
        """Nothing happens."""
        emil, = self.members_online("emil")
        self.wait_who("emil", state="online")
        self.wait_right()
        epoch, owner = self.domain().epoch, self.owner()
        standby = next(name for name in ("gateway", "gateway-2") if name != owner)
        with Watcher(self.services) as watcher:
            self.services.kill(standby)
            self.services.start(standby)
            emil.shows("away")
            self.wait_who("emil", show="away")
        self.assertEqual(watcher.unknown, [])
        self.assertEqual((self.domain().epoch, self.owner()), (epoch, owner))


if __name__ == "__main__":
    main()
