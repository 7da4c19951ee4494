-- SPDX-License-Identifier: GPL-3.0-or-later
-- For tests and benchmarks alone: thousands of members in a second. Each is a session such as mod_c2s makes, its presence goes the
-- way of any other, but there is no client behind it: what is sent to it is looked at and thrown away. Anybody may ask:
--
--   <iq type='set'><join xmlns='urn:rostrum:test:crowd' name='c' count='1000'><presence xmlns='jabber:client'/></join></iq>
--                                 c-1 to c-1000 log in and send this presence; contact='…': they have this contact besides
--   <iq type='set'><leave …/></iq>                    the connections of all of them are lost
--   <iq type='set'><reload …/></iq>                   mod_rostrum is loaded anew, between this stanza and the next
--   <iq type='get'><holds …/></iq>                    answered <holds handed='1000'><of presence='…' count='1000'/></holds>: which presence
--                                 of the site they hold: its status, 'unavailable', or 'none', and how often any was handed to one

local st = require "util.stanza";
local modulemanager = require "core.modulemanager";
local sessionmanager = require "core.sessionmanager";

local xmlns_crowd = "urn:rostrum:test:crowd";
local site = module:get_option_string("rostrum_site", "site@"..module.host);

local crowd, handed = {}, 0;

local function nothing() end

local function connection(member)
	return {
		ip = function () return "127.0.0.1"; end;
		setlimit = nothing, pause = nothing, resume = nothing, close = nothing;
		write = function (_, text)
			if text:find("^<presence") and text:match("from='([^'/]*)") == site then
				handed = handed + 1;
				member.holds = text:find("type='unavailable'", 1, true) and "unavailable" or text:match("<status>([^<]*)") or "";
			end
			return #text;
		end;
	};
end

local function join(username, contact, presence)
	local member = { holds = "none" };
	local session = sessionmanager.new_session(connection(member));
	session.host = module.host;
	session.close = function (self) sessionmanager.destroy_session(self, "closed"); end;
	assert(sessionmanager.make_authenticated(session, username));
	assert(sessionmanager.bind_resource(session, "crowd"));
	if contact then session.roster[contact] = { subscription = "both", groups = {} }; end
	member.session = session;
	crowd[#crowd + 1] = member;
	prosody.core_process_stanza(session, st.clone(presence));
end

-- As it comes to a server: without a namespace of its own.
local function as_stanza(presence)
	presence = st.clone(presence);
	presence.attr.xmlns = nil;
	presence:maptags(function (child) return child.attr.xmlns == "jabber:client" and as_stanza(child) or child; end);
	return presence;
end

local function answer(name, work)
	module:hook("iq/host/"..xmlns_crowd..":"..name, function (event)
		event.origin.send(st.reply(event.stanza):add_child(work(event.stanza.tags[1]) or st.stanza(name, { xmlns = xmlns_crowd })));
		return true;
	end);
end

answer("join", function (request)
	local presence = as_stanza(request:get_child("presence", "jabber:client"));
	for number = 1, tonumber(request.attr.count) do join(request.attr.name.."-"..number, request.attr.contact, presence); end
end);

answer("leave", function ()
	for _, member in ipairs(crowd) do sessionmanager.destroy_session(member.session, "connection lost"); end
	crowd = {};
end);

answer("reload", function () assert(modulemanager.reload(module.host, "rostrum")); end);

answer("holds", function ()
	local counts, holds = {}, st.stanza("holds", { xmlns = xmlns_crowd, handed = ("%d"):format(handed) });
	for _, member in ipairs(crowd) do counts[member.holds] = (counts[member.holds] or 0) + 1; end
	for presence, count in pairs(counts) do holds:tag("of", { presence = presence, count = ("%d"):format(count) }):up(); end
	return holds;
end);
