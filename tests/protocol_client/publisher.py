# SPDX-License-Identifier: Apache-2.0
"""A publisher for one service: keeps what has no outcome, sends as credit allows, begins anew after a loss, turns to the next endpoint."""
import math
import random
import time
from collections import deque
from dataclasses import dataclass

from connection import Connection, Keys
from contract import bus_pb2, event_pb2

PATIENCE_SECONDS = 5  # with an endpoint that does not answer, when there is another
FRAME_OVERHEAD_BYTES = 16  # of the batch; and for each event
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5


def _bytes_of(room: bus_pb2.Welcome | bus_pb2.Credit) -> float:
    """A service of a version before `credit_bytes` counts events alone."""
    return room.credit_bytes if room.HasField("credit_bytes") else math.inf


class NotNow(Exception):
    """No credit: nothing was kept; the caller comes again later."""


@dataclass
class Ticket:
    id: bytes
    content: bytes  # as it was serialised the first time; a repeat has the same bytes
    outcome: bus_pb2.Outcome | None = None
    times_sent: int = 0

    @property
    def status(self) -> str:
        return bus_pb2.OutcomeStatus.Name(self.outcome.status).removeprefix("OUTCOME_STATUS_") if self.outcome else ""

    @property
    def rejection(self) -> str:
        return bus_pb2.RejectionCode.Name(self.outcome.code).removeprefix("REJECTION_CODE_")


class Publisher:
    """Lives in one thread; nothing happens outside `turn()`."""

    def __init__(self, endpoints: list[str], keys: Keys):
        self.connections_begun = 0
        self.losses: list[str] = []
        self.instances: list[bytes] = []
        self._endpoints = deque(endpoints)
        self._keys = keys
        self._connection: Connection | None = None
        self._open: dict[bytes, Ticket] = {}  # without an outcome, oldest first
        self._waiting: deque[Ticket] = deque()  # of these, the ones not sent in this conversation
        self._credit = self._sent = 0
        self._credit_bytes = self._sent_bytes = 0
        self._paused = False  # nothing is taken now, whatever credit is left
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._begin_at = 0.0
        self._answered_at = time.monotonic()

    # -- for the caller ------------------------------------------------------------------------------------------

    @property
    def endpoint(self) -> str:
        return self._endpoints[0]

    @property
    def credit_left(self) -> int:
        return 0 if self._paused else self._credit - self._sent - len(self._waiting)

    @property
    def bytes_left(self) -> float:
        return self._credit_bytes - self._sent_bytes - sum(len(ticket.content) for ticket in self._waiting)

    @property
    def known_as(self) -> str:
        return self._welcome.known_as

    @property
    def _welcome(self) -> bus_pb2.Welcome | None:
        return self._connection.welcome if self._connection else None

    def publish(self, event: event_pb2.Event) -> Ticket:
        """Takes the event over, or says NotNow at once."""
        return self.publish_bytes(event.id, event.SerializeToString())

    def publish_bytes(self, event_id: bytes, content: bytes) -> Ticket:
        if self._welcome is None or self.credit_left <= 0 or self.bytes_left < len(content):
            raise NotNow
        ticket = Ticket(event_id, content)
        self._open[event_id] = ticket
        self._waiting.append(ticket)
        return ticket

    def turn(self, timeout_seconds: float = 0.05) -> None:
        """Sends and receives for about so long."""
        if self._connection is None:
            time.sleep(max(0.0, min(timeout_seconds, self._begin_at - time.monotonic())))
            if time.monotonic() >= self._begin_at:
                self._begin()
            return
        self._send_waiting()
        for frame in self._connection.turn(timeout_seconds):
            self._hear(frame)
        if self._connection.lost:
            self._end()

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    # -- the conversation ----------------------------------------------------------------------------------------

    def _hear(self, frame: bus_pb2.Frame) -> None:
        self._answered_at = time.monotonic()
        match frame.WhichOneof("kind"):
            case "welcome":
                self.instances.append(frame.welcome.instance)
                self._credit, self._sent = frame.welcome.credit, 0
                self._credit_bytes, self._sent_bytes = _bytes_of(frame.welcome), 0
                self._paused = False
                self._waiting = deque(self._open.values())
            case "credit":
                self._credit, self._credit_bytes = frame.credit.credit, _bytes_of(frame.credit)
                self._paused = frame.credit.paused
            case "outcomes":
                for outcome in frame.outcomes.outcomes:
                    if ticket := self._open.pop(outcome.id, None):
                        ticket.outcome = outcome
        self._send_waiting()

    def _may_send_next(self) -> bool:
        if self._paused:
            return False
        within_bytes = self._waiting and self._sent_bytes + len(self._waiting[0].content) <= self._credit_bytes
        return bool(within_bytes) and self._sent < self._credit

    def _send_waiting(self) -> None:
        while self._welcome and self._may_send_next() and not self._connection.lost:
            frame = bus_pb2.Frame()
            room = self._welcome.max_frame_bytes - FRAME_OVERHEAD_BYTES
            while self._may_send_next() and len(frame.batch.events) < self._welcome.max_batch:
                room -= len(self._waiting[0].content) + FRAME_OVERHEAD_BYTES
                if room < 0:
                    break
                ticket = self._waiting.popleft()
                ticket.times_sent += 1
                frame.batch.events.append(ticket.content)
                self._sent += 1
                self._sent_bytes += len(ticket.content)
            self._connection.send(frame)

    # -- one connection after the other --------------------------------------------------------------------------

    def _begin(self) -> None:
        if len(self._endpoints) > 1 and time.monotonic() - self._answered_at > PATIENCE_SECONDS:
            self._endpoints.rotate(-1)
            self._answered_at = time.monotonic()
        self.connections_begun += 1
        self._connection = Connection(self.endpoint, self._keys)

    def _end(self) -> None:
        self.losses.append(self._connection.lost)
        if self._connection.has_heard_more_than_welcome:
            self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._begin_at = time.monotonic() + self._pause_seconds * random.uniform(0.5, 1)
        self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)
        self.close()
