-- SPDX-License-Identifier: GPL-3.0-or-later
-- The service judges the age of an event by its own clock, so the days of that clock have to be there whatever the database's shows.
COMMENT ON FUNCTION registration.keep_ledger(integer) IS 'Of services that have not been replaced since this migration: by the database''s clock alone';

CREATE FUNCTION registration.keep_ledger(horizon_days integer, service_day date) RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  -- Two days more than the horizon: an event may wait in the intake past midnight. Three ahead: clocks differ, and an hourly caller may miss some hours.
  SELECT rostrum.keep_day_partitions('registration.ledger', (now() AT TIME ZONE 'UTC')::date, service_day, least(greatest(horizon_days, 1), 60) + 2, 3)
$$;
REVOKE ALL ON FUNCTION registration.keep_ledger(integer, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registration.keep_ledger(integer, date) TO rostrum_registration;
COMMENT ON FUNCTION registration.keep_ledger(integer, date) IS
  'Makes the ledger''s partitions for the days to come, by the database''s clock and by the service''s UTC day, and drops those beyond the horizon of both; called by the service at start and hourly';
