#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts are created once, changed and removed only by the claim they were made with."""

from door_case import DoorTest, claim
import python_tests
from xmpp import Client, LoginRefused, wait_for


class Create(DoorTest):
    async def test_member_can_log_in_with_the_password_given(self):
        self.assertEqual(await self.door.create("alice", claim(), "wonderland"), "created")
        async with Client(self.lab, "alice", "wonderland"):
            pass

    async def test_repeated_claim_is_answered_already_ours_and_sets_the_password(self):
        key = claim()
        await self.door.create("bob", key, "old")
        self.assertEqual(await self.door.create("bob", key, "new"), "already-ours")
        with self.assertRaises(LoginRefused):
            await Client(self.lab, "bob", "old").login()
        async with Client(self.lab, "bob", "new"):
            pass

    async def test_account_made_by_prosodyctl_is_a_conflict_and_stays_as_it_was(self):
        self.prosody.adduser("carol", "hers")
        self.assertEqual(await self.door.create("carol", claim(), "ours"), "cancel/conflict+existed")
        async with Client(self.lab, "carol", "hers"):
            pass

    async def test_other_claim_on_our_own_account_is_a_conflict(self):
        await self.door.create("dave", claim(), "first")
        self.assertEqual(await self.door.create("dave", claim(), "second"), "cancel/conflict+existed")
        async with Client(self.lab, "dave", "first"):
            pass

    async def test_name_in_another_script_is_taken_as_it_is(self):
        self.assertEqual(await self.door.create("žofie", claim(), "heslo-ň"), "created")
        async with Client(self.lab, "žofie", "heslo-ň"):
            pass


class Refusals(DoorTest):
    prosody_arguments = {"extra_settings": 'admins = { "boss@example.test" }'}

    async def test_accounts_of_the_operators_are_not_allowed(self):
        for username in ("site", "rostrum", "boss"):
            for answer in (await self.door.create(username, claim(), "x"), await self.door.set_password(username, claim(), "x"),
                           await self.door.remove(username, claim())):
                self.assertEqual(answer, "cancel/not-allowed", username)

    async def test_user_name_must_be_in_its_prepared_form_and_fit(self):
        for username in ("Alice", "a b", "a@b", "", "x" * 1024, "x" * 241, "é" * 81, "ﬁne", "a/b"):
            self.assertEqual(await self.door.create(username, claim(), "x"), "modify/jid-malformed", username)
        self.assertEqual(await self.door.create("x" * 240, claim(), "x"), "created")

    async def test_password_must_not_be_empty_too_long_or_unprintable(self):
        for password in ("", "x" * 1025, "&#x85;"):
            self.assertEqual(await self.door.create("erin", claim(), password), "modify/bad-request")
        self.assertNotIn("erin", self.prosody.accounts())

    async def test_claim_must_be_there_and_short(self):
        for key in ("", "x" * 65, "no spaces", "../../etc"):
            self.assertEqual(await self.door.create("erin", key, "x"), "modify/bad-request")
        self.assertNotIn("erin", self.prosody.accounts())


class SetPassword(DoorTest):
    async def test_new_password_counts_and_the_session_stays(self):
        key = claim()
        await self.door.create("frank", key, "old")
        async with Client(self.lab, "frank", "old") as frank:
            self.assertEqual(await self.door.set_password("frank", key, "new"), "password-set")
            await frank.barrier()
            self.assertFalse(frank.closed)
            async with Client(self.lab, "frank", "new", resource="second"):
                pass
        with self.assertRaises(LoginRefused):
            await Client(self.lab, "frank", "old").login()

    async def test_foreign_and_missing_accounts_are_told_apart(self):
        await self.door.create("grace", claim(), "hers")
        self.prosody.adduser("heidi", "hers")
        self.assertEqual(await self.door.set_password("grace", claim(), "x"), "cancel/conflict+existed")
        self.assertEqual(await self.door.set_password("heidi", claim(), "x"), "cancel/conflict+existed")
        self.assertEqual(await self.door.set_password("nobody", claim(), "x"), "cancel/item-not-found")
        async with Client(self.lab, "grace", "hers"), Client(self.lab, "heidi", "hers"):
            pass


class Remove(DoorTest):
    async def test_account_goes_with_its_sessions_and_a_repeat_finds_it_absent(self):
        key = claim()
        await self.door.create("ivan", key, "pw")
        ivan = await Client(self.lab, "ivan", "pw").login()
        self.assertEqual(await self.door.remove("ivan", key), "removed")
        await wait_for(lambda: ivan.closed, "ivan to be logged out")
        with self.assertRaises(LoginRefused):
            await Client(self.lab, "ivan", "pw").login()
        self.assertEqual(await self.door.remove("ivan", key), "absent")
        self.assertFalse((self.prosody.store("rostrum_claims") / "ivan.dat").exists())

    async def test_foreign_account_is_a_conflict(self):
        self.prosody.adduser("judy", "hers")
        self.assertEqual(await self.door.remove("judy", claim()), "cancel/conflict+existed")
        async with Client(self.lab, "judy", "hers"):
            pass

    async def test_next_owner_of_a_name_inherits_no_contacts_whoever_makes_the_account(self):
        key = claim()
        await self.door.create("kim", key, "kim-password")
        async with Client(self.lab, "kim", "kim-password") as kim:
            await kim.iq("set", "<query xmlns='jabber:iq:roster'><item jid='friend@example.test'/></query>")
        self.assertEqual(await self.door.remove("kim", key), "removed")
        self.prosody.shell('user:create("kim@example.test", "other")')
        async with Client(self.lab, "kim", "other") as kim:
            self.assertNotIn("friend@example.test", await kim.roster())

    async def test_session_of_an_account_that_prosodyctl_deleted_does_not_outlive_the_new_account(self):
        await self.door.create("liam", claim(), "old")
        stale = await Client(self.lab, "liam", "old").login()
        self.prosody.deluser("liam")
        self.assertEqual(await self.door.create("liam", claim(), "new"), "created")
        await wait_for(lambda: stale.closed, "the stale session to be closed")


if __name__ == "__main__":
    python_tests.main()
