# SPDX-License-Identifier: GPL-3.0-or-later
"""The story itself. Every step is checked from outside Rostrum: in Prosody's own store, by the members' clients, in the SQL views."""
import csv
from random import Random

import accident
import takeover
import who_is_here
from cast import Cast, Person
from lab.members import Crowd, LoginRefused, Member, wait_for
from lab.services import Services
from lab.stranger import register_in_band
from telling import Telling, expect


class Story:
    def __init__(self, telling: Telling, services: Services, crowd: Crowd, cast: Cast, chance: Random):
        self.telling = telling
        self.services = services
        self.lab = services.lab
        self.cast = cast
        self.chance = chance
        self.clients: dict[str, Member] = {
            person.member_id: crowd.member(person.jid, person.password) for person in cast.people}
        self.crowd = crowd
        self.phones: list[Member] = []

    def play(self) -> None:
        self.members_are_published()
        self.stranger_is_bounced()
        self.members_log_in()
        self.notices_arrive()
        accident.strikes(self)
        who_is_here.coming_and_going(self)
        takeover.strikes(self)

    # -- 1 -------------------------------------------------------------------------------------------------------

    def members_are_published(self) -> None:
        people, groups = self.cast.people, self.cast.groups
        before = set(self.lab.prosody.accounts())
        sizes = ", ".join(f"{title} ({len(self.cast.of(group))})" for group, title in groups.items())
        self.telling.chapter(f"The site publishes {len(people)} members in two groups: {sizes}")
        with self.telling.step("publishing") as step:
            for group, title in groups.items():
                self.services.rostrum("group", "add", group, "--title", title)
            self.services.rostrum("member", "import", self._written(people))
            step.says(f"`rostrum member import`: accepted {_listed([person.name for person in people])}")
        with self.telling.step("their accounts") as step:
            self.wait_all_active(len(people))
            made = set(self.lab.prosody.accounts()) - before
            wanted = {person.jid.partition("@")[0] for person in people}
            expect(made == wanted, f"exactly {sorted(wanted)} in Prosody's store", sorted(made))
            step.says(f"Prosody's own store holds {len(made)} new accounts: exactly these")
        with self.telling.step("their groups") as step:
            for group in groups:
                said = {row.member_id for row in self.services.rows(
                    "SELECT member_id FROM directory.members WHERE %s = ANY (groups)", group)}
                wanted = {person.member_id for person in self.cast.of(group)}
                expect(said == wanted, f"{sorted(wanted)} in {group}", sorted(said))
            step.says("the view directory.members shows every one active and in the right groups")

    def _written(self, people: tuple[Person, ...]) -> str:
        file = self.services.folder / "members.csv"
        file.touch(mode=0o600)
        with file.open("w", newline="") as rows:
            writer = csv.writer(rows)
            writer.writerow(("member_id", "jid", "display_name", "groups", "password"))
            writer.writerows((person.member_id, person.jid, person.name, ";".join(person.groups), person.password) for person in people)
        return str(file)

    def publish(self, person: Person) -> None:
        groups = [word for group in person.groups for word in ("--group", group)]
        self.services.rostrum("member", "add", person.member_id, "--jid", person.jid, "--name", person.name, *groups,
                              "--password-file", "-", input=person.password)

    def wait_all_active(self, count: int) -> None:
        def states() -> dict[str, int]:
            rows = self.services.rows("SELECT account_state, count(*) AS count FROM directory.members GROUP BY account_state")
            return {row.account_state: row.count for row in rows}
        wait_for(lambda: states() == {"active": count}, "every account", 60, states)

    # -- 2 -------------------------------------------------------------------------------------------------------

    def stranger_is_bounced(self) -> None:
        self.telling.chapter("A stranger tries to register an account of his own")
        with self.telling.step("the stranger's registration") as step:
            before = self.lab.prosody.accounts()
            answer = register_in_band(self.lab.jabber_address, self.lab.domain, self.lab.ca, "stranger", "let-me-in")
            expect(answer.condition, "an error", "the registration was taken")
            step.says(f"bounced: {answer.condition}, “{answer.text}”")
        with self.telling.step("Prosody's store") as step:
            after = self.lab.prosody.accounts()
            expect(sorted(after) == sorted(before), "no new account", sorted(set(after) - set(before)))
            step.says("Prosody's own store is as it was")

    # -- 3 -------------------------------------------------------------------------------------------------------

    def members_log_in(self) -> None:
        self.telling.chapter("The members log in with the passwords the site gave them")
        with self.telling.step("logging in") as step:
            self.crowd.log_in(list(self.clients.values()))
            online = [client for client in self.clients.values() if client.is_online()]
            expect(len(online) == len(self.clients), f"{len(self.clients)} clients online", len(online))
            step.says(f"{len(online)} of {len(self.clients)} are online")
        with self.telling.step("who is here") as step:
            step.says(f"`rostrum who` and Prosody's own list: {who_is_here.agree(self)}")
        somebody = self.chance.choice(self.cast.people)
        with self.telling.step("a wrong password") as step:
            expect(self._is_refused(somebody), "the server to refuse a wrong password", "it let in")
            step.says(f"a wrong password for {somebody.name} is refused")
        with self.telling.step("the site as a contact") as step:
            rosters = {name: client.roster().get(self.lab.site_jid, {}).get("subscription") for name, client in self.clients.items()}
            expect(set(rosters.values()) == {"both"}, f"{self.lab.site_jid} with subscription both in every roster", rosters)
            step.says(f"{len(rosters)} of {len(rosters)} find {self.lab.site_jid} in their contact list, subscription both")
        client = self.clients[somebody.member_id]
        with self.telling.step("removing the site") as step:
            condition = client.removes_contact(self.lab.site_jid)
            expect(condition, "an error", "the server complied")
            expect(self.lab.site_jid in client.roster(), "the site still in the contact list", sorted(client.roster()))
            step.says(f"{somebody.name} tries to remove it: {condition}, and it is still there")

    def _is_refused(self, person: Person) -> bool:
        intruder = Member(self.crowd, person.jid, person.password + "x")
        try:
            intruder.logs_in()
        except LoginRefused:
            return True
        intruder.logs_out()
        return False

    # -- 4 -------------------------------------------------------------------------------------------------------

    def notices_arrive(self) -> None:
        self.telling.chapter("The site speaks")
        everybody = list(self.cast.people)
        self._notice("an announcement to all", everybody, "announce", "--all", "The garden gate is open again.")
        group, title = self.chance.choice(sorted(self.cast.groups.items()))
        self._notice(f"an announcement to {title}", self.cast.of(group), "announce", "--group", group,
                     "We meet at seven, at the usual place.")
        one = self.chance.choice(self.cast.people)
        self._notice(f"an alert to {one.name}", [one], "alert", "--member", one.member_id, "Your bicycle lamp is still on.")

    def _notice(self, what: str, readers: list[Person], *command: str) -> None:
        text = command[-1]
        with self.telling.step(what) as step:
            notice = self.publish_notice(*command)
            self.wait_delivered(notice, len(readers))
            self.crowd.barrier()
            got = {name: len(client.received(text)) for name, client in self.clients.items()}
            wanted = {person.member_id: int(person in readers) for person in self.cast.people}
            expect(got == wanted, f"arrivals {wanted}", got)
            others = len(got) - len(readers)
            reached = f"all {len(readers)} got it, each once" if len(readers) > 1 else "got it, once"
            step.says(f"{what}: {reached}{f'; the other {others} did not' if others else ''}; receipts: {len(readers)}")

    def publish_notice(self, *command: str) -> str:
        """Its id, once it was accepted."""
        return self.services.rostrum_json(*command)["event_id"]

    def wait_delivered(self, notice: str, count: int) -> None:
        wait_for(lambda: self.deliveries(notice) == {"delivered": count}, f"{count} receipts", 60, lambda: self.deliveries(notice))

    def name_of(self, client: Member) -> str:
        return next(person.name for person in (*self.cast.people, self.cast.newcomer) if person.jid == client.jid)

    def deliveries(self, notice: str) -> dict[str, int]:
        """How many are in which state."""
        rows = self.services.rows("SELECT state, count(*) AS count FROM notification.deliveries WHERE notice_id = %s GROUP BY state", notice)
        return {row.state: row.count for row in rows}


def _listed(names: list[str], most: int = 6) -> str:
    return ", ".join(names) if len(names) <= most else f"{', '.join(names[:most])} and {len(names) - most} more"
