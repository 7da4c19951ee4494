-- SPDX-License-Identifier: GPL-3.0-or-later
-- The other half of 'both': the site's roster holds no member (with 50,000 of them a log-in of the site would stop the
-- server for half a minute), so its presence is handed round here, among those who are online, in portions: between two of
-- them the server serves everybody else. Without this, mod_presence would answer a member's probe with 'unsubscribed' and break the contact.

local st = require "util.stanza";
local jid_bare = require "util.jid".bare;
local jid_split = require "util.jid".split;

local before_others = 150;
local portion, pause_seconds = 100, 0.005;

local function hand_copy(presence, session)
	local copy = st.clone(presence);
	copy.attr.to = session.full_jid;
	session.send(copy);
end

return function (settings, watch)
	local site = settings.site;
	local host = prosody.hosts[module.host];

	-- RFC 6121 §4.3: a member who comes online asks for the site's presence.
	local function answer_probe(from)
		local user, answered = host.sessions[site.username], false;
		for _, session in pairs(user and user.sessions or {}) do
			if session.presence then
				local copy = st.clone(session.presence);
				copy.attr.to = from;
				module:send(copy);
				answered = true;
			end
		end
		if not answered then
			module:send(st.presence { type = "unavailable", from = site.jid, to = from });
		end
	end

	local function probe_of_member(event)
		local attr = event.stanza.attr;
		if attr.type == "probe" and jid_bare(attr.to) == site.jid and select(2, jid_split(attr.from)) == module.host then
			answer_probe(attr.from);
			return true;
		end
	end
	module:hook("presence/bare", probe_of_member, before_others);
	module:hook("presence/full", probe_of_member, before_others);

	-- One round for each session of the site. A later presence of a session takes the place of its unfinished round, and who
	-- comes online after a round has begun asks by itself: so nobody ends with an older state than there is.
	local rounds = {};

	local function hand_on(from, round, count)
		for _ = 1, count do
			local member = round.next_member();
			if not member then
				rounds[from] = nil;
				return;
			end
			hand_copy(round.presence, member);
		end
		return pause_seconds;
	end

	local function hand_round(presence)
		local from, round = presence.attr.from, { presence = presence, next_member = settings.members_online() };
		rounds[from] = round;
		if hand_on(from, round, portion) then
			module:add_timer(pause_seconds, function ()
				if rounds[from] == round then return hand_on(from, round, portion); end
			end);
		end
	end

	-- RFC 6121 §4.2 and §4.4: the site's own broadcast. mod_presence then does its part.
	module:hook("presence/bare", function (event)
		local session, stanza = event.origin, event.stanza;
		local kind = stanza.attr.type;
		if stanza.attr.to or session.username ~= site.username or session.host ~= module.host then return; end
		if kind and (kind ~= "unavailable" or not session.presence) then return; end
		if not kind and not session.presence and not watch.in_force() then
			-- All at once: whoever has no watch takes the answer to its next ping for the end of them.
			for member in settings.members_online() do hand_copy(member.presence, session); end
		end
		hand_round(st.clone(stanza));
	end, before_others);

	return {
		-- Nobody is left in the middle of a round.
		finish = function ()
			for from, round in pairs(rounds) do hand_on(from, round, math.huge); end
		end;
	};
end
