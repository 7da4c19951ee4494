# SPDX-License-Identifier: GPL-3.0-or-later
"""One service, drawn by lot, is killed in the middle of an announcement and started again: everybody still gets it, once."""
from lab.members import repeats, wait_for
from lab.services import SERVICES
from telling import expect

ATTEMPTS = 5


def strikes(story) -> None:
    victim = story.chance.choice(SERVICES)
    story.telling.chapter(f"An accident: {victim} is killed with -9 in the middle of an announcement")
    everybody = len(story.clients)
    for attempt in range(1, ATTEMPTS + 1):
        text = f"The tea is ready. (number {attempt})"
        early = story.chance.randrange(everybody // 2) if attempt == 1 else 0
        with story.telling.step(f"kill -9 of {victim}") as step:
            notice, had_it = _announce_and_kill(story, victim, text, early)
            finished = _finished(story, notice)
            step.says(f"killed when {had_it} of {everybody} had it and {finished} receipts were recorded")
        with story.telling.step(f"starting {victim} again") as step:
            story.services.start(victim)
            step.says(f"{victim} is started again and ready")
        _everybody_has_it(story, victim, notice, text)
        if finished < everybody:
            return
        story.telling.say("      that was too late to be the middle; once more, earlier")
    expect(False, f"{victim} killed before all receipts were recorded", f"{ATTEMPTS} announcements that were quicker")


def _announce_and_kill(story, victim: str, text: str, early: int) -> tuple[str, int]:
    """Kills as soon as `early` members have it; nobody waits for the command to come back first."""
    def had_it() -> int:
        return sum(bool(client.received(text)) for client in story.clients.values())
    notice = story.publish_notice("announce", "--all", text)
    wait_for(lambda: had_it() >= early, f"{early} arrivals", seen=had_it)
    story.services.kill(victim)
    return notice, had_it()


def _finished(story, notice: str) -> int:
    return story.services.rows("SELECT count(*) AS count FROM notification.deliveries WHERE notice_id = %s AND state = 'delivered'",
                               notice)[0].count


def _everybody_has_it(story, victim: str, notice: str, text: str) -> None:
    everybody = len(story.clients)
    with story.telling.step("what arrived") as step:
        story.wait_delivered(notice, everybody)
        story.crowd.barrier()
        arrivals = {name: client.received(text) for name, client in story.clients.items()}
        ids = {name: len({message.stanza_id for message in messages}) for name, messages in arrivals.items()}
        expect(set(ids.values()) == {1}, "everybody to have it once", ids)
        again = {name: repeats(messages) for name, messages in arrivals.items() if repeats(messages)}
        # The confirmation of what was already handed over dies with the gateway: a repeat is allowed then, under the same stanza id.
        expect(not again or victim == "gateway", "nobody to get it twice", again)
        once = f"{everybody} of {everybody} have it, each once" if not again else (
            f"{everybody} of {everybody} have it; {len(again)} saw it twice with the same stanza id, as a client can tell: "
            "the gateway died before it could say that they had it")
        step.says(f"{once}; {everybody} receipts recorded")
