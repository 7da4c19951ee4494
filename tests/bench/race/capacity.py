# SPDX-License-Identifier: GPL-3.0-or-later
"""As many events as can be accepted with 256 on their way from each publisher, and what one costs on each side."""
from collections import defaultdict
from contextlib import closing

import rivals
from costs import cpu_seconds, postgres_cpu_seconds
from installation import Installation, Writer
from intake import KINDS
from table import Race, Table, race_table, spread, take_turns

IN_FLIGHT = 256  # of each publisher
PUBLISHERS = (1, 4)


class Costs:
    """Microseconds of processor time for each event, by who spent it."""

    def __init__(self, installation: Installation):
        self._installation = installation
        self._spent: dict[tuple[str, str], list[float]] = defaultdict(list)

    def of(self, line: str, count: int, processes: dict[str, list[int]], work) -> float:
        """Rate of the work; `processes`: whose, beside PostgreSQL's."""
        before = self._now(processes)
        rate = work()
        for who, seconds in self._now(processes).items():
            self._spent[line, who].append((seconds - before[who]) / count * 1e6)
        return rate

    def _now(self, processes: dict[str, list[int]]) -> dict[str, float]:
        spent = {who: sum(map(cpu_seconds, pids)) for who, pids in processes.items()}
        return spent | {"PostgreSQL": postgres_cpu_seconds(self._installation.lab.postgres)}

    def table(self) -> Table:
        table = Table("capacity: processor time for each event, µs", ("", "publishers", "registration", "PostgreSQL", "baseline's loop", "its PostgreSQL"))
        lines = dict.fromkeys(line for line, _ in self._spent)
        for line in lines:
            if line.startswith("base "):
                continue
            ours = [spread(self._spent[line, who]) for who in ("publishers", "registration", "PostgreSQL")]
            theirs = [spread(self._spent[f"base {line}", who]) for who in ("loop", "PostgreSQL")]
            table.add(line, *ours, *theirs)
        return table


def publish(writers: list[Writer], kind: str, run: str, count: int) -> float:
    """Events per second, from the first to the last answer of all."""
    for number, writer in enumerate(writers):
        writer.tell("intake", kind, f"{run}-{number}", count // len(writers), IN_FLIGHT)
    answers = [writer.answer() for writer in writers]
    return count / (max(answer["ended"] for answer in answers) - min(answer["began"] for answer in answers))


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    installation.without_gateway()
    rows = installation.row_writer()
    writers = installation.publishers(max(PUBLISHERS))
    registration = installation.services.processes["registration"].pid
    costs = Costs(installation)
    races = []
    for kind, words in KINDS.items():
        count = 400 if quick else 40_000 if kind == "group" else 12_000
        for publishers in PUBLISHERS:
            race = Race(f"{words}, {publishers} publisher{'s' if publishers > 1 else ''}", "events/s", higher_is_better=True)
            chosen = writers[:publishers]
            processes = {"publishers": [writer.pid for writer in chosen], "registration": [registration]}

            def ours(run: str) -> None:
                race.ours.append(costs.of(race.name, count, processes, lambda: publish(chosen, kind, run, count)))

            def baseline(run: str) -> None:
                def write() -> float:
                    return rows.ask("intake", kind, run, count, IN_FLIGHT * publishers)["per_second"]
                race.baseline.append(costs.of(f"base {race.name}", count, {"loop": [rows.pid]}, write))

            take_turns(rounds, ours, baseline, f"capacity-{kind}-{publishers}")
            races.append(race)
    costs.table().show()
    return race_table("capacity: 256 on their way from each publisher | a libpq loop, as many rows a transaction", *races)


def measure_latency(installation: Installation, rounds: int, quick: bool) -> Table:
    """At shares of what this machine accepted just before; open loop, from the moment each event was due."""
    installation.without_gateway()
    writers = installation.publishers(1)
    seconds = 0.2 if quick else 4
    most = [publish(writers, "group", f"latency-most-{number}", 400 if quick else 40_000) for number in range(rounds)]
    table = Table(f"latency: publish to ACCEPTED, new groups, of at most {spread(most)} events/s", ("", "events/s", "p50, ms", "p99, ms"))
    for share in (0.1, 0.5, 0.9):
        rate = share * sorted(most)[len(most) // 2]
        answers = [writers[0].ask("paced", "group", f"latency-{share}-{number}", max(20, int(rate * seconds)), rate) for number in range(rounds)]
        table.add(f"{share:.0%}", *(spread([answer[name] for answer in answers]) for name in ("per_second", "p50_ms", "p99_ms")))
    return table


def measure_rivals(installation: Installation, rounds: int, quick: bool) -> Table:
    """Beside servers that would keep the event's bytes and nothing else: no ledger, no domain rows, no check of who sends what."""
    installation.without_gateway()
    [writer] = installation.publishers(1)
    count = 512 if quick else 25_600
    races = []
    for make in (rivals.RabbitMq, rivals.Redis):
        try:
            rival = make()
        except rivals.Skipped as reason:
            print(f"SKIPPED {make.name}: {reason}", flush=True)
            continue
        with closing(rival):
            race = Race(f"new groups | {make.name}", "events/s", higher_is_better=True)
            take_turns(rounds, lambda run: race.ours.append(publish([writer], "group", run, count)),
                       lambda _: race.baseline.append(rival.rate(count)), f"rival-{make.__name__}")
            races.append(race)
    return race_table("rivals: one publisher, 256 on their way, 300 bytes", *races)
