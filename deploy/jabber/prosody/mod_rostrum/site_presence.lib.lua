-- SPDX-License-Identifier: GPL-3.0-or-later
-- The other half of 'both': the site's roster holds no member (with 50,000 of them a log-in of the site would stop the
-- server for half a minute), so its presence is handed round here, among those who are online.
-- Without this, mod_presence would answer a member's probe with 'unsubscribed' and break the contact.

local st = require "util.stanza";
local jid_bare = require "util.jid".bare;
local jid_split = require "util.jid".split;

local before_others = 150;

local function hand_copy(presence, session)
	local copy = st.clone(presence);
	copy.attr.to = session.full_jid;
	session.send(copy);
end

return function (settings)
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

	-- RFC 6121 §4.2 and §4.4: the site's own broadcast. mod_presence then does its part.
	module:hook("presence/bare", function (event)
		local session, stanza = event.origin, event.stanza;
		local kind = stanza.attr.type;
		if stanza.attr.to or session.username ~= site.username or session.host ~= module.host then return; end
		if kind and (kind ~= "unavailable" or not session.presence) then return; end
		local is_initial = not kind and not session.presence;
		settings.each_member_session(function (member)
			if not member.presence then return; end
			hand_copy(stanza, member);
			if is_initial then hand_copy(member.presence, session); end
		end);
	end, before_others);
end
