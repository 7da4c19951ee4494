# SPDX-License-Identifier: GPL-3.0-or-later
"""A removed member's account is gone, and announcements pass him by."""
from actors import Scene, main


class MemberIsRemoved(Scene):
    def test_account_is_gone(self):
        self.members("anna")
        self.site.removes_member("anna")
        self.wait_gone("anna")
        self.assertNotIn("anna", self.lab.prosody.accounts())
        self.assert_refused("anna", "password of anna")

    def test_announcements_reach_only_those_who_stay(self):
        ben, cleo = self.members_online("ben", "cleo")
        self.site.removes_member("ben")
        self.wait_gone("ben")
        notice = self.site.announces("Only for those who are here")
        self.wait_deliveries(notice, {"cleo": "delivered"})
        self.assert_only("Only for those who are here", [cleo])
        self.assertFalse(ben.is_online())

    def test_comes_back_as_a_new_account(self):
        self.members("dora")
        self.site.removes_member("dora")
        self.wait_gone("dora")
        self.site.states_member("dora", password="second life")
        self.wait_account("dora", "active")
        self.crowd.member(self.site.jid("dora"), "second life").logs_in()


if __name__ == "__main__":
    main()
