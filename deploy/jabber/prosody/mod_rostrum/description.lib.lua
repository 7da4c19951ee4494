-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the door tells about itself and about this server, so that `rostrum check` can say what to mend.

local st = require "util.stanza";
local modulemanager = require "core.modulemanager";
local usermanager = require "core.usermanager";

local everywhere = module:context("*");

local function yes_no(value) return value and "yes" or "no"; end

local function storage_of(store)
	local storage = module:get_option("storage");
	if type(storage) == "table" then storage = storage[store]; end
	return storage or module:get_option_string("default_storage", "internal");
end

-- Modules with which accounts could be made past the site. In-band requests are refused whatever is loaded.
local function registration_modules()
	local found = {};
	for name in pairs(modulemanager.get_modules(module.host)) do
		if name:match("^register") or name:match("^invites") then found[#found + 1] = name; end
	end
	table.sort(found);
	return table.concat(found, " ");
end

return function (settings)
	local unlimited = module:get_option_inherited_set("unlimited_jids", {});

	return function ()
		local gc = everywhere:get_option("gc") or {};
		local has_smacks = modulemanager.is_loaded(module.host, "smacks");
		return st.stanza("describe", {
			xmlns = "urn:rostrum:door:1",
			version = "1",
			server = "Prosody "..tostring(prosody.version),
			site = settings.site.jid,
			["site-name"] = settings.site.name,
			["site-exists"] = yes_no(usermanager.user_exists(settings.site.username, module.host)),
			["site-unlimited"] = yes_no(unlimited:contains(settings.site.jid)),
			control = settings.control.jid,
			["control-unlimited"] = yes_no(unlimited:contains(settings.control.jid)),
			["in-band-registration"] = "closed",
			["registration-modules"] = registration_modules(),
			["stanza-size-limit"] = tostring(everywhere:get_option_number("c2s_stanza_size_limit", 256 * 1024)),
			["tls-required"] = yes_no(module:get_option_boolean("c2s_require_encryption", true)),
			authentication = module:get_option_string("authentication", "internal_hashed"),
			["passwords-hashed"] = "yes", -- with any other provider the door stays shut
			["account-storage"] = storage_of("accounts"),
			["presence-watch"] = "1",
			["offline-messages"] = yes_no(modulemanager.is_loaded(module.host, "offline")),
			["stream-management"] = yes_no(has_smacks),
			["hibernation-seconds"] = has_smacks and tostring(module:get_option_number("smacks_hibernation_time", 600)) or nil,
			gc = gc.mode or "incremental",
			["gc-threshold"] = gc.threshold and tostring(gc.threshold) or nil,
		});
	end
end
