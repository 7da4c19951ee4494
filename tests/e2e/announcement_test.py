# SPDX-License-Identifier: GPL-3.0-or-later
"""Announcements and alerts arrive exactly where they should, once, and every receipt is recorded."""
from actors import Scene, main


class Announcement(Scene):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site.has_group("choir")
        cls.site.has_group("board")

    def setUp(self):
        if not self.crowd.members:
            scene = type(self)
            scene.anna, scene.ben = self.members_online("anna", "ben", groups=("choir",))
            (scene.cleo,) = self.members_online("cleo", groups=("choir", "board"))
            (scene.dora,) = self.members_online("dora")

    def test_to_all(self):
        notice = self.site.announces("To all")
        self.wait_deliveries(notice, dict.fromkeys(("anna", "ben", "cleo", "dora"), "delivered"))
        self.assert_only("To all", [self.anna, self.ben, self.cleo, self.dora])

    def test_to_a_group(self):
        notice = self.site.announces("To the choir", group="choir")
        self.wait_deliveries(notice, dict.fromkeys(("anna", "ben", "cleo"), "delivered"))
        self.assert_only("To the choir", [self.anna, self.ben, self.cleo])

    def test_alert_to_one(self):
        notice = self.site.alerts("To Dora", member="dora")
        self.wait_deliveries(notice, {"dora": "delivered"})
        self.assert_only("To Dora", [self.dora])

    def test_comes_from_the_site_and_nobody_else(self):
        self.wait_deliveries(self.site.announces("From whom", member="anna"), {"anna": "delivered"})
        (message,) = self.anna.received("From whom")
        self.assertEqual(message.sender.partition("/")[0], self.lab.site_jid)
        self.assertEqual(message.kind, "chat")

    def test_to_a_group_that_does_not_exist_reaches_nobody(self):
        notice = self.site.announces("To no one", group="nowhere")
        self.wait_notice_done(notice)
        self.assertEqual(self.deliveries(notice), {})
        self.assert_only("To no one", [])

    def test_to_somebody_unknown_is_said_to_have_failed(self):
        notice = self.site.announces("To nobody we know", member="zora")
        self.wait_deliveries(notice, {"zora": "failed"})

    def test_text_arrives_as_it_was_written(self):
        text = "Grüße & <b>bold</b> “quoted” \U0001f600 'single' \"double\"\nsecond line\ttab"
        self.wait_deliveries(self.site.announces(text, member="anna"), {"anna": "delivered"})
        self.assert_only(text, [self.anna])


if __name__ == "__main__":
    main()
