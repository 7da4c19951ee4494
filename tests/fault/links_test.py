# SPDX-License-Identifier: GPL-3.0-or-later
"""Each link that presence goes over is frozen and broken in a storm: nothing comes through for 5 s, or for a minute."""
import time

from fault_scene import FaultScene, main, only_long
from lab.services import Services
from link import DatabaseLink, Link
from watcher import Watcher

SHORT_SECONDS, LONG_SECONDS = 5, 60


class Links(FaultScene):
    @classmethod
    def prepare(cls, services: Services) -> None:
        lab = services.lab
        jabber_port, presence_port = lab.ports.take(), lab.ports.take()
        cls.jabber = cls.enterClassContext(Link(("127.0.0.1", jabber_port), lab.jabber_address))
        cls.observation = cls.enterClassContext(Link(("127.0.0.1", presence_port), ("127.0.0.1", services.instances["presence"].port)))
        cls.database = cls.enterClassContext(DatabaseLink(lab, "presence"))
        services.options |= {
            "gateway": {"jabber_address": f"127.0.0.1:{jabber_port}", "presence": f"tcp://127.0.0.1:{presence_port}"},
            "presence": {**services.options.get("presence", {}), "database": cls.database.conninfo("rostrum_presence")}}

    def test_to_the_jabber_server_frozen(self):
        """Too short to be noticed: what happened meanwhile is only told late."""
        self.during_storm(self.jabber.frozen, SHORT_SECONDS)

    def test_to_the_jabber_server_broken(self):
        self.during_storm(self.jabber.cut, SHORT_SECONDS, gaps=1)

    def test_to_the_presence_service_frozen(self):
        """Longer than the lease: unknown meanwhile. The gateway went on looking, and can tell afterwards what was."""
        self.assertTrue(self.during_storm(self.observation.frozen, SHORT_SECONDS, gaps=0).unknown)

    def test_to_the_presence_service_broken(self):
        self.assertTrue(self.during_storm(self.observation.cut, SHORT_SECONDS, gaps=0).unknown)

    def test_to_the_database_frozen(self):
        self.assertTrue(self.during_storm(self.database.frozen, SHORT_SECONDS, gaps=0).unknown)

    @only_long
    def test_to_the_jabber_server_frozen_for_a_minute(self):
        self.assertTrue(self.during_storm(self.jabber.frozen, LONG_SECONDS, gaps=1).unknown)

    @only_long
    def test_to_the_presence_service_frozen_for_a_minute(self):
        self.assertTrue(self.during_storm(self.observation.frozen, LONG_SECONDS, gaps=0).unknown)

    @only_long
    def test_to_the_database_frozen_for_a_minute(self):
        self.assertTrue(self.during_storm(self.database.frozen, LONG_SECONDS, gaps=0).unknown)

    def during_storm(self, fault, seconds: float, gaps: int | None = None) -> Watcher:
        """The members' own connections stand: who sits still is online all the time."""
        with self.watcher() as watcher:
            with self.storm(), fault():
                time.sleep(seconds)  # the fault's length, which is what is tested
            self.assert_all_is_right(gaps=gaps)
        self.assert_steady_never_moved(watcher)
        return watcher


if __name__ == "__main__":
    main()
