-- SPDX-License-Identifier: GPL-3.0-or-later
-- Ids of the events that were accepted, for as long as they may come again (common/intake).
CREATE TABLE notification.ledger (
  day         date NOT NULL,
  source      text COLLATE "C" NOT NULL,
  id          uuid NOT NULL,
  digest      bytea NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (day, source, id)
) PARTITION BY RANGE (day);
COMMENT ON TABLE notification.ledger IS 'Accepted events; a repeat is found here. One partition a day, dropped beyond the horizon';
COMMENT ON COLUMN notification.ledger.day IS 'UTC day inside the id (UUIDv7)';
COMMENT ON COLUMN notification.ledger.source IS 'Name of the key that published';
COMMENT ON COLUMN notification.ledger.id IS 'Id of the event';
COMMENT ON COLUMN notification.ledger.digest IS 'BLAKE2b-128 of the bytes as they came: the same id with other content is refused';
COMMENT ON COLUMN notification.ledger.accepted_at IS 'When it was committed';
GRANT SELECT, INSERT, DELETE ON notification.ledger TO rostrum_notification;

CREATE FUNCTION notification.keep_ledger(horizon_days integer) RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  -- Two days more than the horizon: an event may wait in the intake past midnight. Three ahead: clocks differ, and an hourly caller may miss some hours.
  SELECT rostrum.keep_day_partitions('notification.ledger', (now() AT TIME ZONE 'UTC')::date, least(greatest(horizon_days, 1), 60) + 2, 3)
$$;
REVOKE ALL ON FUNCTION notification.keep_ledger(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notification.keep_ledger(integer) TO rostrum_notification;
COMMENT ON FUNCTION notification.keep_ledger(integer) IS 'Makes the ledger''s partitions for the days to come and drops those beyond the horizon; called by the service at start and hourly';
