# SPDX-License-Identifier: GPL-3.0-or-later
"""presence_source = "roster": members' ordinary presence tells, without a watch. The account door sees to it that every account is the
site's contact, while the site's roster stays empty."""
from actors import main
from presence_scene import PresenceScene


class PresenceByRoster(PresenceScene):
    OPTIONS = {"gateway": {"presence_source": "roster"}}

    def test_who_comes_and_goes_is_seen(self):
        anna, ben = self.members("anna", "ben")
        anna.logs_in()
        self.wait_who("anna", state="online")
        anna.shows("away", "At lunch", 3)
        self.wait_who("anna", state="online", show="away", status="At lunch", priority=3)
        ben.logs_in()
        self.wait_who("ben", state="online")
        self.wait_right()
        anna.logs_out()
        self.wait_who("anna", state="offline")
        self.wait_right()

    def test_who_was_there_before_the_gateway_is_in_its_snapshot(self):
        carla, = self.members_online("carla")
        self.wait_who("carla", state="online")
        self.services.restart("gateway")
        self.wait_right()
        self.assertEqual(self.who("carla").state, "online")


if __name__ == "__main__":
    main()
