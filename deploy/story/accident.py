# SPDX-License-Identifier: GPL-3.0-or-later
"""One service, drawn by lot, is killed in the middle of an announcement and started again: everybody still gets it, once."""
import signal

from lab.members import repeats, wait_for
from lab.services import SERVICES
from telling import expect

TEXT = "The tea is ready."
# What was asked just before may still be under way; Rostrum repeats it only when that can no longer be: 30 s.
DEADLINE_SECONDS = 90


def strikes(story) -> None:
    everybody = len(story.clients)
    victim = story.chance.choice(SERVICES)
    number = story.chance.randint(1, everybody // 2)
    story.telling.chapter(f"An accident, drawn by the seed: {victim} is killed with -9 in the middle of an announcement")
    with story.telling.step(f"kill -9 of {victim}") as step:
        notice = _announce_and_kill(story, victim, number)
        receipts = story.deliveries(notice).get("delivered", 0)
        # Registration has no part in carrying it: meanwhile the announcement goes on.
        expect(victim == "registration" or receipts < everybody, f"fewer than {everybody} receipts at that moment", receipts)
        step.says(f"{victim} died when the announcement had reached {number} of {everybody}; receipts recorded: {receipts}")
    with story.telling.step(f"starting {victim} again") as step:
        story.services.start(victim)
        step.says(f"{victim} is started again and ready")
    with story.telling.step("everybody to have it (up to half a minute: nothing is repeated while it may still be under way)") as step:
        _wait_ended(story, notice, everybody)
        step.says(_what_arrived(story, victim))
    with story.telling.step("what Rostrum says of it") as step:
        states = story.deliveries(notice)
        # Receipts that the gateway held in its hands die with it; the server's own confirmation stands.
        expect(victim == "gateway" or states == {"delivered": everybody}, f"{everybody} receipts", states)
        missing = states.get("sent", 0)
        step.says(f"notification.deliveries: {states.get('delivered', 0)} receipts recorded" +
                  (f"; {missing} died with the gateway, there the server's confirmation is recorded" if missing else ""))


def _announce_and_kill(story, victim: str, number: int) -> str:
    """Dies at the moment the number-th member gets it."""
    process = story.services.processes[victim]
    story.crowd.at_arrival(number, TEXT, lambda: process.send_signal(signal.SIGKILL))
    notice = story.publish_notice("announce", "--all", TEXT)
    wait_for(lambda: not process.is_running(), f"{victim} to die")
    return notice


def _wait_ended(story, notice: str, everybody: int) -> None:
    def states() -> dict[str, int]:
        return story.deliveries(notice)
    wait_for(lambda: sum(states().values()) == everybody and set(states()) <= {"sent", "delivered"}, "the end of every delivery",
             DEADLINE_SECONDS, states)
    story.crowd.barrier()


def _what_arrived(story, victim: str) -> str:
    everybody = len(story.clients)
    arrivals = {name: client.received(TEXT) for name, client in story.clients.items()}
    ids = {name: len({message.stanza_id for message in messages}) for name, messages in arrivals.items()}
    expect(set(ids.values()) == {1}, "everybody to have it, under one stanza id", ids)
    again = [name for name, messages in arrivals.items() if repeats(messages)]
    if not again:
        return f"{everybody} of {everybody} have it, each once"
    # What the gateway had handed over without having said so is handed over again: allowed, and told by the stanza id.
    expect(victim == "gateway", "nobody to get it twice", again)
    return f"{everybody} of {everybody} have it; {len(again)} of them twice, with the same stanza id, as the gateway died before it could confirm"
