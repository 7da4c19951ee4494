# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL is restarted or killed while the site publishes: what was accepted is carried out, once."""
import threading

from actors import Scene, main


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


if __name__ == "__main__":
    main()
