-- SPDX-License-Identifier: GPL-3.0-or-later
-- The site's contact can be neither removed, changed, blocked nor unsubscribed from.

local st = require "util.stanza";
local jid_bare = require "util.jid".bare;
local jid_prep = require "util.jid".prep;

local before_others = 200; -- before mod_blocklist (100), mod_presence and mod_roster (0)
local subscription_types = { subscribe = true, subscribed = true, unsubscribe = true, unsubscribed = true };

return function (settings)
	local site = settings.site;
	local text = ("%s stays in every contact list of this server."):format(site.name);

	local function refuse(event)
		event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", text));
		return true;
	end

	-- RFC 6121 §2.1.5, §2.5
	module:hook("iq/self/jabber:iq:roster:query", function (event)
		if event.stanza.attr.type ~= "set" then return; end
		for item in event.stanza.tags[1]:childtags("item") do
			if jid_bare(jid_prep(item.attr.jid)) == site.jid then return refuse(event); end
		end
	end, before_others);

	-- XEP-0191 §3.3: an item matches a full JID, a bare JID, or everything of a domain.
	module:hook("iq-set/self/urn:xmpp:blocking:block", function (event)
		for item in event.stanza.tags[1]:childtags("item") do
			local bare = jid_bare(jid_prep(item.attr.jid));
			if bare == site.jid or bare == module.host then return refuse(event); end
		end
	end, before_others);

	-- Subscriptions between a member and the site are settled: none travels, in either direction, none pops up in a client.
	local function swallow_subscription(event)
		local attr = event.stanza.attr;
		if subscription_types[attr.type] and (jid_bare(attr.to) == site.jid or jid_bare(attr.from) == site.jid) then
			return true;
		end
	end
	module:hook("pre-presence/bare", swallow_subscription, before_others);
	module:hook("pre-presence/full", swallow_subscription, before_others);
end
