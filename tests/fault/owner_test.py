# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway that owns the presence goes in a storm."""
from fault_scene import FaultScene, main, wait_for


class Owner(FaultScene):
    COUNTS = {"gateway": 2}

    def test_killed(self):
        with self.watcher() as watcher:
            with self.storm():
                owner = self.wait_owner()
                self.services.kill(owner)
                wait_for(lambda: self.domain().known and self.wait_owner() != owner, "the other to take over", self.LEASE_SECONDS + 5)
                self.services.start(owner)
            self.assert_all_is_right(gaps=1)
        self.assert_steady_never_moved(watcher)

    def test_stopped(self):
        with self.watcher() as watcher:
            with self.storm():
                self.services.restart(self.wait_owner())
            self.assert_all_is_right(gaps=1)
        self.assert_steady_never_moved(watcher)

    def test_stands_still_longer_than_its_lease_and_goes_on(self):
        """What it still says when it wakes is refused: it is not the owner any more."""
        with self.watcher() as watcher:
            with self.storm():
                owner = self.wait_owner()
                with self.services.paused(owner):
                    wait_for(lambda: self.domain().known and self.domain().epoch > self.epoch, "the other to take over", self.LEASE_SECONDS + 5)
                wait_for(lambda: self.services.presence_owners() and owner not in self.services.presence_owners(), "it to know")
            self.assert_all_is_right(gaps=1)
        self.assert_steady_never_moved(watcher)

    def setUp(self):
        super().setUp()
        self.epoch = self.domain().epoch


if __name__ == "__main__":
    main()
