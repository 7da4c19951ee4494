# SPDX-License-Identifier: GPL-3.0-or-later
"""A notice for a member who is offline waits at the Jabber server; its receipt comes with the log-in."""
from actors import Scene, main, stopped, wait_for


class MemberIsOffline(Scene):
    def test_gets_it_at_the_next_log_in(self):
        (anna,) = self.members("anna")
        notice = self.site.announces("You were away", member="anna")
        self.wait_deliveries(notice, {"anna": "sent"})
        anna.logs_in()
        self.wait_deliveries(notice, {"anna": "delivered"})
        self.assert_only("You were away", [anna])

    def test_a_client_without_receipts_leaves_it_sent(self):
        self.members("ben")
        ben = self.crowd.member(self.site.jid("ben"), "password of ben", receipts=False).logs_in()
        notice = self.site.announces("No receipt from me", member="ben")
        wait_for(lambda: ben.received("No receipt from me"), "the announcement")
        self.wait_deliveries(notice, {"ben": "sent"})

    def test_expires_when_it_cannot_be_sent_in_time(self):
        self.members("cleo")
        with stopped(self.services, "gateway"):
            notice = self.site.announces("Too late", member="cleo", expires_in="1s")
            self.wait_deliveries(notice, {"cleo": "expired"})
        cleo = self.crowd.member(self.site.jid("cleo"), "password of cleo").logs_in()
        notice = self.site.announces("In time", member="cleo")
        self.wait_deliveries(notice, {"cleo": "delivered"})
        self.assertEqual(cleo.bodies(), ["In time"])


if __name__ == "__main__":
    main()
