# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does to a service, for some seconds, what nobody should; each in a process of its own, as the world outside is.

    intruders.py NAME PORT SECONDS [OWN_KEYS_STEM SERVER_PUBLIC_FILE]

Prints how often it did it."""
import os
import random
import resource
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

import zmq

SEED = 20261126
GREETING = b"\xff\0\0\0\0\0\0\0\0\x7f\x03\0CURVE".ljust(64, b"\0")  # ZMTP 3.0 (ZeroMQ RFC 23)
MANY = 1_000  # connections at once, by one intruder


def is_over(end: float) -> bool:
    return time.monotonic() >= end


def begun(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    connection.setblocking(False)
    return connection


def is_closed(connection: socket.socket) -> bool:
    try:
        return not connection.recv(4096)
    except BlockingIOError:
        return False
    except OSError:
        return True


def holding(port: int, end: float, first_words: bytes) -> int:
    """As many connections as it can, each of which says this and then nothing; who is thrown out comes again."""
    held, count = [], 0
    while not is_over(end):
        held = [connection for connection in held if not is_closed(connection)]
        for _ in range(min(50, MANY - len(held))):
            try:
                held.append(begun(port))
                if first_words:
                    held[-1].send(first_words)
                count += 1
            except OSError:
                time.sleep(0.01)
        time.sleep(0.005)
    return count


def silent(port: int, end: float, *_) -> int:
    return holding(port, end, b"")


def half_a_greeting(port: int, end: float, *_) -> int:
    return holding(port, end, GREETING[:11])


def greeting_only(port: int, end: float, *_) -> int:
    return holding(port, end, GREETING)


def half_a_handshake(port: int, end: float, _, server: Path) -> int:
    """The greeting and the HELLO of a real client (CurveZMQ, ZeroMQ RFC 26), recorded once; a service that answers it has done half the
    work of a handshake."""
    return holding(port, end, recorded(server))


def recorded(server: Path) -> bytes:
    """What a client says before it has heard anything but a greeting."""
    listening = socket.create_server(("127.0.0.1", 0))
    client = zmq.Context.instance().socket(zmq.DEALER)
    client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
    client.curve_serverkey = server.read_bytes().strip()
    client.linger = 0
    client.connect(f"tcp://127.0.0.1:{listening.getsockname()[1]}")
    connection, _ = listening.accept()
    connection.sendall(GREETING)
    said = b""
    while len(said) < 64 + 202:
        said += connection.recv(64 + 202 - len(said))
    client.close()
    return said


def huge_header(port: int, end: float, *_) -> int:
    """Announces a frame of a terabyte."""
    return holding(port, end, GREETING + b"\x06" + struct.pack(">Q", 1 << 40))


def endless_frames(port: int, end: float, *_) -> int:
    """A frame as large as is allowed, of which the last bytes never come."""
    return holding_much(port, end, GREETING + b"\x06" + struct.pack(">Q", 262_000) + bytes(261_000))


def holding_much(port: int, end: float, words: bytes) -> int:
    held, count = {}, 0
    while not is_over(end):
        for connection, unsaid in list(held.items()):
            try:
                if unsaid:
                    held[connection] = unsaid[connection.send(unsaid):]
                elif is_closed(connection):
                    raise OSError
            except BlockingIOError:
                pass
            except OSError:
                held.pop(connection).release()
                connection.close()
        for _ in range(min(50, MANY - len(held))):
            try:
                held[begun(port)] = memoryview(words)
                count += 1
            except OSError:
                time.sleep(0.01)
    return count


def random_bytes(port: int, end: float, *_) -> int:
    chance, count = random.Random(SEED), 0
    while not is_over(end):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                words = chance.randbytes(chance.randrange(1, 20_000))
                connection.sendall(words if chance.randrange(2) else GREETING + words)
                count += 1
        except OSError:
            time.sleep(0.001)
    return count


def knocking(port: int, end: float, dress) -> int:
    """Clients of libzmq that connect again and again, 16 at a time."""
    context, count = zmq.Context.instance(), 0
    while not is_over(end):
        clients = []
        for _ in range(16):
            client = context.socket(zmq.DEALER)
            client.linger = 0
            dress(client)
            client.connect(f"tcp://127.0.0.1:{port}")
            with suppress(zmq.Again):  # turned away before it could say a word
                client.send(b"let me in", zmq.NOBLOCK)
            clients.append(client)
        time.sleep(0.05)
        for client in clients:
            client.close()
        count += len(clients)
    return count


def no_mechanism(port: int, end: float, *_) -> int:
    return knocking(port, end, lambda client: None)


def plain(port: int, end: float, *_) -> int:
    def dress(client):
        client.plain_username, client.plain_password = b"site", b"secret"
    return knocking(port, end, dress)


def unknown_keys(port: int, end: float, _, server: Path) -> int:
    """Whole handshakes, each with another key."""
    def dress(client):
        client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
        client.curve_serverkey = server.read_bytes().strip()
    return knocking(port, end, dress)


def wrong_server_key(port: int, end: float, *_) -> int:
    def dress(client):
        client.curve_publickey, client.curve_secretkey = zmq.curve_keypair()
        client.curve_serverkey = zmq.curve_keypair()[0]
    return knocking(port, end, dress)


# -- let in, and hostile -----------------------------------------------------------------------------------------------


def let_in(port: int, own: Path, server: Path, **options) -> zmq.Socket:
    client = zmq.Context.instance().socket(zmq.DEALER)
    client.curve_publickey = own.with_suffix(".public").read_bytes().strip()
    client.curve_secretkey = own.with_suffix(".secret").read_bytes().strip()
    client.curve_serverkey = server.read_bytes().strip()
    client.linger = 0
    client.sndtimeo = 200
    for name, value in options.items():
        setattr(client, name, value)
    client.connect(f"tcp://127.0.0.1:{port}")
    return client


def hello() -> bytes:
    return bytes.fromhex("0a0408011001")  # docs/protocol.md, Bytes


def again_and_again(end: float, act) -> int:
    count = 0
    while not is_over(end):
        try:
            act()
            count += 1
        except zmq.Again:
            pass
    return count


def huge_frames(port: int, end: float, own: Path, server: Path) -> int:
    """Above the limit, after the handshake."""
    def act():
        client = let_in(port, own, server)
        try:
            client.send(hello())
            client.send(bytes(300_000))
            client.poll(200)
        finally:
            client.close()
    return again_and_again(end, act)


def thousands_of_parts(port: int, end: float, own: Path, server: Path) -> int:
    client = let_in(port, own, server)
    return again_and_again(end, lambda: client.send_multipart([b"part"] * 5_000))


def never_reads(port: int, end: float, own: Path, server: Path) -> int:
    """Asks and asks for answers that it does not take."""
    client = let_in(port, own, server, rcvhwm=1)
    return again_and_again(end, lambda: client.send(hello()))


def many_at_once(port: int, end: float, own: Path, server: Path) -> int:
    """One key, and connections without end."""
    clients = []

    def act():
        if len(clients) < MANY // 2:  # authorized ones cost what their windows and pipes cost: this is no stranger
            clients.append(let_in(port, own, server))
            clients[-1].send(hello(), zmq.NOBLOCK)
        time.sleep(0.002)
    return again_and_again(end, act)


def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.nice(5)  # the processor belongs to who is attacked: a stranger has his own
    zmq.Context.instance().set(zmq.MAX_SOCKETS, 4_000)
    name, port, seconds, *keys = sys.argv[1:]
    end = time.monotonic() + float(seconds)
    print(globals()[name](int(port), end, *(Path(key) for key in keys)))


if __name__ == "__main__":
    main()
