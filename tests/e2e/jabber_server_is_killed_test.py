# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of the Jabber server in the middle of an announcement.

What Prosody had taken and not yet handed on dies with it, and no confirmation can know: such a delivery stays `sent`. All others arrive."""
import os
import signal

from actors import Scene, main, wait_for

PEOPLE = [f"member{number:02}" for number in range(10)]


class JabberServerIsKilled(Scene):
    def test_nobody_is_forgotten(self):
        self.members_online(*PEOPLE)
        text = "The server dies"
        self.crowd.at_arrival(3, text, lambda: os.kill(self.lab.prosody.pid, signal.SIGKILL))
        notice = self.site.announces(text)
        wait_for(lambda: not self.lab.prosody.is_running(), "the server to die")
        self.lab.prosody.start()
        wait_for(lambda: all(member.is_online() for member in self.crowd.members), "everybody to be back", 60)
        ends = {"sent", "delivered"}
        wait_for(lambda: len(self.deliveries(notice)) == len(PEOPLE) and set(self.deliveries(notice).values()) <= ends,
                 "every delivery to end", 60, lambda: self.deliveries(notice))
        self.crowd.barrier()
        for name, state in self.deliveries(notice).items():
            member = next(member for member in self.crowd.members if member.jid == self.site.jid(name))
            if state == "delivered":
                self.assertEqual(len({message.stanza_id for message in member.received(text)}), 1)
        later = self.site.announces("Back again")
        self.wait_deliveries(later, dict.fromkeys(PEOPLE, "delivered"))
        self.assert_only("Back again", self.crowd.members)


if __name__ == "__main__":
    main()
