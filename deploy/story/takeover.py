# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway that owns the domain's presence is killed with -9: for as long as nobody can know, unknown is said; then the other gateway knows."""
import signal
import time

from lab import presence
from lab.members import wait_for
from telling import expect
from who_is_here import agree

# The lease of 10 s and 5 s for the other to see everybody.
DEADLINE_SECONDS = 15
_DOMAIN = "SELECT known, epoch, unknown_since FROM presence.domains"
_LAST_CHANGE = "SELECT last_change FROM presence.domains"
_CHANGES = "SELECT jid, resource, coalesce(ending, state) AS what, uncertain FROM presence.transitions WHERE change > %s"


def strikes(story) -> None:
    services = story.services
    story.telling.chapter("The gateway that watches is killed with -9")
    owner, = services.presence_owners()
    change = services.rows(_LAST_CHANGE)[0].last_change
    with story.telling.step("kill -9 of the owner") as step:
        leaver, comer = _somebody(story, is_online=True), _somebody(story, is_online=False)
        epoch = services.rows(_DOMAIN)[0].epoch
        process = services.processes[owner]
        process.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        wait_for(lambda: not process.is_running(), f"{owner} to die")
        left = leaver.resource
        leaver.logs_out()
        comer.logs_in()
        step.says(f"{owner} was the one (epoch {epoch}) and is dead; unseen, {story.name_of(leaver)} leaves and {story.name_of(comer)} comes")
    with story.telling.step("its lease to run out (10 s)") as step:
        states = wait_for(lambda: _unknown(services), "unknown", DEADLINE_SECONDS, lambda: presence.states(services))
        expect(not states["online"], "nobody to be called online", dict(states))
        step.says(f"{time.monotonic() - killed:.1f} s later its lease has run out: {states['unknown']} members are unknown, nobody is called online")
    with story.telling.step("the other gateway") as step:
        words = agree(story)
        took = time.monotonic() - killed
        expect(took < DEADLINE_SECONDS, f"all to be right {DEADLINE_SECONDS} s after the kill", f"{took:.1f} s")
        other, = services.presence_owners()
        step.says(f"{other} has taken over, {took:.1f} s after the kill: {words} again")
    with story.telling.step("what is kept of it") as step:
        def changes() -> dict:
            return {(row.jid, row.resource): (row.what, row.uncertain) for row in services.rows(_CHANGES, change)}
        wanted = {(leaver.jid, left): ("unseen", True), (comer.jid, comer.resource): ("online", True)}
        wait_for(lambda: len(changes()) >= len(wanted), "both to be written down", DEADLINE_SECONDS, changes)
        expect(changes() == wanted, f"only {wanted} in the history", changes())
        step.says("the history has these two as uncertain, and says of nobody else that he went or came")
    with story.telling.step("the past") as step:
        moment = _in_the_gap(services)
        then = services.rostrum_json("who", "--at", moment)
        expect(not then["online"] and not then["offline"], "everybody unknown at that moment", {key: then[key] for key in ("online", "offline")})
        step.says(f"`rostrum who --at {moment}`: {then['unknown']} unknown, as nobody could know")
    with story.telling.step(f"starting {owner} again") as step:
        services.start(owner)
        expect(services.presence_owners() == [other], f"{other} to remain the owner", services.presence_owners())
        step.says(f"{owner} is started again and stands by")


def _somebody(story, is_online: bool):
    """With one device."""
    with_phone = {phone.jid for phone in story.phones}
    return story.chance.choice([client for client in story.clients.values() if client.is_online() == is_online and client.jid not in with_phone])


def _unknown(services):
    states = presence.states(services)
    return states if states["unknown"] else None


def _in_the_gap(services) -> str:
    """A moment between the last two coverages."""
    moment = services.rows("SELECT to_char((max(ended_at) + (max(began_at) - max(ended_at)) / 2) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MSZ') AS at "
                           "FROM presence.coverages")[0]
    return moment.at
