#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site is in every member's contact list, stays there, and leaves no trace in the store."""

from door_case import DoorTest
import python_tests
from xmpp import Client

SITE = "site@example.test"
SITE_ITEM = {"jid": SITE, "name": "Example site", "subscription": "both"}
FRIEND = "friend@example.test"


def roster_item(jid, **attributes):
    return f"<query xmlns='jabber:iq:roster'><item jid='{jid}' {' '.join(f'{key}={value!r}' for key, value in attributes.items())}/></query>"


def block(jid):
    return f"<block xmlns='urn:xmpp:blocking'><item jid='{FRIEND}'/><item jid='{jid}'/></block>"


class Contact(DoorTest):
    async def test_every_member_has_it_from_the_first_login_on(self):
        alice = await self.member("alice")
        bob = await self.member("bob")  # made while alice is online
        self.prosody.adduser("carol", "pw")  # made by an operator
        async with Client(self.lab, "carol", "pw") as carol:
            for member in (alice, bob, carol):
                self.assertEqual(await member.roster(), {SITE: SITE_ITEM})
        self.assertEqual(alice.stanzas("presence", type="subscribe"), [])

    async def test_site_and_control_account_do_not_have_it(self):
        async with self.site(available=False) as site:
            self.assertEqual(await site.roster(), {})
        self.assertEqual(await self.door.client.roster(), {})

    async def test_it_can_be_neither_removed_nor_changed(self):
        dave = await self.member("dave")
        for item in (roster_item(SITE, subscription="remove"), roster_item(SITE, name="Pest"), roster_item(f"{SITE}/x", name="Pest"),
                     roster_item("SITE@example.test", subscription="remove")):
            answer = await dave.iq("set", item)
            self.assertEqual(answer.brief(), "cancel/not-allowed", item)
            self.assertIn("Example site", answer.text)
        self.assertEqual(await dave.roster(), {SITE: SITE_ITEM})

    async def test_it_cannot_be_blocked_by_any_form_of_address(self):
        erin = await self.member("erin")
        for jid in (SITE, f"{SITE}/any", "example.test", "example.test/x", "Site@EXAMPLE.test"):
            self.assertEqual((await erin.iq("set", block(jid))).brief(), "cancel/not-allowed", jid)
        blocked = await erin.iq("get", "<blocklist xmlns='urn:xmpp:blocking'/>")
        self.assertEqual(len(blocked.payload), 0)

    async def test_others_can_be_blocked(self):
        frank = await self.member("frank")
        self.assertEqual((await frank.iq("set", block("pest@elsewhere.test"))).brief(), "result")

    async def test_subscription_presence_to_it_changes_nothing_and_reaches_nobody(self):
        grace = await self.member("grace")
        async with self.site() as site:
            for to in (SITE, site.full):
                for kind in ("unsubscribe", "unsubscribed", "subscribe", "subscribed"):
                    grace.send(f"<presence to='{to}' type='{kind}'/>")
            await grace.barrier()
            await site.barrier()
            kinds = {stanza.get("type") for stanza in site.stanzas("presence")}
            self.assertTrue(kinds.isdisjoint({"unsubscribe", "unsubscribed", "subscribe", "subscribed"}), kinds)
        self.assertEqual(await grace.roster(), {SITE: SITE_ITEM})

    async def test_site_cannot_end_it_by_mistake_either(self):
        heidi = await self.member("heidi")
        async with self.site() as site:
            for kind in ("unsubscribe", "unsubscribed", "subscribe", "subscribed"):
                site.send(f"<presence to='{heidi.bare}' type='{kind}'/>")
            await site.barrier()
        self.assertEqual(await heidi.roster(), {SITE: SITE_ITEM})
        self.assertEqual(heidi.stanzas("presence", type="subscribe"), [])

    async def test_members_own_contacts_work_as_ever(self):
        ivan = await self.member("ivan")
        self.assertEqual((await ivan.iq("set", roster_item(FRIEND, name="Friend"))).brief(), "result")
        self.assertEqual((await ivan.iq("set", roster_item(FRIEND, name="Old friend"))).brief(), "result")
        self.assertEqual((await ivan.roster())[FRIEND]["name"], "Old friend")
        self.assertEqual((await ivan.iq("set", roster_item(FRIEND, subscription="remove"))).brief(), "result")
        self.assertEqual(await ivan.roster(), {SITE: SITE_ITEM})


class Store(DoorTest):
    """What is on disk, and what is left when the module is taken away."""

    def stored(self, username):
        return (self.prosody.store("roster") / f"{username}.dat").read_text()

    def module(self, command):
        self.prosody.shell(f'module:{command}("rostrum", "example.test")')

    async def test_store_never_holds_it(self):
        alice = await self.member("alice")
        await alice.iq("set", roster_item(FRIEND))
        self.assertNotIn(SITE, self.stored("alice"))
        self.assertIn(FRIEND, self.stored("alice"))
        # A pending request is dropped by blocking, which saves the whole roster at once.
        bob = await self.member("bob")
        bob.send(f"<presence to='{alice.bare}' type='subscribe'/>")
        await bob.barrier()
        self.assertEqual((await alice.iq("set", f"<block xmlns='urn:xmpp:blocking'><item jid='{bob.bare}'/></block>")).brief(), "result")
        self.assertNotIn(SITE, self.stored("alice"))
        self.assertNotIn("persist", self.stored("alice"))
        self.assertNotIn("stored_version", self.stored("alice"))

    async def test_known_version_never_hides_it(self):
        self.prosody.adduser("carol", "pw")
        self.prosody.put_in_store("roster", "carol", 'return { [false] = { version = 7; pending = {}; }; };')
        async with Client(self.lab, "carol", "pw") as carol:
            self.assertEqual(await carol.roster(version="7"), {SITE: SITE_ITEM})
            await carol.iq("set", roster_item(FRIEND))
        self.assertIn('["version"] = 8', self.stored("carol"))

    async def test_contact_that_a_member_had_before_is_covered_and_kept(self):
        self.prosody.adduser("dave", "pw")
        self.prosody.put_in_store("roster", "dave", 'return { [false] = { version = 1; pending = { ["%s"] = true; }; }; '
                                                    '["%s"] = { subscription = "none"; name = "Mine"; groups = {}; }; };' % (SITE, SITE))
        async with Client(self.lab, "dave", "pw") as dave:
            self.assertEqual(await dave.roster(), {SITE: SITE_ITEM})
            self.assertEqual(dave.stanzas("presence", type="subscribe"), [])
            await dave.iq("set", roster_item(FRIEND))
            self.assertIn("Mine", self.stored("dave"))

    async def test_unloaded_module_takes_it_along_and_a_loaded_one_brings_it(self):
        erin = await self.member("erin")
        await erin.roster()
        self.module("unload")
        self.assertEqual(await erin.roster(), {})
        self.assertEqual((await erin.iq("set", roster_item(FRIEND))).brief(), "result")
        self.module("load")
        self.assertEqual(set(await erin.roster()), {SITE, FRIEND})
        pushed = [item.attrib for stanza in erin.stanzas("iq", type="set") for item in stanza[0] if item.get("jid") == SITE]
        self.assertEqual(pushed[-1:], [SITE_ITEM])

    async def test_reloaded_module_keeps_it(self):
        frank = await self.member("frank")
        self.module("reload")
        self.assertEqual(await frank.roster(), {SITE: SITE_ITEM})
        self.assertEqual((await frank.iq("set", roster_item(SITE, subscription="remove"))).brief(), "cancel/not-allowed")


if __name__ == "__main__":
    python_tests.main()
