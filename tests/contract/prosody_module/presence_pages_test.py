#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The presence watch with thousands of members online: pages of bounded size, and a server that serves others between them."""

import xml.etree.ElementTree as ET

from crowd import CROWD_MODULE, Crowd
from watch_case import WATCH, WatchTest, asking
import python_tests
from xmpp import wait_for

THOUSANDS = 3000


def bytes_on_the_wire(element):
    """At least so many as Prosody writes: it escapes quotes in texts too."""
    text = ET.tostring(element)
    return len(text) + 5 * (text.count(b"'") + text.count(b'"'))


class Pages(WatchTest):
    prosody_arguments = {"extra_modules": (CROWD_MODULE,)}

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.crowd = Crowd(self.door.client)
        self.addAsyncCleanup(self.crowd.leave)

    def assert_pages(self, watch):
        pages = [message for message in watch.messages if message.tag == f"{WATCH}presences"]
        self.assertLessEqual(max(len(page) for page in pages), 100)
        self.assertLess(max(bytes_on_the_wire(page) for page in pages), 32 * 1024)
        self.assertEqual(watch.numbers(), list(range(1, len(watch.numbers()) + 1)))

    async def test_everybody_is_named_once_in_pages(self):
        await self.crowd.join("a", THOUSANDS)
        watch = await self.watch()
        self.assertEqual(sorted(watch.told()), sorted(f"a-{number}@example.test/crowd available" for number in range(1, THOUSANDS + 1)))
        self.assert_pages(watch)
        self.assertEqual(len(watch.numbers()), THOUSANDS / 100 + 1)

    async def test_page_stays_small_whatever_members_write(self):
        await self.crowd.join("b", 100, f"<status>{'&quot;' * 1024}</status>")
        watch = await self.watch()
        self.assertEqual(len(watch.told()), 100)
        self.assert_pages(watch)

    async def test_server_serves_others_between_two_pages(self):
        """The site's own ping stands for everybody's: its answer comes in the same stream as the pages."""
        await self.crowd.join("c", THOUSANDS)
        async with self.site(available=False) as site:
            site.send(f"<iq type='set' to='example.test' id='w'>{asking(1)}</iq>")
            await site.barrier()
            ends = [stanza for stanza in site.stanzas("message") if stanza.find(f"{WATCH}snapshot-end") is not None]
            self.assertEqual(ends, [])
            await wait_for(lambda: any(stanza.find(f"{WATCH}snapshot-end") is not None for stanza in site.stanzas("message")), "the end", 60)

    async def test_changes_meanwhile_are_told_among_them_and_hold(self):
        await self.crowd.join("d", THOUSANDS)
        alice = await self.member("alice")
        bob = await self.member("bob")
        async with self.site(available=False) as site:
            watch = await self.ask(site)
            for number in range(20):
                alice.send(f"<presence><status>{number}</status></presence>")
                await alice.barrier()
            bob.send("<presence type='unavailable'/>")
            await bob.barrier()
            carol = await self.member("carol")
            await watch.whole()
            await self.assert_told_by_now(watch, f"{carol.full} available", of=carol.full)
            self.assertEqual(watch.told(bob.full)[-1], f"{bob.full} unavailable left")
            told = [int(words.partition('"')[2][:-1]) for words in watch.told(alice.full) if '"' in words]
            self.assertEqual((told, told[-1]), (sorted(told), 19))
            self.assert_pages(watch)

    async def test_thousands_who_go_at_once_are_told_in_pages(self):
        await self.crowd.join("e", THOUSANDS)
        watch = await self.watch()
        await self.crowd.leave()
        await wait_for(lambda: len(watch.told()) == 2 * THOUSANDS, "everybody to be gone", 60)
        self.assertEqual({words.partition(" ")[2] for words in watch.told()[THOUSANDS:]}, {"unavailable dropped"})
        self.assert_pages(watch)

    async def test_watch_that_is_taken_in_the_middle_says_nothing_more(self):
        await self.crowd.join("f", 2 * THOUSANDS)
        async with self.site(resource="presence-1", available=False) as one, self.site(resource="presence-2", available=False) as other:
            first = await self.ask(one, epoch=1)
            second = await (await self.ask(other, epoch=2)).whole()
            await one.barrier()
            self.assertEqual(first.messages[-1].get("reason"), "superseded")
            self.assertFalse(first.is_whole())
            self.assertEqual(len(second.told()), 2 * THOUSANDS)


if __name__ == "__main__":
    python_tests.main()
