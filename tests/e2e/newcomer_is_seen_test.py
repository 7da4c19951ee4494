# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever is registered while all is running is seen from the first log-in on; whoever is removed is not shown any more."""
from actors import main
from presence_scene import PresenceScene


class NewcomerIsSeen(PresenceScene):
    def test_at_the_first_log_in(self):
        epoch = self.domain().epoch
        for name in ("anna", "ben", "carla"):
            with self.subTest(name):
                newcomer, = self.members(name)
                newcomer.logs_in()
                self.wait_who(name, state="online", uncertain=False)
        self.wait_right()
        self.assertEqual(self.domain().epoch, epoch)
        self.assertEqual(len(self.coverages()), 1)  # nothing had to be looked at anew

    def test_who_comes_again_after_having_been_removed_begins_anew(self):
        dora, = self.members_online("dora")
        self.wait_who("dora", state="online")
        self.site.removes_member("dora")
        self.wait_gone("dora")
        self.assertEqual(self.services.rows("SELECT * FROM presence.member_now WHERE member_id = 'dora'"), [])
        self.wait_right()


if __name__ == "__main__":
    main()
