# SPDX-License-Identifier: GPL-3.0-or-later
"""Private servers (PostgreSQL, Prosody) for the demo, the tests and the benchmarks: loopback only, one directory, gone with their parent."""
