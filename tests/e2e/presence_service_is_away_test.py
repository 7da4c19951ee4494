# SPDX-License-Identifier: GPL-3.0-or-later
"""The presence service is dead for a while: meanwhile nobody knows, afterwards the history is whole, for the gateway went on looking."""
from actors import main
from presence_scene import PresenceScene


class PresenceServiceIsAway(PresenceScene):
    OPTIONS = {"presence": {"lease_seconds": 3}}

    def test_what_happened_meanwhile_is_told_afterwards(self):
        anna, ben = self.members("anna", "ben")
        anna.logs_in()
        self.wait_who("anna", state="online")
        self.services.kill("presence")
        self.wait_who("anna", state="unknown")
        anna.hides()
        ben.logs_in()
        ben.logs_out()
        anna.shows()
        self.services.start("presence")
        self.wait_who("ben", state="offline")
        self.wait_who("anna", state="online")
        self.wait_right()
        told = {name: [(what, certain) for what, _, _, certain in self.history(name)] for name in ("anna", "ben")}
        self.assertEqual(told, {"anna": [("online", True), ("left", True), ("online", True)], "ben": [("online", True), ("left", True)]})
        self.assertEqual(len(self.coverages()), 1)


if __name__ == "__main__":
    main()
