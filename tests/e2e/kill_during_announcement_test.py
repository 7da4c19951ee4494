# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of each service in turn in the middle of an announcement: everybody still gets it, once."""
import signal

from actors import Scene, main

PEOPLE = [f"member{number:02}" for number in range(20)]


class KillDuringAnnouncement(Scene):
    def setUp(self):
        if not self.crowd.members:
            self.members_online(*PEOPLE)

    def announce_and_kill(self, number: int, *victims: str) -> tuple[str, str]:
        """They die at the moment the number-th member gets it. Returns the notice and its text."""
        text = f"{' and '.join(victims)} at number {number}"

        def strike() -> None:
            for victim in victims:
                self.services.processes[victim].send_signal(signal.SIGKILL)
        self.crowd.at_arrival(number, text, strike)
        notice = self.site.announces(text)
        self.wait_dead(*victims)
        self.services.start(*victims)
        return notice, text

    def test_notification(self):
        for number in (1, 10):
            with self.subTest(number=number):
                notice, text = self.announce_and_kill(number, "notification")
                self.wait_deliveries(notice, dict.fromkeys(PEOPLE, "delivered"), 60)
                self.assert_only(text, self.crowd.members)

    def test_gateway(self):
        """What it had handed over and what its members had answered dies with it: a repeat under the same stanza id is allowed, and a
        receipt may be missing."""
        for number in (1, 10):
            with self.subTest(number=number):
                notice, text = self.announce_and_kill(number, "gateway")
                self.wait_sent(notice, len(PEOPLE), 60)
                self.assert_one_stanza_id(text, self.crowd.members)

    def test_registration(self):
        notice, text = self.announce_and_kill(1, "registration")
        self.wait_deliveries(notice, dict.fromkeys(PEOPLE, "delivered"), 60)
        self.assert_only(text, self.crowd.members)

    def test_all_three(self):
        notice, text = self.announce_and_kill(2, "gateway", "notification", "registration")
        self.wait_sent(notice, len(PEOPLE), 60)
        self.assert_one_stanza_id(text, self.crowd.members)


if __name__ == "__main__":
    main()
