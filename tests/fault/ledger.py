# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of everything that was promised: each event, delivery and account in one class.

*acked*: promised and kept. *lost*: promised, and there is nothing to show for it. *duplicated*: a member saw it again, under the same stanza id
and when a confirmation could get lost. *unexpected*: nobody asked for it, or it came twice without an excuse. *recovered*: acked, as far as
one can tell only because somebody tried again: answered DUPLICATE, or handed to a gateway more than once."""
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from lab.members import Member, Message
from lab.services import Services
from site_process import Entry

CLASSES = ("acked", "lost", "duplicated", "unexpected", "recovered")
# A repeat may only follow a first copy that was on its way when something broke: handed over at most so long before.
CONFIRMED_WITHIN_SECONDS = 20


@dataclass(frozen=True)
class Moment:
    """When something was broken (time.monotonic), and whether a confirmation or a receipt could get lost by it."""
    name: str
    began: float
    ended: float
    may_repeat: bool

    def excuses(self, first: float) -> bool:
        return self.may_repeat and self.began - CONFIRMED_WITHIN_SECONDS <= first <= self.ended


@dataclass
class Line:
    counts: Counter = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)  # what is wrong, one by one

    def acked(self, again: bool = False) -> None:
        self.counts["acked"] += 1
        self.counts["recovered"] += again

    def lost(self, remark: str) -> None:
        self.counts["lost"] += 1
        self.remarks.append(f"lost: {remark}")

    def unexpected(self, remark: str) -> None:
        self.counts["unexpected"] += 1
        self.remarks.append(f"unexpected: {remark}")


class Ledger:
    """Of the site's events from number `first` on; members' accounts over all of them."""

    def __init__(self, services: Services, entries: list[Entry], first: int, readers: dict[str, Member], moments: list[Moment]):
        self._services = services
        self._readers = readers
        self._moments = moments
        self._all = entries
        self._entries = entries[first:]
        self.lines = {name: Line() for name in ("events", "notices", "deliveries", "accounts")}
        self._events()
        self._members()
        self._notices()
        self._deliveries()
        self._accounts()

    def faults(self) -> list[str]:
        """All that breaks a promise; empty when all were kept."""
        return [f"{name}: {remark}" for name, line in self.lines.items() for remark in line.remarks]

    def __str__(self) -> str:
        rows = [("", *CLASSES), *((name, *(str(line.counts[each]) for each in CLASSES)) for name, line in self.lines.items())]
        return "\n".join(f"  {row[0]:12}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in rows)

    # -- events ----------------------------------------------------------------------------------------------------

    def _events(self) -> None:
        """Each has one outcome, and it is a good one: the site says nothing that may be rejected."""
        for entry in self._entries:
            line = self.lines["notices" if entry.kind == "notice" else "events"]
            if not entry.told:
                line.lost(f"{entry.kind} {entry.id} was never answered")
            elif entry.told not in (["accepted"], ["duplicate"]):
                line.unexpected(f"{entry.kind} {entry.id} was answered {', '.join(entry.told)} {entry.code}")
            else:
                line.acked(again=entry.told == ["duplicate"])

    def _members(self) -> None:
        """The directory has what was stated last."""
        stored = {row.member_id: row.display_name for row in self._services.rows("SELECT member_id, display_name FROM directory.members WHERE present")}
        wanted = {name: entry.about["name"] for name, entry in self._wanted().items()}
        for name in sorted(wanted.keys() | stored.keys()):
            if stored.get(name) != wanted.get(name):
                self.lines["events"].lost(f"{name} should be {wanted.get(name)} and is {stored.get(name)}")

    def _notices(self) -> None:
        stored = {row.notice_id for row in self._services.rows("SELECT notice_id::text AS notice_id FROM notification.notices")}
        for entry in self._entries:
            if entry.kind == "notice" and entry.id not in stored:
                self.lines["notices"].lost(f"{entry.about['text']} was answered {entry.told} and is not there")
        for notice in stored - {entry.id for entry in self._all}:
            self.lines["notices"].unexpected(f"notice {notice} was never said")

    # -- deliveries ------------------------------------------------------------------------------------------------

    def _deliveries(self) -> None:
        line = self.lines["deliveries"]
        received = self._received()
        rows = {(row.notice_id, row.member_id): row for row in self._services.rows(
            "SELECT notice_id::text AS notice_id, member_id, state, attempts, reason FROM notification.deliveries")}
        for entry in self._entries:
            if entry.kind != "notice":
                continue
            for name in entry.about["to"]:
                what = f"{entry.about['text']} to {name}"
                row, copies = rows.get((entry.id, name)), received.pop((name, entry.about["text"]), [])
                if row is None or row.state not in ("sent", "delivered"):
                    line.lost(f"{what} is {row and (row.state, row.reason)}, and {len(copies)} arrived")
                elif not copies:
                    line.lost(f"{what} is {row.state} and did not arrive")
                else:
                    line.acked(again=row.attempts > 1)
                    self._repeats(what, copies)
                    if row.state == "sent" and not self._excused(copies[0]):
                        line.lost(f"the receipt for {what}, which came at {copies[0].at:.1f}; {self._moments}")
        said = {entry.about["text"] for entry in self._all if entry.kind == "notice"} - {
            entry.about["text"] for entry in self._entries if entry.kind == "notice"}  # judged in an earlier ledger
        for (name, text), copies in received.items():
            if text not in said:
                line.unexpected(f"{name} has {len(copies)} of {text}, which was not for them")

    def _repeats(self, what: str, copies: list[Message]) -> None:
        line = self.lines["deliveries"]
        if len({copy.stanza_id for copy in copies}) > 1:
            return line.unexpected(f"{what} came under several stanza ids")
        if len(copies) == 1:
            return None
        if self._excused(copies[0]):
            line.counts["duplicated"] += len(copies) - 1
            return None
        return line.unexpected(f"{what} came {len(copies)} times, first at {copies[0].at:.1f}, and nothing broke then: {self._moments}")

    def _excused(self, first: Message) -> bool:
        return any(moment.excuses(first.at) for moment in self._moments)

    def _received(self) -> dict[tuple[str, str], list[Message]]:
        received = defaultdict(list)
        for name, member in self._readers.items():
            for message in member.inbox:
                received[name, message.body].append(message)
        return received

    # -- accounts --------------------------------------------------------------------------------------------------

    def _wanted(self) -> dict[str, Entry]:
        """Member id → the event that stated it last, of those who should be."""
        wanted = {}
        for entry in self._all:
            if entry.kind == "member":
                wanted[entry.about["member"]] = entry
            elif entry.kind == "removed":
                del wanted[entry.about["member"]]
        return wanted

    def _accounts(self) -> None:
        line = self.lines["accounts"]
        lab = self._services.lab
        there = set(lab.prosody.accounts()) - {jid.partition("@")[0] for jid in (lab.site_jid, lab.control_jid)}
        states = {row.member_id: row for row in self._services.rows(
            "SELECT m.member_id, m.account_state, m.reason FROM directory.members m")}
        for name in self._wanted():
            row = states.get(name)
            if name not in there or row is None or row.account_state != "active":
                line.lost(f"{name} is {row and (row.account_state, row.reason)}, and on the server {'there' if name in there else 'not there'}")
            else:
                line.acked()
        for name in sorted(there - self._wanted().keys()):
            line.unexpected(f"{name} has an account, and {states.get(name)}")

    def passwords(self) -> dict[str, str]:
        """Of the newcomers who should be: the password stated last."""
        passwords = {}
        for entry in self._all:
            if entry.kind in ("member", "password") and entry.about["password"]:
                passwords[entry.about["member"]] = entry.about["password"]
        return {name: password for name, password in passwords.items() if name in self._wanted() and name not in self._readers}
