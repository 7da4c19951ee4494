-- SPDX-License-Identifier: GPL-3.0-or-later
-- Tells the control account's sessions about accounts that come and go by other ways than the door.
-- Creation has no event that every way fires (XEP-0133 and the admin shell fire none), so the account provider is
-- watched instead. `prosodyctl adduser|deluser` is another process: nobody here can see it, an audit finds it.

local st = require "util.stanza";
local new_id = require "util.id".medium;

local after_others = -100;
local host = prosody.hosts[module.host];

return function (settings)
	local quiet_about; -- the account that the door itself is busy with
	local watching = true;
	local provider, original, watcher;

	local function tell(event_name, username)
		if not watching or username == quiet_about then return; end
		local control = host.sessions[settings.control.username];
		for _, session in pairs(control and control.sessions or {}) do
			session.send(st.message({ from = module.host, to = session.full_jid, id = new_id(), type = "headline" })
				:tag("account", { xmlns = "urn:rostrum:door:1", event = event_name, username = username }));
		end
	end

	local function stop()
		if provider and provider.create_user == watcher then provider.create_user = original; end
		provider = nil;
	end

	local function watch_provider()
		stop();
		provider = host.users;
		local create_user = provider.create_user;
		original = create_user;
		watcher = function (username, ...)
			local existed = host.users.user_exists(username);
			local ok, err = create_user(username, ...);
			if ok and not existed then tell("appeared", username); end
			return ok, err;
		end
		provider.create_user = watcher;
	end
	watch_provider();
	module:hook("item-added/auth-provider", watch_provider, after_others); -- reloaded: a new object

	module:hook_global("user-deleted", function (event)
		if event.host == module.host then tell("vanished", event.username); end
	end, after_others);

	return {
		-- Does work() without telling about `username`.
		quietly = function (username, work)
			quiet_about = username;
			local ok, result, problem = pcall(work);
			quiet_about = nil;
			if not ok then error(result, 0); end
			return result, problem;
		end;
		stop = function ()
			watching = false; -- should somebody have wrapped the watcher in turn, it goes on as a plain pass
			stop();
		end;
	};
end
