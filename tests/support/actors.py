# SPDX-License-Identifier: GPL-3.0-or-later
"""The actors of end-to-end tests: a site that publishes, members who log in, and a Scene that has all of Rostrum running.

    class Announcements(Scene):
        def test_reaches_everybody(self):
            anna, ben = self.members_online("anna", "ben")
            notice = self.site.announces("Tea is ready")
            self.wait_ended(notice, delivered=2)
"""
import json
import os
import sys
import unittest
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from lab.lab import Lab
from lab.members import Crowd, LoginRefused, Member, wait_for
from lab.services import Services

SKIPPED = 77
DEADLINE_SECONDS = 60  # generous: a busy machine is no failure


class Site:
    """The web site, as it publishes through the command line."""

    def __init__(self, services: Services):
        self._services = services

    def has_group(self, group: str, title: str = "") -> None:
        self._services.rostrum("group", "add", group, "--title", title or group.title())

    def states_member(self, member_id: str, *, jid: str | None = None, password: str | None = None, groups: tuple[str, ...] = ()) -> str:
        """Publishes MemberUpserted; returns the password."""
        password = password or f"password of {member_id}"
        words = [word for group in groups for word in ("--group", group)]
        self._services.rostrum("member", "add", member_id, "--jid", jid or self.jid(member_id), "--name", member_id.title(), *words,
                               "--password-file", "-", input=password)
        return password

    def imports_members(self, *member_ids: str) -> dict[str, str]:
        """States many at once, from a file; member id → password."""
        passwords = {member_id: f"password of {member_id}" for member_id in member_ids}
        file = self._services.folder / "members.jsonl"
        file.touch(mode=0o600)
        file.write_text("".join(json.dumps({"member_id": name, "jid": self.jid(name), "password": password}) + "\n" for name, password in passwords.items()))
        self._services.rostrum("member", "import", str(file))
        return passwords

    def removes_member(self, member_id: str) -> None:
        self._services.rostrum("member", "remove", member_id)

    def announces(self, text: str, *, group: str | None = None, member: str | None = None, expires_in: str | None = None) -> str:
        """Returns the notice's id."""
        return self._says("announce", text, group, member, expires_in)

    def alerts(self, text: str, *, group: str | None = None, member: str | None = None, expires_in: str | None = None) -> str:
        return self._says("alert", text, group, member, expires_in)

    def jid(self, member_id: str) -> str:
        return f"{member_id}@{self._services.lab.domain}"

    def _says(self, command: str, text: str, group: str | None, member: str | None, expires_in: str | None) -> str:
        audience = ["--group", group] if group else ["--member", member] if member else ["--all"]
        expiry = ["--expires-in", expires_in] if expires_in else []
        return self._services.rostrum_json(command, *audience, *expiry, text)["event_id"]


class Scene(unittest.TestCase):
    """One installation for all tests of a class; every test has members of its own."""

    COUNTS: dict[str, int] = {}  # instances per service, where not one
    OPTIONS: dict[str, dict] = {}  # of rostrum.toml, where others than the lab's; see Services
    SERVER: dict[str, object] = {}  # what else the lab's Prosody is told; see Lab

    @classmethod
    def setUpClass(cls) -> None:
        cls.lab = cls.enterClassContext(Lab(**cls.SERVER))
        services = Services(cls.lab, Path(os.environ["ROSTRUM_BIN"]), counts=cls.COUNTS, options=dict(cls.OPTIONS))
        cls.prepare(services)
        cls.services = cls.enterClassContext(services)
        cls.crowd = cls.enterClassContext(Crowd(cls.lab.jabber_address, cls.lab.ca))
        cls.site = Site(cls.services)

    @classmethod
    def prepare(cls, services: Services) -> None:
        """Once, before the services start; the servers run."""

    # -- members -------------------------------------------------------------------------------------------------

    def members(self, *names: str, groups: tuple[str, ...] = ()) -> list[Member]:
        """Published, and their accounts are there; not logged in."""
        return self._with_accounts({name: self.site.states_member(name, groups=groups) for name in names})

    def many_members(self, *names: str) -> list[Member]:
        """As members(), in one go."""
        return self._with_accounts(self.site.imports_members(*names))

    def _with_accounts(self, passwords: dict[str, str]) -> list[Member]:
        for name in passwords:
            self.wait_account(name, "active")
        return [self.crowd.member(self.site.jid(name), password) for name, password in passwords.items()]

    def members_online(self, *names: str, groups: tuple[str, ...] = ()) -> list[Member]:
        members = self.members(*names, groups=groups)
        self.crowd.log_in(members)
        return members

    def assert_refused(self, member_id: str, password: str) -> None:
        with self.assertRaises(LoginRefused):
            Member(self.crowd, self.site.jid(member_id), password).logs_in()

    def wait_dead(self, *names: str) -> None:
        """Killed by a signal, and not any more among those that run."""
        for name in names:
            process = self.services.processes[name]
            wait_for(lambda process=process: not process.is_running(), f"{name} to die")
            del self.services.processes[name]

    # -- what the views say --------------------------------------------------------------------------------------

    def account(self, member_id: str):
        """The member's row in directory.members, or None."""
        rows = self.services.rows("SELECT * FROM directory.members WHERE member_id = %s", member_id)
        return rows[0] if rows else None

    def wait_account(self, member_id: str, state: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        def is_so() -> bool:
            row = self.account(member_id)
            return row is not None and row.account_state == state
        wait_for(is_so, f"{member_id}'s account to be {state}", deadline_seconds, lambda: self.account(member_id))

    def wait_gone(self, member_id: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        """Removed, and the account as well."""
        wait_for(lambda: self.account(member_id) is None, f"{member_id} to be gone", deadline_seconds, lambda: self.account(member_id))

    def wait_notice_done(self, notice: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        def rows() -> list:
            return self.services.rows("SELECT state FROM notification.notices WHERE notice_id = %s", notice)
        wait_for(lambda: [row.state for row in rows()] == ["done"], "the notice to be done", deadline_seconds, rows)

    def deliveries(self, notice: str) -> dict[str, str]:
        """Member id → state."""
        rows = self.services.rows("SELECT member_id, state FROM notification.deliveries WHERE notice_id = %s", notice)
        return {row.member_id: row.state for row in rows}

    def wait_deliveries(self, notice: str, wanted: dict[str, str], deadline_seconds: float = DEADLINE_SECONDS) -> None:
        wait_for(lambda: self.deliveries(notice) == wanted, f"deliveries {wanted}", deadline_seconds, lambda: self.deliveries(notice))

    def wait_sent(self, notice: str, count: int, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        """The server has confirmed them all; a receipt is best effort when a gateway died meanwhile."""
        def is_so() -> bool:
            states = self.deliveries(notice).values()
            return len(states) == count and set(states) <= {"sent", "delivered"}
        wait_for(is_so, f"{count} deliveries to be sent", deadline_seconds, lambda: self.deliveries(notice))

    # -- what the members have -----------------------------------------------------------------------------------

    def assert_only(self, text: str, readers: list[Member]) -> None:
        """Each of them has it exactly once, and nobody else in the crowd has it."""
        self.crowd.barrier()
        got = {member.jid: len(member.received(text)) for member in self.crowd.members if member.received(text)}
        self.assertEqual(got, {member.jid: 1 for member in readers})

    def assert_one_stanza_id(self, text: str, readers: list[Member]) -> None:
        """Each of them has it, repeats being told by their stanza id."""
        self.crowd.barrier()
        got = {member.jid: len({message.stanza_id for message in member.received(text)}) for member in readers}
        self.assertEqual(got, {member.jid: 1 for member in readers})


@contextmanager
def stopped(services: Services, *names: str) -> Iterator[None]:
    """These services are down meanwhile."""
    for name in names:
        services.stop(name)
    try:
        yield
    finally:
        services.start(*names)


def main() -> None:
    """Runs the test file that calls this: 0, 1, or 77 with the reason when nothing of it could be run."""
    if "ROSTRUM_BIN" not in os.environ:
        print("SKIPPED: ROSTRUM_BIN does not say where the executables are; use ctest or tests/run")
        sys.exit(SKIPPED)
    program = unittest.main(exit=False, verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])
    if program.result.wasSuccessful() and not program.result.testsRun and program.result.skipped:
        print(f"SKIPPED: {program.result.skipped[0][1]}")
        sys.exit(SKIPPED)
    sys.exit(0 if program.result.wasSuccessful() and program.result.testsRun else 1)
