# SPDX-License-Identifier: GPL-3.0-or-later
"""Presence that somebody sends, rather than has: forged, addressed to the site, delayed, or of no member. Nobody's presence changes by it."""
from actors import main
from lab.members import wait_for
from presence_scene import PresenceScene
from tables import every_row

DELAYED = "<delay xmlns='urn:xmpp:delay' from='example.test' stamp='2020-01-01T00:00:00Z'/>"
WATCH = "urn:rostrum:presence:1"


class StrangersPresence(PresenceScene):
    def setUp(self):
        if not self.crowd.members:
            scene = type(self)
            scene.anna, = self.members_online("anna")
            self.lab.prosody.adduser("mallory", "secret")
            scene.mallory = self.crowd.member(self.site.jid("mallory"), "secret").logs_in()
        self.wait_who("anna", state="online", show="online")
        self.wait_right()
        wait_for(lambda: "mallory@" in self.rows_of_presence()["resource"], "Mallory to be stored as well")

    def site_sessions(self) -> list[str]:
        """Full JIDs of the site, known to whoever has seen its presence or a message of it."""
        notice = self.site.announces(f"From {self.id()}", member="anna")
        self.wait_deliveries(notice, {"anna": "delivered"})
        return [self.anna.inbox[-1].sender, self.lab.site_jid, *self.lab.prosody.site_sessions()]

    def assert_changes_nothing(self, *stanzas: str, sender=None) -> None:
        """Nor does anything that follows on the same stream come too late to be seen."""
        before = self.rows_of_presence()
        sender = sender or self.mallory
        for stanza in stanzas:
            for to in self.site_sessions():
                sender.says_raw(stanza.replace("SITE", to))
        sender.barrier()
        self.assertEqual(self.who("anna").state, "online")
        self.anna.shows("away")  # told after whatever came before
        self.wait_who("anna", show="away")
        self.anna.shows()
        self.wait_who("anna", show="online")
        self.assertEqual(self.rows_of_presence(besides="anna@"), before)
        self.wait_right()

    def rows_of_presence(self, besides: str = "anna@") -> dict[str, str]:
        """All that is stored of anybody but Anna."""
        return {table: self.lab.postgres.psql(f"SELECT jid, resource FROM presence.{table} WHERE jid NOT LIKE '{besides}%' ORDER BY 1, 2")
                for table in ("resource", "transition", "session")}

    def test_forged(self):
        """The server puts the true sender in (RFC 6120 §8.1.2.1)."""
        anna = f"{self.anna.jid}/{self.anna.resource}"
        self.assert_changes_nothing(f"<presence from='{anna}' to='SITE' type='unavailable'/>", f"<presence from='{anna}' to='SITE'><show>dnd</show></presence>")

    def test_addressed_to_the_site(self):
        """Directed presence (RFC 6121 §4.6) is between the two; a member's own as well."""
        for sender in (self.mallory, self.anna):
            self.assert_changes_nothing("<presence to='SITE' type='unavailable'/>", "<presence to='SITE'><show>dnd</show><status>directed</status></presence>",
                                        sender=sender)

    def test_delayed(self):
        self.assert_changes_nothing(f"<presence to='SITE' type='unavailable'>{DELAYED}</presence>")

    def test_subscriptions_and_probes(self):
        self.assert_changes_nothing(*(f"<presence to='SITE' type='{kind}'/>" for kind in ("subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe")))

    def test_a_watch_told_by_a_stranger(self):
        """Only the server's own address tells of presence; and nobody else may ask for it."""
        news = f"<presences xmlns='{WATCH}' watch='w' number='1'><unavailable jid='{self.anna.jid}/{self.anna.resource}' ending='left'/></presences>"
        self.assert_changes_nothing(f"<message to='SITE' type='headline'>{news}</message>",
                                    f"<message to='SITE' type='headline'><ended xmlns='{WATCH}' watch='w' reason='superseded'/></message>",
                                    f"<iq to='{self.lab.domain}' type='set' id='w1'><watch xmlns='{WATCH}' epoch='999999'/></iq>")

    def test_who_is_no_member_is_not_shown(self):
        self.mallory.shows("chat", "Look at me")
        self.mallory.barrier()
        self.anna.shows("dnd")
        self.wait_who("anna", show="dnd")
        for view in ("member_now", "resource_now", "transitions", "sessions", "last_seen"):
            self.assertEqual(self.services.rows(f"SELECT * FROM presence.{view} WHERE jid = %s", self.mallory.jid), [], view)
        self.anna.shows()


if __name__ == "__main__":
    main()
