#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control account hears of accounts that come and go by other ways than the door."""

from door_case import DoorTest, claim
import python_tests
from lab.process import LabError
from xmpp import Client, wait_for

ADMIN = "http://jabber.org/protocol/admin"


class AccountNews(DoorTest):
    prosody_arguments = {"extra_settings": 'admins = { "boss@example.test" }'}

    async def assert_news(self, *expected):
        await wait_for(lambda: len(self.door.news()) >= len(expected), f"news of {expected}, not {self.door.news()}")
        await self.door.client.barrier()
        self.assertEqual(self.door.news(), list(expected))

    async def test_admin_shell(self):
        self.prosody.shell('user:create("alice@example.test", "pw")')
        self.prosody.shell('user:delete("alice@example.test")')
        await self.assert_news(("appeared", "alice"), ("vanished", "alice"))

    async def test_administrators_ad_hoc_command(self):
        self.prosody.adduser("boss", "pw")
        fields = {"accountjid": "bob@example.test", "password": "pw", "password-verify": "pw"}
        form = "".join(f"<field var='{name}'><value>{value}</value></field>" for name, value in fields.items())
        async with Client(self.lab, "boss", "pw") as boss:
            node = f"xmlns='http://jabber.org/protocol/commands' node='{ADMIN}#add-user'"
            first = await boss.iq("set", f"<command {node}/>", to="example.test")
            await boss.iq("set", f"<command {node} sessionid='{first.payload.get('sessionid')}' action='complete'>"
                                 f"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>{ADMIN}</value></field>{form}</x>"
                                 "</command>", to="example.test")
        await self.assert_news(("appeared", "bob"))

    async def test_every_session_of_the_control_account_hears_it(self):
        async with Client(self.lab, "rostrum", self.password_of("control"), resource="second", available=False) as second:
            self.prosody.shell('user:create("carol@example.test", "pw")')
            await self.assert_news(("appeared", "carol"))
            message = (await wait_for(lambda: second.stanzas("message", sender="example.test"), "news"))[0]
            self.assertEqual((message.get("to"), message.get("type")), (second.full, "headline"))

    async def test_what_the_door_does_is_no_news(self):
        key = claim()
        await self.door.create("dave", key)
        await self.door.create("dave", key)
        await self.door.set_password("dave", key, "new")
        await self.door.remove("dave", key)
        await self.assert_news()

    async def test_changed_password_and_refused_creation_are_no_news(self):
        self.prosody.adduser("erin", "pw")
        self.prosody.shell('user:password("erin@example.test", "new")')
        with self.assertRaises(LabError):  # "User exists"
            self.prosody.shell('user:create("erin@example.test", "pw")')
        await self.assert_news()

    async def test_reloaded_modules_tell_once_and_an_unloaded_one_not_at_all(self):
        self.prosody.shell('module:reload("rostrum", "example.test")')
        self.prosody.shell('user:create("frank@example.test", "pw")')
        await self.assert_news(("appeared", "frank"))
        self.prosody.shell('module:reload("auth_internal_hashed", "example.test")')
        self.prosody.shell('user:create("grace@example.test", "pw")')
        await self.assert_news(("appeared", "frank"), ("appeared", "grace"))
        self.prosody.shell('module:unload("rostrum", "example.test")')
        self.prosody.shell('user:create("heidi@example.test", "pw")')
        self.prosody.shell('user:delete("grace@example.test")')
        await self.assert_news(("appeared", "frank"), ("appeared", "grace"))
        self.prosody.shell('module:load("rostrum", "example.test")')


if __name__ == "__main__":
    python_tests.main()
