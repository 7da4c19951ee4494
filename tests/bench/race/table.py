# SPDX-License-Identifier: GPL-3.0-or-later
"""Rounds of two sides that take turns, and the tables they end in."""
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Race:
    """One line of a table. `higher_is_better`: rates; otherwise times."""
    name: str
    unit: str
    higher_is_better: bool
    ours: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Above 1: ours is the quicker one. Of each round by itself, so that what disturbs a round disturbs both sides."""
        pairs = zip(self.ours, self.baseline)
        return [ours / baseline if self.higher_is_better else baseline / ours for ours, baseline in pairs]


class Table:
    def __init__(self, title: str, columns: tuple[str, ...]):
        self._title = title
        self._rows = [columns]

    def add(self, *cells: str) -> None:
        self._rows.append(cells)

    def show(self) -> None:
        widths = [max(len(cell) for cell in column) for column in zip(*self._rows)]
        print(f"\n{self._title}")
        for row in self._rows:
            name, *values = (cell.ljust(width) if index == 0 else cell.rjust(width) for index, (cell, width) in enumerate(zip(row, widths)))
            print("  " + "   ".join((name, *values)), flush=True)


def race_table(title: str, *races: Race) -> Table:
    table = Table(title, ("", "Rostrum", "baseline", "ratio"))
    for race in races:
        table.add(f"{race.name}, {race.unit}", spread(race.ours), spread(race.baseline), spread(race.ratios, number=lambda value: f"{value:.2f}"))
    return table


def spread(values: list[float], number: Callable[[float], str] | None = None) -> str:
    """Median and, of several, the range."""
    number = number or (lambda value: f"{value:,.0f}" if value >= 100 else f"{value:.2f}")
    text = number(median(values))
    return f"{text} [{number(min(values))} – {number(max(values))}]" if len(values) > 1 else text


def take_turns(rounds: int, ours: Callable[[str], None], baseline: Callable[[str], None], side: str) -> None:
    """Every second round the baseline begins. Both are given a name of the round, for subjects that were not there before."""
    for number in range(rounds):
        sides = ((ours, f"{side}-ours-{number}"), (baseline, f"{side}-base-{number}"))
        for run, name in sides if number % 2 == 0 else reversed(sides):
            run(name)
