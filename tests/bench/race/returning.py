# SPDX-License-Identifier: GPL-3.0-or-later
"""Very many publishers lose the intake and are back at once."""
import time

from installation import Installation
from table import Table, spread

PROCESSES = 8
PUBLISHERS_OF_A_PROCESS = 250
EVENTS_PER_SECOND = 100  # of the publisher that stands beside them


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    installation.without_gateway()
    processes, each = (2, 20) if quick else (PROCESSES, PUBLISHERS_OF_A_PROCESS)
    seconds = 1 if quick else 15
    crowds = [installation.crowd_of_publishers(each, f"returning-{number}") for number in range(processes)]
    [standing] = installation.publishers(1)
    served, middle, slow = [], [], []
    for number in range(rounds):
        installation.services.stop("registration")
        for part, crowd in enumerate(crowds):
            crowd.tell("serve", f"returning-{number}-{part}")
        started = time.monotonic()
        installation.services.launch("registration")
        answer = standing.ask("paced", "group", f"standing-{number}", EVENTS_PER_SECOND * seconds, EVENTS_PER_SECOND)
        middle.append(answer["p50_ms"])
        slow.append(answer["p99_ms"])
        served.append(max(crowd.answer()["ended"] for crowd in crowds) - started)
    table = Table(f"return: {processes * each:,} publishers after a restart of the intake", ("", ""))
    table.add("from its start until each had an event accepted, s", spread(served))
    table.add("another publisher meanwhile, p50, ms", spread(middle))
    table.add("another publisher meanwhile, p99, ms", spread(slow))
    return table
