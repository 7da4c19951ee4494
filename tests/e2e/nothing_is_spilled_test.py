# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords stand in clear nowhere but at the Jabber server, and no log holds a message's text, however talkative it is set."""
import os

from actors import main
from client_scene import ClientScene
from statements import announcement, member_upserted, password_changed
from tables import all_text


class NothingIsSpilled(ClientScene):
    @classmethod
    def setUpClass(cls):
        os.environ["ROSTRUM_LOG_LEVEL"] = "debug"
        cls.addClassCleanup(os.environ.pop, "ROSTRUM_LOG_LEVEL")
        super().setUpClass()

    def test_by_what_goes_well(self):
        (anna,) = self.members_online("anna")
        registration, notification = self.publisher("registration"), self.publisher("notification")
        self.assertEqual(self.statuses(registration, self.publish(
            registration, password_changed("anna", self.sealed("clear-password-1"), revision=1 << 62))), ["ACCEPTED"])
        tickets = self.publish(notification, announcement("clear-text-1", members=("anna",)))
        self.statuses(notification, tickets)
        self.wait_deliveries(tickets[0].id.hex(), {"anna": "delivered"})
        self.assertTrue(anna.received("clear-text-1"))
        self.assert_nowhere("password of anna", "clear-password-1", in_database=True)
        self.assert_nowhere("clear-text-1")

    def test_by_what_is_rejected_or_cannot_be_done(self):
        registration, notification = self.publisher("registration"), self.publisher("notification")
        self.statuses(registration, self.publish(
            registration, member_upserted("bad\x07", self.site.jid("bad"), self.sealed("clear-password-2")),
            member_upserted("open", self.site.jid("open"), b"clear-password-3")))
        self.statuses(notification, self.publish(notification, announcement("clear-text-2\x07"), announcement("clear-text-3", members=("nobody",))))
        self.lab.prosody.adduser("cleo", "her own")
        self.site.states_member("cleo", password="clear-password-4")
        self.wait_account("cleo", "dead")
        self.assert_nowhere("clear-password-2", "clear-password-3", "clear-password-4", in_database=True)
        self.assert_nowhere("clear-text-2", "clear-text-3")

    def assert_nowhere(self, *secrets: str, in_database: bool = False) -> None:
        places = {name: self.services.log(name).read_text(errors="replace") for name in self.services.instances}
        for name, text in places.items():
            self.assertTrue(text, f"{name} has logged something")
        if in_database:
            places["the database"] = all_text(self.lab.postgres)
        for secret in secrets:
            for place, text in places.items():
                for spelling in (secret, secret.encode().hex()):
                    self.assertNotIn(spelling, text, f"{secret} in {place}")


if __name__ == "__main__":
    main()
