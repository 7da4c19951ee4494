# SPDX-License-Identifier: GPL-3.0-or-later
"""Members come and go: at each step `rostrum who` and the views have what Prosody's own list has, resource by resource."""
from lab import presence
from lab.admin_shell import Session
from lab.members import Member, wait_for
from telling import expect

# The most available first, as among equal priorities it speaks for the member.
SHOWS = ("chat", "online", "away", "xa", "dnd")
STATUSES = ("In the garden", "At lunch", "On the train", "Back at four", "Do not wait for me", "Kettle is on")


def agree(story) -> str:
    """Waits until the view has what Prosody has, then holds the command against it; returns how many that are."""
    presence.wait_right(story.services)
    listed = story.lab.prosody.sessions()
    who = story.services.rostrum_json("who", "--state", "all", "--limit", "1000")
    told = {member["jid"]: (member["resources"], member["show"]) for member in who["members"] if member["state"] == "online"}
    expect(told == _spoken_for(listed), "the devices and shows of Prosody's own list", told)
    return f"both have {who['online']} online with {len(listed)} devices"


def _spoken_for(listed: list[Session]) -> dict[str, tuple[int, str]]:
    """JID → how many devices, and the show of the one with the highest priority."""
    of_member: dict[str, list[Session]] = {}
    for session in listed:
        of_member.setdefault(session.jid, []).append(session)
    best = {jid: min(sessions, key=lambda session: (-session.priority, SHOWS.index(session.show))) for jid, sessions in of_member.items()}
    return {jid: (len(sessions), best[jid].show) for jid, sessions in of_member.items()}


def coming_and_going(story) -> None:
    story.telling.chapter("Who is here, by `rostrum who` and by Prosody's own list, resource by resource")
    clients = [story.clients[person.member_id] for person in story.cast.people]
    story.chance.shuffle(clients)
    quarter = len(clients) // 4
    with story.telling.step("some are away or busy") as step:
        for client in clients[:quarter]:
            client.shows(story.chance.choice(("chat", "away", "xa", "dnd")), story.chance.choice(STATUSES))
        step.says(f"{_some(quarter, 'is', 'are')} away, busy or free to chat: {agree(story)}")
    with story.telling.step("some come with a second device") as step:
        story.phones = [client.device("phone") for client in clients[quarter:2 * quarter]]
        story.crowd.log_in(story.phones)
        for phone in story.phones:
            phone.shows("away", "On the phone", 5)
        step.says(f"{_some(quarter, 'comes', 'come')} with a phone as well: {agree(story)}")
    with story.telling.step("some leave") as step:
        story.crowd.log_out(clients[2 * quarter:3 * quarter])
        step.says(f"{_some(quarter, 'leaves', 'leave')}: {agree(story)}")
    _one_is_dropped(story, clients[-1])
    _newcomer_is_seen(story)


def _some(count: int, one_does: str, several_do: str) -> str:
    return f"{count} {one_does if count == 1 else several_do}"


def _one_is_dropped(story, client: Member) -> None:
    with story.telling.step("a client is killed without a good-bye") as step:
        device = client.resource
        client.vanishes()

        def ending() -> str:
            rows = story.services.rows("SELECT ending FROM presence.sessions WHERE jid = %s AND resource = %s", client.jid, device)
            return rows[-1].ending if rows else ""
        wait_for(ending, "the end of its session", 10)
        expect(ending() == "dropped", "a session that was dropped", ending())
        step.says(f"{story.name_of(client)}'s client is killed without a good-bye (`dropped`): {agree(story)}")


def _newcomer_is_seen(story) -> None:
    newcomer = story.cast.newcomer
    with story.telling.step("a newcomer") as step:
        story.publish(newcomer)
        story.wait_all_active(len(story.cast.people) + 1)
        story.clients[newcomer.member_id] = story.crowd.member(newcomer.jid, newcomer.password).logs_in()
        step.says(f"{newcomer.name} registers only now and logs in: {agree(story)}")
