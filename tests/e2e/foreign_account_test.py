# SPDX-License-Identifier: GPL-3.0-or-later
"""An account that was there before our first attempt is a conflict to report, not ours to take, whatever dies meanwhile."""
from actors import Scene, main


class ForeignAccount(Scene):
    def test_is_reported_and_left_alone(self):
        self.lab.prosody.adduser("anna", "her own")
        self.site.states_member("anna", password="the site's")
        self.wait_account("anna", "dead")
        self.assertEqual(self.account("anna").reason, "conflict")
        self.assert_still_hers("anna")

    def test_is_reported_also_when_registration_and_gateway_are_killed_while_asking(self):
        self.lab.prosody.adduser("ben", "her own")
        self.site.states_member("ben", password="the site's")
        self.services.kill("registration", "gateway")
        self.services.start("registration", "gateway")
        self.wait_account("ben", "dead")
        self.assertEqual(self.account("ben").reason, "conflict")
        self.assert_still_hers("ben")

    def test_is_reported_also_when_the_jabber_server_is_killed_while_asking(self):
        self.lab.prosody.adduser("cleo", "her own")
        self.site.states_member("cleo", password="the site's")
        self.lab.prosody.kill9()
        self.lab.prosody.start()
        self.wait_account("cleo", "dead", 60)
        self.assertEqual(self.account("cleo").reason, "conflict")
        self.assert_still_hers("cleo")

    def test_does_not_hide_our_own_account_after_a_kill(self):
        """The twin of the above: what we made ourselves just before dying is ours, not a conflict."""
        for number in range(5):
            self.site.states_member(f"own{number}")
        self.services.kill("registration", "gateway")
        self.services.start("registration", "gateway")
        for number in range(5):
            self.wait_account(f"own{number}", "active")
            self.crowd.member(self.site.jid(f"own{number}"), f"password of own{number}").logs_in()

    def assert_still_hers(self, name: str) -> None:
        self.crowd.member(self.site.jid(name), "her own").logs_in()
        self.assert_refused(name, "the site's")


if __name__ == "__main__":
    main()
