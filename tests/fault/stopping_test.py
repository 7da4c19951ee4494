# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGTERM under load: a service ends within five seconds, whoever stands still beside it. What was not done stays for the next one, and what was
asked and could not be answered is asked again: a member may see it twice."""
import signal
import sys
import time
from typing import Callable

from faults import stop_in_time
from load_scene import IS_LONG, LoadScene, main

# Long enough for work to wait in the service's hands, too short for anybody to have given it up.
FROZEN_FOR_SECONDS = 1.0


class Stopping(LoadScene):
    def test_whoever_stands_still_beside_it(self):
        with self.load():
            for name in ("registration", "notification", "presence"):
                self.stops_in_time(name, "postgres")
            self.stops_in_time("gateway", "prosody")
            self.stops_in_time("registration", "gateway")
            if IS_LONG:
                self.stops_in_time("notification", "gateway")
                self.stops_in_time("gateway", "presence")
                self.stops_in_time("gateway", "notification")

    def stops_in_time(self, name: str, frozen: str) -> None:
        freeze, thaw = self.still(frozen)
        with self.moment(f"{name} stops while {frozen} stands still", may_repeat="gateway" in (name, frozen) or name == "notification"):
            freeze()
            try:
                time.sleep(FROZEN_FOR_SECONDS)
                took = stop_in_time(self.services, name)
            finally:
                thaw()
        print(f"    {took:.1f} s", file=sys.stderr, flush=True)
        self.services.start(name)
        self.wait_all_ready()
        self.wait_progress()

    def still(self, frozen: str) -> tuple[Callable, Callable]:
        if server := {"postgres": self.lab.postgres, "prosody": self.lab.prosody}.get(frozen):
            return server.pause, server.resume
        process = self.services.processes[frozen]
        return lambda: process.send_signal(signal.SIGSTOP), lambda: process.send_signal(signal.SIGCONT)


if __name__ == "__main__":
    main()
