-- SPDX-License-Identifier: GPL-3.0-or-later
-- For tests alone: a module that keeps presence from mod_presence, as a filter of the operator's might. Own presence whose status is
-- 'refuse me' goes no further, and no end of a session of 'mute' does.

module:hook("presence/bare", function (event)
	local session, stanza = event.origin, event.stanza;
	if stanza.attr.to then return; end
	if stanza:get_child_text("status") == "refuse me" then return true; end
	if session.username == "mute" and stanza.attr.type == "unavailable" then return true; end
end, 5);
