# SPDX-License-Identifier: GPL-3.0-or-later
"""A status text is whatever a member likes: it is kept as it is and does no harm where people and programs read it."""
import json
import unicodedata

from actors import main
from presence_scene import PresenceScene

ESCAPE = "\x1b"
# What XML can carry and a terminal, a log line, a table or a database might take for something else.
TEXTS = {
    "markup": "</status></presence><presence type='unavailable'/>&amp;<script>alert(1)</script>",
    "sql": "'; DROP TABLE presence.resource; -- {1,2} \\ \"",
    "lines": "one\ntwo\r\n2026-11-25T00:00:00Z error forged: everything is lost\tand a tab",
    "direction": "\u202egnp.exe\u202c \u2066isolated\u2069 \u200b\ufeff zero width",
    "c1": "\u009b31mred\u009b0m \u0085 next line \u2028 separator",
    "wide": "漢字かな 👩‍👩‍👧‍👦 e\u0301\u0301\u0301 " + "\u0301" * 200,
    "long": "ä" * 3000,
    "template": "%s %n {} {0} $(reboot) `reboot` ${HOME} {{7*7}}",
}


def columns(line: str) -> int:
    """Of a terminal."""
    return sum(0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(character) in "WF" else 1
               for character in line)


class HostileStatus(PresenceScene):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        scene = cls(methodName="setUp")
        cls.people = dict(zip(TEXTS, scene.members_online(*TEXTS)))

    def setUp(self):
        for name, text in TEXTS.items():
            self.people[name].shows("away", text)
        for name in TEXTS:
            self.wait_who(name, state="online", show="away")

    def test_is_kept_as_it_is(self):
        for name, text in TEXTS.items():
            kept = self.who(name).status
            with self.subTest(name):
                if name == "long":  # cut at the end of a character
                    self.assertLessEqual(len(kept.encode()), 1024)
                    self.assertTrue(kept and text.startswith(kept))
                else:
                    self.assertEqual(kept, text.replace("\r\n", "\n"))  # XML 1.0 §2.11: no parser tells of another line end
        self.assertTrue(self.lab.prosody.is_running())

    def test_commands_print_it_without_harm(self):
        who = self.services.rostrum("who").stdout
        for output in (who, *(self.services.rostrum("timeline", name).stdout for name in TEXTS)):
            self.assertFalse([character for character in output if ord(character) < 32 and character != "\n" or 0x7f <= ord(character) < 0xa0])
            self.assertFalse(set(output) & set("\u202e\u202c\u2066\u2069\u2028"))
            self.assertEqual([line for line in output.splitlines() if columns(line) > 100], [])
        for name in TEXTS:  # a line each, whatever line ends the text has
            self.assertEqual(len([line for line in who.splitlines() if line.startswith(name)]), 1, who)

    def test_programs_get_all_of_it(self):
        told = {member["member_id"]: member["status"] for member in json.loads(self.services.rostrum("--json", "who").stdout)["members"]}
        self.assertEqual(told, {name: self.who(name).status for name in TEXTS})

    def test_logs_and_metrics_have_nothing_of_it(self):
        for name in self.services.instances:
            log = self.services.log(name).read_text(errors="replace")
            for text in ("DROP TABLE", "forged: everything", "alert(1)", "gnp.exe", "reboot", "漢字", ESCAPE):
                self.assertNotIn(text, log, name)
                self.assertNotIn(text, str(self.services.metrics(name)), name)


if __name__ == "__main__":
    main()
