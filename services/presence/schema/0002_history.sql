-- SPDX-License-Identifier: GPL-3.0-or-later
-- Partitions by month and their retention. The service has no right to change the schema; it calls presence.keep_history.

-- What lies outside of the months that are there: only a change that is told months late.
CREATE TABLE presence.transition_default PARTITION OF presence.transition DEFAULT;
CREATE TABLE presence.session_default PARTITION OF presence.session DEFAULT;
COMMENT ON TABLE presence.transition_default IS 'Transitions outside of the months that are there';
COMMENT ON TABLE presence.session_default IS 'Sessions outside of the months that are there';

CREATE FUNCTION presence.keep_months(partitioned regclass, moment_column name, today date, months_behind integer, months_ahead integer) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  table_name name;
  partition_name name;
  month date;
  oldest date := (date_trunc('month', today) - make_interval(months => months_behind))::date;
BEGIN
  SELECT c.relname INTO STRICT table_name FROM pg_class c WHERE c.oid = partitioned;
  -- Several instances of the service may call at once.
  PERFORM pg_advisory_xact_lock(hashtextextended('presence.keep_months', partitioned::oid::bigint));

  -- This month and the next ones alone: what is told of an earlier month that is not there has its place in the default partition.
  FOR month IN SELECT generate_series(date_trunc('month', today), date_trunc('month', today) + make_interval(months => months_ahead), interval '1 month')::date LOOP
    partition_name := format('%s_%s', table_name, to_char(month, 'YYYYMM'));
    CONTINUE WHEN to_regclass(format('presence.%I', partition_name)) IS NOT NULL;
    -- Made aside and attached: CREATE … PARTITION OF would lock out every writer of the parent.
    EXECUTE format('CREATE TABLE presence.%I (LIKE %s INCLUDING ALL)', partition_name, partitioned);
    -- What came while the month was missing moves there; it would shut out the new partition otherwise. Nothing more comes meanwhile.
    EXECUTE format('LOCK TABLE presence.%I IN ACCESS EXCLUSIVE MODE', format('%s_default', table_name));
    EXECUTE format('WITH late AS (DELETE FROM presence.%I WHERE %I >= $1 AND %I < $2 RETURNING *) INSERT INTO presence.%I SELECT * FROM late',
                   format('%s_default', table_name), moment_column, moment_column, partition_name)
      USING month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC';
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION presence.%I FOR VALUES FROM (%L) TO (%L)', partitioned, partition_name,
                   month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
  END LOOP;

  FOR partition_name IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = partitioned AND c.relname <> format('%s_default', table_name)
       AND c.relname < format('%s_%s', table_name, to_char(oldest, 'YYYYMM'))
     ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE presence.%I', partition_name);
  END LOOP;
  EXECUTE format('DELETE FROM presence.%I WHERE %I < $1', format('%s_default', table_name), moment_column)
    USING oldest::timestamp AT TIME ZONE 'UTC';
END
$$;
REVOKE ALL ON FUNCTION presence.keep_months(regclass, name, date, integer, integer) FROM PUBLIC;
COMMENT ON FUNCTION presence.keep_months(regclass, name, date, integer, integer) IS
  'Makes the partitions NAME_YYYYMM of this month and the next ones, drops those that ended more than months_behind months before this one began';

CREATE FUNCTION presence.history_begin(months integer) RETURNS timestamptz
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => months)) AT TIME ZONE 'UTC';
$$;
REVOKE ALL ON FUNCTION presence.history_begin(integer) FROM PUBLIC;
COMMENT ON FUNCTION presence.history_begin(integer) IS 'Begin of the oldest month that is kept, if that many before the present one are';

-- Needs locks that a long reader (a report, pg_dump) may hold for hours. It waits for each no longer than a lease may wait for a batch, and gives
-- up otherwise: nothing hangs on it, there are the default partitions.
CREATE FUNCTION presence.keep_history(months integer) RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
  kept integer := least(greatest(months, 1), 1200);
  today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
  PERFORM presence.keep_months('presence.transition', 'at', today, kept, 2);
  PERFORM presence.keep_months('presence.session', 'ended_at', today, kept, 2);
  -- As far back as the sessions go: where they are gone nobody could say who was online. After the tables, as the service's transactions do.
  DELETE FROM presence.coverage WHERE ended_at <= presence.history_begin(kept);
  UPDATE presence.coverage SET began_at = presence.history_begin(kept) WHERE began_at < presence.history_begin(kept);
  RETURN true;
EXCEPTION WHEN lock_not_available OR deadlock_detected OR query_canceled THEN
  RETURN false;
END
$$;
REVOKE ALL ON FUNCTION presence.keep_history(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION presence.keep_history(integer) TO rostrum_presence;
COMMENT ON FUNCTION presence.keep_history(integer) IS
  'Makes the history''s partitions for the months to come and drops what is older than so many months; false: others held the tables, nothing was done. Called by the service at start and hourly';
