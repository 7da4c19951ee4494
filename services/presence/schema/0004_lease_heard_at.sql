-- SPDX-License-Identifier: GPL-3.0-or-later
COMMENT ON COLUMN presence.lease.heard_at IS 'All that the owner had seen until then is stored: should it be lost, our view was whole until then';
