-- SPDX-License-Identifier: GPL-3.0-or-later
-- One role per service, one for readers. Whoever migrates owns everything and needs no more than CREATEROLE and the ownership of this database. The roles have no password: how they
-- prove who they are (peer, certificate, a password set by the operator) is the operator's choice.
DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('rostrum_registration', 'Rostrum: the registration service'),
      ('rostrum_notification', 'Rostrum: the notification service'),
      ('rostrum_reader', 'Rostrum: reads the documented views')) AS role (name, says)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN', wanted.name);
        EXECUTE format('COMMENT ON ROLE %I IS %L', wanted.name, wanted.says);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- roles belong to the whole cluster: the migration of another database was quicker
      END;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), wanted.name);
  END LOOP;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Schema rostrum and its table of migrations were made by the migrator before this first file.
GRANT USAGE ON SCHEMA rostrum TO rostrum_registration, rostrum_notification, rostrum_reader;
GRANT SELECT ON rostrum.migration TO rostrum_registration, rostrum_notification, rostrum_reader;
