# SPDX-License-Identifier: GPL-3.0-or-later
"""A link through this process, so that a test can cut it: TCP on loopback, or PostgreSQL's Unix socket."""
import asyncio
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Callable, Iterator

from lab.lab import Lab

Address = tuple[str, int] | Path


class Gate:
    """What one connection lets through: all of it. When an answer is not let through, the connection breaks."""

    def asks(self, _: bytes) -> bool:
        return True

    def answers(self, _: bytes) -> bool:
        return True


class Link:
    """Listens at `address` and carries every connection on to `target`."""

    def __init__(self, address: Address, target: Address):
        self._address = address
        self._target = target
        self._connections: set[asyncio.Task] = set()
        self._pace: Callable[[int], float] | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="link", daemon=True)
        self._thread.start()
        self._run(self._open())

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nothing comes through, and nobody is told: a network that is gone. What was under way arrives afterwards."""
        self._loop.call_soon_threadsafe(self._flowing.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._flowing.set)

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Connections are broken and new ones refused."""
        self._run(self._break())
        try:
            yield
        finally:
            self._run(self._listen())

    @contextmanager
    def paced(self, pace: Callable[[int], float]) -> Iterator[None]:
        """So many bytes take so many seconds more, in each direction of each connection for itself."""
        self._pace = pace
        try:
            yield
        finally:
            self._pace = None

    def close(self) -> None:
        self._run(self._break())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    # In the link's own thread from here on.

    def _run(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _open(self) -> None:
        self._flowing = asyncio.Event()
        self._flowing.set()
        await self._listen()

    async def _listen(self) -> None:
        if isinstance(self._address, Path):
            self._server = await asyncio.start_unix_server(self._accept, self._address)
        else:
            self._server = await asyncio.start_server(self._accept, *self._address)

    async def _break(self) -> None:
        self._server.close()
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(asyncio.current_task())
        try:
            await self._carry(reader, writer)
        finally:
            self._connections.discard(asyncio.current_task())
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        with suppress(OSError):
            connect = asyncio.open_unix_connection(self._target) if isinstance(self._target, Path) else asyncio.open_connection(*self._target)
            far_reader, far_writer = await connect
            gate = self._gate()
            ways = [asyncio.create_task(self._pump(reader, far_writer, gate.asks)),
                    asyncio.create_task(self._pump(far_reader, writer, gate.answers))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                far_writer.transport.abort()

    def _gate(self) -> Gate:
        return Gate()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lets: Callable[[bytes], bool]) -> None:
        with suppress(OSError):
            while (data := await reader.read(65536)) and lets(data):
                if pace := self._pace:
                    await asyncio.sleep(pace(len(data)))
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()


class DatabaseLink(Link):
    """To the lab's PostgreSQL, for one service."""

    def __init__(self, lab: Lab, name: str):
        self._postgres = lab.postgres
        self._folder = lab.folder / f"cut-{name}"
        self._folder.mkdir()
        socket = f".s.PGSQL.{lab.postgres.port}"
        super().__init__(self._folder / socket, lab.postgres.folder / socket)
        self.keeps_commits_to_itself = False
        self.kept = 0

    @contextmanager
    def commits_without_answer(self) -> Iterator[None]:
        """Every COMMIT gets to the database, and its answer does not come back: the connection breaks instead."""
        self.keeps_commits_to_itself, self.kept = True, 0
        try:
            yield
        finally:
            self.keeps_commits_to_itself = False

    def _gate(self) -> Gate:
        return _CommitGate(self)

    def conninfo(self, user: str) -> str:
        return f"host={self._folder} port={self._postgres.port} dbname={self._postgres.database} user={user}"


class _CommitGate(Gate):
    def __init__(self, link: DatabaseLink):
        self._link = link
        self._is_committed = False

    def asks(self, data: bytes) -> bool:
        self._is_committed = self._link.keeps_commits_to_itself and b"COMMIT\0" in data
        return True

    def answers(self, _: bytes) -> bool:
        self._link.kept += self._is_committed
        return not self._is_committed
