-- SPDX-License-Identifier: GPL-3.0-or-later
-- What Rostrum needs of Prosody 0.12: the account door, closed registration, the site as everybody's contact, and the presence watch.
-- docs/account-door.md and docs/presence-watch.md describe how Rostrum speaks to it. Options, for each VirtualHost:
--   rostrum_site      = "site@example.org"     the account the site speaks as
--   rostrum_site_name = "Example site"         what members call it in their contact list
--   rostrum_control   = "rostrum@example.org"  the only account that may use the door; an ordinary account

local jid_prep = require "util.jid".prep;
local jid_split = require "util.jid".split;
local is_admin = require "core.usermanager".is_admin;

local function account_option(name)
	local prepared = jid_prep(module:get_option_string(name));
	local username, host, resource = jid_split(prepared);
	if not username or host ~= module.host or resource then
		return nil, ("%s must be the bare JID of an account on %s"):format(name, module.host);
	end
	return { jid = prepared, username = username };
end

local function read_settings()
	local site, site_problem = account_option("rostrum_site");
	local control, control_problem = account_option("rostrum_control");
	if not site or not control then
		return nil, site_problem or control_problem;
	elseif site.jid == control.jid then
		return nil, "rostrum_site and rostrum_control must be two accounts";
	elseif is_admin(control.jid, module.host) or is_admin(control.jid, "*") then
		return nil, "rostrum_control must not be an administrator: the door asks for less";
	elseif module:get_option_string("authentication", "internal_hashed") ~= "internal_hashed" then
		-- Claims are kept in its account records, and no other provider here keeps passwords as hashes only.
		return nil, 'rostrum needs authentication = "internal_hashed"';
	end
	site.name = module:get_option_string("rostrum_site_name", site.jid);
	return { site = site, control = control };
end

-- Things outside Prosody's own bookkeeping that must be put back when the module goes.
local undo = {};
function module.unload()
	for _, put_back in ipairs(undo) do put_back(); end
end

local settings, problem = read_settings();

-- Also with wrong settings: a mistake in the configuration must not open registration to strangers.
module:require "closed_registration" (settings);

if not settings then
	module:log("error", "The door stays shut: %s", problem);
	module:require "door" (nil);
	return;
end

local sessions = prosody.hosts[module.host].sessions;

-- A member is any account but the two that belong to Rostrum.
function settings.is_member(username)
	return username ~= settings.site.username and username ~= settings.control.username;
end

-- An iterator over the available sessions of all who are online now. It may be kept and called in portions, and skips what has
-- gone meanwhile. Only names are collected at once: of 10,000 that takes a millisecond, a look at each session takes twenty.
function settings.members_online()
	local usernames, last = {}, 0;
	for username in pairs(sessions) do usernames[#usernames + 1] = username; end
	local of_one = {};
	return function ()
		while true do
			local session = table.remove(of_one);
			if session and session.presence then
				return session;
			elseif not session then
				last = last + 1;
				local username = usernames[last];
				if not username then return; end
				local user = settings.is_member(username) and sessions[username];
				for _, one in pairs(user and user.sessions or {}) do of_one[#of_one + 1] = one; end
			end
		end
	end
end

local news = module:require "account_news" (settings);
local contact = module:require "site_contact" (settings);
local watch = module:require "presence_watch" (settings);
local site_presence = module:require "site_presence" (settings, watch);
undo = { site_presence.finish, watch.stop, news.stop, contact.withdraw };

module:require "contact_guard" (settings);
module:require "door" (settings, module:require "accounts" (settings, news));
