-- SPDX-License-Identifier: GPL-3.0-or-later
std = "lua54"
max_line_length = 150
globals = { "module", "prosody" } -- given to every module by Prosody
