# SPDX-License-Identifier: GPL-3.0-or-later
"""Members as real Jabber clients (slixmpp), driven by plain calls: all clients live in one background thread of a Crowd."""
import asyncio
import itertools
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Callable

from .client import Client, IqError, Message, Shown

DEADLINE_SECONDS = 60  # generous: a busy machine is no failure
LOG_INS_AT_ONCE = 20


class LoginRefused(Exception):
    pass


class Member:
    """One device of a member. It logs in again by itself when the server went away. A `resumable` one uses XEP-0198: the server waits for it."""

    def __init__(self, crowd: "Crowd", jid: str, password: str, *, resource: str = "", receipts: bool = True, resumable: bool = False,
                 shown: Shown | None = Shown()):
        self.jid = jid
        self._resource = resource
        self._crowd = crowd
        self._password = password
        self._receipts = receipts
        self._resumable = resumable
        self._shown = shown
        self._client: Client | None = None
        self._earlier: list[Message] = []

    def device(self, resource: str, **options) -> "Member":
        """Another one of the same member."""
        return self._crowd.member(self.jid, self._password, resource=resource, **options)

    def logs_in(self, password: str | None = None) -> "Member":
        """With the password given at first, or another; LoginRefused when the server does not take it."""
        self._password = password or self._password
        self._crowd.run(self._log_in())
        return self

    def logs_out(self) -> None:
        """With a good-bye."""
        self._crowd.run(self._log_out())

    def vanishes(self) -> None:
        """Without a good-bye: its socket is closed in the middle of the stream."""
        self._crowd.run(self._vanish())

    def loses_its_connection(self) -> None:
        """As vanishes(), but it connects again at once."""
        self._crowd.run(self._break())

    def shows(self, show: str = "", status: str = "", priority: int = 0) -> None:
        """Sends presence: no show, chat, away, xa or dnd; also after every later log-in."""
        self._crowd.run(self._show(Shown(show, status, priority)))

    def hides(self) -> None:
        """Sends unavailable presence and stays connected."""
        self._crowd.run(self._show(None))

    @property
    def resource(self) -> str:
        """As the server bound it."""
        return self._client.boundjid.resource if self._client else self._resource

    @property
    def inbox(self) -> list[Message]:
        """All messages that ever arrived, also in earlier log-ins."""
        return self._earlier + list(self._client.inbox if self._client else ())

    def bodies(self) -> list[str]:
        return [message.body for message in self.inbox]

    def received(self, body: str) -> list[Message]:
        return [message for message in self.inbox if message.body == body]

    def is_online(self) -> bool:
        return bool(self._client and self._client.online.is_set())

    def roster(self) -> dict[str, dict]:
        """Asked anew of the server: JID → name, subscription."""
        return self._crowd.run(self._ask_roster())

    def removes_contact(self, jid: str) -> str:
        """The error condition the server answers with, or an empty text when it complied."""
        return self._crowd.run(self._attempt(lambda: self._client.update_roster(jid, subscription="remove")))

    def says(self, to: str, body: str) -> None:
        self._crowd.run(self._send(to, body))

    def says_raw(self, stanza: str) -> None:
        """As it stands, whatever it is."""
        self._crowd.run(self._send_raw(stanza))

    def barrier(self) -> None:
        """When this returns, all that the server had routed to this client before has arrived (RFC 6120 §10.1: in order)."""
        self._crowd.run(self._ping())

    # In the crowd's thread from here on.

    async def _log_in(self) -> None:
        if self._client:
            await self._log_out()
        jid = f"{self.jid}/{self._resource}" if self._resource else self.jid
        client = self._client = Client(jid, self._password, self._crowd.ca, receipts=self._receipts, resumable=self._resumable,
                                       shown=self._shown, on_message=self._crowd.arrived)
        self._crowd.clients.append(client)
        client.address = self._crowd.address
        client.connect(client.address)
        waits = [asyncio.ensure_future(event.wait()) for event in (client.online, client.refused)]
        done, pending = await asyncio.wait(waits, timeout=DEADLINE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in pending:
            wait.cancel()
        if client.refused.is_set() or not done:
            client.drop()
            self._client = None
            if not done:
                raise TimeoutError(f"{self.jid} got no answer to the log-in within {DEADLINE_SECONDS} s")
            raise LoginRefused(f"{self.jid}: the server refused the password")

    async def _log_out(self) -> None:
        client, self._client = self._client, None
        if client:
            client.staying = False
            if client.online.is_set() and client.shown:
                client.show(None)
            await client.disconnect(wait=2)
            self._earlier += client.inbox

    async def _vanish(self) -> None:
        client, self._client = self._client, None
        client.drop()
        self._earlier += client.inbox

    async def _break(self) -> None:
        self._client.break_off()

    async def _show(self, shown: Shown | None) -> None:
        self._shown = shown
        self._client.show(shown)

    async def _ask_roster(self) -> dict[str, dict]:
        answer = await self._client.get_roster(timeout=DEADLINE_SECONDS)
        return {str(jid): item for jid, item in answer["roster"]["items"].items()}

    async def _attempt(self, request: Callable) -> str:
        try:
            await request()
            return ""
        except IqError as error:
            return error.condition

    async def _send(self, to: str, body: str) -> None:
        self._client.send_message(to, body)

    async def _send_raw(self, stanza: str) -> None:
        self._client.send_raw(stanza)

    async def _ping(self) -> None:
        await self._client["xep_0199"].send_ping(self._client.boundjid.host, timeout=DEADLINE_SECONDS)


class Crowd:
    """The thread all members of one installation live in."""

    def __init__(self, address: tuple[str, int], ca: Path):
        self.address = address
        self.ca = ca
        self.members: list[Member] = []
        self.clients: list[Client] = []  # kept to the end: asyncio complains of a client that goes before its tasks
        self.on_message: Callable[[Message], None] = lambda message: None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="members", daemon=True)
        self._thread.start()

    def member(self, jid: str, password: str, **options) -> Member:
        self.members.append(Member(self, jid, password, **options))
        return self.members[-1]

    def log_in(self, members: "list[Member]") -> None:
        """All side by side, some at a time."""
        self._each(members, Member._log_in)

    def log_out(self, members: "list[Member]") -> None:
        self._each(members, Member._log_out)

    def barrier(self) -> None:
        """Member.barrier() for everybody who is online."""
        async def together() -> None:
            await asyncio.gather(*(member._ping() for member in self.members if member.is_online()))
        self.run(together())

    def at_arrival(self, number: int, body: str, action: Callable[[], None]) -> None:
        """Once, in the members' thread, at the moment the number-th message with this body arrives, whoever gets it."""
        seen = itertools.count(1)

        def count(message: Message) -> None:
            if message.body == body and next(seen) == number:
                action()
        self.on_message = count

    def arrived(self, message: Message) -> None:
        self.on_message(message)

    def _each(self, members: "list[Member]", act: Callable) -> None:
        async def one(member: Member) -> None:
            async with places:
                await act(member)

        async def together() -> None:
            await asyncio.gather(*(one(member) for member in members))
        places = asyncio.Semaphore(LOG_INS_AT_ONCE)
        self.run(together())

    def run(self, work) -> object:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(2 * DEADLINE_SECONDS)

    def close(self) -> None:
        async def everybody() -> None:
            await asyncio.gather(*(member._log_out() for member in self.members), return_exceptions=True)
            left_over = asyncio.all_tasks() - {asyncio.current_task()}  # slixmpp leaves a task behind for every connection
            for task in left_over:
                task.cancel()
            await asyncio.gather(*left_over, return_exceptions=True)
        self.run(everybody())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if not self._thread.is_alive():
            self._loop.close()

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()


def wait_for(condition: Callable[[], object], what: str, deadline_seconds: float = DEADLINE_SECONDS,
             seen: Callable[[], object] = lambda: "") -> object:
    """The condition's first true value. `seen` tells at the end what there was instead."""
    end = time.monotonic() + deadline_seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {deadline_seconds:.0f} s; seen: {seen()}")
        time.sleep(0.02)


def repeats(messages: list[Message]) -> dict[str, int]:
    """Stanza ids that arrived more than once."""
    return {stanza_id: times for stanza_id, times in Counter(message.stanza_id for message in messages).items() if times > 1}
