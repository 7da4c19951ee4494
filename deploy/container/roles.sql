-- SPDX-License-Identifier: GPL-3.0-or-later
-- The database's owner, the database, and the password of every role that logs in; as superuser, before every `rostrum migrate`.
-- The passwords come as psql variables from the files that the setup container made.
\set ON_ERROR_STOP on
SELECT format('CREATE ROLE %I LOGIN', role)
FROM unnest(ARRAY['rostrum_owner', 'rostrum_reader', 'rostrum_operator', 'rostrum_registration', 'rostrum_notification', 'rostrum_presence']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
\gexec
ALTER ROLE rostrum_owner CREATEROLE;
\set owner `cat /run/rostrum/rostrum_owner.password`
\set reader `cat /run/rostrum/rostrum_reader.password`
\set operator `cat /run/rostrum/rostrum_operator.password`
\set registration `cat /run/rostrum/rostrum_registration.password`
\set notification `cat /run/rostrum/rostrum_notification.password`
\set presence `cat /run/rostrum/rostrum_presence.password`
ALTER ROLE rostrum_owner PASSWORD :'owner';
ALTER ROLE rostrum_reader PASSWORD :'reader';
ALTER ROLE rostrum_operator PASSWORD :'operator';
ALTER ROLE rostrum_registration PASSWORD :'registration';
ALTER ROLE rostrum_notification PASSWORD :'notification';
ALTER ROLE rostrum_presence PASSWORD :'presence';
SELECT 'CREATE DATABASE rostrum OWNER rostrum_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'rostrum')
\gexec
