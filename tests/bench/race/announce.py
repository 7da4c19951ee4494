# SPDX-License-Identifier: GPL-3.0-or-later
"""An announcement to members who are online, beside a stream of the site account that writes ready-made stanzas to them."""
import time

from crowd import Crowd
from installation import Installation
from raw_stream import RawSession
from register import PASSWORD
from table import Race, Table, race_table, take_turns


def measure(installation: Installation, rounds: int, quick: bool) -> Table:
    lab = installation.lab
    members, burst = (10, 2) if quick else (200, 10)
    everybody = _make_members(installation, members)
    crowd = Crowd(everybody, PASSWORD, lab.jabber_address, lab.ca)
    raw = RawSession(lab, lab.site_jid, lab.site_password_file)
    races = []
    for count in (1, burst):
        words = "one announcement" if count == 1 else f"{count} announcements at once"
        took = Race(f"{words}, until all {members} have it", "ms", False)
        rate = Race(f"{words}", "deliveries/s", True)

        def note(side: str, seconds: float) -> None:
            getattr(took, side).append(seconds * 1e3)
            getattr(rate, side).append(count * members / seconds)

        def ours(run: str) -> None:
            began = installation.site.ask("announce", count, run)["began"]
            note("ours", crowd.wait_for(_bodies(run, count)) - began)
            installation.wait_receipts()  # or they would run into the baseline's turn

        def baseline(run: str) -> None:
            stanzas = "".join(_stanza(jid, body) for body in _bodies(run, count) for jid in everybody)
            began = time.monotonic()
            raw.send(stanzas)
            note("baseline", crowd.wait_for(_bodies(run, count)) - began)
            raw.drain()

        take_turns(rounds * (5 if count == 1 and not quick else 1), ours, baseline, f"announce-{count}")
        races += [took, rate]
    raw.close()
    crowd.close()
    return race_table(f"announce: to {members} online members | ready-made stanzas", *races)


def _make_members(installation: Installation, count: int) -> list[str]:
    installation.site.ask("members", "online", count, PASSWORD)
    installation.wait_accounts("online", count)
    return [f"online-{number}@{installation.lab.domain}" for number in range(count)]


def _bodies(run: str, count: int) -> list[str]:
    return [f"{run}-{number}" for number in range(count)]


def _stanza(jid: str, body: str) -> str:
    return f"<message to='{jid}' type='chat' id='{body}'><body>{body}</body><request xmlns='urn:xmpp:receipts'/></message>"

