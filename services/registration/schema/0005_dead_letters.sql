-- SPDX-License-Identifier: GPL-3.0-or-later
-- What became of work that could not be done, to be understood, replayed or dropped by the operator (ADR 0018).
-- New columns of the account have defaults that are constant within the statement, so that no row of that large table is written anew.
ALTER TABLE registration.account
  ADD COLUMN attempts      integer NOT NULL DEFAULT 0,
  ADD COLUMN origin_source text COLLATE "C",
  ADD COLUMN origin_event  uuid,
  ADD COLUMN wanted_since  timestamptz NOT NULL DEFAULT now(),
  DROP CONSTRAINT account_state_check,
  ADD CONSTRAINT account_state_known CHECK (state IN ('requested', 'attempting', 'active', 'removed', 'dead', 'dropped'));
COMMENT ON COLUMN registration.account.state IS
  'requested: work is due; attempting: a command may be in flight; active, removed: as it should be; dead: see dead_letter; dropped: dead, and the operator leaves it at that';
COMMENT ON COLUMN registration.account.attempts IS 'Attempts since the latest change or replay whose work a gateway began, or may have begun';
COMMENT ON COLUMN registration.account.origin_source IS 'Who published the event that set it in motion last; nothing where that was not recorded';
COMMENT ON COLUMN registration.account.origin_event IS 'Id of that event';
COMMENT ON COLUMN registration.account.wanted_since IS 'When it was changed or replayed last: for so long work waits, while it waits';

ALTER TABLE registration.dead_letter
  ADD COLUMN id         uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN reachable  boolean NOT NULL DEFAULT false,
  ADD COLUMN dropped_at timestamptz,
  ADD COLUMN dropped_by text;
CREATE UNIQUE INDEX dead_letter_id ON registration.dead_letter (id);
CREATE INDEX dead_letter_since ON registration.dead_letter (since);
UPDATE registration.dead_letter d SET reachable = true
  FROM registration.account a WHERE a.jid = d.jid AND a.exists_since IS NOT NULL AND a.former_claim IS NULL;
COMMENT ON TABLE registration.dead_letter IS
  'Why a dead or dropped account is so; ends when the account is set in motion again, by the site or by the operator''s replay';
COMMENT ON COLUMN registration.dead_letter.reason IS
  'conflict, vanished, nobody-there, unconfirmed, not-storable, unmakeable, unreadable-password, or the condition the Jabber server or the gateway gave';
COMMENT ON COLUMN registration.dead_letter.id IS 'What the operator calls it; stays as long as it is dead';
COMMENT ON COLUMN registration.dead_letter.reachable IS 'Whether the account exists all the same, so that messages reach it';
COMMENT ON COLUMN registration.dead_letter.dropped_at IS 'When the operator dropped it; nothing while it may be replayed';
COMMENT ON COLUMN registration.dead_letter.dropped_by IS 'Who, as the command line said';

CREATE TABLE registration.dead_letter_total (
  what  text PRIMARY KEY CHECK (what IN ('replayed', 'dropped')),
  total bigint NOT NULL DEFAULT 0
);
INSERT INTO registration.dead_letter_total (what) VALUES ('replayed'), ('dropped');
COMMENT ON TABLE registration.dead_letter_total IS 'How many dead letters the operator has replayed and dropped, for the metrics';
COMMENT ON COLUMN registration.dead_letter_total.what IS 'replayed or dropped';
COMMENT ON COLUMN registration.dead_letter_total.total IS 'How many, ever';
GRANT SELECT ON registration.dead_letter_total, registration.dead_letters TO rostrum_registration;

-- By the small table of dead letters and not by the accounts, for the reason given in 0004_views.sql: a page of the audience must stay cheap.
CREATE OR REPLACE VIEW directory.audience AS
  SELECT m.source, m.member_id, m.jid,
         coalesce(a.source = m.source AND a.member_id = m.member_id AND a.goal = 'present' AND a.former_claim IS NULL
                  AND a.exists_since IS NOT NULL, false) AS ready,
         d.jid IS NOT NULL AND NOT d.reachable AS account_dead
    FROM directory.member m
    LEFT JOIN registration.account a ON a.jid = m.jid
    LEFT JOIN registration.dead_letter d ON d.jid = m.jid
   WHERE m.present;
COMMENT ON COLUMN directory.audience.account_dead IS 'Whether its making was given up (a dead letter), so that no message can reach the member until something is done';

CREATE VIEW directory.given_up AS
  SELECT m.source, m.member_id, m.jid, d.since
    FROM registration.dead_letter d JOIN directory.member m ON m.jid = d.jid AND m.present
   WHERE NOT d.reachable;
COMMENT ON VIEW directory.given_up IS 'Present members whose account is dead, by the moment: WHERE since > …';
COMMENT ON COLUMN directory.given_up.source IS 'Name of the site''s key';
COMMENT ON COLUMN directory.given_up.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN directory.given_up.jid IS 'Bare JID';
COMMENT ON COLUMN directory.given_up.since IS 'When the account was given up';
GRANT SELECT ON directory.given_up TO rostrum_notification, rostrum_reader;

COMMENT ON COLUMN directory.members.account_state IS 'requested, attempting, active, removing, removed, dead, or dropped (dead, and left at that)';
COMMENT ON COLUMN directory.members.reason IS 'For dead and dropped: why';

CREATE FUNCTION registration.what_a_replay_does(a registration.account) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN a.former_claim IS NOT NULL OR (a.goal = 'absent' AND a.attempted) THEN 'remove_account'
              WHEN a.goal = 'absent' THEN 'nothing'
              WHEN a.sealed_password IS NULL THEN 'no-password'
              WHEN a.exists_since IS NOT NULL THEN 'set_password'
              ELSE 'create_account' END
$$;
COMMENT ON FUNCTION registration.what_a_replay_does(registration.account) IS
  'create_account, set_password or remove_account; or why nothing would be done: no-password (the site has to state the member again), nothing';

CREATE OR REPLACE VIEW registration.dead_letters AS
  SELECT a.source, a.member_id, d.jid, d.action, d.reason, d.detail, d.since, a.failures,
         d.id::text AS id, a.attempts, a.origin_source, a.origin_event, a.wanted_since, registration.what_a_replay_does(a) AS replay
    FROM registration.dead_letter d JOIN registration.account a ON a.jid = d.jid
   WHERE d.dropped_at IS NULL;
COMMENT ON COLUMN registration.dead_letters.reason IS 'Why: conflict, vanished, nobody-there, unconfirmed, not-storable, unmakeable, unreadable-password, or a condition';
COMMENT ON COLUMN registration.dead_letters.id IS 'What the operator calls it; stays as long as it is dead';
COMMENT ON COLUMN registration.dead_letters.attempts IS 'Attempts since it was set in motion whose work a gateway began, or may have begun';
COMMENT ON COLUMN registration.dead_letters.origin_source IS 'Who published the event that set it in motion last; null where that was not recorded';
COMMENT ON COLUMN registration.dead_letters.origin_event IS 'Id of that event';
COMMENT ON COLUMN registration.dead_letters.wanted_since IS 'When it was set in motion last';
COMMENT ON COLUMN registration.dead_letters.replay IS
  'What a replay would do: create_account, set_password, remove_account; or why nothing: no-password (the site has to state the member again), nothing';

CREATE VIEW registration.dropped AS
  SELECT a.source, a.member_id, d.jid, d.id::text AS id, d.action, d.reason AS was, d.dropped_at, d.dropped_by
    FROM registration.dead_letter d JOIN registration.account a ON a.jid = d.jid
   WHERE d.dropped_at IS NOT NULL;
COMMENT ON VIEW registration.dropped IS 'Dead letters that the operator left at that';
COMMENT ON COLUMN registration.dropped.source IS 'Name of the site''s key';
COMMENT ON COLUMN registration.dropped.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN registration.dropped.jid IS 'Bare JID';
COMMENT ON COLUMN registration.dropped.id IS 'As registration.dead_letters.id';
COMMENT ON COLUMN registration.dropped.action IS 'What was not done';
COMMENT ON COLUMN registration.dropped.was IS 'The reason';
COMMENT ON COLUMN registration.dropped.dropped_at IS 'When';
COMMENT ON COLUMN registration.dropped.dropped_by IS 'Who, as the command line said';
GRANT SELECT ON registration.dropped TO rostrum_reader;

-- The same claim, a fresh count. Locked first, in the order in which the service locks.
CREATE FUNCTION registration.replay_dead_letters(ids uuid[]) RETURNS TABLE (id uuid, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM registration.account a
    WHERE a.jid IN (SELECT d.jid FROM registration.dead_letter d WHERE d.id = ANY (ids)) ORDER BY a.jid FOR UPDATE;
  RETURN QUERY
    WITH found AS (
      SELECT d.id, d.jid, registration.what_a_replay_does(a) AS replay
        FROM registration.dead_letter d JOIN registration.account a ON a.jid = d.jid
       WHERE d.id = ANY (ids) AND d.dropped_at IS NULL AND a.state = 'dead'
    ), again AS (
      UPDATE registration.account a
         SET state = 'requested', failures = 0, attempts = 0, generation = a.generation + 1, due = now(), wanted_since = now(), changed_at = now()
        FROM found f WHERE a.jid = f.jid AND f.replay IN ('create_account', 'set_password', 'remove_account')
      RETURNING a.jid
    ), no_longer AS (
      DELETE FROM registration.dead_letter d USING again WHERE d.jid = again.jid
    ), counted AS (
      UPDATE registration.dead_letter_total SET total = total + (SELECT count(*) FROM again) WHERE what = 'replayed'
    )
    SELECT w.id, CASE WHEN f.id IS NULL THEN 'gone' WHEN again.jid IS NULL THEN f.replay ELSE 'replayed' END
      FROM unnest(ids) AS w (id) LEFT JOIN found f ON f.id = w.id LEFT JOIN again ON again.jid = f.jid;
END $$;
COMMENT ON FUNCTION registration.replay_dead_letters(uuid[]) IS
  'Sets dead accounts in motion again. For each id: replayed, gone (no such dead letter any more), no-password or nothing (see view dead_letters)';

-- The password will not be used: it goes.
CREATE FUNCTION registration.drop_dead_letters(ids uuid[], operator text) RETURNS TABLE (id uuid, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM registration.account a
    WHERE a.jid IN (SELECT d.jid FROM registration.dead_letter d WHERE d.id = ANY (ids)) ORDER BY a.jid FOR UPDATE;
  RETURN QUERY
    WITH dropped AS (
      UPDATE registration.account a SET state = 'dropped', sealed_password = NULL, changed_at = now()
        FROM registration.dead_letter d WHERE d.id = ANY (ids) AND d.dropped_at IS NULL AND d.jid = a.jid AND a.state = 'dead'
      RETURNING a.jid, d.id
    ), marked AS (
      UPDATE registration.dead_letter d SET dropped_at = now(), dropped_by = left(operator, 200) FROM dropped WHERE d.jid = dropped.jid
    ), counted AS (
      UPDATE registration.dead_letter_total SET total = total + (SELECT count(*) FROM dropped) WHERE what = 'dropped'
    )
    SELECT w.id, CASE WHEN dropped.id IS NULL THEN 'gone' ELSE 'dropped' END
      FROM unnest(ids) AS w (id) LEFT JOIN dropped ON dropped.id = w.id;
END $$;
COMMENT ON FUNCTION registration.drop_dead_letters(uuid[], text) IS
  'Leaves dead accounts at that; who said so is kept. For each id: dropped, or gone (no such dead letter any more)';

REVOKE ALL ON FUNCTION registration.replay_dead_letters(uuid[]), registration.drop_dead_letters(uuid[], text) FROM PUBLIC;
GRANT USAGE ON SCHEMA registration TO rostrum_operator;
GRANT EXECUTE ON FUNCTION registration.replay_dead_letters(uuid[]), registration.drop_dead_letters(uuid[], text) TO rostrum_operator;
