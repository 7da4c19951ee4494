# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that is taken away does nothing from its next message on, within a second and without a restart, at every service; what it had
not heard of is kept, and done once it is granted again. It comes back by itself."""
import os
import time
import urllib.error
import urllib.request
from typing import Callable

from actors import main
from client_scene import ClientScene
from connection import KEY_UNKNOWN, Connection
from contract import bus_pb2, command_pb2
from lab.members import wait_for
from publisher import NotNow, Publisher
from statements import announcement, group_upserted

SECOND = 1.0


class Revocation(ClientScene):
    def key(self, *words: str) -> float:
        """`rostrum key …`; when that began."""
        begun = time.monotonic()
        self.services.rostrum("key", *words)
        return begun

    def take_away(self, name: str, service: str) -> float:
        """As `rostrum key revoke` does it; when."""
        (self.services.folder / "authorized_keys" / service / name).unlink()
        return time.monotonic()

    def grant(self, name: str, role: str, service: str) -> None:
        self.key("grant", name, "--role", role, "--service", service, "--key", str(self.services.folder / "keys" / f"{name}.public"))

    # -- sites -------------------------------------------------------------------------------------------------------

    def test_a_site_at_registration(self):
        self.a_site_loses_its_key("registration", lambda: group_upserted("readers", revision=time.time_ns()))

    def test_a_site_at_notification(self):
        self.a_site_loses_its_key("notification", lambda: announcement("Still there?", members=("nobody",)))

    def a_site_loses_its_key(self, service: str, make: Callable) -> None:
        publisher = self.publisher(service)
        tickets: dict[float, object] = {}
        self.publish_for(publisher, make, tickets, lambda: len(tickets) >= 20)
        round_trip = self.round_trip(publisher, make)
        revoked = self.take_away("site", service)
        losses = len(publisher.losses)
        self.publish_for(publisher, make, tickets, lambda: len(publisher.losses) >= losses + 3)
        accepted = [at - revoked for at, ticket in tickets.items() if ticket.status]
        print(f"{service}: the last event that was taken left {max(accepted):.2f} s after the key was revoked; losses: {publisher.losses[losses:]}")
        self.assertLess(max(accepted), SECOND + 10 * round_trip)
        self.assertTrue(any("refused" in loss or str(KEY_UNKNOWN) in loss for loss in publisher.losses[losses:]), publisher.losses)
        self.assertTrue(all(ticket.status in ("", "ACCEPTED") for ticket in tickets.values()), "nothing is rejected for good")
        self.grant("site", "site", service)
        self.turn_until(publisher, lambda: all(ticket.status for ticket in tickets.values()), "the outcome of all")
        self.assertTrue(all(ticket.status in ("ACCEPTED", "DUPLICATE") for ticket in tickets.values()))

    def publish_for(self, publisher: Publisher, make: Callable, tickets: dict, enough: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not enough():
            self.assertLess(time.monotonic(), end, f"losses: {publisher.losses}")
            try:
                event = make()
                tickets[time.monotonic()] = publisher.publish(event)
            except NotNow:
                pass
            publisher.turn(0.02)

    def round_trip(self, publisher: Publisher, make: Callable) -> float:
        begin = time.monotonic()
        ticket = publisher.publish(make())
        self.turn_until(publisher, lambda: ticket.status, "its outcome")
        return time.monotonic() - begin

    # -- callers of a gateway, gateways at presence --------------------------------------------------------------------

    def test_a_caller_at_the_gateway(self):
        self.a_peer_loses_its_key("gateway", "check", "check", bus_pb2.LINK_KIND_COMMAND, self.inspect)

    def test_a_gateway_at_presence(self):
        self.a_peer_loses_its_key("presence", "gateway", "gateway", bus_pb2.LINK_KIND_OBSERVATION, self.claim)
        wait_for(lambda: self.is_ready("gateway"), "the gateway to be ready again, by itself", 60)

    def a_peer_loses_its_key(self, service: str, name: str, role: str, link: int, make: Callable[[], bus_pb2.Frame]) -> None:
        connection = self.connection(service, self.keys(service, name), link)
        self.hear(connection, "welcome")
        begin = time.monotonic()
        connection.send(make())
        self.hear(connection, "results" if link == bus_pb2.LINK_KIND_COMMAND else "lease_answer")
        round_trip = time.monotonic() - begin
        revoked = last_answer = self.take_away(name, service)
        end = time.monotonic() + 60
        while not connection.lost:
            self.assertLess(time.monotonic(), end)
            connection.send(make())
            sent = time.monotonic()
            if any(frame.HasField(answer) for frame in connection.turn(0.05) for answer in ("results", "lease_answer")):
                last_answer = sent
        print(f"{service}: answered for the last time {last_answer - revoked:.2f} s after the key was revoked: {connection.lost}")
        self.assertLess(last_answer - revoked, SECOND + 10 * round_trip)
        self.assertTrue(connection.lost.startswith("refused:"), connection.lost)
        again = self.connection(service, self.keys(service, name), link)
        self.turn_to_the_end(again)
        self.assertEqual(again.refused_with, KEY_UNKNOWN)
        self.grant(name, role, service)
        wait_for(lambda: self.is_welcome(service, name, link), f"{name} to be let in again at {service}", 30)

    def is_welcome(self, service: str, name: str, link: int) -> bool:
        connection = Connection(self.services.instances[service].endpoint, self.keys(service, name), link)
        try:
            while not connection.lost and not connection.welcome:
                connection.turn(0.1)
            return connection.welcome is not None
        finally:
            connection.close()

    def is_ready(self, name: str) -> bool:
        try:
            with urllib.request.urlopen(f"{self.services.instances[name].http}/readyz", timeout=10) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return False

    @staticmethod
    def inspect() -> bus_pb2.Frame:
        frame = bus_pb2.Frame()
        command = command_pb2.Command(id=os.urandom(16), time_to_live_ms=10_000)
        command.inspect_server.SetInParent()
        frame.commands.commands.append(command)
        return frame

    def claim(self) -> bus_pb2.Frame:
        frame = bus_pb2.Frame()
        frame.lease_claim.domain, frame.lease_claim.token, frame.lease_claim.number = self.lab.domain, b"another gateway.", time.monotonic_ns()
        return frame

    def test_a_site_by_the_command_line(self):
        publisher = self.publisher("registration")
        self.turn_until(publisher, lambda: publisher.instances, "Welcome")
        self.key("revoke", "site")
        self.turn_until(publisher, lambda: publisher.losses, "the loss of a connection on which nothing was said")
        self.assertEqual(len(self.services.rostrum_json("key", "list", "--service", "registration,notification")), 2, "the gateway's, twice")
        for service in ("registration", "notification"):
            self.grant("site", "site", service)
        self.assertEqual(self.statuses(publisher, self.publish(publisher, group_upserted("readers", revision=time.time_ns()))), ["ACCEPTED"])

    # -- what the operator sees ----------------------------------------------------------------------------------------

    def test_a_wrong_file_is_named_with_what_mends_it_and_nobody_else_suffers(self):
        folder = self.services.folder / "authorized_keys" / "registration"
        publisher = self.publisher("registration")
        (folder / "gateway").chmod(0o666)
        try:
            wait_for(lambda: f"chmod go-w {folder / 'gateway'}" in self.readyz("registration"), "/readyz to name it", 30, lambda: self.readyz("registration"))
            self.assertTrue(self.is_ready("registration"), "the others are served")
            self.assertEqual(self.statuses(publisher, self.publish(publisher, group_upserted("readers", revision=time.time_ns()))), ["ACCEPTED"])
        finally:
            (folder / "gateway").chmod(0o644)
        wait_for(lambda: self.is_ready("gateway"), "the gateway to be back by itself", 60)
        self.assertIn("key_file_wrong", self.services.log("registration").read_text())

    def test_a_folder_that_others_may_write_lets_nobody_in_and_loses_nothing(self):
        folder = self.services.folder / "authorized_keys" / "registration"
        publisher = self.publisher("registration")
        tickets: dict = {}
        self.publish_for(publisher, lambda: group_upserted("readers", revision=time.time_ns()), tickets, lambda: len(tickets) >= 5)
        folder.chmod(0o777)
        try:
            losses = len(publisher.losses)
            self.publish_for(publisher, lambda: group_upserted("readers", revision=time.time_ns()), tickets, lambda: len(publisher.losses) > losses)
            wait_for(lambda: not self.is_ready("registration"), "registration to say so", 30)
            self.assertIn(f"chmod go-w {folder}", self.readyz("registration"))
        finally:
            folder.chmod(0o755)
        self.turn_until(publisher, lambda: all(ticket.status for ticket in tickets.values()), "the outcome of all", 60)
        self.assertTrue(all(ticket.status in ("ACCEPTED", "DUPLICATE") for ticket in tickets.values()))

    def readyz(self, name: str) -> str:
        try:
            with urllib.request.urlopen(f"{self.services.instances[name].http}/readyz", timeout=10) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()


if __name__ == "__main__":
    main()
