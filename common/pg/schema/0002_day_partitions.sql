-- SPDX-License-Identifier: GPL-3.0-or-later
-- Services have no right to change the schema; each is given a function of the owner's that calls this one for its own table.
CREATE FUNCTION rostrum.keep_day_partitions(partitioned regclass, today date, days_behind integer, days_ahead integer) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  schema_name name;
  table_name name;
  partition_name name;
  day date;
BEGIN
  SELECT n.nspname, c.relname INTO STRICT schema_name, table_name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = partitioned;
  -- Several instances of a service may call at once.
  PERFORM pg_advisory_xact_lock(hashtextextended('rostrum.keep_day_partitions', partitioned::oid::bigint));

  FOR day IN SELECT generate_series(today - days_behind, today + days_ahead, interval '1 day')::date LOOP
    partition_name := format('%s_%s', table_name, to_char(day, 'YYYYMMDD'));
    CONTINUE WHEN to_regclass(format('%I.%I', schema_name, partition_name)) IS NOT NULL;
    -- Made aside and attached: CREATE … PARTITION OF would lock out every writer of the parent.
    EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL)', schema_name, partition_name, partitioned);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
                   partitioned, schema_name, partition_name, day, day + 1);
  END LOOP;

  FOR partition_name IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = partitioned AND c.relname < format('%s_%s', table_name, to_char(today - days_behind, 'YYYYMMDD'))
     ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE %I.%I', schema_name, partition_name);
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION rostrum.keep_day_partitions(regclass, date, integer, integer) FROM PUBLIC;
COMMENT ON FUNCTION rostrum.keep_day_partitions(regclass, date, integer, integer) IS
  'Makes the partitions NAME_YYYYMMDD of a table partitioned by day, from days_behind before today to days_ahead after, and drops older ones';
