# SPDX-License-Identifier: GPL-3.0-or-later
"""What else could have taken the events: RabbitMQ and Redis, as durable as they can be told to be, with as many on their way.

Neither gets its own client library: what is sent and what is confirmed is bytes that were made before, so that the client costs nothing
worth telling. Both are private servers in a folder of their own, on loopback."""
import os
import shutil
import socket
import struct
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from lab.ports import Ports
from lab.process import Process, children_of, wait_until

EVENT = bytes(range(32, 127)) * 3 + b"." * 15  # 300 bytes
IN_FLIGHT = 256


class Skipped(Exception):
    """A server is not installed; the text says which package it is in."""


class Confirmed:
    """A connection on which halves of the window follow each other: while one is confirmed, the other is on its way."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self.socket.close()

    def rate(self, count: int, half: bytes, await_half) -> float:
        """Events per second; `half` is half a window of them, `await_half()` returns when as many more are confirmed."""
        began = time.monotonic()
        self.socket.sendall(half)
        halves = count // (IN_FLIGHT // 2)
        for number in range(halves):
            if number + 1 < halves:
                self.socket.sendall(half)
            await_half()
        return halves * (IN_FLIGHT // 2) / (time.monotonic() - began)


class Redis:
    """One stream, `appendfsync always`: a reply is sent after the fsync of what it answers."""

    name = "Redis, XADD, appendfsync always"

    def __init__(self):
        if not shutil.which("redis-server"):
            raise Skipped("no redis-server (Debian: redis-server)")
        with ExitStack() as starting:
            folder = Path(tempfile.mkdtemp(prefix="rr-"))
            starting.callback(shutil.rmtree, folder, ignore_errors=True)
            ports = Ports()
            starting.callback(ports.close)
            port = ports.take()
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "yes",
                       "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"]
            server = Process("redis", command, folder / "redis.log")
            starting.callback(server.stop)
            wait_until(lambda: _listens(port), 30, "Redis listens")
            self._link = Confirmed(port)
            starting.callback(self._link.close)
            self._running = starting.pop_all()

    def rate(self, count: int) -> float:
        one = b"*5\r\n$4\r\nXADD\r\n$6\r\nevents\r\n$1\r\n*\r\n$1\r\ne\r\n$%d\r\n%s\r\n" % (len(EVENT), EVENT)
        buffered = 0

        def await_half() -> None:  # each reply is two lines: a length and an id
            nonlocal buffered
            while buffered < IN_FLIGHT:
                buffered += self._link.socket.recv(65536).count(b"\n")
            buffered -= IN_FLIGHT
        return self._link.rate(count, one * (IN_FLIGHT // 2), await_half)

    def close(self) -> None:
        self._running.close()


class RabbitMq:
    """A quorum queue of one node, publisher confirms: a confirm is sent after the write-ahead log's fsync. AMQP 0-9-1."""

    name = "RabbitMQ, quorum queue, confirms"
    _BINARY = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    _ACK_BYTES = 21

    def __init__(self):
        if not self._BINARY.exists():
            raise Skipped("no rabbitmq-server (Debian: rabbitmq-server)")
        with ExitStack() as starting:
            folder = Path(tempfile.mkdtemp(prefix="rq-"))
            starting.callback(shutil.rmtree, folder, ignore_errors=True)
            ports = Ports()
            starting.callback(ports.close)
            port, distribution, mapper = (ports.take() for _ in range(3))
            (folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users = none\n")
            (folder / "enabled_plugins").write_text("[].\n")
            environment = dict(os.environ, HOME=str(folder), RABBITMQ_NODENAME="bench@localhost", RABBITMQ_CONFIG_FILE=str(folder / "rabbitmq"),
                               RABBITMQ_MNESIA_BASE=str(folder / "data"), RABBITMQ_LOG_BASE=str(folder / "log"), RABBITMQ_LOGS="-",
                               RABBITMQ_DIST_PORT=str(distribution), RABBITMQ_ENABLED_PLUGINS_FILE=str(folder / "enabled_plugins"),
                               RABBITMQ_CONF_ENV_FILE="/dev/null", RABBITMQ_PID_FILE=str(folder / "pid"),
                               ERL_EPMD_PORT=str(mapper), ERL_EPMD_ADDRESS="127.0.0.1",
                               RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}")
            # Erlang's port mapper stays when the server ends; this one has a port of its own and is ended with it.
            mapper_process = Process("epmd", [shutil.which("epmd") or "epmd", "-port", str(mapper), "-address", "127.0.0.1"], folder / "epmd.log")
            starting.callback(mapper_process.stop)
            server = Process("rabbitmq", [self._BINARY], folder / "rabbitmq.log", env=environment)
            starting.callback(_stop_tree, server)
            wait_until(lambda: _listens(port), 120, "RabbitMQ listens")
            self._link = Confirmed(port)
            starting.callback(self._link.close)
            self._open()
            self._running = starting.pop_all()

    def rate(self, count: int) -> float:
        publish = _method(1, 60, 40, b"\0\0" + _short(b"") + _short(b"events") + b"\0")
        header = _frame(2, 1, struct.pack(">HHQHB", 60, 0, len(EVENT), 0x1000, 2))  # delivery-mode 2: persistent
        half = (publish + header + _frame(3, 1, EVENT)) * (IN_FLIGHT // 2)
        wanted = self._confirmed

        def await_half() -> None:
            nonlocal wanted
            wanted += IN_FLIGHT // 2
            while self._confirmed < wanted:
                self._read_acks()
        return self._link.rate(count, half, await_half)

    def close(self) -> None:
        self._running.close()

    def _open(self) -> None:
        self._rest = b""
        self._confirmed = 0
        self._single: set[int] = set()
        send = self._link.socket.sendall
        send(b"AMQP\0\0\x09\x01")
        self._expect(10, 10)
        send(_method(0, 10, 11, _table() + _short(b"PLAIN") + _long(b"\0guest\0guest") + _short(b"en_US")))
        tune = self._expect(10, 30)
        send(_method(0, 10, 31, tune[:6] + b"\0\0"))  # no heartbeats
        send(_method(0, 10, 40, _short(b"/") + _short(b"") + b"\0"))
        self._expect(10, 41)
        send(_method(1, 20, 10, _short(b"")))
        self._expect(20, 11)
        kind = _short(b"x-queue-type") + b"S" + _long(b"quorum")
        send(_method(1, 50, 10, b"\0\0" + _short(b"events") + b"\x02" + _table(kind)))  # 2: durable
        self._expect(50, 11)
        send(_method(1, 85, 10, b"\0"))
        self._expect(85, 11)

    def _expect(self, wanted_class: int, wanted_method: int) -> bytes:
        """The arguments of the next method, which must be this one."""
        while len(self._rest) < 7 or len(self._rest) < 8 + struct.unpack(">I", self._rest[3:7])[0]:
            self._more()
        size = struct.unpack(">I", self._rest[3:7])[0]
        payload, self._rest = self._rest[7:7 + size], self._rest[8 + size:]
        got = struct.unpack(">HH", payload[:4])
        if got != (wanted_class, wanted_method):
            raise RuntimeError(f"RabbitMQ said {got} where {(wanted_class, wanted_method)} was wanted: {payload[4:]!r}")
        return payload[4:]

    def _more(self) -> None:
        bytes_ = self._link.socket.recv(262144)
        if not bytes_:
            raise RuntimeError("RabbitMQ closed the connection")
        self._rest += bytes_

    def _read_acks(self) -> None:
        """basic.ack alone comes now: one delivery, or all up to one."""
        self._more()
        whole = len(self._rest) // self._ACK_BYTES * self._ACK_BYTES
        for kind, method, tag, multiple in struct.iter_unpack(">1x2x4xHHQBx", self._rest[:whole]):
            if (kind, method) != (60, 80):
                raise RuntimeError(f"RabbitMQ said {(kind, method)} where confirms were wanted")
            if multiple:
                self._single = {single for single in self._single if single > tag}
            else:
                self._single.add(tag)
            self._advance(tag if multiple else 0)
        self._rest = self._rest[whole:]

    def _advance(self, up_to: int) -> None:
        self._confirmed = max(self._confirmed, up_to)
        while self._confirmed + 1 in self._single:
            self._confirmed += 1
            self._single.discard(self._confirmed)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _stop_tree(server: Process) -> None:
    """A script starts the virtual machine."""
    for child in children_of(server.pid):
        with suppress(ProcessLookupError):
            os.kill(child, 15)
    server.stop()


def _frame(kind: int, channel: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


def _method(channel: int, class_id: int, method_id: int, arguments: bytes) -> bytes:
    return _frame(1, channel, struct.pack(">HH", class_id, method_id) + arguments)


def _short(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _long(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


def _table(entries: bytes = b"") -> bytes:
    return _long(entries)
