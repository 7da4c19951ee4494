# SPDX-License-Identifier: GPL-3.0-or-later
"""The site logs in while many members are online: by the presence watch, beside ordinary presence with and without our module.

The members are sessions inside Prosody without a connection (tests/support/prosody/mod_crowd.lua); the site and the one who pings meanwhile are real."""
import re
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles

from installation import Installation
from lab.lab import Lab
from lab.members import wait_for
from raw_stream import RawSession
from table import Race, Table, race_table

CROWD_MODULE = Path(__file__).resolve().parents[2] / "support" / "prosody" / "mod_crowd.lua"
CROWD = "urn:rostrum:test:crowd"
PING_SECONDS = 0.005
WAYS = {"watch": "presence watch", "contact": "our contact, no watch", "roster": "no module, contacts in the site's roster"}
FIGURES = (("until the site knows them all", "s"), ("until they all see the site", "s"), ("a ping meanwhile, p99", "ms"), ("a ping meanwhile, longest", "ms"))


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    del installation  # another log-in of its site would be one thing more that goes on
    members = 200 if quick else 10_000
    samples: dict[str, list[tuple[float, ...]]] = {way: [] for way in WAYS}
    with Server(members, with_module=True) as ours, Server(members, with_module=False) as plain:
        for number in range(rounds):
            ways = list(WAYS)
            for way in ways[number % 3:] + ways[:number % 3]:
                samples[way].append((plain if way == "roster" else ours).log_in(by_watch=way == "watch"))
    races = [Race(f"{name} | {WAYS[way]}", unit, False, [sample[index] for sample in samples["watch"]], [sample[index] for sample in samples[way]])
             for way in ("contact", "roster") for index, (name, unit) in enumerate(FIGURES)]
    return race_table(f"log-in of the site, {members:,} members online: presence watch | ordinary presence", *races)


class Server:
    """A Prosody with a crowd online. Without our module the members are in the site's roster, and the site in theirs."""

    def __init__(self, members: int, with_module: bool):
        self._members = members
        self._with_module = with_module
        self._running = ExitStack()

    def __enter__(self) -> "Server":
        with ExitStack() as starting:
            settings = "" if self._with_module else 'modules_disabled = { "rostrum" }'
            self._lab = starting.enter_context(Lab(postgres=False, extra_modules=(CROWD_MODULE,), extra_host_settings=settings))
            if not self._with_module:
                self._lab.prosody.put_in_store("roster", "site", _roster(self._members, self._lab.domain))
            self._desk = RawSession(self._lab, self._lab.control_jid, self._lab.control_password_file)
            starting.callback(self._desk.close)
            contact = "" if self._with_module else f"contact='{self._lab.site_jid}'"
            for first in range(0, self._members, 1000):
                self._ask("set", f"<join xmlns='{CROWD}' {contact} name='crowd-{first}' count='{min(1000, self._members - first)}'>"
                                 "<presence xmlns='jabber:client'><show>away</show><status>in a meeting</status></presence></join>")
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._running.close()

    def log_in(self, by_watch: bool) -> tuple[float, ...]:
        """The FIGURES of one log-in, from the first packet to the server on."""
        with Pings(self._lab) as pings:
            began = time.monotonic()
            site = SiteSession(self._lab, self._lab.site_jid, self._lab.site_password_file)
            seen = site.hears_all_by_watch() if by_watch else site.hears_all_by_presence(self._lab.site_jid)
            known = time.monotonic() - began
            self._wait_until_all_hold("")
            shown = time.monotonic() - began
        site.close()
        self._wait_until_all_hold("unavailable")
        if seen != self._members:
            raise AssertionError(f"the site was told of {seen} members instead of {self._members}")
        return (known, shown, quantiles(pings.milliseconds, n=100, method="inclusive")[98], max(pings.milliseconds))

    def _wait_until_all_hold(self, presence: str) -> None:
        def held() -> bool:
            answer = self._ask("get", f"<holds xmlns='{CROWD}'/>")
            counts = {re.search(r"presence='(\w*)'", entry)[1]: int(re.search(r"count='(\d+)'", entry)[1]) for entry in re.findall(r"<of [^>]*>", answer)}
            return counts == {presence: self._members}
        wait_for(held, f"the presence '{presence}' of the site with all members", 120)

    def _ask(self, kind: str, payload: str) -> str:
        self._desk.send(f"<iq type='{kind}' to='{self._lab.domain}' id='crowd'>{payload}</iq>")
        answer = self._desk.read_until("</iq>")
        if "type='result'" not in answer:
            raise AssertionError(answer)
        return answer


class SiteSession(RawSession):
    def hears_all_by_watch(self) -> int:
        """As the gateway asks; how many members it is told of."""
        self.send(f"<iq type='set' to='{self._domain}' id='watch'><watch xmlns='urn:rostrum:presence:1' epoch='1'/></iq><presence/>")
        return self._count(rb"<available ", until=b"<snapshot-end ")

    def hears_all_by_presence(self, site_jid: str) -> int:
        """What the server has handed over before it answers the next ping."""
        self.send(f"<presence/><iq type='get' to='{self._domain}' id='barrier'><ping xmlns='urn:xmpp:ping'/></iq>")
        return self._count(rb"<presence (?=[^>]*from='(?!%s/))" % site_jid.encode(), until=b"id='barrier'")

    def _count(self, pattern: bytes, until: bytes) -> int:
        parts, tail = [], b""
        self._socket.settimeout(120)
        while until not in tail:
            part = self._socket.recv(65536)
            if not part:
                raise ConnectionError("the server closed the site's stream")
            parts.append(part)
            tail = tail[-100:] + part
        return len(re.findall(pattern, b"".join(parts)))


class Pings:
    """Another account's pings, one every PING_SECONDS whether or not the one before is answered: while the server stops, all of them wait."""

    def __init__(self, lab: Lab):
        self.milliseconds: list[float] = []
        self._stream = PingStream(lab, lab.control_jid, lab.control_password_file)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> "Pings":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._is_over.set()
        self._thread.join(120)
        self._stream.close()

    def _live(self) -> None:
        sent: list[float] = []
        due = time.monotonic()
        while not self._is_over.is_set() or len(self.milliseconds) < len(sent):
            if time.monotonic() >= due and not self._is_over.is_set():
                sent.append(time.monotonic())
                self._stream.ping()
                due += PING_SECONDS
            answers = self._stream.answers(max(due - time.monotonic(), 0.001))
            now = time.monotonic()
            answered = len(self.milliseconds)
            self.milliseconds += [(now - moment) * 1e3 for moment in sent[answered:answered + answers]]


class PingStream(RawSession):
    def ping(self) -> None:
        self.send(f"<iq type='get' to='{self._domain}' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>")

    def answers(self, seconds: float) -> int:
        """How many came at the end of this time at the latest."""
        self._socket.settimeout(seconds)
        try:
            self._rest = getattr(self, "_rest", "") + self._socket.recv(65536).decode()
        except TimeoutError:
            return 0
        finally:
            self._socket.settimeout(60)
        whole, _, self._rest = self._rest.rpartition(">")
        return whole.count("id='ping'")


def _roster(members: int, domain: str) -> str:
    items = "".join(f'["crowd-{first}-{number}@{domain}"] = {{ subscription = "both"; groups = {{}}; }};\n'
                    for first in range(0, members, 1000) for number in range(1, min(1000, members - first) + 1))
    return f"return {{ [false] = {{ version = 1; pending = {{}}; }};\n{items}}};"
