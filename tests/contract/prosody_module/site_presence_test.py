#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Site and members see each other's presence, and what Rostrum does never disturbs a member."""

from door_case import DoorTest, claim
import python_tests
from xmpp import Client, wait_for

SITE = "site@example.test"


def online(client, full):
    """Whether `client` has last seen `full` available."""
    seen = [stanza for stanza in client.stanzas("presence", sender=full) if stanza.get("type") in (None, "unavailable")]
    return bool(seen) and seen[-1].get("type") is None


class SitePresence(DoorTest):
    async def test_site_that_comes_and_goes_is_seen_by_members_online(self):
        alice = await self.member("alice")
        site = await self.site().login()
        await wait_for(lambda: online(alice, site.full), "the site online")
        site.send("<presence><status>Maintenance at noon</status></presence>")
        await wait_for(lambda: "Maintenance at noon" in [s.findtext("{jabber:client}status") for s in alice.stanzas("presence")], "its status")
        await site.logout()
        await wait_for(lambda: not online(alice, site.full), "the site offline")

    async def test_member_who_comes_later_sees_the_site_and_is_not_unsubscribed(self):
        async with self.site() as site:
            bob = await self.member("bob")
            await wait_for(lambda: online(bob, site.full), "the site online")
            await wait_for(lambda: online(site, bob.full), "bob online")
            self.assertEqual((await bob.roster())[SITE]["subscription"], "both")
            self.assertEqual(bob.stanzas("presence", type="unsubscribed"), [])

    async def test_site_that_logs_in_gets_everybody_who_is_online(self):
        members = [await self.member(name) for name in ("carol", "dave")]
        async with self.site() as site:
            await wait_for(lambda: all(online(site, member.full) for member in members), "carol and dave online")
            self.assertFalse(online(site, self.door.client.full))
            members[0].drop()
            members[1].send("<presence type='unavailable'/>")
            await wait_for(lambda: not online(site, members[1].full), "dave offline")

    async def test_sender_session_without_presence_is_seen_by_nobody(self):
        erin = await self.member("erin")
        async with self.site(available=False) as sender:
            sender.send("<presence type='unavailable'/>")
            sender.send(f"<message to='{erin.bare}' type='chat' id='n1'><body>Welcome</body></message>")
            await wait_for(lambda: erin.bodies() == ["Welcome"], "the notice")
            self.assertEqual(erin.stanzas("presence", sender=sender.full), [])


class Undisturbed(DoorTest):
    async def test_members_own_messages_reach_the_member_while_rostrum_works(self):
        key = claim()
        await self.door.create("alice", key, "pw")
        bob = await self.member("bob")
        async with Client(self.lab, "alice", "pw") as alice, self.site(available=False):
            await self.door.set_password("alice", key, "new")
            await self.door.create("alice", key, "newer")
            bob.send(f"<message to='{alice.bare}' type='chat'><body>Lunch?</body></message>")
            await wait_for(lambda: alice.bodies() == ["Lunch?"], "bob's message")
            self.assertFalse(alice.closed)
            self.assertEqual(alice.stanzas("presence", type="subscribe"), [])
        self.assertEqual(self.door.client.bodies(), [])

    async def test_hibernating_session_of_a_removed_member_ends_too(self):
        key = claim()
        await self.door.create("carol", key, "pw")
        carol = await Client(self.lab, "carol", "pw").login()
        carol.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
        await carol.barrier()
        carol.drop()
        await wait_for(lambda: "Client disconnected: connection closed" in self.prosody.log_text().split("create carol")[-1], "carol to be cut off")
        self.assertIn("carol@", self.prosody.shell("c2s:show()"))
        self.assertEqual(await self.door.remove("carol", key), "removed")
        self.assertNotIn("carol@", self.prosody.shell("c2s:show()"))


if __name__ == "__main__":
    python_tests.main()
