# SPDX-License-Identifier: GPL-3.0-or-later
"""Actors for tests of an XMPP server: a logged-in client that remembers every stanza it got, and a raw stream without log-in."""

import asyncio
import logging
import ssl
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

logging.getLogger("slixmpp").setLevel(logging.CRITICAL)  # refused log-ins are part of the tests

import slixmpp  # noqa: E402

DEADLINE_S = 10
CLIENT = "{jabber:client}"
STANZA_ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"

_ids = count(1)


async def wait_for(condition, what, deadline_s=DEADLINE_S):
    """Polls condition() until it is true and returns its value; AssertionError when the deadline has passed."""
    end = asyncio.get_running_loop().time() + deadline_s
    while not (value := condition()):
        assert asyncio.get_running_loop().time() < end, f"not within {deadline_s} s: {what}"
        await asyncio.sleep(0.005)
    return value


@dataclass(frozen=True)
class Answer:
    """An IQ answer: either its payload or its error."""
    payload: ET.Element | None = None
    error_type: str = ""
    condition: str = ""
    text: str = ""
    extra: str = ""  # tag of the application's own condition, in {namespace}name form

    @staticmethod
    def of(stanza):
        if stanza.get("type") == "result":
            return Answer(payload=stanza[0] if len(stanza) else None)
        error = stanza.find(f"{CLIENT}error")
        names = [child.tag for child in error]
        condition = next(name for name in names if name.startswith(STANZA_ERRORS) and not name.endswith("}text"))
        return Answer(None, error.get("type"), condition.removeprefix(STANZA_ERRORS), error.findtext(f"{STANZA_ERRORS}text", ""),
                      next((name for name in names if not name.startswith(STANZA_ERRORS)), ""))

    def brief(self):
        """'result', or the error as 'type/condition'."""
        return f"{self.error_type}/{self.condition}" if self.condition else "result"


class LoginRefused(Exception):
    pass


class Client:
    """One log-in of one account. `async with Client(lab, "alice", "secret") as alice:`; presence is sent unless available=False."""

    def __init__(self, lab, username, password, *, available=True, resource="test", domain=None, answers=True):
        self.bare = f"{username}@{domain or lab.domain}"
        self.received = []
        self._available = available
        self._address = lab.jabber_address
        self._stream = slixmpp.ClientXMPP(f"{self.bare}/{resource}", password)
        self._stream.ca_certs = str(lab.ca)
        self._stream.add_filter("in", self._remember)
        self._stream.roster.auto_authorize = self._stream.roster.auto_subscribe = None
        if answers:
            self._stream.register_plugin("xep_0199")  # answers pings
        self.closed = False
        self.stream_error = ""
        self._stream.add_event_handler("stream_error", self._on_stream_error)
        self._stream.add_event_handler("disconnected", self._on_disconnected)

    def _remember(self, stanza):
        self.received.append(stanza.xml)
        return stanza

    def _on_stream_error(self, error):
        self.stream_error = error["condition"]

    def _on_disconnected(self, _):
        self.closed = True

    @property
    def full(self):
        return self._stream.boundjid.full

    async def login(self):
        loop = asyncio.get_running_loop()
        started, refused = loop.create_future(), loop.create_future()
        for event, future in (("session_start", started), ("failed_all_auth", refused)):
            self._stream.add_event_handler(event, lambda _, future=future: future.done() or future.set_result(None), disposable=True)
        self._stream.connect(self._address)
        await asyncio.wait({started, refused}, timeout=DEADLINE_S, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            self.drop()
            raise LoginRefused(self.bare)
        if self._available:
            self.send("<presence/>")
            await self.barrier()
        return self

    async def logout(self):
        if not self.closed:
            self._stream.disconnect(wait=0.2)
            await wait_for(lambda: self.closed, f"{self.bare} to be logged out")

    def drop(self):
        """The connection is gone without a goodbye."""
        with suppress(AttributeError):  # asyncio's, of a connection that is gone already
            self._stream.abort()

    async def __aenter__(self):
        return await self.login()

    async def __aexit__(self, *_):
        await self.logout()

    def send(self, text):
        self._stream.send_raw(text)

    async def iq(self, kind, payload, to=None):
        """Sends an IQ with this payload (XML text) and waits for its answer."""
        stanza_id = f"t{next(_ids)}"
        address = f" to='{to}'" if to else ""
        self.send(f"<iq type='{kind}' id='{stanza_id}'{address}>{payload}</iq>")
        return Answer.of(await self.arrival(
            lambda stanza: stanza.tag == f"{CLIENT}iq" and stanza.get("id") == stanza_id and stanza.get("type") in ("result", "error"),
            f"an answer to {payload}"))

    async def barrier(self):
        """When this returns, all that the server had routed to this client before has arrived (streams keep their order)."""
        await self.iq("get", "<ping xmlns='urn:xmpp:ping'/>", to=self.bare.partition("@")[2])

    async def arrival(self, matches, what):
        """The first stanza, already received or still to come, that matches."""
        def look():
            assert not self.closed, f"{self.bare}'s stream ended ({self.stream_error}) before {what}"
            return [stanza for stanza in self.received if matches(stanza)]
        return (await wait_for(look, what))[0]

    def stanzas(self, name, **attributes):
        """Received stanzas by element name and attributes; `sender` stands for 'from'."""
        attributes = {("from" if key == "sender" else key): value for key, value in attributes.items()}
        return [stanza for stanza in self.received
                if stanza.tag == CLIENT + name and all(stanza.get(key) == value for key, value in attributes.items())]

    def bodies(self):
        return [body for stanza in self.stanzas("message") if (body := stanza.findtext(f"{CLIENT}body"))]

    async def roster(self, version=None):
        """Asked anew: bare JID → attributes; None when the server says that version is still good."""
        ver = f" ver='{version}'" if version is not None else ""
        answer = await self.iq("get", f"<query xmlns='jabber:iq:roster'{ver}/>")
        return None if answer.payload is None else {item.get("jid"): dict(item.attrib) for item in answer.payload}


class RawStream:
    """A client stream up to and including TLS, before any log-in (RFC 6120 §5), spoken by hand."""

    def __init__(self, lab):
        self._lab = lab

    async def __aenter__(self):
        host, port = self._lab.jabber_address
        self._reader, self._writer = await asyncio.open_connection(host, port)
        await self._open()
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        await self.read_until("<proceed")
        await self._writer.start_tls(ssl.create_default_context(cafile=str(self._lab.ca)), server_hostname=self._lab.domain)
        self.features = await self._open()
        return self

    async def __aexit__(self, *_):
        self._writer.close()

    async def _open(self):
        self.send(f"<?xml version='1.0'?><stream:stream to='{self._lab.domain}' version='1.0' xmlns='jabber:client' "
                  "xmlns:stream='http://etherx.jabber.org/streams'>")
        return await self.read_until("</stream:features>")

    def send(self, text):
        self._writer.write(text.encode())

    async def read_until(self, mark):
        seen = await asyncio.wait_for(self._reader.readuntil(mark.encode()), DEADLINE_S)
        return seen.decode()

    async def iq(self, kind, payload):
        """The answer to one IQ sent before log-in."""
        self.send(f"<iq type='{kind}' id='raw' to='{self._lab.domain}'>{payload}</iq>")
        text = await self.read_until("</iq>")
        return Answer.of(ET.fromstring(f"<s xmlns='jabber:client'>{text}</s>")[0])
