# SPDX-License-Identifier: Apache-2.0
"""Events as a site makes them."""
import os
import time
from pathlib import Path

from nacl.public import PublicKey, SealedBox
from zmq.utils import z85

from connection import read_key
from contract import event_pb2


def uuid7(age_seconds: float = 0) -> bytes:
    """RFC 9562 §5.7, as of so long ago."""
    raw = bytearray((time.time_ns() // 1_000_000 - int(age_seconds * 1000)).to_bytes(6, "big") + os.urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return bytes(raw)


def sealed(password: str, sealing_key: Path) -> bytes:
    return SealedBox(PublicKey(z85.decode(read_key(sealing_key)))).encrypt(password.encode())


def member_upserted(member_id: str, jid: str, sealed_password: bytes = b"", *, groups: tuple[str, ...] = (), revision: int = 1) -> event_pb2.Event:
    event = event_pb2.Event(id=uuid7(), subject=member_id, revision=revision)
    event.member_upserted.jid = jid
    event.member_upserted.group_ids.extend(groups)
    event.member_upserted.sealed_password = sealed_password
    return event


def member_removed(member_id: str, *, revision: int) -> event_pb2.Event:
    event = event_pb2.Event(id=uuid7(), subject=member_id, revision=revision)
    event.member_removed.SetInParent()
    return event


def password_changed(member_id: str, sealed_password: bytes, *, revision: int) -> event_pb2.Event:
    event = event_pb2.Event(id=uuid7(), subject=member_id, revision=revision)
    event.password_changed.sealed_password = sealed_password
    return event


def group_upserted(group_id: str, title: str = "A group", *, revision: int = 1) -> event_pb2.Event:
    event = event_pb2.Event(id=uuid7(), subject=group_id, revision=revision)
    event.group_upserted.title = title
    return event


def announcement(body: str, *, groups: tuple[str, ...] = (), members: tuple[str, ...] = ()) -> event_pb2.Event:
    """To these groups, or to these members, or to all."""
    event = event_pb2.Event(id=uuid7())
    notice = event.notice_published
    notice.kind, notice.body = event_pb2.NOTICE_KIND_ANNOUNCEMENT, body
    if groups:
        notice.audience.groups.group_ids.extend(groups)
    elif members:
        notice.audience.members.member_ids.extend(members)
    else:
        notice.audience.all.SetInParent()
    return event
