-- SPDX-License-Identifier: GPL-3.0-or-later
-- One resource in the words of docs/presence-watch.md: as mod_presence believes it, which is not always what the client wrote.

local st = require "util.stanza";
local parse_time = require "util.datetime".parse;

local max_status_bytes = 1024;
local known_shows = { chat = true, away = true, xa = true, dnd = true }; -- RFC 6121 §4.7.2.1

-- `text` or as many whole characters of it as fit; a character's first byte is none of 0x80 to 0xBF (RFC 3629).
local function cut(text, max_bytes)
	if #text <= max_bytes then return text; end
	local length = max_bytes;
	while text:find("^[\128-\191]", length + 1) do length = length - 1; end
	return text:sub(1, length);
end

local function status_of(presence)
	local chosen;
	for status in presence:childtags("status") do
		if not status.attr["xml:lang"] then chosen = status; break; end
		chosen = chosen or status;
	end
	return chosen and cut(chosen:get_text() or "", max_status_bytes) or "";
end

-- Seconds since the client sent it. A client may add stamps of its own: the last one is mod_presence's.
local function age_of(presence)
	local stamp;
	for delay in presence:childtags("delay", "urn:xmpp:delay") do stamp = delay.attr.stamp; end
	local sent = parse_time(stamp);
	return sent and math.max(os.time() - sent, 0) or 0;
end

local function unless_zero(number)
	return number ~= 0 and ("%d"):format(number) or nil;
end

local element = {};

function element.available(session)
	local presence = session.presence;
	local show, status = presence:get_child_text("show"), status_of(presence);
	local available = st.stanza("available", {
		jid = session.full_jid;
		show = known_shows[show] and show or nil;
		priority = unless_zero(session.priority or 0);
		age = unless_zero(age_of(presence));
	});
	return status == "" and available or available:text_tag("status", status);
end

function element.unavailable(full_jid, ending)
	return st.stanza("unavailable", { jid = full_jid, ending = ending });
end

return element;
