# SPDX-License-Identifier: GPL-3.0-or-later
"""Rostrum's side of docs/presence-watch.md."""

from itertools import count

from door_case import DoorTest
from xmpp import wait_for

NAMESPACE = "urn:rostrum:presence:1"
WATCH = f"{{{NAMESPACE}}}"

_marks = count(1)


def asking(epoch):
    return f"<watch xmlns='{NAMESPACE}' epoch='{epoch}'/>"


class Watch:
    """One watch of one session of the site account."""

    def __init__(self, session, name):
        self.session = session
        self.name = name

    @property
    def messages(self):
        """The payloads that carry its name, in their order."""
        payloads = [stanza[0] for stanza in self.session.stanzas("message", sender="example.test", type="headline")]
        return [payload for payload in payloads if payload.get("watch") == self.name]

    def numbers(self):
        return [int(message.get("number")) for message in self.messages if message.tag != f"{WATCH}ended"]

    def ended(self):
        """Why it ended, or nothing."""
        return next((message.get("reason") for message in self.messages if message.tag == f"{WATCH}ended"), "")

    def is_whole(self):
        return any(message.tag == f"{WATCH}snapshot-end" for message in self.messages)

    async def whole(self):
        await wait_for(self.is_whole, "the end of the snapshot", 60)
        return self

    def told(self, jid=None):
        """Every resource named so far, or each time this one was, as words(): ['anna@…/test available away']."""
        resources = [resource for message in self.messages if message.tag == f"{WATCH}presences" for resource in message]
        return [words(resource) for resource in resources if jid in (None, resource.get("jid"))]

    async def hears(self, *expected):
        """Waits until these come one after the other, at the end of what is told of their resource."""
        jid = expected[0].partition(" ")[0]
        await wait_for(lambda: self.told(jid)[-len(expected):] == list(expected), f"{expected}; told: {self.told(jid)}")


def words(resource):
    """'<jid> available [show] [priority] ["status"]' or '<jid> unavailable <ending>'; the age is left out."""
    status = resource.findtext(f"{WATCH}status")
    parts = (resource.get("jid"), resource.tag.removeprefix(WATCH), resource.get("show"), resource.get("priority"), resource.get("ending"),
             f'"{status}"' if status is not None else None)
    return " ".join(part for part in parts if part is not None)


class WatchTest(DoorTest):
    async def ask(self, session, epoch=1):
        """A new watch of this session, as soon as it is answered."""
        answer = await session.iq("set", asking(epoch), to="example.test")
        self.assertEqual(answer.brief(), "result")
        self.assertEqual(answer.payload.tag, f"{WATCH}watching")
        return Watch(session, answer.payload.get("watch"))

    async def watch(self, epoch=1, resource="presence-1", available=True):
        """The site logs in as its gateway does: it asks before it becomes available; everybody has been told."""
        site = await self.enterAsyncContext(self.site(resource=resource, available=False))
        watch = await self.ask(site, epoch)
        if available:
            site.send("<presence/>")
            await site.barrier()
        return await watch.whole()

    async def assert_told_by_now(self, watch, *expected, of):
        """Exactly this has been told of a resource; changes come in their order, so one that is made now comes after all of them."""
        mark = await self.member(f"mark-{next(_marks)}")
        await watch.hears(f"{mark.full} available")
        self.assertEqual(watch.told(of), list(expected))
        self.assertEqual(watch.numbers(), list(range(1, len(watch.numbers()) + 1)))

    async def lose(self, session):
        """The connection is gone, and the server has noticed."""
        session.drop()
        await wait_for(lambda: session.full not in self.prosody.shell("c2s:show()"), f"{session.full} to be gone")
