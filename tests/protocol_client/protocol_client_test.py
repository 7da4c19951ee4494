# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that was written from docs/protocol.md alone does a site's work, and comes through what the page says may happen."""
import time

from actors import main
from client_scene import ClientScene
from connection import KEY_UNKNOWN
from publisher import NotNow
from statements import announcement, group_upserted, member_removed, member_upserted, password_changed


class ProtocolClient(ClientScene):
    COUNTS = {"registration": 2}

    def test_does_a_sites_work(self):
        registration, notification = self.publisher("registration"), self.publisher("notification")
        tickets = self.publish(
            registration, group_upserted("choir"),
            member_upserted("anna", self.site.jid("anna"), self.sealed("plum-7-tree"), groups=("choir",)),
            member_upserted("ben", self.site.jid("ben"), self.sealed("at first"), revision=10),
            password_changed("ben", self.sealed("later on"), revision=11))
        self.assertEqual(self.statuses(registration, tickets), ["ACCEPTED"] * 4)
        self.assertEqual(registration.known_as, "site")
        for name in ("anna", "ben"):
            self.wait_account(name, "active")
        anna = self.crowd.member(self.site.jid("anna"), "plum-7-tree").logs_in()
        ben = self.crowd.member(self.site.jid("ben"), "later on").logs_in()

        tickets = self.publish(notification, announcement("To the choir", groups=("choir",)), announcement("To Ben", members=("ben",)))
        self.assertEqual(self.statuses(notification, tickets), ["ACCEPTED"] * 2)
        self.wait_deliveries(tickets[0].id.hex(), {"anna": "delivered"})
        self.wait_deliveries(tickets[1].id.hex(), {"ben": "delivered"})
        self.assert_only("To the choir", [anna])
        self.assert_only("To Ben", [ben])

        tickets = self.publish(registration, member_removed("ben", revision=12))
        self.assertEqual(self.statuses(registration, tickets), ["ACCEPTED"])
        self.wait_gone("ben")

    def test_says_it_twice_and_it_counts_once(self):
        publisher = self.publisher("registration")
        event = group_upserted("twice")
        first = self.publish(publisher, event)
        self.assertEqual(self.statuses(publisher, first), ["ACCEPTED"])
        self.assertEqual(self.statuses(publisher, self.publish(publisher, event)), ["DUPLICATE"])

    def test_keeps_to_its_credit_and_is_never_refused(self):
        publisher = self.publisher("registration")
        tickets = self.publish(publisher, *(group_upserted(f"many{number}") for number in range(6000)))
        self.assertEqual(set(self.statuses(publisher, tickets, 60)), {"ACCEPTED"})
        self.assertEqual(publisher.losses, [])
        self.assertEqual(self.number_of_groups("many"), 6000)

    def test_hears_not_now_while_the_database_is_away_and_loses_nothing_of_what_was_taken(self):
        publisher = self.publisher("registration")
        self.statuses(publisher, self.publish(publisher, group_upserted("before")))
        self.lab.postgres.stop()
        try:
            tickets = [publisher.publish(group_upserted(f"dark{number}")) for number in range(50)]  # by the credit last heard of
            self.turn_until(publisher, lambda: publisher.credit_left == 0, "the end of credit", 1)
            with self.assertRaises(NotNow):
                publisher.publish(group_upserted("dark-later"))
            self.assertEqual(publisher.losses, [])
        finally:
            self.lab.postgres.start()
        self.assertLessEqual(set(self.statuses(publisher, tickets, 60)), {"ACCEPTED", "DUPLICATE"})
        self.assertEqual(self.number_of_groups("dark"), len(tickets))

    def test_sends_again_under_the_same_ids_what_a_killed_service_did_not_answer(self):
        publisher = self.publisher("registration")
        tickets = self.publish(publisher, *(group_upserted(f"killed{number}") for number in range(1500)))
        publisher.turn(0)
        victim = self.instance_at(publisher.endpoint)
        self.services.kill(victim)
        self.services.launch(victim)
        self.assertLessEqual(set(self.statuses(publisher, tickets, 60)), {"ACCEPTED", "DUPLICATE"})
        self.services.wait_ready(victim)
        self.assertEqual(len(set(publisher.instances)), 2)
        self.assertEqual(max(ticket.times_sent for ticket in tickets), 2)
        self.assertEqual(self.number_of_groups("killed"), 1500)

    def test_turns_to_the_next_endpoint_when_one_does_not_answer(self):
        publisher = self.publisher("registration")
        self.statuses(publisher, self.publish(publisher, group_upserted("first-endpoint")))
        first = publisher.endpoint
        victim = self.instance_at(first)
        self.services.kill(victim)
        began = time.monotonic()
        tickets = self.publish(publisher, group_upserted("second-endpoint"))
        self.assertEqual(self.statuses(publisher, tickets), ["ACCEPTED"])
        self.assertNotEqual(publisher.endpoint, first)
        self.assertLess(time.monotonic() - began, 20)
        self.services.start(victim)

    def test_is_let_in_as_soon_as_its_key_is_authorised(self):
        keys = self.services.folder / "keys"
        self.services.rostrum("keygen", "newcomer", "--out", str(keys))
        publisher = self.publisher("registration", own="newcomer")
        self.turn_until(publisher, lambda: len(publisher.losses) >= 2, "two refusals")
        self.assertEqual(set(publisher.losses), {f"the service does not let us in ({KEY_UNKNOWN})"})
        self.services.rostrum("keygen", "newcomer", "--public", str(keys / "newcomer.public"),
                              "--authorize", str(self.services.folder / "authorized_keys" / "registration"), "--role", "site")
        tickets = self.publish(publisher, group_upserted("newcomers"))
        self.assertEqual(self.statuses(publisher, tickets), ["ACCEPTED"])
        self.assertEqual(publisher.known_as, "newcomer")

    def number_of_groups(self, prefix: str) -> int:
        return self.services.rows("SELECT count(*) FROM directory.groups WHERE starts_with(group_id, %s)", prefix)[0].count

    def instance_at(self, endpoint: str) -> str:
        return next(name for name, instance in self.services.instances.items() if instance.endpoint == endpoint)


if __name__ == "__main__":
    main()
