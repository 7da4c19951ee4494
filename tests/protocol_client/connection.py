# SPDX-License-Identifier: Apache-2.0
"""One connection to an intake, from its socket's birth to its loss, as docs/protocol.md tells it."""
import time
from dataclasses import dataclass
from pathlib import Path

import zmq
from zmq.utils.monitor import recv_monitor_message

from contract import bus_pb2

WELCOME_DEADLINE_SECONDS = 5
SILENCE_SECONDS = 5
KEY_UNKNOWN = 400

_ENDINGS = {zmq.EVENT_DISCONNECTED: "the connection was lost", zmq.EVENT_CLOSED: "nobody is there",
            zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "the handshake broke off",
            zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "not the service whose key we have"}
_OPTIONS = {zmq.RECONNECT_IVL: 3_600_000, zmq.LINGER: 0, zmq.MAXMSGSIZE: 262_144, zmq.HANDSHAKE_IVL: 3_000,
            zmq.CONNECT_TIMEOUT: 2_000}


def read_key(path: Path) -> bytes:
    """The 40 characters of Z85 of a key's file."""
    return Path(path).read_bytes().strip()


@dataclass(frozen=True)
class Keys:
    public: bytes
    secret: bytes
    server: bytes

    @staticmethod
    def of(own: Path, server: Path) -> "Keys":
        """`own` is the pair's path without `.public` and `.secret`."""
        return Keys(read_key(own.with_suffix(".public")), read_key(own.with_suffix(".secret")), read_key(server))


class Connection:
    """Says Hello, hears Welcome, carries frames; `lost` says why it is over. Never used again then."""

    def __init__(self, endpoint: str, keys: Keys | None, link: int = bus_pb2.LINK_KIND_EVENT):
        """Without keys: not CURVE at all, as nobody should try."""
        self.lost = ""
        self.refused_with = 0  # ZAP status
        self.welcome: bus_pb2.Welcome | None = None
        self.has_heard_more_than_welcome = False
        self._link = link
        self._said_hello = False
        self._heard_at = time.monotonic()
        self._socket = zmq.Context.instance().socket(zmq.DEALER)
        if keys:
            self._socket.curve_publickey, self._socket.curve_secretkey, self._socket.curve_serverkey = keys.public, keys.secret, keys.server
        for option, value in _OPTIONS.items():
            self._socket.setsockopt(option, value)
        self._monitor = self._socket.get_monitor_socket()
        self._socket.connect(endpoint)

    def close(self) -> None:
        self._socket.disable_monitor()
        self._monitor.close()
        self._socket.close()

    def send(self, frame: bus_pb2.Frame) -> None:
        """May be dropped when the connection is lost; what matters is kept until it is answered."""
        try:
            self._socket.send(frame.SerializeToString(), zmq.NOBLOCK)
        except zmq.Again:
            self.lost = self.lost or "it takes no more"

    def turn(self, timeout_seconds: float) -> list[bus_pb2.Frame]:
        """What came within this time; a refusal and Welcome are seen to here."""
        poller = zmq.Poller()
        poller.register(self._monitor, zmq.POLLIN)
        poller.register(self._socket, zmq.POLLIN if self._said_hello else zmq.POLLIN | zmq.POLLOUT)
        poller.poll(timeout_seconds * 1000)
        self._watch()
        if not self._said_hello and self._socket.getsockopt(zmq.EVENTS) & zmq.POLLOUT:
            self._say_hello()
        frames = [frame for frame in self._receive() if self._goes_on(frame)]
        self._look_at_the_clock()
        return frames

    def _say_hello(self) -> None:
        frame = bus_pb2.Frame()
        frame.hello.protocol_version = 1
        frame.hello.link = self._link
        self.send(frame)
        self._said_hello = True

    def _receive(self):
        while True:
            try:
                yield bus_pb2.Frame.FromString(self._socket.recv(zmq.NOBLOCK))
            except zmq.Again:
                return
            self._heard_at = time.monotonic()

    def _goes_on(self, frame: bus_pb2.Frame) -> bool:
        if frame.HasField("refusal"):
            self.lost = f"refused: {frame.refusal.text}"
        self.has_heard_more_than_welcome |= not frame.HasField("welcome") and not self.lost
        if frame.HasField("welcome"):
            self.welcome = frame.welcome
        return not frame.HasField("refusal")  # what came before the connection was lost counts

    def _watch(self) -> None:
        while self._monitor.getsockopt(zmq.EVENTS) & zmq.POLLIN:
            news = recv_monitor_message(self._monitor, zmq.NOBLOCK)
            if news["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                self.refused_with = news["value"]
                self.lost = f"the service does not let us in ({self.refused_with})"
            self.lost = self.lost or _ENDINGS.get(news["event"], "")

    def _look_at_the_clock(self) -> None:
        silence = time.monotonic() - self._heard_at
        if not self.lost and silence > (SILENCE_SECONDS if self.welcome else WELCOME_DEADLINE_SECONDS):
            self.lost = "it fell silent" if self.welcome else "no Welcome in time"
