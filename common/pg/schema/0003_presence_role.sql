-- SPDX-License-Identifier: GPL-3.0-or-later
-- The presence service's role, made as those of 0001_roles.sql.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rostrum_presence') THEN
    BEGIN
      CREATE ROLE rostrum_presence LOGIN;
      COMMENT ON ROLE rostrum_presence IS 'Rostrum: the presence service';
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;  -- the migration of another database was quicker
    END;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO rostrum_presence', current_database());
END
$$;

GRANT USAGE ON SCHEMA rostrum TO rostrum_presence;
GRANT SELECT ON rostrum.migration TO rostrum_presence;
