# SPDX-License-Identifier: GPL-3.0-or-later
"""Events in bulk beside rows in bulk, and one at a time beside commits one at a time."""
from installation import Installation
from table import Race, Table, race_table, take_turns

KINDS = {"group": "new groups", "member": "new members"}


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    installation.without_gateway()
    rows = installation.row_writer()
    races = []
    for count in (500,) if quick else (10_000, 100_000):
        for kind, words in KINDS.items():
            race = Race(f"{count:,} {words}", "events/s", higher_is_better=True)

            def ours(run: str) -> None:
                race.ours.append(installation.site.ask("intake", kind, run, count)["per_second"])

            def baseline(run: str) -> None:
                race.baseline.append(rows.ask("intake", kind, run, count)["per_second"])

            take_turns(rounds, ours, baseline, f"{kind}-{count}")
            races.append(race)
    return race_table("intake: events accepted | rows written, 256 a transaction", *races)


def measure_lone(installation: Installation, rounds: int, quick: bool) -> Table:
    installation.without_gateway()
    rows = installation.row_writer()
    count = 50 if quick else 1_000
    races = []
    for kind, words in KINDS.items():
        middle, slow = Race(f"{words}, p50", "ms", False), Race(f"{words}, p99", "ms", False)

        def note(side: str, answer: dict[str, float]) -> None:
            getattr(middle, side).append(answer["p50_ms"])
            getattr(slow, side).append(answer["p99_ms"])

        take_turns(rounds, lambda run: note("ours", installation.site.ask("lone", kind, run, count)),
                   lambda run: note("baseline", rows.ask("lone", kind, run, count)), f"lone-{kind}")
        races += [middle, slow]
    return race_table("lone: publish to ACCEPTED | one commit", *races)
