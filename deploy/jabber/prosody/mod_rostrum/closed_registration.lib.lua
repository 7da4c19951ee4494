-- SPDX-License-Identifier: GPL-3.0-or-later
-- Only the site registers: every in-band registration, removal and change of password (XEP-0077) is refused.

local st = require "util.stanza";

local before_others, after_others = 100, -100;

return function (settings)
	local site_name = settings and settings.site.name or "the site";
	local text = ("Accounts and passwords here are kept by %s: please ask there."):format(site_name);

	local function refuse(event)
		event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", text));
		return true;
	end
	module:hook("stanza/iq/jabber:iq:register:query", refuse, before_others); -- not logged in
	module:hook("iq/self/jabber:iq:register:query", refuse, before_others);
	module:hook("iq/host/jabber:iq:register:query", refuse, before_others);

	module:hook("stream-features", function (event)
		event.features:remove_children("register", "http://jabber.org/features/iq-register");
	end, after_others);

	-- What forms on web pages (mod_register_web and its like) ask before they create an account.
	module:hook("user-registering", function (event)
		event.allowed = false;
		event.error = { type = "cancel", condition = "not-allowed", text = text };
		event.reason = text;
	end, after_others);
end
