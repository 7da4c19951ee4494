# SPDX-License-Identifier: GPL-3.0-or-later
"""The presence service is killed in a storm: what it had not answered is told again, to it or to another instance, and counts once."""
from fault_scene import FaultScene, main


class OnlyInstance(FaultScene):
    LEASE_SECONDS = 10

    def test_killed_three_times(self):
        with self.watcher() as watcher:
            with self.storm():
                for _ in range(3):
                    self.services.kill("presence")
                    self.services.start("presence")
            self.assert_all_is_right(gaps=0)
        self.assert_steady_never_moved(watcher)


class TwoInstances(FaultScene):
    COUNTS = {"presence": 2}
    LEASE_SECONDS = 10

    def test_each_killed_in_turn(self):
        with self.watcher() as watcher:
            with self.storm():
                for name in ("presence", "presence-2", "presence"):
                    self.services.kill(name)
                    self.wait_told()
                    self.services.start(name)
            self.assert_all_is_right(gaps=0)
        self.assert_steady_never_moved(watcher)

    def test_the_one_in_use_stands_still(self):
        """It may have committed without having said so."""
        with self.watcher() as watcher:
            with self.storm():
                in_use = next(name for name in ("presence", "presence-2") if self.services.metrics(name).get('rostrum_presence_claims_total{outcome="renewed"}'))
                with self.services.paused(in_use):
                    self.wait_told()
            self.assert_all_is_right(gaps=0)
        self.assert_steady_never_moved(watcher)

    def wait_told(self) -> None:
        """Until somebody stores changes again."""
        member = self.steady[0]
        member.shows("away")
        self.wait_who(self.steady_names[0], 20, show="away")
        member.shows()
        self.wait_who(self.steady_names[0], 20, show="online")
        self.changes_before[self.steady_names[0]] = self.history(self.steady_names[0])


if __name__ == "__main__":
    main()
