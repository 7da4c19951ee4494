-- SPDX-License-Identifier: Apache-2.0
-- Reads addresses, one a line in hexadecimal; answers what Prosody's own util.jid makes of each, in hexadecimal, or "refused".
-- arg[1]: Prosody's folder; arg[2]: "strict" refuses unassigned code points, as Prosody does for accounts it creates.
package.path = arg[1] .. "/?.lua;" .. package.path
package.cpath = arg[1] .. "/?.so;" .. package.cpath
local jid = require "util.jid"
local strict = arg[2] == "strict"

local function from_hex(text)
	return (text:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function to_hex(bytes)
	return (bytes:gsub(".", function(byte) return string.format("%02x", byte:byte()) end))
end

for line in io.lines() do
	local prepared = jid.prep(from_hex(line), strict)
	print(prepared and to_hex(prepared) or "refused")
end
