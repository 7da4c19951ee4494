# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of each service in turn in the middle of an announcement: everybody still gets it, once."""
from actors import Scene, main, wait_for

PEOPLE = [f"member{number:02}" for number in range(20)]


class KillDuringAnnouncement(Scene):
    def setUp(self):
        if not self.crowd.members:
            self.members_online(*PEOPLE)

    def announce_and_kill(self, victim: str, early: int) -> None:
        """Killed as soon as `early` members have it."""
        text = f"{victim} dies after {early}"
        notice = self.site.announces(text)
        wait_for(lambda: sum(bool(member.received(text)) for member in self.crowd.members) >= early, f"{early} arrivals")
        self.services.kill(victim)
        self.services.start(victim)
        self.wait_deliveries(notice, dict.fromkeys(PEOPLE, "delivered"), 60)
        # The confirmation of what was handed over dies with the gateway: then a repeat is allowed, told by its stanza id.
        once = self.assert_one_stanza_id if victim == "gateway" else self.assert_only
        once(text, self.crowd.members)

    def test_notification(self):
        for early in (0, 1, 10):
            with self.subTest(early=early):
                self.announce_and_kill("notification", early)

    def test_gateway(self):
        for early in (0, 1, 10):
            with self.subTest(early=early):
                self.announce_and_kill("gateway", early)

    def test_registration(self):
        self.announce_and_kill("registration", 0)

    def test_all_three_at_once(self):
        text = "Lights out"
        notice = self.site.announces(text)
        for name in ("gateway", "notification", "registration"):
            self.services.kill(name)
        self.services.start_all()
        self.wait_deliveries(notice, dict.fromkeys(PEOPLE, "delivered"), 60)
        self.assert_one_stanza_id(text, self.crowd.members)


if __name__ == "__main__":
    main()
