# SPDX-License-Identifier: GPL-3.0-or-later
"""Prosody is restarted and killed in a storm. Everybody really goes then, and comes back by itself: nobody could see when."""
from fault_scene import FaultScene, main, wait_for


class JabberServer(FaultScene):
    def test_restarted(self):
        self.during_storm(self.lab.prosody.restart)

    def test_killed(self):
        def accident() -> None:
            self.lab.prosody.kill9()
            self.lab.prosody.start()
        self.during_storm(accident)

    def during_storm(self, accident) -> None:
        with self.storm():
            accident()
            wait_for(lambda: all(member.is_online() for member in self.steady), "those who sat still to be back")
        self.assert_all_is_right(gaps=1)


if __name__ == "__main__":
    main()
