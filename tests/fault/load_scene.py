# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything at work: a site that publishes members and notices, members who read them and come and go, and a ledger afterwards."""
import os
import random
import re
import secrets
import sys
import time
from contextlib import contextmanager, suppress
from typing import Callable, Iterator

import actors
import network
from faults import Fault
from history import History
from lab import presence
from lab.client import Shown
from lab.members import wait_for
from lab.services import Services
from ledger import Ledger, Moment
from link import DatabaseLink, Link
from presence_scene import PresenceScene
from site_process import SiteProcess
from storm import Storm

READERS = 6
PAUSE_MS = 200  # between two events: five a second. What a dead process held blocks its member for half a minute, and must not pile up
RESTLESS = 3  # readers whose phones come and go
QUIET_WITHIN_SECONDS = 120  # a piece of work that a dead process held is due again after half a minute
IS_LONG = "ROSTRUM_FAULT_LONG" in os.environ
ONLY = re.compile(os.environ.get("ROSTRUM_FAULT_ONLY", ""))
SEED = int(os.environ.get("ROSTRUM_FAULT_SEED") or secrets.randbelow(1_000_000))

_OPEN = """SELECT (SELECT count(*) FROM notification.notices WHERE state <> 'done')
     + (SELECT count(*) FROM directory.members WHERE account_state IN ('requested', 'attempting', 'removing')) AS open"""

_WITHOUT_RECEIPT = "SELECT FROM notification.deliveries WHERE state = 'sent' LIMIT 1"


class LoadScene(PresenceScene):
    @classmethod
    def prepare(cls, services: Services) -> None:
        lab, services.options = services.lab, dict(services.options)
        cls.databases = {name: cls.enterClassContext(DatabaseLink(lab, name)) for name in ("registration", "notification", "presence")}
        for name, link in cls.databases.items():
            services.options[name] = {**services.options.get(name, {}), "database": link.conninfo(f"rostrum_{name}")}
        # Between site and intakes, intakes and gateway, gateway and server; each can be slowed and broken for itself.
        targets = {name: ("127.0.0.1", services.instances[name].port) for name in ("registration", "notification", "gateway")}
        targets["jabber"] = lab.jabber_address
        cls.links = {}
        for name, target in targets.items():
            port = lab.ports.take()
            cls.links[name] = cls.enterClassContext(Link(("127.0.0.1", port), target))
            cls.links[name].port = port
        for service in ("registration", "notification"):
            services.options[service]["gateways"] = cls.endpoints(services, "gateway")
        services.options["gateway"] = {
            **services.options.get("gateway", {}), "jabber_address": f"127.0.0.1:{cls.links['jabber'].port}",
            "registration": cls.endpoints(services, "registration"), "notification": cls.endpoints(services, "notification")}

    @classmethod
    def endpoints(cls, services: Services, service: str) -> str:
        """The first instance through its link, the others as they are."""
        return ",".join([f"tcp://127.0.0.1:{cls.links[service].port}", *(
            instance.endpoint for instance in services.instances.values() if instance.service == service and instance.name != service)])

    @classmethod
    def setUpClass(cls) -> None:
        cls.OPTIONS = {"presence": {"lease_seconds": 5}, **cls.OPTIONS}
        super().setUpClass()
        cls.chance = random.Random(SEED)
        cls.publisher = SiteProcess(cls.services, cls.endpoints(cls.services, "registration"), cls.endpoints(cls.services, "notification"), READERS, PAUSE_MS)
        cls.publisher.open()
        scene = cls(methodName="setUp")
        cls.readers = {}
        for number in range(READERS):
            name = f"reader{number}"
            scene.wait_account(name, "active")
            cls.readers[name] = cls.crowd.member(cls.site.jid(name), f"password of {name}", resource="desk")
        cls.crowd.log_in(list(cls.readers.values()))
        # No message goes to a negative priority (RFC 6121 §8.5.2.1): phones only come and go.
        cls.phones = [reader.device("phone", shown=Shown(priority=-1)) for reader in list(cls.readers.values())[:RESTLESS]]
        cls.judged = len(cls.publisher.entries())

    def setUp(self) -> None:
        self.moments: list[Moment] = []

    def choose(self, all_of_them: list, name: Callable[[object], str], short: Callable[[list], list]) -> list:
        """In an order of the seed's: all that --only names, or all, or the short run's."""
        chosen = [one for one in all_of_them if ONLY.search(name(one))]
        self.assertTrue(chosen, f"--only {ONLY.pattern} names nothing here")
        self.chance.shuffle(chosen)
        return chosen if IS_LONG or ONLY.pattern else short(chosen)

    # -- under load ------------------------------------------------------------------------------------------------

    @contextmanager
    def load(self) -> Iterator[None]:
        """While it stands the site publishes and phones come and go; afterwards there is quiet, and the ledger is drawn."""
        self.publisher.start()
        try:
            with Storm(self.phones, self.chance.randrange(1_000_000), priorities=(-5, -1)):
                self.wait_progress()
                yield
                self.wait_progress()
            self.publisher.finish()
        except BaseException:
            self._come_to_rest()
            raise
        self.assert_promises_are_kept()

    def _come_to_rest(self) -> None:
        """After what should not have happened, so that the next one finds things in order."""
        self.publisher.kill()
        self.services.kill(*self.services.processes)  # one may still wait for its crash
        self.services.start_all()

    @contextmanager
    def moment(self, name: str, *, may_repeat: bool) -> Iterator[None]:
        """Something is broken meanwhile."""
        print(f"  {name}", file=sys.stderr, flush=True)
        began = time.monotonic()
        try:
            yield
        finally:
            self.moments.append(Moment(name, began, time.monotonic(), may_repeat))

    def play(self, *faults: Fault) -> None:
        """One after the other under one load."""
        self.moments = []
        with self.load():
            for fault in faults:
                if why := fault.missing():
                    print(f"{fault.name} (under load) ... skipped '{why}'", file=sys.stderr, flush=True)  # as unittest says it, so that tests/run tells
                    continue
                with self.moment(fault.name, may_repeat=fault.may_repeat):
                    try:
                        fault.apply()
                        time.sleep(fault.stands_seconds)  # the fault's length, which is what is tested
                    finally:
                        fault.revert()
                self.wait_all_ready()
                self.wait_progress()

    def wait_progress(self) -> None:
        """What is said from now on arrives: a notice said after this call has come to a reader."""
        said = self._last_notice()

        def has_come() -> bool:
            return any(number > said for reader in self.readers.values() for number in map(_number, reader.bodies()[-20:]))
        wait_for(has_come, "a notice to arrive", QUIET_WITHIN_SECONDS, lambda: (said, self._health()))

    def wait_all_ready(self) -> None:
        for name in self.services.instances:
            self.services.wait_ready(name)

    # -- the end ---------------------------------------------------------------------------------------------------

    def assert_promises_are_kept(self) -> None:
        try:
            wait_for(lambda: self.services.rows(_OPEN)[0].open == 0, "all work to end", QUIET_WITHIN_SECONDS)
        except TimeoutError as late:
            print(f"  {late}", file=sys.stderr)  # the ledger tells what it was
        wait_for(lambda: all(reader.is_online() for reader in self.readers.values()), "the readers to be back")
        self.crowd.barrier()
        with suppress(TimeoutError):  # some receipts may have got lost with a gateway
            wait_for(lambda: not self.services.rows(_WITHOUT_RECEIPT), "receipts to come", 10)
        entries = self.publisher.entries()
        ledger = Ledger(self.services, entries, self.judged, self.readers, self.moments)
        self._log_some_in(ledger)
        print(f"{ledger}", file=sys.stderr, flush=True)
        type(self).judged = len(entries)
        self.assertEqual(ledger.faults(), [], f"seed {SEED}; logs in {self.services.folder}")
        presence.wait_right(self.services, 20)
        self.assertEqual(History(self.lab.postgres).faults(), [])

    def _log_some_in(self, ledger: Ledger) -> None:
        """The password that was stated last opens the account."""
        passwords = ledger.passwords()
        for name in self.chance.sample(sorted(passwords), min(2, len(passwords))):
            try:
                self.crowd.member(self.site.jid(name), passwords[name], shown=None).logs_in().logs_out()
            except actors.LoginRefused:
                ledger.lines["accounts"].lost(f"{name} does not come in with {passwords[name]}")

    def _last_notice(self) -> int:
        return max((_number(entry.about["text"]) for entry in self.publisher.entries() if entry.kind == "notice"), default=0)

    def _health(self) -> dict[str, tuple[int, str]]:
        return {name: self.services.health(name) for name in self.services.instances}


def _number(text: str) -> int:
    return int(text.rpartition(" ")[2])


def main() -> None:
    print(f"seed {SEED}; the same again: ROSTRUM_FAULT_SEED={SEED}, or tests/fault/run --seed {SEED}", file=sys.stderr, flush=True)
    network.enter_own()
    actors.main()
