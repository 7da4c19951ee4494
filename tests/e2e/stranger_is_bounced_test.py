# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the site registers: everybody else's registration comes back as an error and leaves nothing behind."""
from actors import Scene, main
from lab.stranger import register_in_band


class StrangerIsBounced(Scene):
    def test_before_log_in(self):
        before = self.lab.prosody.accounts()
        answer = register_in_band(self.lab.jabber_address, self.lab.domain, self.lab.ca, "stranger", "let me in")
        self.assertEqual(answer.condition, "not-allowed")
        self.assertTrue(answer.text, "says whom to ask")
        self.assertEqual(self.lab.prosody.accounts(), before)

    def test_also_under_a_members_name(self):
        self.members("anna")
        answer = register_in_band(self.lab.jabber_address, self.lab.domain, self.lab.ca, "anna", "taken over")
        self.assertEqual(answer.condition, "not-allowed")
        self.assert_refused("anna", "taken over")


if __name__ == "__main__":
    main()
