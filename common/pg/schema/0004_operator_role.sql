-- SPDX-License-Identifier: GPL-3.0-or-later
-- The operator's role, made as those of 0001_roles.sql: it may call the few functions that a service's schema offers for work that was given up, and
-- can neither read nor write a table.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rostrum_operator') THEN
    BEGIN
      CREATE ROLE rostrum_operator LOGIN;
      COMMENT ON ROLE rostrum_operator IS 'Rostrum: replays and drops dead letters';
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;  -- the migration of another database was quicker
    END;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO rostrum_operator', current_database());
END
$$;
