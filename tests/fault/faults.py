# SPDX-License-Identifier: GPL-3.0-or-later
"""What can break: each fault has a name, `apply` and `revert`, and says whether a confirmation can get lost by it. A fault that stands for a
while says how long; one that is over at once does all in `apply`."""
import random
import time
from contextlib import ExitStack
from typing import Callable

import disk
import network
from lab.members import wait_for
from lab.services import SERVICES, Services
from network import Drop

STOPS_WITHIN_SECONDS = 5
# AddressSanitizer looks for leaks before a process ends, on a machine that does other things as well.
SANITIZER_SECONDS = 4


class Fault:
    stands_seconds = 0.0
    may_repeat = True  # a member may see a notice twice: what was handed over could not be confirmed

    def __init__(self, scene, chance: random.Random):
        self.scene = scene
        self.services: Services = scene.services
        self.chance = chance

    @property
    def name(self) -> str:
        return type(self).__name__

    def missing(self) -> str:
        """Why it cannot be had here; empty when it can."""
        return ""

    def apply(self) -> None:
        raise NotImplementedError

    def revert(self) -> None:
        pass


# -- processes -----------------------------------------------------------------------------------------------------


class RandomKills(Fault):
    """kill -9 of six services and the site, one after the other, each started again at once."""

    def apply(self) -> None:
        for victim in [*self.chance.choices(list(self.services.instances), k=6), "site"]:
            time.sleep(self.chance.uniform(0, 1))  # anywhere in the work
            if victim == "site":
                self.scene.publisher.restart()
            else:
                self.services.kill(victim)
                self.services.start(victim)


class AllKilledAtOnce(Fault):
    def apply(self) -> None:
        self.services.kill(*self.services.instances)
        self.services.start_all()


class Frozen(Fault):
    """SIGSTOP, for longer than its peers wait for an answer."""
    stands_seconds = 9
    service = ""

    def apply(self) -> None:
        self._ending = ExitStack()
        self._ending.enter_context(self.services.paused(self.service))

    def revert(self) -> None:
        self._ending.close()


class RegistrationFrozen(Frozen):
    service = "registration"


class NotificationFrozen(Frozen):
    service = "notification"


class PresenceFrozen(Frozen):
    service = "presence"
    may_repeat = False


class GatewayFrozen(Frozen):
    service = "gateway"


class DatabaseFrozen(Fault):
    stands_seconds = 9

    def apply(self) -> None:
        self.services.lab.postgres.pause()

    def revert(self) -> None:
        self.services.lab.postgres.resume()


class JabberServerFrozen(Fault):
    """Shorter than the gateway waits for a confirmation: nothing breaks, all is late."""
    stands_seconds = 6
    may_repeat = False

    def apply(self) -> None:
        self.services.lab.prosody.pause()

    def revert(self) -> None:
        self.services.lab.prosody.resume()


class RollingRestart(Fault):
    """SIGTERM to each service in turn, and its successor: no member and no event may notice."""
    may_repeat = False

    def apply(self) -> None:
        for name in self.services.instances:
            stop_in_time(self.services, name)
            self.services.start(name)


def stop_in_time(services: Services, name: str) -> float:
    """Seconds from SIGTERM to the end; AssertionError when it is too late, or it did not end well."""
    is_sanitized = b"__asan_init" in (services.binaries / f"rostrum-{services.instances[name].service}").read_bytes()
    began = time.monotonic()
    code = services.stop(name)
    took = time.monotonic() - began
    if code != 0 or took > STOPS_WITHIN_SECONDS + SANITIZER_SECONDS * is_sanitized:
        raise AssertionError(f"{name} ended with {code}, {took:.1f} s after SIGTERM:\n{services.log(name).read_text()[-2000:]}")
    return took


# -- the database --------------------------------------------------------------------------------------------------


class DatabaseStoppedAtOnce(Fault):
    may_repeat = False

    def apply(self) -> None:
        self.services.lab.postgres.restart("immediate")


class DatabaseKilled(Fault):
    may_repeat = False

    def apply(self) -> None:
        self.services.lab.postgres.kill9()
        self.services.lab.postgres.start()


class CutAtCommit(Fault):
    """COMMIT gets to PostgreSQL, its answer never comes back: at least three times for each service."""
    may_repeat = False

    def apply(self) -> None:
        with ExitStack() as cuts:
            for link in self.scene.databases.values():
                cuts.enter_context(link.commits_without_answer())
            wait_for(lambda: all(link.kept >= 3 for link in self.scene.databases.values()), "answers to be kept", 60,
                     lambda: {name: link.kept for name, link in self.scene.databases.items()})


class DiskFull(Fault):
    """PostgreSQL finds no room, and then there is room again."""
    may_repeat = False

    def missing(self) -> str:
        return disk.missing(self.services.lab.postgres)

    def apply(self) -> None:
        disk.fill(self.services.lab.postgres)

    def revert(self) -> None:
        disk.clear(self.services.lab.postgres)


# -- the network ---------------------------------------------------------------------------------------------------


class NetworkFault(Fault):
    """Packets are dropped by the kernel: nobody is told."""
    stands_seconds = 12  # longer than all deadlines of a link

    def missing(self) -> str:
        return network.missing()

    def drops(self) -> list[Drop]:
        raise NotImplementedError

    def apply(self) -> None:
        self._applied = []
        for drop in self.drops():
            drop.apply()
            self._applied.append(drop)

    def revert(self) -> None:
        while self._applied:
            self._applied.pop().revert()

    def port(self, service: str) -> int:
        return self.services.lab.prosody.port if service == "jabber" else self.services.instances[service].port


def partition(service: str, ways: str) -> type[NetworkFault]:
    """The service is cut off from those who connect to it: `both` ways, `to` it alone, or `from` it alone."""
    class Partition(NetworkFault):
        name = f"Partition_{ways}_{service}"

        def drops(self) -> list[Drop]:
            return [Drop(to=self.port(service))] * (ways in ("both", "to")) + [Drop(sent_by=self.port(service))] * (ways in ("both", "from"))
    return Partition


class LossyNetwork(NetworkFault):
    """Every fifth packet is lost and sent again by TCP: packets come out of order, and in bursts."""
    may_repeat = False

    def drops(self) -> list[Drop]:
        return [Drop(to=self.port(name), of_hundred=20) for name in (*SERVICES, "jabber")] + [
            Drop(sent_by=self.port(name), of_hundred=20) for name in (*SERVICES, "jabber")]


class Flapping(Fault):
    """Every link breaks and comes back, five times."""

    def apply(self) -> None:
        for _ in range(5):
            with ExitStack() as cuts:
                for link in self.scene.links.values():
                    cuts.enter_context(link.cut())
                time.sleep(self.chance.uniform(0.1, 0.6))
            time.sleep(self.chance.uniform(0.3, 1.5))


class Paced(Fault):
    stands_seconds = 10
    may_repeat = False
    links: tuple[str, ...] = ()

    def pace(self) -> Callable[[int], float]:
        raise NotImplementedError

    def apply(self) -> None:
        self._ending = ExitStack()
        for name in self.links:
            self._ending.enter_context(self.scene.links[name].paced(self.pace()))

    def revert(self) -> None:
        self._ending.close()


class ReOrdered(Paced):
    """TCP keeps the order within a link; between links, and between the two ways of one, it is anybody's guess."""
    links = ("registration", "notification", "gateway", "jabber")

    def pace(self) -> Callable[[int], float]:
        return lambda _: self.chance.uniform(0, 0.3)


class SlowConsumer(Paced):
    """The Jabber server takes 4 kB a second from the gateway, a tenth of what comes."""
    links = ("jabber",)

    def pace(self) -> Callable[[int], float]:
        return lambda count: count / 4_000


class LinkDiesFull(SlowConsumer):
    """The same, and then the link breaks with all that is in it: what the server has not confirmed it never got."""
    stands_seconds = 4
    may_repeat = True

    def revert(self) -> None:
        with self.scene.links["jabber"].cut():
            super().revert()
            time.sleep(0.5)


# -- keys ----------------------------------------------------------------------------------------------------------


class KeyRevoked(Fault):
    """The site's key goes from both intakes, and comes back."""
    stands_seconds = 5
    may_repeat = False
    peers = {"registration": "site", "notification": "site"}

    def apply(self) -> None:
        self._moved = []
        for service, peer in self.peers.items():
            for path in sorted((self.services.folder / "authorized_keys" / service).glob(f"{peer}*")):
                self._moved.append((path, path.read_bytes()))
                path.unlink()

    def revert(self) -> None:
        for path, content in self._moved:
            path.touch(mode=0o600)
            path.write_bytes(content)


class GatewaysKeyRevoked(KeyRevoked):
    """Neither intake hears what it has seen, and it does nothing for them … until its key is back."""
    peers = {"registration": "gateway", "notification": "gateway", "presence": "gateway"}


class ServicesKeysRevoked(KeyRevoked):
    """The gateway obeys nobody."""
    peers = {"gateway": ""}


# -- the clock -----------------------------------------------------------------------------------------------------


class ClockJump(Fault):
    """The wall clock of every service goes an hour forward, then four minutes back. The database's stays: leases and holds count by it."""
    may_repeat = False
    HOUR, BACK = 3_600, -240  # an id may be five minutes ahead of the intake's clock (docs/protocol.md)

    def missing(self) -> str:
        return "" if self._library.exists() else f"{self._library} was not built"

    def apply(self) -> None:
        self._file = self.services.folder / "clock"
        self._set(0)
        for name in self.services.instances:
            self.services.stop(name)
            self.services.launch(name, LD_PRELOAD=str(self._library), ROSTRUM_FAULT_CLOCK=str(self._file))
            self.services.wait_ready(name)
        for seconds in (self.HOUR, self.BACK):
            self._set(seconds)
            self.scene.wait_progress()

    def revert(self) -> None:
        self._set(0)
        self.scene.wait_progress()
        for name in self.services.instances:
            self.services.restart(name)

    @property
    def _library(self):
        return self.services.binaries.resolve() / "rostrum-fault-clock.so"

    def _set(self, seconds: int) -> None:
        with open(self._file, "r+b" if self._file.exists() else "w+b") as file:  # in place: the services have it mapped
            file.write(seconds.to_bytes(8, "little", signed=True))


FAULTS: tuple[type[Fault], ...] = (
    RandomKills, AllKilledAtOnce, RegistrationFrozen, NotificationFrozen, PresenceFrozen, GatewayFrozen, DatabaseFrozen, JabberServerFrozen,
    RollingRestart, DatabaseStoppedAtOnce, DatabaseKilled, CutAtCommit, DiskFull,
    *(partition(service, ways) for service in ("registration", "notification", "presence", "gateway", "jabber") for ways in ("both", "to", "from")),
    LossyNetwork, Flapping, ReOrdered, SlowConsumer, LinkDiesFull, KeyRevoked, GatewaysKeyRevoked, ServicesKeysRevoked, ClockJump)
