# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has no key, an unknown key, or a key without the right, gets nothing done at any service, and leaves nothing behind."""
import os

from actors import main
from client_scene import ClientScene
from connection import KEY_UNKNOWN
from contract import bus_pb2, command_pb2
from statements import announcement, group_upserted, member_removed, member_upserted

SERVICES = {"registration": bus_pb2.LINK_KIND_EVENT, "notification": bus_pb2.LINK_KIND_EVENT, "gateway": bus_pb2.LINK_KIND_COMMAND}


class KeysWithoutRights(ClientScene):
    def setUp(self):
        if not self.account("anna"):
            self.members("anna")

    def test_no_key_no_welcome(self):
        with self.nothing_left_behind():
            for service, link in SERVICES.items():
                connection = self.connection(service, None, link)
                self.turn_to_the_end(connection)
                self.assertIsNone(connection.welcome, service)

    def test_unknown_key_no_welcome(self):
        self.services.rostrum("keygen", "stranger", "--out", str(self.services.folder / "keys"))
        with self.nothing_left_behind():
            for service, link in SERVICES.items():
                connection = self.connection(service, self.keys(service, "stranger"), link)
                self.turn_to_the_end(connection)
                self.assertEqual((connection.welcome, connection.refused_with), (None, KEY_UNKNOWN), service)

    def test_a_key_of_another_service_is_unknown(self):
        """The site has no business at a gateway, nor a notification service at registration."""
        for service, own in (("gateway", "site"), ("registration", "notification"), ("notification", "check")):
            connection = self.connection(service, self.keys(service, own), SERVICES[service])
            self.turn_to_the_end(connection)
            self.assertEqual((connection.welcome, connection.refused_with), (None, KEY_UNKNOWN), f"{own} at {service}")

    def test_a_site_that_may_state_groups_can_do_nothing_else(self):
        self.authorize("librarian", "group_upserted")
        publisher = self.publisher("registration", own="librarian")
        with self.nothing_left_behind():
            tickets = self.publish(publisher, member_upserted("zoe", self.site.jid("zoe"), self.sealed("secret")))
            self.assertEqual(self.statuses(publisher, tickets), ["NOT_AUTHORIZED"])
        tickets = self.publish(publisher, group_upserted("readers"))
        self.assertEqual(self.statuses(publisher, tickets), ["ACCEPTED"])

    def test_a_gateways_key_speaks_for_no_site(self):
        for service, event in (("registration", member_upserted("zoe", self.site.jid("zoe"), self.sealed("secret"))), ("notification", announcement("Forged"))):
            publisher = self.publisher(service, own="gateway")
            with self.nothing_left_behind():
                self.assertEqual(self.statuses(publisher, self.publish(publisher, event)), ["NOT_AUTHORIZED"])

    def test_a_site_cannot_claim_to_be_another(self):
        self.authorize("library", "member_upserted member_removed")
        publisher = self.publisher("registration", own="library")
        claim = member_removed("anna", revision=1 << 60)
        claim.source = "site"
        with self.nothing_left_behind():
            self.assertEqual(self.statuses(publisher, self.publish(publisher, claim)), ["FOREIGN_SOURCE"])

    def test_a_site_says_nothing_about_the_members_of_another(self):
        """The same member id is somebody else there."""
        self.authorize("museum", "member_upserted member_removed")
        publisher = self.publisher("registration", own="museum")
        jid = self.site.jid("anna-of-the-museum")
        tickets = self.publish(publisher, member_removed("anna", revision=1 << 60), member_upserted("anna", jid, self.sealed("secret"), revision=(1 << 60) + 1))
        self.assertEqual(self.statuses(publisher, tickets), ["ACCEPTED"] * 2)
        rows = self.services.rows("SELECT source, jid FROM directory.members WHERE member_id = 'anna'")
        self.assertEqual({row.source: row.jid for row in rows}, {"site": self.site.jid("anna"), "museum": jid})

    def test_who_may_only_inspect_makes_no_account(self):
        with self.nothing_left_behind():
            for own, ask in (("check", self.create_account), ("check", self.send_message), ("notification", self.create_account), ("registration", self.send_message)):
                result = self.result_of(own, ask())
                self.assertEqual((result.status, result.condition), (command_pb2.RESULT_STATUS_FAILED, "not-authorized"), own)
        inspection = command_pb2.Command(id=os.urandom(16), time_to_live_ms=10_000)
        inspection.inspect_server.SetInParent()
        result = self.result_of("check", inspection)
        self.assertEqual(result.status, command_pb2.RESULT_STATUS_DONE)
        self.assertTrue(result.findings)

    def test_who_asks_for_the_other_link_is_refused(self):
        for service, own in (("registration", "site"), ("gateway", "check")):
            other = bus_pb2.LINK_KIND_COMMAND if service == "registration" else bus_pb2.LINK_KIND_EVENT
            connection = self.connection(service, self.keys(service, own), other)
            self.turn_to_the_end(connection)
            self.assertIsNone(connection.welcome)
            self.assertTrue(connection.lost.startswith("refused:"), connection.lost)

    def authorize(self, name: str, allow: str) -> None:
        folder = self.services.folder
        self.services.rostrum("keygen", name, "--out", str(folder / "keys"))
        file = folder / "authorized_keys" / "registration" / name
        file.write_text(f"key {(folder / 'keys' / f'{name}.public').read_text().strip()}\nallow {allow}\n")
        file.chmod(0o600)

    @staticmethod
    def create_account() -> command_pb2.Command:
        command = command_pb2.Command(id=os.urandom(16), time_to_live_ms=10_000)
        command.create_account.jid, command.create_account.password, command.create_account.claim = "zoe@example.test", "secret", "claim"
        return command

    def send_message(self) -> command_pb2.Command:
        command = command_pb2.Command(id=os.urandom(16), time_to_live_ms=10_000)
        command.send_message.to, command.send_message.stanza_id, command.send_message.body = self.site.jid("anna"), "forged", "Forged"
        return command

    def result_of(self, own: str, command: command_pb2.Command) -> command_pb2.Result:
        connection = self.connection("gateway", self.keys("gateway", own), bus_pb2.LINK_KIND_COMMAND)
        if not self.hear(connection, "welcome").credit:
            self.hear(connection, "credit")
        frame = bus_pb2.Frame()
        frame.commands.commands.append(command)
        connection.send(frame)
        (result,) = self.hear(connection, "results").results
        self.assertEqual(result.id, command.id)
        return result


if __name__ == "__main__":
    main()
