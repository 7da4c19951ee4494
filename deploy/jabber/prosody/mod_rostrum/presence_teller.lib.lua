-- SPDX-License-Identifier: GPL-3.0-or-later
-- What one presence watch tells its session: numbered messages, the snapshot page by page, changes gathered for a moment.

local st = require "util.stanza";
local new_id = require "util.id".medium;

local xmlns_watch = "urn:rostrum:presence:1";

local gather_seconds = 0.02;
local pause_seconds = 0.005; -- between two messages when there is more to tell: the server's time for everybody else
local max_resources = 100;
local full_bytes = 16 * 1024; -- nothing is added to such a message; the largest resource may have taken it 15 kB further

-- At most, as it is written: with all but its texts, and these escaped.
local function bytes_of(element)
	local texts = element.attr.jid..(element:get_child_text("status") or "");
	return 100 + #texts + 5 * select(2, texts:gsub("['\"<>&]", ""));
end

-- `session`: who is told. `next_online()`: the sessions to begin with, one after the other. `available(session)`: the element
-- for one that is online.
return function (session, next_online, available)
	local name, number = new_id(), 0;
	local changes, first_change, last_change = {}, 1, 0;
	local is_stopped, is_due = false, false;

	local function send(kind, attributes, children)
		attributes.xmlns, attributes.watch = xmlns_watch, name;
		local message = st.message({ from = module.host, to = session.full_jid, type = "headline" }):tag(kind, attributes);
		for _, child in ipairs(children or {}) do message:add_child(child); end
		session.send(message);
	end

	local function send_numbered(kind, children)
		number = number + 1;
		send(kind, { number = ("%d"):format(number) }, children);
	end

	-- Changes go before what is left of the snapshot, which is read when it is told: so what is told later holds.
	local function take()
		local change = changes[first_change];
		if change then
			changes[first_change] = nil;
			first_change = first_change + 1;
			return change;
		end
		local member = next_online and next_online(); -- who has gone was told as a change
		return member and available(member);
	end

	local function take_page()
		local page, bytes = {}, 0;
		while #page < max_resources and bytes < full_bytes do
			local element = take();
			if not element then return page, true; end
			page[#page + 1] = element;
			bytes = bytes + bytes_of(element);
		end
		return page, false;
	end

	local tell_later;

	local function tell()
		local page, is_all = take_page();
		if page[1] then send_numbered("presences", page); end
		if not is_all then return tell_later(pause_seconds); end
		if next_online then
			next_online = nil;
			send_numbered("snapshot-end");
		end
	end

	function tell_later(seconds)
		if is_due then return; end
		is_due = true;
		module:add_timer(seconds, function ()
			is_due = false;
			if not is_stopped then tell(); end
		end);
	end

	local teller = { name = name, start = tell };

	function teller.note(change)
		last_change = last_change + 1;
		changes[last_change] = change;
		tell_later(gather_seconds);
	end

	-- With a reason the session is told; what has not been told is not told any more.
	function teller.stop(reason)
		is_stopped = true;
		if reason then send("ended", { reason = reason }); end
	end

	return teller;
end
