-- SPDX-License-Identifier: GPL-3.0-or-later
-- The partitions of 0002_day_partitions.sql, so that neither a long reader (a report, pg_dump) nor a wrong clock stops who writes.
CREATE FUNCTION rostrum.drop_day_partition(schema_name name, partition_name name) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '100ms'
AS $$
BEGIN
  EXECUTE format('DROP TABLE IF EXISTS %I.%I', schema_name, partition_name);
  RETURN true;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
  RETURN false;
END
$$;
REVOKE ALL ON FUNCTION rostrum.drop_day_partition(name, name) FROM PUBLIC;
COMMENT ON FUNCTION rostrum.drop_day_partition(name, name) IS
  'Drops a partition; false: others read it or its parent, nothing was done. It needs both alone, and every writer queues behind it: so it waits for a tenth of a second only';

CREATE FUNCTION rostrum.keep_day_partitions(partitioned regclass, today date, service_day date, days_behind integer, days_ahead integer) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  schema_name name;
  table_name name;
  partition_name name;
  day date;
  -- A clock that is further off makes nothing: it would leave tables behind that no day ever comes for.
  near_day date := least(greatest(service_day, today - 60), today + 60);
  wanted date[];
  due name[];
BEGIN
  SELECT n.nspname, c.relname INTO STRICT schema_name, table_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = partitioned;
  -- In the catalogue first: nearly always there is nothing to do, and then nothing is locked.
  wanted := ARRAY(
    SELECT DISTINCT offered::date
      FROM unnest(ARRAY[today, near_day]) AS clock (shows), generate_series(shows - days_behind, shows + days_ahead, interval '1 day') AS offered
     WHERE to_regclass(format('%I.%I', schema_name, format('%s_%s', table_name, to_char(offered, 'YYYYMMDD')))) IS NULL
     ORDER BY 1);
  -- Due is what is behind both clocks, however far apart they are.
  due := ARRAY(
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = partitioned
       AND c.relname < format('%s_%s', table_name, to_char(least(today, service_day) - days_behind, 'YYYYMMDD'))
     ORDER BY c.relname);
  IF cardinality(wanted) = 0 AND cardinality(due) = 0 THEN
    RETURN;
  END IF;

  -- Several instances of a service may call at once.
  PERFORM pg_advisory_xact_lock(hashtextextended('rostrum.keep_day_partitions', partitioned::oid::bigint));
  FOREACH day IN ARRAY wanted LOOP
    partition_name := format('%s_%s', table_name, to_char(day, 'YYYYMMDD'));
    CONTINUE WHEN to_regclass(format('%I.%I', schema_name, partition_name)) IS NOT NULL;  -- another instance was quicker
    -- Made aside and attached: CREATE … PARTITION OF would lock out every writer of the parent.
    EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL)', schema_name, partition_name, partitioned);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
                   partitioned, schema_name, partition_name, day, day + 1);
  END LOOP;
  -- What cannot be had stays until the next call.
  FOREACH partition_name IN ARRAY due LOOP
    PERFORM rostrum.drop_day_partition(schema_name, partition_name);
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION rostrum.keep_day_partitions(regclass, date, date, integer, integer) FROM PUBLIC;
COMMENT ON FUNCTION rostrum.keep_day_partitions(regclass, date, date, integer, integer) IS
  'Makes the partitions NAME_YYYYMMDD of a table partitioned by day, from days_behind before to days_ahead after today and after the service''s day (60 days from today at most), and drops those that are older by both';

-- The one of 0002: where there is one clock.
CREATE OR REPLACE FUNCTION rostrum.keep_day_partitions(partitioned regclass, today date, days_behind integer, days_ahead integer) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT rostrum.keep_day_partitions(partitioned, today, today, days_behind, days_ahead)
$$;
