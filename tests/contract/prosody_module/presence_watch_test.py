#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may have the presence watch, that there is one at a time, and how it ends."""

from watch_case import NAMESPACE, WatchTest, asking
import python_tests
from xmpp import Client, RawStream, wait_for


class Asking(WatchTest):
    prosody_arguments = {"extra_settings": 'admins = { "boss@example.test" }'}

    async def answer_to(self, session, request):
        return (await session.iq("set", request, to="example.test")).brief()

    async def test_nobody_but_the_site_may(self):
        self.prosody.adduser("boss", "pw")
        member = await self.member("alice")
        async with Client(self.lab, "boss", "pw") as boss:
            for session in (member, self.door.client, boss):
                self.assertEqual(await self.answer_to(session, asking(1)), "auth/forbidden", session.bare)
        async with RawStream(self.lab) as stranger:
            self.assertEqual((await stranger.iq("set", asking(1))).brief(), "cancel/service-unavailable")

    async def test_somebody_elses_request_takes_the_watch_from_nobody(self):
        watch = await self.watch()
        mallory = await self.member("mallory")
        await self.answer_to(mallory, asking(99))
        await self.assert_told_by_now(watch, f"{mallory.full} available", of=mallory.full)
        self.assertEqual(watch.ended(), "")

    async def test_epoch_is_a_whole_number_from_1_up(self):
        async with self.site(available=False) as site:
            for epoch in ("", "0", "-1", "01", "1.5", "1e3", "0x1", "one", " 1", "1234567890123456"):
                self.assertEqual(await self.answer_to(site, asking(epoch)), "modify/bad-request", epoch)
            self.assertEqual(await self.answer_to(site, f"<watch xmlns='{NAMESPACE}'/>"), "modify/bad-request")
            self.assertEqual(await self.answer_to(site, asking("999999999999999")), "result")

    async def test_answer_comes_before_the_first_message(self):
        await self.member("bob")
        async with self.site(available=False) as site:
            watch = await self.ask(site)
            await watch.whole()
            names = [stanza.get("type") for stanza in site.received if stanza.get("from") == "example.test"]
            self.assertEqual(names[:2], ["result", "headline"])
            self.assertEqual(watch.numbers()[:1], [1])


class OneAtATime(WatchTest):
    async def test_higher_epoch_takes_it_and_the_former_one_is_told_so_and_nothing_more(self):
        first = await self.watch(epoch=3, resource="presence-1")
        second = await self.watch(epoch=4, resource="presence-2")
        await wait_for(lambda: first.ended() == "superseded", "the former watch to hear of it")
        heard = len(first.messages)
        carol = await self.member("carol")
        await second.hears(f"{carol.full} available")
        await first.session.barrier()
        self.assertEqual(len(first.messages), heard)

    async def test_lower_epoch_is_refused_and_changes_nothing(self):
        watch = await self.watch(epoch=4)
        async with self.site(resource="presence-2", available=False) as late:
            self.assertEqual((await late.iq("set", asking(3), to="example.test")).brief(), "cancel/conflict")
        dave = await self.member("dave")
        await watch.hears(f"{dave.full} available")
        self.assertEqual(watch.ended(), "")

    async def test_among_equal_epochs_the_latest_has_it(self):
        first = await self.watch(epoch=4, resource="presence-1")
        await self.watch(epoch=4, resource="presence-2")
        await wait_for(lambda: first.ended() == "superseded", "the former watch to hear of it")

    async def test_same_session_may_ask_again_and_the_former_name_is_not_heard_any_more(self):
        erin = await self.member("erin")
        first = await self.watch()
        second = await self.ask(first.session)
        heard = len(first.messages)
        await second.whole()
        self.assertNotEqual(first.name, second.name)
        self.assertIn(f"{erin.full} available", second.told())
        await self.assert_told_by_now(second, f"{erin.full} available", of=erin.full)
        self.assertEqual((len(first.messages), first.ended()), (heard, ""))

    async def test_it_ends_with_its_session(self):
        first = await self.watch(epoch=9)
        await self.lose(first.session)
        second = await self.watch(epoch=1, resource="presence-2")
        self.assertTrue(second.is_whole())

    async def test_it_ends_with_the_module_which_tells_so(self):
        frank = await self.member("frank")
        first = await self.watch(epoch=9)
        self.prosody.shell('module:reload("rostrum", "example.test")')
        await wait_for(lambda: first.ended() == "unloaded", "the watch to hear of it")
        second = await (await self.ask(first.session, epoch=1)).whole()
        frank.send("<presence><show>dnd</show></presence>")
        await second.hears(f"{frank.full} available dnd")
        await self.assert_told_by_now(second, f"{frank.full} available", f"{frank.full} available dnd", of=frank.full)

    async def test_without_the_module_there_is_none_and_nothing_of_it_is_left(self):
        grace = await self.member("grace")
        watch = await self.watch()
        self.prosody.shell('module:unload("rostrum", "example.test")')
        await watch.session.barrier()
        heard = len(watch.messages)
        self.assertEqual(watch.ended(), "unloaded")
        grace.send("<presence><show>xa</show></presence>")
        grace.send(f"<presence to='{watch.session.full}'><status>to you</status></presence>")
        await grace.barrier()
        self.assertEqual((await watch.session.iq("set", asking(1), to="example.test")).brief(), "cancel/service-unavailable")
        self.assertEqual(len(watch.messages), heard)
        self.assertEqual(len(watch.session.stanzas("presence", sender=grace.full)), 1)  # what was addressed to it
        self.prosody.shell('module:load("rostrum", "example.test")')


class AfterIt(WatchTest):
    async def test_members_presence_comes_to_the_site_as_before(self):
        watch = await self.watch(resource="presence-1")
        heidi = await self.member("heidi")
        async with self.site(resource="other") as other:
            await self.lose(watch.session)
            heidi.send("<presence><show>away</show></presence>")
            await wait_for(lambda: other.stanzas("presence", sender=heidi.full), "heidi's presence")


if __name__ == "__main__":
    python_tests.main()
