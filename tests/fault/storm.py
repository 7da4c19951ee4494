# SPDX-License-Identifier: GPL-3.0-or-later
"""Members who come, change, go and vanish all the time, drawn from a seed."""
import random
import threading
from contextlib import suppress

from lab.members import LoginRefused, Member
from slixmpp.exceptions import XMPPError

THREADS = 3
PAUSE_SECONDS = 0.02
SHOWS = ("", "chat", "away", "xa", "dnd")


class Storm:
    """Blows while it stands. It is over when every act that was begun has come to its end: then there is quiet."""

    def __init__(self, devices: list[Member], seed: int, priorities: tuple[int, int] = (-5, 5)):
        self.acts = 0
        self._priorities = priorities
        self._failure: Exception | None = None
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._blow, args=(devices[number::THREADS], random.Random(f"{seed}-{number}")),
                                          name=f"storm-{number}", daemon=True) for number in range(THREADS)]

    def __enter__(self) -> "Storm":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(120)
            if thread.is_alive():
                raise TimeoutError("the storm does not end")
        if self._failure or not self.acts:
            raise RuntimeError("it was no storm") from self._failure

    def _blow(self, devices: list[Member], chance: random.Random) -> None:
        try:
            while not self._is_over.wait(PAUSE_SECONDS):
                with suppress(LoginRefused, TimeoutError, OSError, XMPPError):  # the server may be away
                    self._act(chance.choice(devices), chance)
                self.acts += 1
        except Exception as failure:
            self._failure = failure

    def _act(self, device: Member, chance: random.Random) -> None:
        word = chance.random()
        if not device.is_online():
            device.logs_in()
        elif word < 0.5:
            device.shows(chance.choice(SHOWS), chance.choice(("", f"Draw {chance.randint(0, 999)}")), chance.randint(*self._priorities))
        elif word < 0.75:
            device.logs_out()
        else:
            device.vanishes()
