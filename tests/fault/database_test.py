# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL is restarted, stopped at once and killed in a storm."""
from fault_scene import FaultScene, main


class Database(FaultScene):
    LEASE_SECONDS = 10

    def test_restarted(self):
        self.during_storm(self.lab.postgres.restart)

    def test_stopped_at_once(self):
        self.during_storm(lambda: self.lab.postgres.restart("immediate"))

    def test_killed(self):
        def accident() -> None:
            self.lab.postgres.kill9()
            self.lab.postgres.start()
        self.during_storm(accident)

    def during_storm(self, accident) -> None:
        """Shorter than the lease: the gateway goes on looking, and nothing is lost."""
        with self.watcher() as watcher:
            with self.storm():
                accident()
            self.assert_all_is_right()
        self.assert_steady_never_moved(watcher)


if __name__ == "__main__":
    main()
