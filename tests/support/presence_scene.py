# SPDX-License-Identifier: GPL-3.0-or-later
"""A Scene about who is online: what the documented views say of a member, beside the Jabber server's own list."""
from lab import presence
from lab.members import wait_for

from actors import Scene


class PresenceScene(Scene):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        presence.wait_right(cls.services, 30)  # the first snapshot

    def wait_right(self, deadline_seconds: float = presence.RIGHT_WITHIN_SECONDS) -> None:
        presence.wait_right(self.services, deadline_seconds)

    def who(self, member_id: str):
        """The member's row in presence.member_now."""
        return self.services.rows("SELECT * FROM presence.member_now WHERE member_id = %s", member_id)[0]

    def wait_who(self, member_id: str, deadline_seconds: float = presence.RIGHT_WITHIN_SECONDS, **wanted):
        """Until the row has these values; returns it."""
        def is_so():
            row = self.who(member_id)
            return row if all(getattr(row, name) == value for name, value in wanted.items()) else None
        return wait_for(is_so, f"{member_id} to be {wanted}", deadline_seconds, lambda: self.who(member_id))

    def history(self, member_id: str) -> list:
        """The member's changes in their order: (what, device, show, certain), where what is `online` or how it ended."""
        rows = self.services.rows("SELECT * FROM presence.transitions WHERE member_id = %s ORDER BY change", member_id)
        return [(row.ending or row.state, row.resource, row.show, not row.uncertain) for row in rows]

    def wait_history(self, member_id: str, wanted: list) -> None:
        """What a snapshot did not name is closed a moment after the view is whole."""
        wait_for(lambda: self.history(member_id) == wanted, f"{wanted}", presence.RIGHT_WITHIN_SECONDS, lambda: self.history(member_id))

    def sessions(self, member_id: str) -> list:
        return self.services.rows("SELECT * FROM presence.sessions WHERE member_id = %s ORDER BY began_at", member_id)

    def coverages(self) -> list:
        return self.services.rows("SELECT * FROM presence.coverages ORDER BY began_at")

    def domain(self):
        return self.services.rows("SELECT * FROM presence.domains WHERE domain = %s", self.lab.domain)[0]

    def database_time(self):
        return self.services.rows("SELECT clock_timestamp() AS at")[0].at

    def at(self, moment) -> dict[str, str]:
        """Member id → state, by presence.online_at."""
        return {row.member_id: row.state for row in self.services.rows("SELECT * FROM presence.online_at(%s)", moment)}
