# SPDX-License-Identifier: GPL-3.0-or-later
"""The Jabber server is restarted or killed while an announcement runs: it reaches everybody once they are back."""
import os
import signal

from actors import Scene, main, wait_for

PEOPLE = [f"member{number:02}" for number in range(10)]


class JabberServerDies(Scene):
    def setUp(self):
        if not self.crowd.members:
            type(self).people = self.members_online(*PEOPLE)

    def assert_sent_once(self, notice: str, text: str) -> None:
        """What the server had taken and not handed on, and receipts on their way, may be lost with it; nothing else."""
        wait_for(lambda: all(member.is_online() for member in self.people), "everybody to be back", 60)
        self.wait_sent(notice, len(PEOPLE), 60)
        self.crowd.barrier()
        for member in self.people:
            self.assertLessEqual(len({message.stanza_id for message in member.received(text)}), 1)

    def test_restarted(self):
        text = "Restarted meanwhile"
        notice = self.site.announces(text)
        self.lab.prosody.restart()
        self.assert_sent_once(notice, text)

    def test_restarted_when_the_third_member_has_it(self):
        text = "Restarted in the middle"
        self.crowd.at_arrival(3, text, lambda: os.kill(self.lab.prosody.pid, signal.SIGTERM))
        notice = self.site.announces(text)
        wait_for(lambda: not self.lab.prosody.is_running(), "the server to stop")
        self.lab.prosody.start()
        self.assert_sent_once(notice, text)

    def test_down_when_it_is_published(self):
        text = "Down at first"
        self.lab.prosody.stop()
        notice = self.site.announces(text)
        self.lab.prosody.start()
        wait_for(lambda: all(member.is_online() for member in self.people), "everybody to be back", 60)
        self.wait_deliveries(notice, dict.fromkeys(PEOPLE, "delivered"), 60)
        self.assert_one_stanza_id(text, self.people)

    def test_an_account_asked_for_while_it_is_down_comes_later(self):
        self.lab.prosody.stop()
        self.site.states_member("latecomer")
        self.lab.prosody.start()
        self.wait_account("latecomer", "active", 60)
        self.crowd.member(self.site.jid("latecomer"), "password of latecomer").logs_in()
        self.site.removes_member("latecomer")
        self.wait_gone("latecomer")


if __name__ == "__main__":
    main()
