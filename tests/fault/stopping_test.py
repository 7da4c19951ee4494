# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGTERM under load: a service ends within five seconds, whoever stands still beside it. What was not done stays for the next one."""
import time
from contextlib import ExitStack, contextmanager
from typing import Callable, Iterator

from faults import stop_in_time
from lab.services import SERVICES
from load_scene import LoadScene, main

# So long after a peer stopped answering, work waits for it in the service's hands, and nothing has given it up yet.
FROZEN_FOR_SECONDS = 1.0


class Stopping(LoadScene):
    def test_with_all_at_work(self):
        with self.load():
            for name in SERVICES:
                self.stops_in_time(name, "all at work", may_repeat=False)

    def test_while_the_database_stands_still(self):
        with self.load():
            for name in ("registration", "notification", "presence"):
                postgres = self.lab.postgres
                self.stops_in_time(name, "PostgreSQL frozen", may_repeat=True, freeze=postgres.pause, thaw=postgres.resume)

    def test_while_its_peers_stand_still(self):
        """What the gateway was asked and cannot answer any more is asked again later: the member may see it twice."""
        with self.load():
            for name, peer in (("registration", "gateway"), ("notification", "gateway"), ("gateway", "presence"), ("gateway", "notification")):
                process = self.services.processes[peer]
                self.stops_in_time(name, f"{peer} frozen", may_repeat=True, freeze=lambda process=process: process.send_signal(19),
                                   thaw=lambda process=process: process.send_signal(18))

    def test_while_the_jabber_server_stands_still(self):
        prosody = self.lab.prosody
        with self.load():
            self.stops_in_time("gateway", "Prosody frozen", may_repeat=True, freeze=prosody.pause, thaw=prosody.resume)

    def stops_in_time(self, name: str, how: str, *, may_repeat: bool, freeze: Callable = lambda: None, thaw: Callable = lambda: None) -> None:
        with self.moment(f"{name} stops, {how}", may_repeat=may_repeat), frozen(freeze, thaw):
            took = stop_in_time(self.services, name)
        print(f"    {took:.1f} s", flush=True)
        self.services.start(name)
        self.wait_all_ready()
        self.wait_progress()


@contextmanager
def frozen(freeze: Callable, thaw: Callable) -> Iterator[None]:
    with ExitStack() as ending:
        freeze()
        ending.callback(thaw)
        time.sleep(FROZEN_FOR_SECONDS)
        yield


if __name__ == "__main__":
    main()
