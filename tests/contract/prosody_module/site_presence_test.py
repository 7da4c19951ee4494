#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Site and members see each other's presence, and what Rostrum does never disturbs a member."""

import asyncio

from crowd import CROWD_MODULE, Crowd, request
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


class Rounds(DoorTest):
    """The site's presence goes round among many members in portions. What the site writes in one piece the server reads at once."""

    prosody_arguments = {"extra_modules": (CROWD_MODULE,)}
    members = 1000

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.crowd = Crowd(self.door.client)
        self.addAsyncCleanup(self.crowd.leave)
        await self.crowd.join("c", self.members)

    async def assert_all_hold(self, presence, members=members):
        end = asyncio.get_running_loop().time() + 60
        while (held := await self.crowd.holds()) != {presence: members}:
            self.assertLess(asyncio.get_running_loop().time(), end, held)

    async def test_server_serves_others_between_two_portions(self):
        async with self.site(available=False) as site:
            site.send("<presence><status>one</status></presence>")
            held = await Crowd(site).holds()  # asked in the same stream, right after it
            self.assertGreater(held.get("unavailable", 0) + held.get("none", 0), 0, held)
            await self.assert_all_hold("one")

    async def test_later_presence_overtakes_an_unfinished_round_and_nobody_keeps_the_older(self):
        async with self.site(available=False) as site:
            before = await self.crowd.handed()
            site.send("".join(f"<presence><status>{word}</status></presence>" for word in ("one", "two", "three")))
            await self.assert_all_hold("three")
            self.assertLess(await self.crowd.handed() - before, 2 * self.members)

    async def test_site_that_goes_at_once_is_unavailable_to_all(self):
        async with self.site(available=False) as site:
            site.send("<presence><status>one</status></presence><presence type='unavailable'/>")
            await self.assert_all_hold("unavailable")

    async def test_site_whose_connection_is_lost_in_the_middle_is_unavailable_to_all(self):
        async with self.site(available=False) as site:
            site.send("<presence><status>one</status></presence></stream:stream>")
            await self.assert_all_hold("unavailable")

    async def test_who_comes_online_meanwhile_holds_it_too(self):
        async with self.site(available=False) as site:
            site.send("<presence><status>one</status></presence><iq type='set' id='join' to='example.test'>"
                      + request("join", "<presence xmlns='jabber:client'/>", name="late", count=50) + "</iq>")
            await self.assert_all_hold("one", self.members + 50)

    async def test_reload_of_the_module_leaves_nobody_in_the_middle_of_a_round(self):
        async with self.site(available=False) as site:
            site.send(f"<presence><status>one</status></presence><iq type='set' id='r' to='example.test'>{request('reload')}</iq>")
            await self.assert_all_hold("one")

    async def test_site_that_asks_no_watch_has_everybodys_presence_before_the_answer_to_its_next_ping(self):
        async with self.site() as site:  # waits for that answer
            senders = [stanza.get("from") for stanza in site.stanzas("presence") if stanza.get("from") != site.full]
            self.assertEqual(sorted(senders), sorted(f"c-{number}@example.test/crowd" for number in range(1, self.members + 1)))


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
