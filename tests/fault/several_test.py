# SPDX-License-Identifier: GPL-3.0-or-later
"""Two of every service on one database: whoever dies, the other goes on, and what reaches both is done once."""
from faults import AllKilledAtOnce, CutAtCommit, Flapping, GatewayFrozen, NotificationFrozen, RandomKills, RegistrationFrozen, RollingRestart
from lab.services import SERVICES
from load_scene import IS_LONG, LoadScene, main

SHORT = (RandomKills, RegistrationFrozen, RollingRestart)
LONG = (*SHORT, CutAtCommit, Flapping, NotificationFrozen, GatewayFrozen, AllKilledAtOnce)


class Several(LoadScene):
    COUNTS = dict.fromkeys(SERVICES, 2)

    def test_nothing_is_lost_and_nothing_done_twice(self):
        """A frozen intake's events are said again to the other one; when it wakes, both have them."""
        self.play(*(fault(self, self.chance) for fault in (LONG if IS_LONG else SHORT)))


if __name__ == "__main__":
    main()
