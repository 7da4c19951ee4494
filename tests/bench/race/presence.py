# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of presence through the observation link into the stored history, beside the rows alone."""
from installation import BENCH_DOMAIN, Installation
from table import Race, Table, race_table, take_turns


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    members, changes, lone = (500, 1_000, 50) if quick else (10_000, 100_000, 2_000)
    ours = installation.observer(BENCH_DOMAIN, members)
    rows = installation.presence_writer(f"baseline.{BENCH_DOMAIN}", members)
    rows.ask("batch", members)  # that the rows are there, as ours are
    batches = Race(f"{changes:,} changes of {members:,} members | 500 a transaction", "changes/s", True)
    alone = Race("the same | each committed by itself", "changes/s", True)

    def change(_: str) -> None:
        rate = ours.ask("change", changes)["per_second"]
        batches.ours.append(rate)
        alone.ours.append(rate)

    def write(_: str) -> None:
        batches.baseline.append(rows.ask("batch", changes)["per_second"])
        alone.baseline.append(rows.ask("lone", lone)["per_second"])

    take_turns(rounds, change, write, "presence")
    ours.close()
    rows.close()
    return race_table("presence: changes stored, over CURVE | upsert and indexed history by libpq", batches, alone)
