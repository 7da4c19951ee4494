# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene whose site speaks through this client instead of Rostrum's own."""
import time
from contextlib import contextmanager
from typing import Iterator

from actors import Scene
from connection import Connection, Keys
from contract import bus_pb2
from publisher import NotNow, Publisher, Ticket
from statements import sealed
from tables import every_row

DEADLINE_SECONDS = 30


class ClientScene(Scene):
    def keys(self, service: str, own: str = "site") -> Keys:
        folder = self.services.folder / "keys"
        return Keys.of(folder / own, folder / f"{service}.public")

    def publisher(self, service: str, *, own: str = "site") -> Publisher:
        endpoints = [instance.endpoint for instance in self.services.instances.values() if instance.service == service]
        publisher = Publisher(endpoints, self.keys(service, own))
        self.addCleanup(publisher.close)
        return publisher

    def connection(self, service: str, keys: Keys | None, link: int = bus_pb2.LINK_KIND_EVENT) -> Connection:
        connection = Connection(self.services.instances[service].endpoint, keys, link)
        self.addCleanup(connection.close)
        return connection

    def hear(self, connection: Connection, kind: str):
        """The first frame of this kind; the test fails when the connection is lost before."""
        end = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < end and not connection.lost:
            for frame in connection.turn(0.1):
                if frame.HasField(kind):
                    return getattr(frame, kind)
        self.fail(f"no {kind} came: {connection.lost or 'in time'}")

    def sealed(self, password: str) -> bytes:
        return sealed(password, self.services.folder / "keys" / "sealing.public")

    def turn_until(self, publisher: Publisher, condition, what: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        end = time.monotonic() + deadline_seconds
        while not condition():
            self.assertLess(time.monotonic(), end, f"{what} did not come in time; losses: {publisher.losses}")
            publisher.turn()

    def turn_to_the_end(self, connection: Connection) -> None:
        """Until it is lost."""
        end = time.monotonic() + DEADLINE_SECONDS
        while not connection.lost:
            self.assertLess(time.monotonic(), end, "the connection stands although it should not")
            connection.turn(0.1)

    @contextmanager
    def nothing_left_behind(self) -> Iterator[None]:
        """Not a row of any table and not an account is another afterwards."""
        def everything() -> dict[str, str]:
            return {**every_row(self.lab.postgres), "accounts": " ".join(self.lab.prosody.accounts())}
        before = everything()
        yield
        self.assertEqual(everything(), before)

    def publish(self, publisher: Publisher, *events) -> list[Ticket]:
        """As soon as each is taken; returns before their outcomes."""
        tickets = []
        for event in events:
            self.turn_until(publisher, lambda event=event: self._is_taken(publisher, event, tickets), "credit")
        return tickets

    def statuses(self, publisher: Publisher, tickets: list[Ticket], deadline_seconds: float = DEADLINE_SECONDS) -> list[str]:
        """Of all of them, once they have come."""
        self.turn_until(publisher, lambda: all(ticket.outcome for ticket in tickets), "the outcomes", deadline_seconds)
        return [ticket.status if ticket.status != "REJECTED" else ticket.rejection for ticket in tickets]

    @staticmethod
    def _is_taken(publisher: Publisher, event, tickets: list[Ticket]) -> bool:
        try:
            tickets.append(publisher.publish(event))
            return True
        except NotNow:
            return False
