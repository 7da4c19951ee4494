-- SPDX-License-Identifier: GPL-3.0-or-later
-- The site's contact in every member's roster, subscription 'both'. It lives in memory only: it is put in when a roster
-- is loaded and left out when a roster is saved, so that nothing remains should this module ever be taken away.

local rostermanager = require "core.rostermanager";

local after_others = -10;
local host = prosody.hosts[module.host];

local function copy_of(t)
	local copy = {};
	for key, value in pairs(t) do copy[key] = value; end
	return copy;
end

return function (settings)
	local site = settings.site;

	local function put_in(roster)
		local metadata, stored = roster[false], roster[site.jid];
		if stored and stored.persist == false then stored = stored.stored; end
		roster[site.jid] = { subscription = "both", name = site.name, groups = {}, persist = false, stored = stored };
		metadata.pending[site.jid] = nil; -- an old request of the site would pop up at every log-in
		-- Version 'true' is Prosody's way to say "never skip sending this roster": a client's copy may be older than this
		-- module. The real number goes on counting beside it.
		metadata.stored_version = metadata.stored_version or tonumber(metadata.version) or 0;
		metadata.version = true;
	end

	local function take_out(roster)
		local metadata, item = roster[false], roster[site.jid];
		if item and item.persist == false then roster[site.jid] = item.stored; end
		if metadata.stored_version then
			metadata.version, metadata.stored_version = metadata.stored_version, nil;
		end
	end

	-- What goes to the store: a whole roster, or the changed items and the metadata.
	local function without_site(saved)
		local metadata = saved[false];
		saved = copy_of(saved);
		if metadata and metadata.stored_version then
			metadata.stored_version = metadata.stored_version + 1;
			saved[false] = copy_of(metadata);
		end
		saved[false] = saved[false] or {};
		take_out(saved);
		return saved;
	end

	module:hook("roster-load", function (event)
		if settings.is_member(event.username) then put_in(event.roster); end
	end, after_others);

	-- The manager opens the store anew for each save, so the wrapper goes with the module. Any storage driver will do.
	module:hook("store-opened", function (event)
		if event.store_name ~= "roster" or not event.store then return; end
		local store, wrapper = event.store, {};
		local method = event.store_type == "map" and "set_keys" or "set";
		wrapper[method] = function (self, username, data)
			return store[method](self, username, data and without_site(data));
		end
		event.store = setmetatable(wrapper, { __index = store });
	end);

	-- Rosters that are in memory when the module comes or goes.
	local function each_live_roster(visit)
		host.roster_cache = nil;
		for username, user in pairs(host.sessions) do
			if user.roster and settings.is_member(username) then visit(user.roster, username); end
		end
	end
	each_live_roster(function (roster, username)
		put_in(roster);
		rostermanager.roster_push(username, module.host, site.jid);
	end);

	return { withdraw = function () each_live_roster(take_out); end };
end
