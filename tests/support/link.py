# SPDX-License-Identifier: GPL-3.0-or-later
"""A link through this process, so that a test can cut it: TCP on loopback, or PostgreSQL's Unix socket."""
import asyncio
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Iterator

from lab.lab import Lab

Address = tuple[str, int] | Path


class Link:
    """Listens at `address` and carries every connection on to `target`."""

    def __init__(self, address: Address, target: Address):
        self._address = address
        self._target = target
        self._connections: set[asyncio.Task] = set()
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
            ways = [asyncio.create_task(self._pump(reader, far_writer)), asyncio.create_task(self._pump(far_reader, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
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

    def conninfo(self, user: str) -> str:
        return f"host={self._folder} port={self._postgres.port} dbname={self._postgres.database} user={user}"
