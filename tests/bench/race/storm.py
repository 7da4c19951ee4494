# SPDX-License-Identifier: GPL-3.0-or-later
"""Everybody loses the connection and comes again: how long until the stored presence is right, and what it costs.

At the gateway's edge the members are sessions inside Prosody without a connection (tests/support/prosody/mod_crowd.lua): so many that real
clients would be slower than all the rest. Beside them as many real clients as one machine can carry."""
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from costs import Written, resident_mib
from crowd import Crowd
from installation import Installation
from lab import presence
from lab.members import wait_for
from log_in import CROWD, CROWD_MODULE
from raw_stream import RawSession
from register import PASSWORD
from table import Table, spread

STORM_SECONDS = 10
PORTIONS = 10
_RIGHT = "SELECT count(*) FROM presence.resource_now WHERE state = 'online' AND status = %s"
# As if the site had stated them: without accounts, for nobody of them logs in.
_STATE_MEMBERS = """INSERT INTO directory.member (source, member_id, jid, revision, present)
SELECT 'site', 'crowd-' || n, format('crowd-%%s-%%s@%s', n / %d * %d, n %% %d + 1), 1, true FROM generate_series(0, %d - 1) n"""


@dataclass
class Samples:
    lasted: list[float] = field(default_factory=list)
    until_right: list[float] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    transactions: list[float] = field(default_factory=list)
    memory: dict[str, tuple[float, float, float]] = field(default_factory=dict)  # service → MiB alone, with everybody, at most


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    members, clients = (300, 10) if quick else (10_000, 500)
    table = Table("reconnect storm: everybody is dropped and comes again", ("", f"{members:,} in {STORM_SECONDS} s at the gateway's edge", f"{clients} real clients"))
    edge = _at_the_edge(installation, members, rounds)
    real = _real_clients(installation, clients, rounds)
    table.add("from the first to the last log-in, s", spread(edge.lasted), spread(real.lasted))
    table.add("from the last log-in until right, s", spread(edge.until_right), spread(real.until_right))
    table.add("rows written for each member", spread([rows / members for rows in edge.rows]), spread([rows / clients for rows in real.rows]))
    table.add("transactions", spread(edge.transactions), spread(real.transactions))
    for service in ("gateway", "presence"):
        table.add(f"{service}: MiB alone, all online, at most", *(" ".join(f"{mib:.1f}" for mib in side.memory[service]) for side in (edge, real)))
    return table


def _at_the_edge(installation: Installation, members: int, rounds: int) -> Samples:
    portion = members // PORTIONS
    with installation.another(prosody={"extra_modules": (CROWD_MODULE,)}) as ours:
        lab = ours.lab
        lab.postgres.psql(_STATE_MEMBERS % (lab.domain, portion, portion, portion, members))
        desk = RawSession(lab, lab.control_jid, lab.control_password_file)

        def ask(request: str) -> None:
            desk.send(f"<iq type='set' to='{lab.domain}' id='crowd'>{request}</iq>")
            answer = desk.read_until("</iq>")
            if "type='result'" not in answer:
                raise AssertionError(answer)

        def come(status: str, seconds: float) -> float:
            """In portions, evenly over this time; when the last has come."""
            due = time.monotonic()
            for first in range(0, members, portion):
                time.sleep(max(0.0, due - time.monotonic()))
                ask(f"<join xmlns='{CROWD}' name='crowd-{first}' count='{portion}'><presence xmlns='jabber:client'><status>{status}</status></presence></join>")
                due += seconds / PORTIONS
            return time.monotonic()

        def again(status: str) -> float:
            ask(f"<leave xmlns='{CROWD}'/>")
            return come(status, STORM_SECONDS)
        samples = _storms(ours, members, rounds, lambda status: come(status, 0), again)
        desk.close()
        return samples


def _real_clients(installation: Installation, clients: int, rounds: int) -> Samples:
    with installation.another() as ours:
        ours.site.ask("members", "real", clients, PASSWORD)
        ours.wait_accounts("real", clients)
        crowds: list[Crowd] = []

        def come(status: str) -> None:
            everybody = [f"real-{number}@{ours.lab.domain}" for number in range(clients)]
            crowds.append(Crowd(everybody, PASSWORD, ours.lab.jabber_address, ours.lab.ca, status))
        try:
            return _storms(ours, clients, rounds, come, lambda status: crowds[0].comes_again(status))
        finally:
            for crowd in crowds:
                crowd.close()


def _storms(ours: Installation, members: int, rounds: int, come: Callable[[str], object], again: Callable[[str], float]) -> Samples:
    def wait_right(status: str) -> float:
        wait_for(lambda: ours.view(_RIGHT, status) == members, "everybody", 120, lambda: ours.view(_RIGHT, status))
        return time.monotonic()

    samples = Samples()
    pids = {service: ours.services.processes[service].pid for service in ("gateway", "presence")}
    alone = {service: resident_mib(pid) for service, pid in pids.items()}
    come("at first")
    wait_right("at first")
    together = {service: resident_mib(pid) for service, pid in pids.items()}
    for number in range(rounds):
        status, before = f"storm {number}", Written.so_far(ours.lab.postgres)
        began = time.monotonic()
        last = again(status)
        samples.lasted.append(last - began)
        samples.until_right.append(wait_right(status) - last)
        cost = Written.so_far(ours.lab.postgres) - before
        samples.rows.append(cost.rows)
        samples.transactions.append(cost.transactions)
        presence.wait_right(ours.services)  # and not in number alone
    samples.memory = {service: (alone[service], together[service], resident_mib(pid, "VmHWM")) for service, pid in pids.items()}
    return samples
