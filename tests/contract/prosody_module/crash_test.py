#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repeated claim finds its own account, and only its own, wherever kill -9 struck."""

import asyncio
import random

from door_case import DoorTest, claim
import python_tests
from xmpp import Client, LoginRefused

LOCKED = '''return {{ rostrum_claim = "{key}"; salt = "00"; iteration_count = 10000; stored_key = "00"; server_key = "00"; }};'''


class BetweenTheSteps(DoorTest):
    """The store as a crash after each of the writes would leave it."""

    async def test_account_that_was_made_but_not_noted_is_ours(self):
        key = claim()
        self.prosody.put_in_store("accounts", "alice", LOCKED.format(key=key))
        with self.assertRaises(LoginRefused):
            await Client(self.lab, "alice", "pw").login()
        self.assertEqual(await self.door.create("alice", claim(), "pw"), "cancel/conflict+existed")
        self.assertEqual(await self.door.create("alice", key, "pw"), "already-ours")
        async with Client(self.lab, "alice", "pw"):
            pass

    async def test_account_that_was_made_but_not_noted_can_be_removed(self):
        key = claim()
        self.prosody.put_in_store("accounts", "bob", LOCKED.format(key=key))
        self.assertEqual(await self.door.remove("bob", key), "removed")

    async def test_password_set_by_prosodyctl_leaves_the_account_ours(self):
        key = claim()
        await self.door.create("carol", key)
        self.prosody.passwd("carol", "other")
        self.assertEqual(await self.door.set_password("carol", key, "ours"), "password-set")

    async def test_leftovers_of_a_removal_that_was_cut_short_go_with_its_repeat(self):
        key = claim()
        self.prosody.put_in_store("rostrum_claims", "dave", f'return {{ claim = "{key}"; }};')
        self.prosody.put_in_store("roster", "dave", 'return { ["old@example.test"] = { subscription = "both"; groups = {}; }; };')
        self.assertEqual(await self.door.remove("dave", key), "absent")
        self.assertFalse((self.prosody.store("roster") / "dave.dat").exists())
        self.prosody.adduser("dave", "his")
        self.assertEqual(await self.door.create("dave", key), "cancel/conflict+existed")


class Killed(DoorTest):
    async def create_until_killed(self, claims):
        """Asks for all accounts at once; what was answered when the server died."""
        tasks = [asyncio.create_task(self.door.create(username, key, "pw")) for username, key in claims.items()]
        await asyncio.sleep(random.uniform(0.01, 0.1))
        self.prosody.kill9()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        return {username for username, result in zip(claims, results) if result == "created"}

    async def test_every_claim_ends_with_one_account_of_ours_and_foreign_ones_stay_foreign(self):
        claims = {f"m{number}": claim() for number in range(60)}
        self.prosody.adduser("m7", "foreign")
        answered = await self.create_until_killed(claims)
        self.prosody.start()

        self.door = await self.open_door()
        for username, key in claims.items():
            outcome = await self.door.create(username, key, "pw2")
            if username == "m7":
                self.assertEqual(outcome, "cancel/conflict+existed")
            elif username in answered:
                self.assertEqual(outcome, "already-ours", username)
            else:
                self.assertIn(outcome, ("created", "already-ours"), username)
        async with Client(self.lab, "m7", "foreign"), Client(self.lab, "m0", "pw2"), Client(self.lab, "m58", "pw2"):
            pass


if __name__ == "__main__":
    python_tests.main()
