# SPDX-License-Identifier: GPL-3.0-or-later
"""The presence service is killed in a storm: what it had not answered is told again, to it or to another instance, and counts once."""
from fault_scene import FaultScene, main, wait_for
from lab.services import Services
from link import DatabaseLink, Link

NAMES = ("presence", "presence-2")
RENEWALS = 'rostrum_presence_claims_total{outcome="renewed"}'
WAITING = "rostrum_presence_intake_waiting"
REPEATS = 'rostrum_presence_observations_dropped_total{reason="repeat"}'


class OnlyInstance(FaultScene):
    LEASE_SECONDS = 10

    def test_killed_three_times(self):
        with self.watcher() as watcher:
            with self.storm():
                for _ in range(3):
                    self.services.kill("presence")
                    self.services.start("presence")
            self.assert_all_is_right(gaps=0)
        self.assert_steady_never_moved(watcher)


class TwoInstances(FaultScene):
    COUNTS = {"presence": 2}
    LEASE_SECONDS = 10

    @classmethod
    def prepare(cls, services: Services) -> None:
        """Each has a way of its own to the database and to the gateway."""
        ports = {name: services.lab.ports.take() for name in NAMES}
        cls.database = {name: cls.enterClassContext(DatabaseLink(services.lab, name)) for name in NAMES}
        cls.observation = {name: cls.enterClassContext(Link(("127.0.0.1", ports[name]), ("127.0.0.1", services.instances[name].port))) for name in NAMES}
        for name, link in cls.database.items():
            services.options[name] = {**services.options.get(name, {}), "database": link.conninfo("rostrum_presence")}
        services.options["gateway"] = {"presence": ",".join(f"tcp://127.0.0.1:{port}" for port in ports.values())}

    def test_each_killed_in_turn(self):
        with self.watcher() as watcher:
            with self.storm():
                for name in (*NAMES, *NAMES):
                    self.services.kill(name)
                    self.wait_told()
                    self.services.start(name)
            self.assert_all_is_right(gaps=0)
        self.assert_steady_never_moved(watcher)

    def test_the_one_in_use_stands_still(self):
        with self.watcher() as watcher:
            with self.storm(), self.services.paused(self.in_use()):
                self.wait_told()
            self.assert_all_is_right(gaps=0)
        self.assert_steady_never_moved(watcher)

    def test_the_one_in_use_is_cut_off(self):
        """What it had begun to store it stores afterwards, when the other has stored it already: it counts once."""
        with self.watcher() as watcher:
            with self.storm():
                name = self.in_use()
                with self.database[name].frozen():
                    wait_for(lambda: self.services.metrics(name)[WAITING] > 0, "observations that wait for the database")
                    with self.observation[name].frozen():
                        self.wait_told()
                wait_for(lambda: self.services.metrics(name)[REPEATS] > 0, "it to find out that all of it is stored")
            self.assert_all_is_right(gaps=0)
        self.assert_steady_never_moved(watcher)

    def in_use(self) -> str:
        """The one that renews the lease now."""
        def renewals() -> dict[str, float]:
            return {name: self.services.metrics(name)[RENEWALS] for name in NAMES}
        before = renewals()
        return wait_for(lambda: [name for name, count in renewals().items() if count > before[name]], "a renewal")[0]

    def wait_told(self) -> None:
        """Until somebody stores changes again: who holds the lease's row and is cut off loses it after 5 s, by the database's rule."""
        member = self.steady[0]
        member.shows("away")
        self.wait_who(self.steady_names[0], 60, show="away")
        member.shows()
        self.wait_who(self.steady_names[0], 60, show="online")
        self.changes_before[self.steady_names[0]] = self.history(self.steady_names[0])


if __name__ == "__main__":
    main()
