# SPDX-License-Identifier: GPL-3.0-or-later
"""A stated member gets an account, logs in, and finds the site as a contact that stays."""
from actors import Scene, main


class MemberGetsAnAccount(Scene):
    def test_logs_in_with_the_password_the_site_gave(self):
        self.site.states_member("anna", password="correct horse")
        self.wait_account("anna", "active")
        self.assertIn("anna", self.lab.prosody.accounts())
        self.crowd.member(self.site.jid("anna"), "correct horse").logs_in()
        self.assert_refused("anna", "wrong horse")

    def test_finds_the_site_as_a_contact_in_both_directions(self):
        (ben,) = self.members_online("ben")
        self.assertEqual(ben.roster()[self.lab.site_jid]["subscription"], "both")

    def test_cannot_remove_the_site(self):
        (cleo,) = self.members_online("cleo")
        self.assertEqual(cleo.removes_contact(self.lab.site_jid), "not-allowed")
        cleo.logs_out()
        self.assertIn(self.lab.site_jid, cleo.logs_in().roster())

    def test_is_one_account_however_often_the_site_says_it(self):
        for _ in range(3):
            self.site.states_member("dora", password="one")
        self.wait_account("dora", "active")
        self.assertEqual(self.lab.prosody.accounts().count("dora"), 1)
        self.crowd.member(self.site.jid("dora"), "one").logs_in()


if __name__ == "__main__":
    main()
