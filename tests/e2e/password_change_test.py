# SPDX-License-Identifier: GPL-3.0-or-later
"""A password that the site changes is the new one, and nobody is thrown out for it."""
from actors import Scene, main, wait_for
from lab.members import LoginRefused, Member


class PasswordChange(Scene):
    def test_takes_the_new_password_and_refuses_the_old(self):
        (anna,) = self.members_online("anna")
        self.site.states_member("anna", password="quite another")
        second = Member(self.crowd, anna.jid, "quite another")

        def is_taken() -> bool:
            try:
                second.logs_in()
                return True
            except LoginRefused:
                return False
        wait_for(is_taken, "the new password to be taken")
        self.assert_refused("anna", "password of anna")
        self.assertTrue(anna.is_online(), "the session that was open stays open")
        anna.barrier()


if __name__ == "__main__":
    main()
