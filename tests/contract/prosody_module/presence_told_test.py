#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the presence watch tells: everybody once, then every change, as the server believes it."""

from crowd import CENSOR_MODULE
from watch_case import WATCH, WatchTest
import python_tests
from xmpp import Client, wait_for

SITE = "site@example.test"


class Snapshot(WatchTest):
    async def test_names_everybody_once_and_ends(self):
        alice = await self.member("alice")
        bob = await self.member("bob")
        bob2 = await self.enterAsyncContext(Client(self.lab, "bob", "bob-password", resource="phone"))
        carol = await self.member("carol", available=False)
        dave = await self.member("dave")
        dave.send("<presence type='unavailable'/>")
        await dave.barrier()
        self.assertTrue(carol.full)
        async with self.site(resource="other"):  # neither is a member
            self.door.client.send("<presence/>")
            await self.door.client.barrier()
            watch = await self.watch()
        self.assertEqual(sorted(watch.told()), sorted(f"{who.full} available" for who in (alice, bob, bob2)))
        self.assertEqual(watch.numbers(), [1, 2])

    async def test_nobody_online_is_a_snapshot_too(self):
        watch = await self.watch()
        self.assertEqual([message.tag for message in watch.messages], [f"{WATCH}snapshot-end"])
        self.assertEqual(watch.numbers(), [1])

    async def test_age_is_the_servers_and_not_the_clients(self):
        erin = await self.member("erin")
        erin.send("<presence><delay xmlns='urn:xmpp:delay' from='example.test' stamp='2001-01-01T00:00:00Z'/></presence>")
        await erin.barrier()
        async with self.site(available=False) as site:
            age = 0
            while age == 0:  # asks anew until a second has passed
                watch = await (await self.ask(site)).whole()
                age = int(watch.messages[0][0].get("age", "0"))
            self.assertLess(age, 60)


class Resources(WatchTest):
    """Each is told the same way as a change and in a snapshot."""

    CASES = (
        ("", ""),
        ("<show>chat</show>", "chat"), ("<show>away</show>", "away"), ("<show>xa</show>", "xa"), ("<show>dnd</show>", "dnd"),
        ("<show>invisible</show>", ""), ("<show/>", ""), ("<show>Away</show>", ""), ("<show>dnd<x/></show>", ""),
        ("<priority>5</priority>", "5"), ("<priority>-1</priority>", "-1"), ("<priority>+7</priority>", "7"), ("<priority>0</priority>", ""),
        ("<priority>300</priority>", "127"), ("<priority>-99999999999999999999</priority>", "-128"), ("<priority>high</priority>", ""),
        ("<priority> 5</priority>", ""),
        ("<status>in a meeting</status>", '"in a meeting"'), ("<status/>", ""), ("<status>a<b/>c</status>", ""),
        ("<status xml:lang='cs'>na schůzi</status><status>busy</status>", '"busy"'),
        ("<status xml:lang='cs'>na schůzi</status><status xml:lang='de'>besetzt</status>", '"na schůzi"'),
        ("<show>away</show><status>lunch</status><priority>2</priority>", 'away 2 "lunch"'),
        ("<show xmlns='urn:other'>dnd</show><status xmlns='urn:other'>no</status><priority xmlns='urn:other'>9</priority>", ""),
        ("<status>&lt;available jid='x@y/z'/&gt; &amp; \"]]&gt;\"</status>", '"<available jid=\'x@y/z\'/> & "]]>""'),
        ("<status>two\nlines\tand 😀</status>", '"two\nlines\tand 😀"'),
        (f"<status>{'x' * 1024}</status>", f'"{"x" * 1024}"'), (f"<status>{'x' * 5000}</status>", f'"{"x" * 1024}"'),
        (f"<status>{'x' * 1023}é</status>", f'"{"x" * 1023}"'), (f"<status>{'x' * 1022}é!</status>", f'"{"x" * 1022}é"'),
        (f"<status>{'x' * 1022}€</status>", f'"{"x" * 1022}"'), (f"<status>{'x' * 1021}😀</status>", f'"{"x" * 1021}"'),
        (f"<status>{'😀' * 256}😀</status>", f'"{"😀" * 256}"'),
    )

    async def test_show_priority_and_status_are_told_as_the_server_believes_them(self):
        frank = await self.member("frank")
        async with self.site(available=False) as site:
            for children, words in self.CASES:
                with self.subTest(children[:80]):
                    expected = f"{frank.full} available {words}".strip()
                    watch = await (await self.ask(site)).whole()
                    frank.send(f"<presence>{children}</presence>")
                    await wait_for(lambda: len(watch.told()) == 2, "the change")
                    self.assertEqual(watch.told()[1], expected)
                    snapshot = await (await self.ask(site)).whole()
                    self.assertEqual(snapshot.told(), [expected])

    async def test_bytes_of_a_status_are_cut_and_not_its_characters(self):
        grace = await self.member("grace")
        grace.send(f"<presence><status>{'é' * 600}</status></presence>")
        await grace.barrier()
        watch = await self.watch()
        status = watch.messages[0][0].findtext(f"{WATCH}status")
        self.assertEqual(status, "é" * 512)


class Changes(WatchTest):
    async def test_come_in_their_order_and_without_a_gap(self):
        heidi = await self.member("heidi")
        watch = await self.watch()
        shows = [f"<presence><status>{number}</status></presence>" for number in range(300)]
        heidi.send("".join(shows))
        expected = [f"{heidi.full} available"] + [f'{heidi.full} available "{number}"' for number in range(300)]
        await wait_for(lambda: len(watch.told(heidi.full)) == len(expected), "all of them", 60)
        await self.assert_told_by_now(watch, *expected, of=heidi.full)

    async def test_each_resource_of_a_member_is_told_by_itself(self):
        desk = await self.member("ivan", resource="desk")
        watch = await self.watch()
        phone = await self.enterAsyncContext(Client(self.lab, "ivan", "ivan-password", resource="phone"))
        desk.send("<presence type='unavailable'/>")
        await desk.barrier()
        phone.send("<presence><show>xa</show></presence>")
        await phone.barrier()
        await self.assert_told_by_now(watch, f"{desk.full} available", f"{desk.full} unavailable left", of=desk.full)
        self.assertEqual(watch.told(phone.full), [f"{phone.full} available", f"{phone.full} available xa"])

    async def test_members_that_are_new_are_told_without_a_restart(self):
        watch = await self.watch()
        self.prosody.adduser("judy", "pw")
        async with Client(self.lab, "judy", "pw") as judy:
            await watch.hears(f"{judy.full} available")
        kim = await self.member("kim")
        await watch.hears(f"{kim.full} available")

    async def test_site_and_control_account_are_nobodys_concern(self):
        watch = await self.watch()
        async with self.site(resource="other") as other:
            self.door.client.send("<presence><show>dnd</show></presence>")
            await self.door.client.barrier()
            await self.assert_told_by_now(watch, of=self.door.client.full)
            self.assertEqual(watch.told(other.full), [])


class Endings(WatchTest):
    async def test_left_is_who_says_so_and_only_once(self):
        alice = await self.member("alice")
        watch = await self.watch()
        alice.send("<presence type='unavailable'><status>bye</status></presence>")
        await alice.barrier()
        await self.lose(alice)
        await self.assert_told_by_now(watch, f"{alice.full} available", f"{alice.full} unavailable left", of=alice.full)

    async def test_dropped_is_whose_connection_is_lost(self):
        bob = await self.member("bob")
        watch = await self.watch()
        bob.drop()
        await watch.hears(f"{bob.full} available", f"{bob.full} unavailable dropped")

    async def test_dropped_is_who_closes_the_stream_without_a_word(self):
        carol = await self.member("carol")
        watch = await self.watch()
        await carol.logout()
        await watch.hears(f"{carol.full} available", f"{carol.full} unavailable dropped")

    async def test_dropped_is_whom_the_server_sends_away(self):
        dave = await self.member("dave")
        watch = await self.watch()
        self.prosody.shell(f'c2s:close("{dave.full}")')
        await watch.hears(f"{dave.full} available", f"{dave.full} unavailable dropped")
        erin = await self.member("erin")
        self.prosody.shell('user:delete("erin@example.test")')
        await watch.hears(f"{erin.full} available", f"{erin.full} unavailable dropped")

    async def test_dropped_is_who_is_replaced_by_a_new_session_of_the_same_name(self):
        frank = await self.member("frank")
        watch = await self.watch()
        async with Client(self.lab, "frank", "frank-password"):
            await watch.hears(f"{frank.full} available", f"{frank.full} unavailable dropped", f"{frank.full} available")

    async def test_who_hibernates_is_still_available(self):
        grace = await self.member("grace")
        watch = await self.watch()
        await self.hibernate(grace)
        await self.assert_told_by_now(watch, f"{grace.full} available", of=grace.full)
        self.assertIn(f"{grace.full} available", (await (await self.ask(watch.session)).whole()).told())

    async def hibernate(self, member):
        """Its connection is lost, but not its session (XEP-0198 §5)."""
        member.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
        await member.barrier()
        logged = len(self.prosody.log_text())
        member.drop()
        await wait_for(lambda: "Client disconnected: connection closed" in self.prosody.log_text()[logged:], "the connection to be lost")


class EndOfHibernation(WatchTest):
    prosody_arguments = {"extra_settings": "smacks_hibernation_time = 1"}

    async def test_dropped_is_who_did_not_come_back(self):
        heidi = await self.member("heidi")
        watch = await self.watch()
        heidi.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
        await heidi.barrier()
        heidi.drop()
        await watch.hears(f"{heidi.full} available", f"{heidi.full} unavailable dropped")


class NotTold(WatchTest):
    prosody_arguments = {"extra_modules": (CENSOR_MODULE,)}

    async def test_directed_presence_changes_nothing_and_is_not_delivered(self):
        alice = await self.member("alice")
        bob = await self.member("bob", available=False)
        watch = await self.watch()
        site = watch.session
        for member in (alice, bob):
            for to in (SITE, site.full, f"{SITE}/nobody"):
                for kind in ("", "type='unavailable'", "type='error'"):
                    member.send(f"<presence to='{to}' {kind}><show>dnd</show></presence>")
            await member.barrier()
        await self.assert_told_by_now(watch, f"{alice.full} available", of=alice.full)
        self.assertEqual(watch.told(bob.full), [])
        self.assertEqual(site.stanzas("presence", sender=alice.full) + site.stanzas("presence", sender=bob.full), [])

    async def test_end_of_a_session_that_was_never_available_is_none(self):
        carol = await self.member("carol", available=False)
        watch = await self.watch()
        carol.send(f"<presence to='{SITE}'/>")
        await carol.barrier()
        await self.lose(carol)
        await self.assert_told_by_now(watch, of=carol.full)
        self.assertEqual(watch.session.stanzas("presence", sender=carol.full), [])

    async def test_presence_to_oneself_counts_as_the_server_counts_it(self):
        dave = await self.member("dave")
        watch = await self.watch()
        dave.send(f"<presence to='{dave.bare}'><show>away</show></presence>")
        await dave.barrier()
        await self.assert_told_by_now(watch, f"{dave.full} available", f"{dave.full} available away", of=dave.full)

    async def test_refused_presence_has_not_happened(self):
        erin = await self.member("erin")
        watch = await self.watch()
        erin.send("<presence><show>dnd</show><status>refuse me</status></presence>")
        erin.send("<presence type='unavailable'><status>refuse me</status></presence>")
        await erin.barrier()
        await self.assert_told_by_now(watch, f"{erin.full} available", of=erin.full)
        erin.drop()
        await watch.hears(f"{erin.full} available", f"{erin.full} unavailable dropped")

    async def test_end_that_was_kept_from_the_server_is_told_all_the_same(self):
        mute = await self.member("mute")
        watch = await self.watch()
        mute.send("<presence type='unavailable'/>")
        await mute.barrier()
        await self.assert_told_by_now(watch, f"{mute.full} available", of=mute.full)
        mute.drop()
        await watch.hears(f"{mute.full} available", f"{mute.full} unavailable dropped")

    async def test_site_gets_nothing_besides_the_watch(self):
        frank = await self.member("frank")
        watch = await self.watch()
        async with self.site(resource="other") as other:
            grace = await self.member("grace")
            frank.send("<presence><show>away</show></presence>")
            grace.send("<presence type='unavailable'/>")
            for member in (frank, grace):
                await member.barrier()
            await watch.hears(f"{grace.full} available", f"{grace.full} unavailable left")
            for site in (watch.session, other):
                await site.barrier()
                senders = {stanza.get("from").partition("/")[0] for stanza in site.stanzas("presence")}
                self.assertLessEqual(senders, {SITE})

    async def test_members_see_the_site_all_the_same(self):
        heidi = await self.member("heidi")
        watch = await self.watch()
        ivan = await self.member("ivan")
        watch.session.send("<presence><status>watching</status></presence>")
        for member in (heidi, ivan):
            await wait_for(lambda: any(stanza.findtext("{jabber:client}status") == "watching"
                                       for stanza in member.stanzas("presence", sender=watch.session.full)), "the site's presence")


if __name__ == "__main__":
    python_tests.main()
