# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is online by Rostrum's views, beside the Jabber server's own list: resource by resource, never by numbers alone."""
from collections import Counter

from .admin_shell import Session
from .members import wait_for
from .services import Services

RIGHT_WITHIN_SECONDS = 10  # after quiet


def resources(services: Services) -> list[Session]:
    """Those that presence.resource_now calls online, as the server's list would have them; sorted."""
    rows = services.rows("SELECT jid, resource, show, priority, status FROM presence.resource_now WHERE state = 'online'")
    return sorted(Session(row.jid, row.resource, row.show, row.priority, row.status) for row in rows)


def differences(services: Services) -> list[str]:
    """What the server has and the view has not, and the other way round; of members alone. Empty also needs that our view is whole."""
    members = {row.jid for row in services.rows("SELECT jid FROM directory.audience")}
    theirs = {session for session in services.lab.prosody.sessions() if session.jid in members}
    ours = set(resources(services))
    known = services.rows("SELECT domain FROM presence.domains WHERE known AND domain = %s", services.lab.domain)
    return ([] if known else ["our view is not whole"]) + [f"only the server has {one}" for one in sorted(theirs - ours)] + [
        f"only the view has {one}" for one in sorted(ours - theirs)]


def wait_right(services: Services, deadline_seconds: float = RIGHT_WITHIN_SECONDS) -> None:
    """Until presence.resource_now and the server's own list are the same."""
    wait_for(lambda: not differences(services), "presence.resource_now to be the server's own list", deadline_seconds,
             lambda: "\n  ".join(["", *differences(services)[:20]]))


def states(services: Services) -> Counter:
    """How many members are online, offline and unknown."""
    return Counter({row.state: row.count for row in services.rows("SELECT state, count(*) AS count FROM presence.member_now GROUP BY state")})
