# SPDX-License-Identifier: GPL-3.0-or-later
"""The baseline on the Jabber server: a logged-in stream by the standard library alone, which writes ready-made stanzas."""
import base64
import re
import socket
from pathlib import Path

from lab.lab import Lab
from lab.stranger import RawStream


class RawSession(RawStream):
    def __init__(self, lab: Lab, jid: str, password_file: Path):
        super().__init__(lab.jabber_address, lab.domain, lab.ca)
        username = jid.partition("@")[0]
        credentials = base64.b64encode(f"\0{username}\0{password_file.read_text().strip()}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{credentials}</auth>")
        self.read_until("<success")
        self._open("</stream:features>")
        self.send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        self.read_until("</iq>")

    def read_answers(self, count: int) -> None:
        """So many results of IQs, in whatever pieces they come."""
        seen = ""
        while len(results := re.findall(r"<iq [^>]*type='(\w+)'", seen)) < count:
            seen += self.read_until(">")
        if set(results) != {"result"}:
            raise AssertionError(f"the server refused a request: {seen}")

    def drain(self) -> None:
        """Throws away what has come meanwhile."""
        self._socket.settimeout(0)
        try:
            while self._socket.recv(65536):
                pass
        except (BlockingIOError, socket.timeout, OSError):
            pass
        self._socket.settimeout(60)
