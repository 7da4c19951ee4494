# SPDX-License-Identifier: GPL-3.0-or-later
"""A member comes, changes and goes: the views say so now, and later what was then."""
from actors import main
from presence_scene import PresenceScene


class PresenceComesAndGoes(PresenceScene):
    def test_from_never_seen_to_last_seen(self):
        anna, = self.members("anna")
        row = self.wait_who("anna", state="offline")
        self.assertEqual((row.show, row.resources, row.since, row.last_seen), (None, 0, None, None))

        anna.logs_in()
        online = self.wait_who("anna", state="online", show="online", priority=0, status="", resources=1)
        self.assertEqual(online.online_since, online.since)
        self.assertFalse(online.uncertain)

        anna.shows("dnd", "Writing the minutes", 5)
        busy = self.wait_who("anna", state="online", show="dnd", priority=5, status="Writing the minutes")
        self.assertGreater(busy.since, online.since)
        self.assertEqual(busy.online_since, online.online_since)
        self.wait_right()

        device = anna.resource
        anna.logs_out()
        gone = self.wait_who("anna", state="offline", resources=0)
        self.assertEqual(gone.last_seen, gone.since)
        self.assertGreater(gone.last_seen, busy.since)
        self.assertEqual(self.history("anna"), [("online", device, "online", True), ("online", device, "dnd", True), ("left", device, None, True)])
        session, = self.sessions("anna")
        self.assertEqual((session.began_at, session.ended_at, session.ending, session.uncertain),
                         (online.online_since, gone.last_seen, "left", False))

    def test_unavailable_and_still_connected(self):
        """A stream without presence is nobody who is online (RFC 6121 §4.5)."""
        ben, = self.members_online("ben")
        self.wait_who("ben", state="online")
        ben.hides()
        self.wait_who("ben", state="offline")
        ben.shows("chat")
        self.wait_who("ben", state="online", show="chat")
        self.assertEqual([what for what, *_ in self.history("ben")], ["online", "left", "online"])

    def test_who_was_online_then(self):
        carla, dora = self.members("carla", "dora")
        carla.logs_in()
        self.wait_who("carla", state="online")
        carla_alone = self.database_time()
        dora.logs_in()
        self.wait_who("dora", state="online")
        both = self.database_time()
        carla.logs_out()
        self.wait_who("carla", state="offline")
        dora_alone = self.database_time()
        for moment, carlas, doras in ((carla_alone, "online", "offline"), (both, "online", "online"), (dora_alone, "offline", "online")):
            then = self.at(moment)
            self.assertEqual((then["carla"], then["dora"]), (carlas, doras))


if __name__ == "__main__":
    main()
