# SPDX-License-Identifier: GPL-3.0-or-later
"""Members online (slixmpp), in as many processes as there are cores: one Python process would be the slowest link of all."""
import asyncio
import logging
import multiprocessing
import os
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

logging.getLogger("slixmpp").setLevel(logging.CRITICAL)  # before it is loaded: it tells even of that

import slixmpp  # noqa: E402

DEADLINE_SECONDS = 60
LOGIN_DEADLINE_SECONDS = 300  # of all
LOGINS_AT_ONCE = 10


class Crowd:
    """Everybody is online once it is there, with this status."""

    def __init__(self, jids: list[str], password: str, address: tuple[str, int], ca: Path, status: str = ""):
        spawn = multiprocessing.get_context("spawn")
        self._parts = []
        cores = os.cpu_count() or 1
        for part in (jids[core::cores] for core in range(min(cores, len(jids)))):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=live, args=(theirs, part, password, address, str(ca), status), daemon=True)
            process.start()
            self._parts.append((process, ours))
        for _, pipe in self._parts:
            _receive(pipe, LOGIN_DEADLINE_SECONDS)

    def wait_for(self, bodies: set[str]) -> float:
        """When (time.monotonic) the last member got the last of these."""
        return max(_receive(pipe) for _, pipe in self._parts for _ in bodies)

    def comes_again(self, status: str) -> float:
        """All connections are lost at once, and all log in again with this status; when (time.monotonic) the last one is online."""
        for _, pipe in self._parts:
            pipe.send(status)
        return max(_receive(pipe, LOGIN_DEADLINE_SECONDS) for _, pipe in self._parts)

    def close(self) -> None:
        for process, pipe in self._parts:
            process.terminate()
            process.join(5)
            pipe.close()


def _receive(pipe: Connection, deadline_seconds: float = DEADLINE_SECONDS) -> float:
    if not pipe.poll(deadline_seconds):
        raise TimeoutError(f"the members heard nothing for {deadline_seconds} s")
    return pipe.recv()


def live(pipe: Connection, jids: list[str], password: str, address: tuple[str, int], ca: str, first_status: str) -> None:
    """The child: says the time when all are online, and then each time when all have got one body, or are online again with the status it
    is told."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    arrived: Counter = Counter()

    def received(stanza: slixmpp.Message) -> None:
        body = stanza["body"]
        if not body:
            return
        arrived[body] += 1
        if arrived[body] == len(jids):
            pipe.send(time.monotonic())

    async def log_in(status: str) -> None:
        places = asyncio.Semaphore(LOGINS_AT_ONCE)
        gone.extend(clients)
        clients[:] = await asyncio.gather(*(_log_in(jid, password, address, ca, received, places, status) for jid in jids))
        pipe.send(time.monotonic())

    def come_again() -> None:
        status = pipe.recv()
        for client in clients:
            client.abort()
        tasks.append(loop.create_task(log_in(status)))

    clients: list[slixmpp.ClientXMPP] = []
    gone: list[slixmpp.ClientXMPP] = []  # kept: asyncio complains of a client that goes before its tasks
    tasks = [loop.create_task(log_in(first_status))]
    loop.add_reader(pipe.fileno(), come_again)
    loop.run_forever()


async def _log_in(jid: str, password: str, address: tuple[str, int], ca: str, received, places: asyncio.Semaphore, status: str) -> slixmpp.ClientXMPP:
    async with places:
        client = slixmpp.ClientXMPP(jid, password, sasl_mech="PLAIN")  # SCRAM in Python takes a while for so many
        client.ca_certs = ca
        client.register_plugin("xep_0199")
        client.register_plugin("xep_0184", {"auto_ack": True, "auto_request": False})
        client.add_event_handler("message", received)
        online = asyncio.Event()
        client.add_event_handler("session_start", lambda _: online.set())
        client.connect(address)
        await asyncio.wait_for(online.wait(), DEADLINE_SECONDS)
        client.send_presence(pstatus=status or None)
        await client["xep_0199"].send_ping(client.boundjid.host, timeout=DEADLINE_SECONDS)  # the server has handled the presence
        return client
