# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of bad event has its own named rejection, spoils only itself, and leaves nothing behind."""
import os

from actors import main
from client_scene import ClientScene
from contract import bus_pb2, event_pb2
from statements import announcement, group_upserted, member_removed, member_upserted, password_changed, sealed, uuid7

DAY_SECONDS = 86_400


class RejectedEvents(ClientScene):
    def setUp(self):
        if not self.account("anna"):
            self.members("anna")
            self.site.has_group("choir")
        self.registration, self.notification = self.publisher("registration"), self.publisher("notification")

    def assert_rejected(self, code: str, *events, naming: str = "", to: str = "registration") -> None:
        """Each of them, with words for people that name the field."""
        publisher = getattr(self, to)
        with self.nothing_left_behind():
            for event in events:
                (ticket,) = self.publish(publisher, event)
                with self.subTest(code=code, event=str(event)[:120]):
                    self.assertEqual(self.statuses(publisher, [ticket]), [code])
                    self.assertIn(naming, ticket.outcome.text)
                    self.assertTrue(0 < len(ticket.outcome.text.encode()) <= 256, ticket.outcome.text)

    def assert_bytes_rejected(self, code: str, event_id: bytes, content: bytes, *, to: str = "registration") -> None:
        publisher = getattr(self, to)
        self.turn_until(publisher, lambda: publisher.credit_left > 0, "credit")
        with self.nothing_left_behind():
            self.assertEqual(self.statuses(publisher, [publisher.publish_bytes(event_id, content)]), [code])

    def member(self, member_id: str = "zoe", **changes) -> event_pb2.Event:
        event = member_upserted(member_id, changes.pop("jid", self.site.jid(member_id)), changes.pop("password", self.sealed("secret")))
        for name, value in changes.items():
            setattr(event if name in ("revision", "subject", "source", "id") else event.member_upserted, name, value)
        return event

    # -- the envelope --------------------------------------------------------------------------------------------

    def test_what_is_not_an_event(self):
        event = group_upserted("garbage")
        self.assert_bytes_rejected("MALFORMED", event.id, event_pb2.Event(id=event.id).SerializeToString() + b"\x6a\x02\xff\xff")

    def test_what_cannot_even_be_answered(self):
        """Refused; its neighbour in the same frame is taken all the same."""
        for wrong in (group_upserted("no-id").SerializeToString()[18:], b"garbage", b""):
            with self.subTest(content=wrong), self.nothing_left_behind():
                self.send_batch(wrong)
        neighbour = group_upserted("beside-garbage")
        self.send_batch(b"garbage", neighbour.SerializeToString())
        self.assertEqual(self.statuses(self.registration, self.publish(self.registration, neighbour)), ["DUPLICATE"])

    def send_batch(self, *contents: bytes) -> None:
        connection = self.connection("registration", self.keys("registration"))
        self.hear(connection, "welcome")
        frame = bus_pb2.Frame()
        frame.batch.events.extend(contents)
        connection.send(frame)
        self.turn_to_the_end(connection)
        self.assertIn("without a readable id", connection.lost)

    def test_a_field_that_nobody_knows(self):
        event = group_upserted("newer")
        self.assert_bytes_rejected("MALFORMED", event.id, event.SerializeToString() + b"\xf8\x3f\x01")

    def test_an_event_above_the_limit(self):
        event = self.member(display_name="x" * 70_000)
        self.assert_bytes_rejected("TOO_LARGE", event.id, event.SerializeToString())

    def test_ids_that_are_no_uuid7(self):
        version_4 = bytearray(uuid7())
        version_4[6] = version_4[6] & 0x0F | 0x40
        other_variant = bytearray(uuid7())
        other_variant[8] |= 0xC0
        for wrong in (bytes(version_4), bytes(other_variant), os.urandom(15), uuid7() + b"x", bytes(16)):
            self.assert_rejected("INVALID_ID", self.member(id=wrong))

    def test_ids_outside_the_horizon(self):
        self.assert_rejected("ID_OUTSIDE_HORIZON", *(self.member(id=uuid7(age)) for age in (8 * DAY_SECONDS, 20_000 * DAY_SECONDS, -600)))
        late = announcement("Long ago")
        late.id = uuid7(8 * DAY_SECONDS)
        self.assert_rejected("ID_OUTSIDE_HORIZON", late, to="notification")

    def test_the_same_id_with_other_content(self):
        first = group_upserted("reused", "Mine", revision=5)
        self.assertEqual(self.statuses(self.registration, self.publish(self.registration, first)), ["ACCEPTED"])
        others = [group_upserted("reused", "Yours", revision=5), group_upserted("reused", "Mine", revision=6),
                  group_upserted("another", "Mine", revision=5), self.member("ida"), member_removed("anna", revision=1 << 60)]
        for other in others:
            other.id = first.id
        self.assert_rejected("ID_REUSED", *others)
        self.assertEqual(self.statuses(self.registration, self.publish(self.registration, first)), ["DUPLICATE"])

    def test_the_same_notice_id_with_another_text(self):
        first, second = announcement("One text", members=("nobody",)), announcement("Another text")
        second.id = first.id
        self.assertEqual(self.statuses(self.notification, self.publish(self.notification, first)), ["ACCEPTED"])
        self.wait_notice_done(first.id.hex())
        self.assert_rejected("ID_REUSED", second, to="notification")

    def test_a_source_that_is_not_the_keys_name(self):
        self.assert_rejected("FOREIGN_SOURCE", self.member(source="forum"), naming="source")

    def test_no_type_and_the_other_services_types(self):
        self.assert_rejected("UNKNOWN_TYPE", event_pb2.Event(id=uuid7(), subject="zoe", revision=1))
        self.assert_rejected("UNKNOWN_TYPE", announcement("To the wrong door"))
        self.assert_rejected("UNKNOWN_TYPE", self.member(), group_upserted("choir"), to="notification")

    def test_what_only_a_gateway_may_say(self):
        appeared, vanished = event_pb2.Event(id=uuid7(), subject=self.site.jid("zoe")), event_pb2.Event(id=uuid7(), subject=self.site.jid("anna"))
        appeared.account_appeared.SetInParent()
        vanished.account_vanished.SetInParent()
        self.assert_rejected("NOT_AUTHORIZED", appeared, vanished)
        receipt, bounce = event_pb2.Event(id=uuid7()), event_pb2.Event(id=uuid7())
        receipt.receipt_received.stanza_id, bounce.message_bounced.stanza_id = "x", "x"
        self.assert_rejected("NOT_AUTHORIZED", receipt, bounce, to="notification")

    # -- members and groups --------------------------------------------------------------------------------------

    def test_missing_fields_of_members_and_groups(self):
        self.assert_rejected("MISSING_FIELD", self.member(subject=""), group_upserted(""), naming="subject")
        self.assert_rejected("MISSING_FIELD", self.member(revision=0), group_upserted("g", revision=0), naming="revision")
        self.assert_rejected("MISSING_FIELD", self.member(jid=""), naming="jid")
        self.assert_rejected("MISSING_FIELD", self.member(password=b""), password_changed("anna", b"", revision=1 << 60), naming="sealed_password")

    def test_values_that_are_not_allowed(self):
        self.assert_rejected("INVALID_FIELD", self.member(subject="x" * 257), naming="subject")
        self.assert_rejected("INVALID_FIELD", self.member(revision=1 << 63), naming="revision")
        self.assert_rejected("INVALID_FIELD", self.member(display_name="x" * 257), naming="display_name")
        self.assert_rejected("INVALID_FIELD", group_upserted("g", "x" * 257), naming="title")
        self.assert_rejected("INVALID_FIELD", self.member(password=os.urandom(1025)), naming="sealed_password")
        crowded = self.member()
        crowded.member_upserted.group_ids.extend(f"g{number}" for number in range(257))
        self.assert_rejected("INVALID_FIELD", crowded, naming="group_ids")

    def test_characters_that_no_stanza_can_carry(self):
        for character in "\x00\x07\x0b\x1b\x7f\ufffe":
            self.assert_rejected("INVALID_TEXT", self.member(display_name=f"Zo{character}"), naming="display_name")
        self.assert_rejected("INVALID_TEXT", group_upserted("g", "two\nlines"), naming="title")
        self.assert_rejected("INVALID_TEXT", self.member("zoe\x01"), group_upserted("g\x01"), naming="subject")
        self.assert_rejected("INVALID_TEXT", self.member(password=b"", jid=self.site.jid("anna"), subject="anna\x1b"), naming="subject")

    def test_bytes_that_are_not_utf8(self):
        """No protobuf string holds them, so that such an event is none."""
        for wrong in (b"\xff\xff\xff", b"\xc0\x80\x80", b"\xed\xa0\x80"):
            event = group_upserted("utf8", "???")
            self.assert_bytes_rejected("MALFORMED", event.id, event.SerializeToString().replace(b"???", wrong))
        event = announcement("???")
        self.assert_bytes_rejected("MALFORMED", event.id, event.SerializeToString().replace(b"???", wrong), to="notification")

    def test_addresses_that_are_none(self):
        domain = self.lab.domain
        jids = ["no at", f"@{domain}", "zoe@", f"Zoe@{domain}", f"zoe@{domain.upper()}", f"zoe@{domain}/phone", f"zoe smith@{domain}", f"zoe\x01@{domain}",
                f"z\u200boe@{domain}", f"'zoe'@{domain}", f"{'z' * 1024}@{domain}", f"zoe@zoe@{domain}", f"zo&e@{domain}", "zoe@" + "x" * 300]
        self.assert_rejected("INVALID_JID", *(self.member(jid=jid) for jid in jids), naming="jid")

    def test_addresses_that_are_not_the_members(self):
        self.assert_rejected("FOREIGN_DOMAIN", self.member(jid="zoe@elsewhere.test"), self.member(jid=f"zoe@sub.{self.lab.domain}"), naming="jid")
        self.assert_rejected("RESERVED_JID", self.member(jid=self.lab.site_jid), self.member(jid=self.lab.control_jid), naming="jid")
        self.assert_rejected("JID_TAKEN", self.member(jid=self.site.jid("anna")))
        self.assert_rejected("JID_CHANGED", self.member("anna", jid=self.site.jid("anna2"), revision=1 << 60))

    def test_passwords_for_nobody_and_sealed_to_another_key(self):
        self.assert_rejected("UNKNOWN_MEMBER", password_changed("nobody", self.sealed("secret"), revision=1))
        self.services.rostrum("keygen", "other", "--out", str(self.services.folder / "keys"))
        self.assert_rejected("UNREADABLE_PASSWORD",
                             self.member(password=sealed("secret", self.services.folder / "keys" / "other.public")), self.member(password=b"in clear"),
                             password_changed("anna", os.urandom(60), revision=1 << 60))

    # -- notices -------------------------------------------------------------------------------------------------

    def notice(self, **changes) -> event_pb2.Event:
        event = announcement(changes.pop("body", "Tea is ready"))
        for name, value in changes.items():
            setattr(event if name == "subject" else event.notice_published, name, value)
        return event

    def test_missing_fields_of_notices(self):
        self.assert_rejected("MISSING_FIELD", self.notice(body=""), naming="body", to="notification")
        nobody, no_group, no_member = self.notice(), self.notice(), self.notice()
        nobody.notice_published.ClearField("audience")
        no_group.notice_published.audience.groups.SetInParent()
        no_member.notice_published.audience.members.SetInParent()
        self.assert_rejected("MISSING_FIELD", nobody, no_group, no_member, naming="audience", to="notification")

    def test_values_that_no_notice_may_have(self):
        crowded, past = self.notice(), self.notice()
        crowded.notice_published.audience.members.member_ids.extend(f"m{number}" for number in range(1001))
        past.notice_published.expires_at.seconds = 1_600_000_000
        for naming, event in {"kind": self.notice(kind=0), "title": self.notice(title="x" * 257), "body": self.notice(body="x" * 16_385),
                              "subject": self.notice(subject="anna"), "audience": crowded, "expires_at": past}.items():
            self.assert_rejected("INVALID_FIELD", event, naming=naming, to="notification")

    def test_texts_of_notices_that_no_stanza_can_carry(self):
        self.assert_rejected("INVALID_TEXT", *(self.notice(body=f"ring{character}") for character in "\x00\x07\x1b\ufffe"), naming="body", to="notification")
        self.assert_rejected("INVALID_TEXT", self.notice(title="two\nlines"), naming="title", to="notification")

    # -- among good ones -----------------------------------------------------------------------------------------

    def test_spoils_only_itself(self):
        wanted = [
            (group_upserted("neighbour1"), "ACCEPTED"), (self.member("zo\x07"), "INVALID_TEXT"), (group_upserted("neighbour2"), "ACCEPTED"),
            (self.member(jid="nonsense"), "INVALID_JID"), (self.member(password=os.urandom(60)), "UNREADABLE_PASSWORD"),
            (group_upserted("neighbour3"), "ACCEPTED")]
        self.turn_until(self.registration, lambda: self.registration.credit_left >= len(wanted), "credit")
        tickets = [self.registration.publish(event) for event, _ in wanted]
        self.assertEqual(self.statuses(self.registration, tickets), [status for _, status in wanted])
        self.assertIsNone(self.account("zoe"))


if __name__ == "__main__":
    main()
