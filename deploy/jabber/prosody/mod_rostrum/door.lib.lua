-- SPDX-License-Identifier: GPL-3.0-or-later
-- The account door: who may ask, how requests read and how answers look. docs/account-door.md is its description.

local st = require "util.stanza";
local encodings = require "util.encodings";
local path_encode = require "util.datamanager".path_encode;

local nodeprep, saslprep = encodings.stringprep.nodeprep, encodings.stringprep.saslprep;
local xmlns_door = "urn:rostrum:door:1";

local max_claim_bytes = 64;
local max_password_bytes = 1024;
local max_username_bytes = 240; -- as a file name of the internal storage, where 255 is the end

local function bad_request(text)
	return { type = "modify", condition = "bad-request", text = text };
end

local function read_username(request)
	local username = request.attr.username;
	if not username then return nil, bad_request("username is missing"); end
	if username == "" or nodeprep(username, true) ~= username or #path_encode(username) > max_username_bytes then
		return nil, { type = "modify", condition = "jid-malformed", text = "username is too long or not in its prepared form" };
	end
	return username;
end

local function read_claim(request)
	local claim = request.attr.claim;
	if not claim or #claim > max_claim_bytes or not claim:match("^[%w-]+$") then
		return nil, bad_request("claim must be 1 to 64 letters, digits and hyphens");
	end
	return claim;
end

local function read_password(request)
	local password = request:get_child_text("password");
	if not password or password == "" or #password > max_password_bytes then
		return nil, bad_request("password must have 1 to 1024 bytes");
	elseif not saslprep(password) then
		return nil, bad_request("password holds characters that RFC 4013 forbids");
	end
	return password;
end

local needs_password = { create = true, ["set-password"] = true, remove = false };

local function change_account(accounts, request)
	local username, claim, password, problem, outcome;
	username, problem = read_username(request);
	if not problem then claim, problem = read_claim(request); end
	if not problem and needs_password[request.name] then password, problem = read_password(request); end
	if not problem then outcome, problem = accounts[request.name](username, claim, password); end
	if problem then return nil, problem; end
	module:log("info", "%s %s: %s", request.name, username, outcome);
	return st.stanza("account", { xmlns = xmlns_door, username = username, outcome = outcome });
end

return function (settings, accounts)
	local describe = settings and module:require "description" (settings);

	-- The session counts, not the stanza's 'from', which a privileged component may choose.
	local function is_control(origin)
		return settings and origin.type == "c2s" and origin.host == module.host and origin.username == settings.control.username;
	end

	local function answer(kind, request)
		if kind == "get" and request.name == "describe" then
			return describe();
		elseif kind == "set" and needs_password[request.name] ~= nil then
			return change_account(accounts, request);
		end
		return nil, { type = "cancel", condition = "feature-not-implemented", text = "This door knows no such request" };
	end

	module:hook("iq/host", function (event)
		local origin, stanza = event.origin, event.stanza;
		local kind, request = stanza.attr.type, stanza.tags[1];
		if kind ~= "get" and kind ~= "set" or not request or request.attr.xmlns ~= xmlns_door then return; end
		local result, problem;
		if is_control(origin) then
			result, problem = answer(kind, request);
		else
			problem = { type = "auth", condition = "forbidden", text = "Only Rostrum's control account may use this door" };
		end
		origin.send(result and st.reply(stanza):add_child(result) or st.error_reply(stanza, problem));
		return true;
	end, 10);
end
