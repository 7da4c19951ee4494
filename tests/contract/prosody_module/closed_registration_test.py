#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the site registers: XEP-0077 is refused before and after log-in, also where Prosody's own registration is loaded."""

from door_case import DoorTest
import python_tests
from xmpp import Client, RawStream

REGISTER = "<query xmlns='jabber:iq:register'>{}</query>"
CREDENTIALS = "<username>{}</username><password>stolen</password>"


class ClosedRegistration(DoorTest):
    prosody_arguments = {"extra_modules": ("register_ibr",), "extra_settings": "allow_registration = true"}

    def assert_refused(self, answer):
        self.assertEqual(answer.brief(), "cancel/not-allowed")
        self.assertIn("Example site", answer.text)

    async def test_stream_features_do_not_offer_registration(self):
        async with RawStream(self.lab) as stranger:
            self.assertNotIn("iq-register", stranger.features)

    async def test_stranger_is_refused_and_told_whom_to_ask(self):
        async with RawStream(self.lab) as stranger:
            self.assert_refused(await stranger.iq("get", REGISTER.format("")))
            self.assert_refused(await stranger.iq("set", REGISTER.format(CREDENTIALS.format("mallory"))))
        self.assertNotIn("mallory", self.prosody.accounts())

    async def test_member_can_neither_change_password_nor_leave_nor_register_others(self):
        alice = await self.member("alice")
        for payload in (CREDENTIALS.format("alice"), "<remove/>", CREDENTIALS.format("mallory")):
            for to in (None, "alice@example.test", "example.test"):
                self.assert_refused(await alice.iq("set", REGISTER.format(payload), to=to))
        self.assert_refused(await alice.iq("get", REGISTER.format("")))
        async with Client(self.lab, "alice", "alice-password", resource="again"):
            pass
        self.assertNotIn("mallory", self.prosody.accounts())


if __name__ == "__main__":
    python_tests.main()
