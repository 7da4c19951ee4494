# SPDX-License-Identifier: GPL-3.0-or-later
"""Members by the thousand, and other modules that only tests load."""

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[2] / "support" / "prosody"
CROWD_MODULE = _FOLDER / "mod_crowd.lua"
CENSOR_MODULE = _FOLDER / "mod_censor.lua"


def request(name, payload="", /, **attributes):
    text = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<{name} xmlns='urn:rostrum:test:crowd'{text}>{payload}</{name}>"


class Crowd:
    """What tests/support/prosody/mod_crowd.lua answers; `session` is anybody's."""

    def __init__(self, session):
        self._session = session

    async def join(self, name, count, presence=""):
        """<name>-1 to <name>-<count> come online, with these children in their presence."""
        await self._ask("set", "join", f"<presence xmlns='jabber:client'>{presence}</presence>", name=name, count=count)

    async def leave(self):
        await self._ask("set", "leave")

    async def holds(self):
        """How many of them hold which presence of the site: by its status, 'unavailable', or 'none'."""
        answer = await self._ask("get", "holds")
        return {entry.get("presence"): int(entry.get("count")) for entry in answer}

    async def handed(self):
        """How many presences of the site have been handed to one of them."""
        return int((await self._ask("get", "holds")).get("handed"))

    async def _ask(self, kind, name, payload="", /, **attributes):
        answer = await self._session.iq(kind, request(name, payload, **attributes), to="example.test")
        assert answer.brief() == "result", answer
        return answer.payload
