#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server, several VirtualHosts: each has its own door, or none."""

from door_case import Door, DoorTest, claim
from watch_case import asking
import python_tests
from xmpp import Client

HOSTS = '''
VirtualHost "second.test"
admins = { "boss@second.test" }
rostrum_site = "site@second.test"
rostrum_site_name = "Second site"
rostrum_control = "rostrum@second.test"
VirtualHost "third.test"
'''


class Hosts(DoorTest):
    prosody_arguments = {"extra_hosts": ("second.test", "third.test"), "extra_host_settings": HOSTS}

    async def test_control_account_of_one_host_is_a_stranger_to_the_other(self):
        for host in ("second.test", "third.test"):
            self.assertEqual(await Door(self.door.client, host).create("mallory", claim()), "auth/forbidden")

    async def test_site_of_one_host_may_watch_no_other(self):
        async with self.site(available=False) as site:
            self.assertEqual((await site.iq("set", asking(1), to="example.test")).brief(), "result")
            self.assertEqual((await site.iq("set", asking(1), to="second.test")).brief(), "auth/forbidden")
            self.assertEqual((await site.iq("set", asking(1), to="third.test")).brief(), "cancel/service-unavailable")

    async def test_each_host_has_its_own_door_accounts_and_site(self):
        self.prosody.adduser("rostrum", "pw", host="second.test")
        async with Client(self.lab, "rostrum", "pw", domain="second.test", available=False) as control:
            self.assertEqual(await Door(control, "second.test").create("alice", claim(), "pw"), "created")
            self.assertEqual(await Door(control, "second.test").create("boss", claim()), "cancel/not-allowed")
        self.assertNotIn("alice", self.prosody.accounts())
        async with Client(self.lab, "alice", "pw", domain="second.test") as alice:
            self.assertEqual((await alice.roster())["site@second.test"]["name"], "Second site")
            # The other host's site is nobody special here.
            answer = await alice.iq("set", "<query xmlns='jabber:iq:roster'><item jid='site@example.test'/></query>")
            self.assertEqual(answer.brief(), "result")
            self.prosody.shell('user:create("bob@second.test", "pw")')
        self.assertEqual(self.door.news(), [])

    async def test_host_without_settings_has_a_shut_door_and_no_site_contact(self):
        self.prosody.adduser("carol", "pw", host="third.test")
        self.assertIn("third.test:rostrum", self.prosody.log_text())
        async with Client(self.lab, "carol", "pw", domain="third.test") as carol:
            self.assertEqual(await carol.roster(), {})
            answer = await carol.iq("set", "<query xmlns='jabber:iq:register'><remove/></query>")
            self.assertEqual(answer.brief(), "cancel/not-allowed")


if __name__ == "__main__":
    python_tests.main()
