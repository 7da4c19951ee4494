# SPDX-License-Identifier: GPL-3.0-or-later
"""An ordinary account sends to the address from which the site's messages come whatever it likes: nothing that Rostrum does or believes
changes, and the stream lives. What the server itself could send stands in tests/contract/gateway."""
from actors import Scene, main, wait_for

ROSTER = "<query xmlns='jabber:iq:roster'><item jid='mallory@example.test' subscription='both'/></query>"


class StrangerOnTheWire(Scene):
    def setUp(self):
        if not self.crowd.members:
            scene = type(self)
            scene.anna, = self.members_online("anna")
            self.lab.prosody.adduser("mallory", "secret")
            scene.mallory = self.crowd.member(self.site.jid("mallory"), "secret").logs_in()
        self.streams_before = self.metric("rostrum_gateway_stream_losses_total")

    def metric(self, name: str, label: str = "", service: str = "gateway") -> float:
        return sum(value for sample, value in self.services.metrics(service).items() if sample.startswith(name) and label in sample)

    def sites_address(self) -> str:
        """With the resource, as a member sees it."""
        text = f"Hello from {self.id()} {self.metric('rostrum_gateway_stanzas_total')}"
        notice = self.site.announces(text, member="anna")
        self.wait_deliveries(notice, {"anna": "delivered"})
        return self.anna.received(text)[0].sender

    def assert_all_is_well(self) -> None:
        self.assertEqual(self.metric("rostrum_gateway_stream_losses_total"), self.streams_before)
        self.sites_address()

    def send_and_see_it_refused(self, stanza: str, metric: str, label: str) -> None:
        before = self.metric(metric, label)
        self.mallory.says_raw(stanza)
        wait_for(lambda: self.metric(metric, label) > before, f"{metric} {label}")
        self.assert_all_is_well()

    def test_a_deeply_nested_stanza(self):
        address, depth = self.sites_address(), 1000
        self.send_and_see_it_refused(f"<message to='{address}'><x xmlns='urn:nested'>{'<a>' * depth}{'</a>' * depth}</x></message>",
                                     "rostrum_gateway_stanzas_dropped_total", "too-deep")

    def test_a_forged_answer(self):
        self.send_and_see_it_refused(f"<iq type='result' id='1' to='{self.sites_address()}'/>",
                                     "rostrum_gateway_stanzas_disbelieved_total", "forged-answer")

    def test_a_forged_roster_push(self):
        self.send_and_see_it_refused(f"<iq type='set' id='push' to='{self.sites_address()}'>{ROSTER}</iq>",
                                     "rostrum_gateway_stanzas_disbelieved_total", "forged-roster-push")

    def test_a_forged_carbon(self):
        inner = "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='anna@example.test'><body>forged</body></message></forwarded>"
        self.send_and_see_it_refused(f"<message to='{self.sites_address()}'><received xmlns='urn:xmpp:carbons:2'>{inner}</received></message>",
                                     "rostrum_gateway_stanzas_disbelieved_total", "forged-carbon")

    def test_forged_receipts_and_bounces_for_somebody_elses_delivery(self):
        """Even by who knows the stanza's id."""
        address = self.sites_address()
        if not self.account("ben"):
            self.members("ben")  # offline: no receipt can come
        notice = self.site.announces("For Ben's eyes", member="ben")
        self.wait_deliveries(notice, {"ben": "sent"})
        stanza_id = self.lab.postgres.psql("SELECT notice_id || '.' || replace(token::text, '-', '') FROM notification.delivery "
                                           f"WHERE notice_id = '{notice}'")
        guesses = (stanza_id, stanza_id[:-1] + ("0" if stanza_id[-1] != "0" else "1"), "guess")
        unmatched = "rostrum_notification_feedback_unmatched_total"
        before = self.metric(unmatched, service="notification")
        for guess in guesses:
            self.mallory.says_raw(f"<message to='{address}'><received xmlns='urn:xmpp:receipts' id='{guess}'/></message>")
            self.mallory.says_raw(f"<message to='{address}' type='error' id='{guess}'><error type='cancel'>"
                                  "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>")
        wait_for(lambda: self.metric(unmatched, service="notification") >= before + 4, "notification to have seen them")
        self.assertEqual(self.deliveries(notice), {"ben": "sent"})
        self.assert_all_is_well()

    def test_forged_news_of_accounts(self):
        """Only the server's own address is believed: nobody writes members off by a message."""
        news = "<account xmlns='urn:rostrum:door:1' event='vanished' username='anna'/>"
        published = self.metric("rostrum_gateway_events_total", 'destination="registration"')
        for to in (self.sites_address(), self.lab.control_jid):
            self.mallory.says_raw(f"<message to='{to}'>{news}</message>")
        self.mallory.barrier()
        self.assert_all_is_well()
        self.assertEqual(self.metric("rostrum_gateway_events_total", 'destination="registration"'), published)
        self.assertEqual(self.account("anna").account_state, "active")
        self.assertEqual(self.lab.postgres.psql("SELECT count(*) FROM registration.foreign_account"), "0")


if __name__ == "__main__":
    main()
