# SPDX-License-Identifier: GPL-3.0-or-later
"""Free loopback ports below the ephemeral range (there a connecting socket can meet itself), safe beside parallel runs."""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

FIRST_PORT = 16000
LAST_PORT = 31999

_chance = random.SystemRandom()


def _is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Ports:
    """Hands out ports and keeps each by a lock on a file until close() or the end of this process, so that two labs never
    get the same port even while their servers are down."""

    def __init__(self):
        self._folder = Path(tempfile.gettempdir()) / f"rostrum-ports-{os.geteuid()}"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._locks = []

    def take(self):
        for _ in range(1000):
            port = _chance.randint(FIRST_PORT, LAST_PORT)
            lock = os.open(self._folder / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            if _is_free(port):
                self._locks.append(lock)
                return port
            os.close(lock)
        raise OSError(f"no free port between {FIRST_PORT} and {LAST_PORT}")

    def close(self):
        while self._locks:
            os.close(self._locks.pop())
