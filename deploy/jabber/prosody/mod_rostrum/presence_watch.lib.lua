-- SPDX-License-Identifier: GPL-3.0-or-later
-- The presence watch of docs/presence-watch.md: who may have it, and what counts as a change. It goes by what mod_presence has
-- made of a session, so that a presence which another module refused, or which a client addressed to the site, is never told
-- as if it had happened.

local st = require "util.stanza";
local jid_bare = require "util.jid".bare;

local xmlns_watch = "urn:rostrum:presence:1";
local before_others, after_others = 200, -100;

-- Up to 15 digits: exact in any kind of Lua number.
local function read_epoch(text)
	return text and #text <= 15 and text:match("^[1-9]%d*$") and tonumber(text);
end

return function (settings)
	local resource = module:require "resource_element";
	local new_teller = module:require "presence_teller";
	local site = settings.site;
	local watch; -- the one in force: epoch, session, teller

	-- The session counts, not the stanza's 'from', which a privileged component may choose.
	local function is_account_here(session) return session.type == "c2s" and session.host == module.host; end
	local function is_site(session) return is_account_here(session) and session.username == site.username; end
	local function is_member(session) return is_account_here(session) and settings.is_member(session.username); end

	local function finish(reason)
		local ended = watch;
		watch = nil;
		if ended then ended.teller.stop(reason); end
	end

	local function refusal(session, epoch)
		if not is_site(session) then
			return { type = "auth", condition = "forbidden", text = "Only the site account may watch presence" };
		elseif not epoch then
			return { type = "modify", condition = "bad-request", text = "epoch must be a whole number from 1 up, of at most 15 digits" };
		elseif watch and watch.epoch > epoch then
			return { type = "cancel", condition = "conflict", text = "A watch with a higher epoch is in force" };
		end
	end

	module:hook("iq-set/host/"..xmlns_watch..":watch", function (event)
		local session, stanza = event.origin, event.stanza;
		local epoch = read_epoch(stanza.tags[1].attr.epoch);
		local problem = refusal(session, epoch);
		if problem then
			session.send(st.error_reply(stanza, problem));
			return true;
		end
		if watch then finish(watch.session ~= session and "superseded"); end -- who asks again knows
		local teller = new_teller(session, settings.members_online(), resource.available);
		watch = { epoch = epoch, session = session, teller = teller };
		session.send(st.reply(stanza):tag("watching", { xmlns = xmlns_watch, watch = teller.name }));
		teller.start();
		return true;
	end);

	-- Around all handlers: what a member's presence is when they are done is what has happened.
	module:wrap_event("presence/bare", function (handlers, event_name, event)
		local session = event.origin;
		if not watch or event.stanza.attr.to or not is_member(session) then return handlers(event_name, event); end
		local before, full_jid = session.presence, session.full_jid;
		local result = handlers(event_name, event);
		if watch and session.presence ~= before then
			if session.presence and not session.destroyed then
				watch.teller.note(resource.available(session));
			else
				watch.teller.note(resource.unavailable(full_jid, session.destroyed and "dropped" or "left"));
			end
		end
		return result;
	end);

	module:hook("resource-unbind", function (event)
		local session = event.session;
		if not watch then return; end
		if session == watch.session then
			finish();
		elseif session.presence and is_member(session) then -- its end was kept from mod_presence
			watch.teller.note(resource.unavailable(session.full_jid, "dropped"));
		end
	end, after_others);

	local function swallow(event)
		local attr = event.stanza.attr;
		if watch and attr.type ~= "probe" and jid_bare(attr.to) == site.jid and is_member(event.origin) then return true; end
	end
	module:hook("pre-presence/bare", swallow, before_others);
	module:hook("pre-presence/full", swallow, before_others);

	return {
		in_force = function () return watch ~= nil; end;
		stop = function () finish("unloaded"); end;
	};
end
