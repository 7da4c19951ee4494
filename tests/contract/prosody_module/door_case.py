# SPDX-License-Identifier: GPL-3.0-or-later
"""The ground the tests of this folder stand on: a private Prosody per file, and the control account at the door."""

import sys
import unittest
import uuid
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(_ROOT / "deploy"), str(_ROOT / "tests" / "support")]

from lab.lab import Lab  # noqa: E402
from xmpp import Client  # noqa: E402

DOOR = "urn:rostrum:door:1"


def claim():
    return str(uuid.uuid4())


class Door:
    """Rostrum's side of the door, as docs/account-door.md describes it."""

    def __init__(self, client, host):
        self.client = client
        self._host = host

    async def ask(self, kind, request):
        return await self.client.iq(kind, request, to=self._host)

    async def describe(self):
        return (await self.ask("get", f"<describe xmlns='{DOOR}'/>")).payload.attrib

    async def create(self, username, key, password="first-password"):
        return self.outcome(await self.ask(
            "set", f"<create xmlns='{DOOR}' username='{username}' claim='{key}'><password>{password}</password></create>"))

    async def set_password(self, username, key, password):
        return self.outcome(await self.ask(
            "set", f"<set-password xmlns='{DOOR}' username='{username}' claim='{key}'><password>{password}</password></set-password>"))

    async def remove(self, username, key):
        return self.outcome(await self.ask("set", f"<remove xmlns='{DOOR}' username='{username}' claim='{key}'/>"))

    @staticmethod
    def outcome(answer):
        """'created', 'removed', …, or the error as 'type/condition', with '+existed' when the door adds that."""
        if answer.condition:
            return answer.brief() + ("+existed" if answer.extra == f"{{{DOOR}}}existed" else "")
        return answer.payload.get("outcome")

    def news(self):
        """(event, user name) of every account that came or went by other ways."""
        elements = [stanza.find(f"{{{DOOR}}}account") for stanza in self.client.stanzas("message", sender=self._host)]
        return [(element.get("event"), element.get("username")) for element in elements if element is not None]


class DoorTest(unittest.IsolatedAsyncioTestCase):
    """One Prosody for all tests of a class; every test gets a fresh session of the control account as self.door."""

    prosody_arguments = {}

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab(postgres=False, **cls.prosody_arguments))
        cls.prosody = cls.lab.prosody

    async def asyncSetUp(self):
        self.door = await self.open_door()

    async def open_door(self):
        client = Client(self.lab, self.lab.control_jid.partition("@")[0], self.password_of("control"), available=False)
        await self.enterAsyncContext(client)
        return Door(client, self.lab.domain)

    def password_of(self, who):
        return (self.lab.folder / f"{who}.password").read_text().strip()

    def site(self, **arguments):
        return Client(self.lab, self.lab.site_jid.partition("@")[0], self.password_of("site"), **arguments)

    async def member(self, username, **arguments):
        """A member made through the door and logged in."""
        self.assertEqual(await self.door.create(username, claim(), f"{username}-password"), "created")
        return await self.enterAsyncContext(Client(self.lab, username, f"{username}-password", **arguments))
