# SPDX-License-Identifier: GPL-3.0-or-later
"""How long nobody knows who is online after the gateway that owned the presence was killed, or told to stop."""
import time
from random import Random

from installation import Installation
from lab.members import wait_for
from table import Table, spread

LEASE_SECONDS = 10


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    """Not in rounds: each is a take-over."""
    del rounds
    lease, kills = (3, 1) if quick else (LEASE_SECONDS, 20)
    with installation.another(counts={"gateway": 2}, options={"presence": {"lease_seconds": lease}}) as ours:
        table = Table(f"take-over by a second gateway, lease {lease} s", ("", "until all is known again, s"))
        chance = Random(kills)
        for words, end in (("kill -9", ours.services.kill), ("SIGTERM", ours.services.stop)):
            # The lease is renewed every third of it: at any moment in between.
            table.add(f"{words}, {kills} times", spread([_take_over(ours, end, chance.uniform(0, lease / 3)) for _ in range(kills)]))
        return table


def _take_over(ours: Installation, end, delay_seconds: float) -> float:
    """By the view: from the signal until the domain is known under the next epoch."""
    services = ours.services
    owner, = wait_for(services.presence_owners, "a gateway that owns the presence")
    epoch = ours.view("SELECT epoch FROM presence.domains WHERE domain = %s", ours.lab.domain)
    time.sleep(delay_seconds)
    began = time.monotonic()
    end(owner)
    wait_for(lambda: ours.view("SELECT known AND epoch > %s FROM presence.domains WHERE domain = %s", epoch, ours.lab.domain), "the other to know", 60)
    took = time.monotonic() - began
    services.start(owner)
    return took
