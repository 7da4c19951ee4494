-- SPDX-License-Identifier: GPL-3.0-or-later
-- Creates, changes and removes the accounts that are ours, and no others. An account is ours when its claim says so.
--
-- A claim is a key that the caller chose and stored before its first attempt. One atomic write makes the account together
-- with its claim, locked; a second notes the claim in a store of our own; a third sets the password. So kill -9 at any point
-- leaves either nothing, or an account that a repeat of the same claim recognises, and that nobody can log in to before.

local usermanager = require "core.usermanager";
local storagemanager = require "core.storagemanager";
local random_bytes = require "util.random".bytes;
local to_hex = require "util.hex".to;

return function (settings, news)
	local host = prosody.hosts[module.host];
	local accounts = module:open_store("accounts"); -- of mod_auth_internal_hashed, which keeps fields it does not know
	local claims = module:open_store("rostrum_claims"); -- survives `prosodyctl passwd`, which writes the account anew

	local conflict = { type = "cancel", condition = "conflict", text = "The account exists, but not by this claim",
		extra = { namespace = "urn:rostrum:door:1", condition = "existed" } };
	local absent = { type = "cancel", condition = "item-not-found", text = "There is no such account" };
	local reserved = { type = "cancel", condition = "not-allowed", text = "This account belongs to the server's operators" };

	local function not_stored(what, problem)
		module:log("error", "Could not store %s: %s", what, problem or "unknown error");
		return { type = "wait", condition = "internal-server-error", text = "The server could not store the change" };
	end

	local function is_reserved(username)
		local jid = username.."@"..module.host;
		return not settings.is_member(username) or usermanager.is_admin(jid, module.host) or usermanager.is_admin(jid, "*");
	end

	local function exists(username) return host.users.user_exists(username); end

	local function is_ours(username, claim)
		local noted, account = claims:get(username), accounts:get(username);
		return noted and noted.claim == claim or account and account.rostrum_claim == claim;
	end

	-- Whoever had this name before leaves nothing to its next owner, even if `prosodyctl deluser` or a crash was in the way.
	local function clear_traces(username)
		local user = host.sessions[username];
		for _, session in pairs(user and user.sessions or {}) do
			session:close({ condition = "not-authorized", text = "Account deleted" });
		end
		-- Prosody keeps rosters of users who are offline for a while, also of deleted ones.
		if host.roster_cache then host.roster_cache:set(username.."@"..module.host, nil); end
		storagemanager.purge(username, module.host);
	end

	-- Keys that belong to no password: a well-formed account that nobody can log in to.
	local function locked_account(claim)
		return {
			rostrum_claim = claim; salt = to_hex(random_bytes(16)); iteration_count = 10000;
			stored_key = to_hex(random_bytes(20)); server_key = to_hex(random_bytes(20));
		};
	end

	local function set_password(username, claim, password)
		local ok, problem = claims:set(username, { claim = claim });
		if not ok then return nil, not_stored("a claim", problem); end
		-- Not usermanager.set_password: its event makes mod_c2s close the member's sessions.
		ok, problem = host.users.set_password(username, password);
		if not ok then return nil, not_stored("a password", problem); end
		return true;
	end

	local door = {};

	function door.create(username, claim, password)
		if is_reserved(username) then return nil, reserved; end
		local outcome = "already-ours";
		if not exists(username) then
			clear_traces(username);
			local stored, problem = accounts:set(username, locked_account(claim));
			if not stored then return nil, not_stored("an account", problem); end
			outcome = "created";
		elseif not is_ours(username, claim) then
			return nil, conflict;
		end
		local ok, problem = set_password(username, claim, password);
		return ok and outcome, problem;
	end

	door["set-password"] = function (username, claim, password)
		if is_reserved(username) then return nil, reserved; end
		if not exists(username) then return nil, absent; end
		if not is_ours(username, claim) then return nil, conflict; end
		local ok, problem = set_password(username, claim, password);
		return ok and "password-set", problem;
	end

	function door.remove(username, claim)
		if is_reserved(username) then return nil, reserved; end
		if not exists(username) then
			if claims:get(username) then clear_traces(username); end -- a removal that was cut short
			return "absent";
		end
		if not is_ours(username, claim) then return nil, conflict; end
		local ok, problem = news.quietly(username, function ()
			return usermanager.delete_user(username, module.host);
		end);
		if not ok then return nil, not_stored("a removal", problem); end
		clear_traces(username); -- with the claim
		return "removed";
	end

	return door;
end
