# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold of the stored history whatever happened; read from the tables themselves, of one domain."""
from datetime import datetime
from itertools import pairwise

import psycopg2
import psycopg2.extras
from lab.postgres import Postgres


class History:
    def __init__(self, postgres: Postgres):
        with psycopg2.connect(postgres.conninfo()) as connection, connection.cursor(cursor_factory=psycopg2.extras.NamedTupleCursor) as cursor:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)

            def rows(sql: str) -> list:
                cursor.execute(sql)
                return cursor.fetchall()
            self.lease, = rows("SELECT * FROM presence.lease")
            self.resources = rows("SELECT *, session_began_at AS began_at, NULL::timestamptz AS ended_at FROM presence.resource")
            self.transitions = rows("SELECT * FROM presence.transition ORDER BY change")
            self.ended = rows("SELECT * FROM presence.session ORDER BY change")
            self.coverages = rows("SELECT * FROM presence.coverage ORDER BY began_at")
        connection.close()

    @property
    def gaps(self) -> list[tuple[datetime, datetime]]:
        """From the end of one coverage to the begin of the next."""
        return [(earlier.ended_at, later.began_at) for earlier, later in pairwise(self.coverages)]

    def faults(self) -> list[str]:
        return [*self._numbers(), *self._replay(), *self._sessions(), *self._coverage(), *self._certainty()]

    def _numbers(self) -> list[str]:
        """Without a gap, whatever was lost or said twice on the way."""
        numbers = [row.change for row in self.transitions]
        return [] if numbers == list(range(1, self.lease.last_change + 1)) else [f"changes are numbered {numbers} up to {self.lease.last_change}"]

    def _replay(self) -> list[str]:
        """Whoever reads all changes in their order knows what is now; and nobody goes who had not come, or comes as the same again."""
        now, wrong = {}, []
        for row in self.transitions:
            key, before = (row.jid, row.resource), now.get((row.jid, row.resource))
            after = (row.show, row.priority, row.status) if row.show else None
            if after == before:
                wrong.append(f"change {row.change} of {key} changes nothing: {after}")
            if after:
                now[key] = after
            else:
                now.pop(key, None)
        stored = {(row.jid, row.resource): (row.show, row.priority, row.status) for row in self.resources}
        return wrong + [f"{key}: the changes say {now.get(key)}, the table {stored.get(key)}"
                        for key in sorted(now.keys() | stored.keys()) if now.get(key) != stored.get(key)]

    def _sessions(self) -> list[str]:
        """One after the other for each resource, each ended by the change of its number."""
        wrong, of_resource = [], {}
        ends = {row.change: row for row in self.transitions if not row.show}
        for session in self.ended:
            end = ends.pop(session.change, None)
            if not end or (end.jid, end.resource, end.ending, end.at) != (session.jid, session.resource, session.ending, session.ended_at):
                wrong.append(f"{session} and the change that ended it: {end}")
        wrong += [f"no session was ended by {row}" for row in ends.values()]
        for session in [*self.ended, *self.resources]:
            of_resource.setdefault((session.jid, session.resource), []).append((session.began_at, session.ended_at))
        for key, intervals in of_resource.items():
            wrong += [f"{key}: {one} ends before it begins" for one in intervals if one[1] and one[1] < one[0]]
            wrong += [f"{key}: {one} and {other} overlap" for one, other in pairwise(intervals) if other[0] < one[1]]
        return wrong

    def _coverage(self) -> list[str]:
        return [f"coverage ends {lost} and begins {regained}" for lost, regained in self.gaps if not lost or regained < lost]

    def _certainty(self) -> list[str]:
        """Who was there on both sides of a gap, came or went in it: that is a guess, and said to be one."""
        wrong = [f"certain, and unseen: {row}" for row in (*self.ended, *self.transitions) if row.ending == "unseen" and not row.uncertain]
        for lost, regained in self.gaps:
            wrong += [f"certain, across {lost} to {regained}: {session}" for session in [*self.ended, *self.resources]
                      if session.began_at < regained and (not session.ended_at or session.ended_at > lost) and not session.uncertain]
        return wrong
