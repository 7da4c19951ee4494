# SPDX-License-Identifier: GPL-3.0-or-later
"""Each process dies at each crash point that it passes, in the middle of the load: nothing is lost, nothing comes that nobody asked for."""
import os
import unittest
from pathlib import Path

import crash_points
from load_scene import LoadScene, main

SHORT = 8  # of all, drawn by the seed
GROUP = 12  # between two ledgers


class CrashPoints(LoadScene):
    @classmethod
    def setUpClass(cls) -> None:
        if not crash_points.are_in(Path(os.environ["ROSTRUM_BIN"]) / "rostrum-gateway"):
            raise unittest.SkipTest("these executables were built without ROSTRUM_CRASH_POINTS")
        super().setUpClass()

    def test_each_name_is_walked(self):
        self.assertEqual(sorted(crash_points.names()), sorted(crash_points.PASSED_BY))

    def test_nothing_is_lost_whoever_dies_wherever(self):
        chosen = self.choose(crash_points.ALL, " ".join, lambda drawn: drawn[:SHORT])
        for start in range(0, len(chosen), GROUP):
            with self.subTest(chosen[start:start + GROUP]):
                self.moments = []
                with self.load():
                    for victim, point in chosen[start:start + GROUP]:
                        self.die(victim, point)

    def repeat_a_receipt(self) -> None:
        """XEP-0184: a member's client may say it again; it changes nothing."""
        reader = next(reader for reader in self.readers.values() if reader.inbox)
        stanza_id = reader.inbox[-1].stanza_id
        reader.says_raw(f"<message to='{self.lab.site_jid}'><received xmlns='urn:xmpp:receipts' id='{stanza_id}'/></message>")

    def die(self, victim: str, point: str) -> None:
        times = 1 if point in crash_points.PASSED_ONCE else self.chance.choice((1, 1, 3))
        crash = crash_points.Crash(self.services, self.publisher, victim, point, times, self.repeat_a_receipt)
        with self.moment(crash.name, may_repeat=crash_points.repeats(victim)):
            crash.apply()
            crash.revert()
        self.wait_all_ready()


if __name__ == "__main__":
    main()
