# SPDX-License-Identifier: GPL-3.0-or-later
"""One log-in of one account on slixmpp, as Member (members.py) drives it."""
import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

# slixmpp tells of every lost connection; who uses this judges by what arrives. Set before it is loaded, for it also tells of that.
logging.getLogger("slixmpp").setLevel(logging.CRITICAL)

import slixmpp  # noqa: E402
from slixmpp.exceptions import IqError  # noqa: E402, F401


@dataclass(frozen=True)
class Message:
    """A message stanza with a body, as it arrived."""
    stanza_id: str
    sender: str
    kind: str
    subject: str
    body: str
    at: float = field(default=0, compare=False)  # when it came: time.monotonic()


@dataclass(frozen=True)
class Shown:
    """Available presence (RFC 6121 §4.7). An empty show is none: simply online."""
    show: str = ""
    status: str = ""
    priority: int = 0


class Client(slixmpp.ClientXMPP):
    """It connects again by itself for as long as it is `staying`, and shows then what it showed before."""

    def __init__(self, jid: str, password: str, ca: Path, *, receipts: bool, resumable: bool, shown: Shown | None,
                 on_message: Callable[[Message], None]):
        # The password itself, within TLS: for SCRAM's thousands of hashes a crowd in Python would take minutes.
        super().__init__(jid, password, sasl_mech="PLAIN")
        self.ca_certs = str(ca)
        self.register_plugin("xep_0199")
        self.register_plugin("xep_0184", {"auto_ack": receipts, "auto_request": False})
        if resumable:
            self.register_plugin("xep_0198")
        self.shown = shown
        self.inbox: list[Message] = []
        self.on_message = on_message
        self.online = asyncio.Event()
        self.refused = asyncio.Event()
        self.staying = True
        self.address: tuple[str, int] = ("", 0)
        self.add_event_handler("session_start", self._started)
        self.add_event_handler("session_resumed", lambda _: self.online.set())
        self.add_event_handler("failed_all_auth", lambda _: self.refused.set())
        self.add_event_handler("disconnected", self._lost)
        self.add_event_handler("message", self._received)

    def show(self, shown: Shown | None) -> None:
        """None: unavailable, while the stream stays."""
        self.shown = shown
        if shown:
            self.send_presence(pshow=shown.show or None, pstatus=shown.status or None, ppriority=shown.priority or None)
        else:
            self.send_presence(ptype="unavailable")

    def drop(self) -> None:
        """The socket is gone: no presence, no end of the stream."""
        self.staying = False
        self.break_off()

    def break_off(self) -> None:
        with suppress(AttributeError):  # asyncio's, of a connection that is gone already
            self.abort()

    async def _started(self, _) -> None:
        await self.get_roster()
        if self.shown:
            self.show(self.shown)
        self.online.set()

    def _lost(self, _) -> None:
        self.online.clear()
        if self.staying and not self.refused.is_set():
            self.connect(self.address)

    def _received(self, stanza: slixmpp.Message) -> None:
        if stanza["body"] and stanza["type"] != "error":
            self.inbox.append(Message(stanza["id"], stanza["from"].full, stanza["type"], stanza["subject"], stanza["body"],
                                      time.monotonic()))
            self.on_message(self.inbox[-1])
