# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL is restarted or killed while the site publishes: what was accepted is carried out, once."""
import os
import signal
import threading

from actors import Scene, main, wait_for


class DatabaseRestarts(Scene):
    def publish_through(self, prefix: str, accident) -> None:
        """States members one after another while the accident happens; only those that were accepted count."""
        accepted = []

        def publish() -> None:
            for number in range(12):
                name = f"{prefix}{number}"
                words = ("member", "add", name, "--jid", self.site.jid(name), "--password-file", "-")
                if self.services.rostrum(*words, input=f"password of {name}", check=False).returncode == 0:
                    accepted.append(name)
        publisher = threading.Thread(target=publish)
        publisher.start()
        accident()
        publisher.join()
        self.site.states_member(f"{prefix}-after")
        for name in [*accepted, f"{prefix}-after"]:
            self.wait_account(name, "active", 60)
        self.assertTrue(set(accepted) <= set(self.lab.prosody.accounts()))

    def test_restarted(self):
        self.publish_through("a", self.lab.postgres.restart)

    def test_stopped_at_once(self):
        self.publish_through("b", lambda: self.lab.postgres.restart("immediate"))

    def test_announcement_published_before_is_delivered_after(self):
        anna, ben = self.members_online("anna", "ben")
        self.site.has_group("pair")
        for name in ("anna", "ben"):
            self.site.states_member(name, groups=("pair",))
        notice = self.site.announces("Before the restart", group="pair")
        self.lab.postgres.restart("immediate")
        self.wait_deliveries(notice, {"anna": "delivered", "ben": "delivered"}, 60)
        self.assert_only("Before the restart", [anna, ben])

    def test_killed_in_the_middle_of_an_announcement(self):
        """Nothing of Rostrum died, so that nobody gets it twice either."""
        people = [f"member{number:02}" for number in range(20)]
        self.site.has_group("all-of-them")
        members = self.members_online(*people, groups=("all-of-them",))
        text = "The database dies"
        self.crowd.at_arrival(3, text, lambda: os.kill(self.lab.postgres.pid, signal.SIGQUIT))
        notice = self.site.announces(text, group="all-of-them")
        wait_for(lambda: not self.lab.postgres.is_running(), "the database to die")
        self.lab.postgres.start()
        self.wait_deliveries(notice, dict.fromkeys(people, "delivered"), 60)
        self.assert_only(text, members)


if __name__ == "__main__":
    main()
