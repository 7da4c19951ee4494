# SPDX-License-Identifier: GPL-3.0-or-later
"""A client goes without a good-bye: its member is offline as soon as the server has given it up, and the history says how it went."""
from actors import main, wait_for
from presence_scene import PresenceScene

HIBERNATION_SECONDS = 3


class ClientIsDropped(PresenceScene):
    SERVER = {"extra_settings": f"smacks_hibernation_time = {HIBERNATION_SECONDS}"}

    def hibernating(self) -> set[str]:
        return {session.resource for session in self.lab.prosody.sessions() if session.hibernating}

    def test_its_connection_breaks(self):
        anna, = self.members_online("anna")
        device = anna.resource
        self.wait_who("anna", state="online")
        anna.vanishes()
        self.wait_who("anna", state="offline", uncertain=False)
        self.assertEqual(self.history("anna"), [("online", device, "online", True), ("dropped", device, None, True)])

    def test_the_server_waits_for_one_that_can_resume(self):
        """XEP-0198: until then it is online, to Rostrum as to everybody."""
        ben, = self.members("ben")
        phone = ben.device("phone", resumable=True).logs_in()
        self.wait_who("ben", state="online")
        phone.vanishes()
        wait_for(lambda: "phone" in self.hibernating(), "the server to wait for the client")
        self.assertEqual(self.who("ben").state, "online")
        self.wait_who("ben", HIBERNATION_SECONDS + 10, state="offline")
        self.assertEqual(self.history("ben"), [("online", "phone", "online", True), ("dropped", "phone", None, True)])

    def test_one_that_resumes_was_never_away(self):
        carla, = self.members("carla")
        phone = carla.device("phone", resumable=True).logs_in()
        self.wait_who("carla", state="online")
        phone.loses_its_connection()
        wait_for(lambda: phone.is_online() and "phone" not in self.hibernating(), "the client to be back")
        phone.shows("dnd")
        self.wait_who("carla", state="online", show="dnd")
        self.assertEqual(self.history("carla"), [("online", "phone", "online", True), ("online", "phone", "dnd", True)])


if __name__ == "__main__":
    main()
