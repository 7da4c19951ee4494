# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody without an account, who speaks raw XMPP: TLS by the standard library, no XMPP library at all."""
import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Answer:
    condition: str  # the stanza error's defined condition; empty: no error
    text: str


class RawStream:
    """A client stream up to and including TLS, before any log-in (RFC 6120 §5)."""

    def __init__(self, address: tuple[str, int], domain: str, ca: Path):
        self._domain = domain
        self._socket = socket.create_connection(address, TIMEOUT_SECONDS)
        self._socket.settimeout(TIMEOUT_SECONDS)
        self._open("</stream:features>")
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self.read_until("<proceed")
        context = ssl.create_default_context(cafile=str(ca))
        self._socket = context.wrap_socket(self._socket, server_hostname=domain)
        self.features = self._open("</stream:features>")

    def send(self, text: str) -> None:
        self._socket.sendall(text.encode())

    def read_until(self, mark: str) -> str:
        seen = ""
        while mark not in seen:
            part = self._socket.recv(65536)
            if not part:
                raise ConnectionError(f"the server closed the stream before {mark}; it said: {seen}")
            seen += part.decode(errors="replace")
        return seen

    def close(self) -> None:
        self._socket.close()

    def _open(self, mark: str) -> str:
        self.send(f"<?xml version='1.0'?><stream:stream to='{self._domain}' version='1.0' xmlns='jabber:client' "
                  "xmlns:stream='http://etherx.jabber.org/streams'>")
        return self.read_until(mark)


def register_in_band(address: tuple[str, int], domain: str, ca: Path, username: str, password: str) -> Answer:
    """XEP-0077 §3.1, without asking first."""
    stream = RawStream(address, domain, ca)
    try:
        stream.send(f"<iq type='set' id='reg1' to='{domain}'><query xmlns='jabber:iq:register'>"
                    f"<username>{username}</username><password>{password}</password></query></iq>")
        answer = stream.read_until(">")
        if re.search(r"type=['\"]error", answer):
            answer += "" if "</iq>" in answer else stream.read_until("</iq>")
            condition = re.search(r"<([a-z-]+) xmlns=['\"]urn:ietf:params:xml:ns:xmpp-stanzas", answer)
            text = re.search(r"<text[^>]*>([^<]*)<", answer)
            return Answer(condition.group(1) if condition else "undefined-condition", text.group(1) if text else "")
        return Answer("", answer)
    finally:
        stream.close()
