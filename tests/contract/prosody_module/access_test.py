#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door opens for the control account alone, tells what `rostrum check` asks, and stays shut when it is set up wrongly."""

from door_case import DOOR, Door, DoorTest, claim
import python_tests
from xmpp import Client, RawStream, wait_for

FORBIDDEN = "auth/forbidden"


class Access(DoorTest):
    prosody_arguments = {"extra_settings": 'admins = { "boss@example.test" }', "extra_modules": ("register_ibr",)}

    async def assert_shut_for(self, client):
        door = Door(client, self.lab.domain)
        self.assertEqual((await door.ask("get", f"<describe xmlns='{DOOR}'/>")).brief(), FORBIDDEN)
        self.assertEqual(await door.create("mallory", claim()), FORBIDDEN)
        self.assertEqual(await door.set_password("site", claim(), "x"), FORBIDDEN)
        self.assertEqual(await door.remove("site", claim()), FORBIDDEN)
        self.assertEqual((await door.ask("set", f"<anything xmlns='{DOOR}'/>")).brief(), FORBIDDEN)
        self.assertNotIn("mallory", self.prosody.accounts())

    async def test_member_is_refused(self):
        await self.assert_shut_for(await self.member("alice"))

    async def test_site_is_refused(self):
        async with self.site(available=False) as site:
            await self.assert_shut_for(site)

    async def test_server_administrator_is_refused(self):
        self.prosody.adduser("boss", "pw")
        async with Client(self.lab, "boss", "pw") as boss:
            await self.assert_shut_for(boss)

    async def test_stranger_is_not_heard_before_login(self):
        async with RawStream(self.lab) as stranger:
            answer = await stranger.iq("set", f"<create xmlns='{DOOR}' username='mallory' claim='1'><password>x</password></create>")
            self.assertEqual(answer.brief(), "cancel/service-unavailable")
        self.assertNotIn("mallory", self.prosody.accounts())

    async def test_any_session_of_the_control_account_is_served(self):
        async with Client(self.lab, "rostrum", self.password_of("control"), resource="other", available=False) as other:
            self.assertEqual(await Door(other, self.lab.domain).remove("nobody", claim()), "absent")

    async def test_unknown_requests_are_not_implemented(self):
        for kind, request in (("get", "create"), ("set", "describe"), ("set", "promote")):
            answer = await self.door.ask(kind, f"<{request} xmlns='{DOOR}' username='x' claim='1'/>")
            self.assertEqual(answer.brief(), "cancel/feature-not-implemented", request)

    async def test_description_tells_how_the_server_is_set(self):
        described = await self.door.describe()
        expected = {
            "version": "1", "site": "site@example.test", "site-name": "Example site", "site-exists": "yes", "site-unlimited": "yes",
            "control": "rostrum@example.test", "control-unlimited": "yes", "in-band-registration": "closed",
            "registration-modules": "register_ibr register_limits", "stanza-size-limit": "65536", "tls-required": "yes",
            "authentication": "internal_hashed", "passwords-hashed": "yes", "account-storage": "internal", "offline-messages": "yes",
            "presence-watch": "1", "stream-management": "yes", "hibernation-seconds": "300", "gc": "incremental", "gc-threshold": "400",
        }
        self.assertTrue(described.pop("server").startswith("Prosody 0.12"))
        self.assertEqual(described, expected)


class WrongSettings(DoorTest):
    """Each setting is tried on the same server after a restart."""

    WRONG = (
        ('admins = { "rostrum@example.test" }', "rostrum_control must not be an administrator"),
        ('rostrum_site = "rostrum@example.test"', "rostrum_site and rostrum_control must be two accounts"),
        ('rostrum_site = "site@elsewhere.test"', "rostrum_site must be the bare JID of an account on example.test"),
        ('rostrum_control = "rostrum@example.test/x"', "rostrum_control must be the bare JID of an account on example.test"),
        ('authentication = "internal_plain"', 'rostrum needs authentication = "internal_hashed"'),
    )

    async def asyncSetUp(self):
        pass

    async def test_door_stays_shut_registration_stays_closed_and_the_log_says_why(self):
        for settings, reason in self.WRONG:
            with self.subTest(settings):
                self.prosody.stop()
                self.prosody.extra_host_settings = settings
                self.prosody.start()
                await wait_for(lambda: "The door stays shut: " + reason in self.prosody.log_text(), f"in the log: {reason}")
                async with RawStream(self.lab) as stranger:
                    answer = await stranger.iq("get", "<query xmlns='jabber:iq:register'/>")
                    self.assertEqual(answer.brief(), "cancel/not-allowed")
                if "plain" not in settings:
                    door = await self.open_door()
                    self.assertEqual(await door.create("alice", claim()), FORBIDDEN)
                    await door.client.logout()


if __name__ == "__main__":
    python_tests.main()
