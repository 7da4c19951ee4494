# SPDX-License-Identifier: GPL-3.0-or-later
"""How the story looks on the terminal."""
import os
import sys
import time
from contextlib import contextmanager
from typing import Iterator

WIDTH = 110


class Failed(Exception):
    """A step did not hold."""

    def __init__(self, expected: str, seen: str):
        super().__init__(f"expected {expected}, seen {seen}")
        self.expected = expected
        self.seen = seen


def expect(condition: object, expected: str, seen: object) -> None:
    if not condition:
        raise Failed(expected, str(seen))


class Step:
    """What a step will be told as; `says` replaces its words by what was found."""

    def __init__(self, words: str):
        self.words = words

    def says(self, words: str) -> None:
        self.words = words


class Telling:
    def __init__(self):
        self.live = sys.stdout.isatty()
        self.colours = self.live and "NO_COLOR" not in os.environ
        self.chapters = 0
        self.steps = 0

    def chapter(self, title: str) -> None:
        self.chapters += 1
        self.say(f"\n{self._paint('1', f'{self.chapters:2}  {title}')}")

    def heading(self, title: str) -> None:
        self.say(f"\n{self._paint('1', title)}")

    def say(self, line: str = "") -> None:
        print(line, flush=True)

    @contextmanager
    def step(self, words: str) -> Iterator[Step]:
        """A line that turns from … into ✓ or ✗, with the time it took."""
        step = Step(words)
        if self.live:
            print(f"    … {words}", end="", flush=True)
        began = time.monotonic()
        try:
            yield step
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt):
                self._line(self._paint("31", "✗"), step.words, began)
            raise
        self.steps += 1
        self._line(self._paint("32", "✓"), step.words, began)

    def progress(self, words: str) -> None:
        """Beside the step under way; only where a line can be written over."""
        if self.live:
            print(f"\r\033[K    … {words}"[:WIDTH + 10], end="", flush=True)

    def _line(self, mark: str, words: str, began: float) -> None:
        took = f"{time.monotonic() - began:.1f} s"
        room = max(1, WIDTH - 6 - len(words) - len(took))
        start = "\r\033[K" if self.live else ""
        self.say(f"{start}    {mark} {words}{' ' * room}{self._paint('2', took)}")

    def _paint(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colours else text
