-- SPDX-License-Identifier: GPL-3.0-or-later
-- What became of work that could not be done, to be understood, replayed or dropped by the operator (ADR 0018).
-- New columns are null or have constant defaults, so that no row of a large table is written anew.
ALTER TABLE notification.delivery
  ADD COLUMN attempts_before integer NOT NULL DEFAULT 0,
  ADD COLUMN replayed_at     timestamptz,
  ADD COLUMN extended_until  timestamptz,
  ADD COLUMN dropped_by      text,
  DROP CONSTRAINT delivery_check,
  -- Wider than before: nothing needs to be looked through.
  ADD CONSTRAINT delivery_without_jid_has_ended CHECK (jid IS NOT NULL OR state IN ('failed', 'suppressed')) NOT VALID;
COMMENT ON COLUMN notification.delivery.state IS
  'How far it has come. It never goes back, but from attempting to queued, and from failed or expired to queued when the operator replays it';
COMMENT ON COLUMN notification.delivery.reason IS
  'failed: the server''s or the gateway''s condition, unknown-member, account-dead, unconfirmed or not-storable. expired: unsent or unconfirmed. suppressed: member-removed or dropped';
COMMENT ON COLUMN notification.delivery.attempts_before IS 'Attempts before it was replayed last: they do not count any more';
COMMENT ON COLUMN notification.delivery.replayed_at IS 'When the operator replayed it last; null where he never did';
COMMENT ON COLUMN notification.delivery.extended_until IS 'Until when it may be sent, where it was replayed beyond its notice''s expiry';
COMMENT ON COLUMN notification.delivery.dropped_by IS 'Who left it at that, as the command line said';
-- Writers wait while they are built: seconds, at ten million deliveries.
CREATE INDEX delivery_dead ON notification.delivery (reason, ended_at) WHERE state IN ('failed', 'expired', 'suppressed');
CREATE INDEX delivery_dead_letter ON notification.delivery (token) WHERE state IN ('failed', 'expired');
COMMENT ON INDEX notification.delivery_dead IS 'The dead letters, and those dropped; small where all goes well';
COMMENT ON INDEX notification.delivery_dead_letter IS 'The dead letters by their id';

ALTER TABLE notification.notice
  ADD COLUMN reason      text,
  ADD COLUMN detail      text,
  ADD COLUMN given_up_at timestamptz,
  ADD COLUMN dropped_at  timestamptz,
  ADD COLUMN dropped_by  text;
CREATE INDEX notice_dead ON notification.notice (given_up_at) WHERE given_up_at IS NOT NULL;
COMMENT ON COLUMN notification.notice.reason IS 'Why the making of its deliveries was given up: not-storable; null otherwise';
COMMENT ON COLUMN notification.notice.detail IS 'Words to the reason, for people';
COMMENT ON COLUMN notification.notice.given_up_at IS 'When that was; what was made before is sent';
COMMENT ON COLUMN notification.notice.dropped_at IS 'When the operator left it at that';
COMMENT ON COLUMN notification.notice.dropped_by IS 'Who, as the command line said';
GRANT UPDATE (reason, detail, given_up_at) ON notification.notice TO rostrum_notification;

CREATE TABLE notification.dead_letter_total (
  what  text PRIMARY KEY CHECK (what IN ('replayed', 'dropped')),
  total bigint NOT NULL DEFAULT 0
);
INSERT INTO notification.dead_letter_total (what) VALUES ('replayed'), ('dropped');
COMMENT ON TABLE notification.dead_letter_total IS 'How many dead letters the operator has replayed and dropped, for the metrics';
COMMENT ON COLUMN notification.dead_letter_total.what IS 'replayed or dropped';
COMMENT ON COLUMN notification.dead_letter_total.total IS 'How many, ever';

CREATE OR REPLACE VIEW notification.notices AS
  SELECT n.source, n.id AS notice_id, n.kind::text AS kind, n.state::text AS state, n.audience::text AS audience, n.audience_ids, n.title,
         n.published_at, n.expires_at, n.done_at,
         p.queued + p.sent + p.delivered + p.failed + p.expired + p.suppressed AS total,
         p.queued, p.sent, p.delivered, p.failed, p.expired, p.suppressed, n.reason, n.dropped_at, n.dropped_by
  FROM notification.notice AS n
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(queued), 0)::bigint AS queued, coalesce(sum(sent), 0)::bigint AS sent, coalesce(sum(delivered), 0)::bigint AS delivered,
           coalesce(sum(failed), 0)::bigint AS failed, coalesce(sum(expired), 0)::bigint AS expired, coalesce(sum(suppressed), 0)::bigint AS suppressed
    FROM notification.progress WHERE notice_id = n.id) AS p;
COMMENT ON COLUMN notification.notices.reason IS 'Why the making of its deliveries was given up before all were made; null otherwise';
COMMENT ON COLUMN notification.notices.dropped_at IS 'When the operator left it at that; null otherwise';
COMMENT ON COLUMN notification.notices.dropped_by IS 'Who';

CREATE OR REPLACE VIEW notification.deliveries AS
  SELECT source, notice_id, member_id, jid, kind::text AS kind, state::text AS state, attempts, queued_at,
         CASE WHEN state IN ('queued', 'attempting') THEN due END AS next_look_at, sent_at, delivered_at, ended_at, reason, detail,
         notice_id::text || '.' || replace(token::text, '-', '') AS stanza_id, replayed_at, extended_until, dropped_by
  FROM notification.delivery;
COMMENT ON COLUMN notification.deliveries.replayed_at IS 'When the operator replayed it last; null where he never did';
COMMENT ON COLUMN notification.deliveries.extended_until IS 'Until when it may be sent, where it was replayed beyond its notice''s expiry';
COMMENT ON COLUMN notification.deliveries.dropped_by IS 'For suppressed with reason dropped: who did that';

CREATE OR REPLACE VIEW notification.dead_letters AS
  SELECT d.source, d.notice_id, d.member_id, d.jid, d.state::text AS state, d.reason, d.detail, d.attempts - d.attempts_before AS attempts,
         d.ended_at AS since,
         d.token::text AS id, 'send_message' AS action,
         d.source AS origin_source, d.notice_id AS origin_event, coalesce(d.replayed_at, d.queued_at) AS wanted_since,
         greatest(d.extended_until, n.expires_at) AS expires_at,
         CASE WHEN d.jid IS NULL AND NOT EXISTS (
                SELECT FROM directory.audience AS a WHERE a.source = d.source AND a.member_id = d.member_id) THEN 'unknown-member'
              WHEN greatest(d.extended_until, n.expires_at) <= now() THEN 'past-expiry'
              ELSE 'send_message' END AS replay,
         d.notice_id::text || '.' || replace(d.token::text, '-', '') AS stanza_id
  FROM notification.delivery AS d JOIN notification.notice AS n ON n.id = d.notice_id WHERE d.state IN ('failed', 'expired')
  UNION ALL
  SELECT n.source, n.id, NULL, NULL, 'failed', n.reason, n.detail, 1, n.given_up_at,
         n.id::text, 'expand_notice', n.source, n.id, n.published_at, n.expires_at,
         CASE WHEN n.expires_at <= now() THEN 'past-expiry' ELSE 'expand_notice' END, NULL
  FROM notification.notice AS n WHERE n.given_up_at IS NOT NULL AND n.dropped_at IS NULL;
COMMENT ON VIEW   notification.dead_letters IS 'Work that was given up: deliveries, and notices not all of whose deliveries could be made';
COMMENT ON COLUMN notification.dead_letters.member_id IS 'The member; null for a notice';
COMMENT ON COLUMN notification.dead_letters.jid IS 'Bare JID it was for; null if there was no such member';
COMMENT ON COLUMN notification.dead_letters.reason IS 'As notification.deliveries.reason, or of a notice as notification.notices.reason';
COMMENT ON COLUMN notification.dead_letters.attempts IS 'How often it was handed to a gateway and may have left it, since it was made or replayed; of a notice 1';
COMMENT ON COLUMN notification.dead_letters.since IS 'When it ended';
COMMENT ON COLUMN notification.dead_letters.id IS 'What the operator calls it: the second half of a delivery''s stanza id, or the id of a notice; always the same';
COMMENT ON COLUMN notification.dead_letters.action IS 'What could not be done: send_message or expand_notice';
COMMENT ON COLUMN notification.dead_letters.origin_source IS 'Who published the event that set it in motion';
COMMENT ON COLUMN notification.dead_letters.origin_event IS 'Id of that event, which is the notice''s';
COMMENT ON COLUMN notification.dead_letters.wanted_since IS 'When it was made or replayed last';
COMMENT ON COLUMN notification.dead_letters.expires_at IS 'Until when it may be sent';
COMMENT ON COLUMN notification.dead_letters.replay IS
  'What a replay would do: send_message, expand_notice; or why nothing: past-expiry (it has to be extended), unknown-member (the site has to state the member first)';
COMMENT ON COLUMN notification.dead_letters.stanza_id IS 'Id of the stanza, to be found in the Jabber server''s log; null for a notice';

CREATE VIEW notification.dropped AS
  SELECT source, notice_id, member_id, token::text AS id, 'send_message' AS action, detail AS was, ended_at AS dropped_at, dropped_by
  FROM notification.delivery WHERE state = 'suppressed' AND reason = 'dropped'
  UNION ALL
  SELECT source, id, NULL, id::text, 'expand_notice', reason, dropped_at, dropped_by FROM notification.notice WHERE given_up_at IS NOT NULL AND dropped_at IS NOT NULL;
COMMENT ON VIEW   notification.dropped IS 'Dead letters that the operator left at that';
COMMENT ON COLUMN notification.dropped.source IS 'The site';
COMMENT ON COLUMN notification.dropped.notice_id IS 'The notice';
COMMENT ON COLUMN notification.dropped.member_id IS 'The member; null for a notice';
COMMENT ON COLUMN notification.dropped.id IS 'As notification.dead_letters.id';
COMMENT ON COLUMN notification.dropped.action IS 'What was not done';
COMMENT ON COLUMN notification.dropped.was IS 'State, reason and words as they were';
COMMENT ON COLUMN notification.dropped.dropped_at IS 'When';
COMMENT ON COLUMN notification.dropped.dropped_by IS 'Who, as the command line said';
GRANT SELECT ON notification.dropped TO rostrum_reader;

-- The same stanza id, a fresh count. A member whom nobody knew is looked up again. Deliveries are locked in the order in which the service locks.
CREATE FUNCTION notification.replay_dead_letters(ids uuid[], extend_by interval) RETURNS TABLE (id uuid, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM notification.delivery AS d
    WHERE d.token = ANY (ids) AND d.state IN ('failed', 'expired')
    ORDER BY d.notice_id, d.member_id FOR UPDATE;
  PERFORM FROM notification.notice AS n
    WHERE n.id = ANY (ids) OR n.id IN (SELECT d.notice_id FROM notification.delivery AS d WHERE d.token = ANY (ids) AND d.state IN ('failed', 'expired'))
    ORDER BY n.id FOR UPDATE;
  RETURN QUERY
    WITH named AS (
      SELECT b.id FROM unnest(ids) AS b (id)
    ), letters AS (
      SELECT b.id, d.notice_id, d.member_id, coalesce(d.jid, a.jid) AS jid,
             CASE WHEN coalesce(d.jid, a.jid) IS NULL THEN 'unknown-member'
                  WHEN greatest(d.extended_until, n.expires_at) <= now() AND extend_by IS NULL THEN 'past-expiry' END AS refused,
             greatest(d.extended_until, n.expires_at) <= now() AS past
        FROM named AS b
        JOIN notification.delivery AS d ON d.token = b.id AND d.state IN ('failed', 'expired')
        JOIN notification.notice AS n ON n.id = d.notice_id
        LEFT JOIN directory.audience AS a ON d.jid IS NULL AND a.source = d.source AND a.member_id = d.member_id
    ), again AS (
      UPDATE notification.delivery AS d
         SET state = 'queued', jid = l.jid, attempts_before = d.attempts, replayed_at = now(), due = now(),
             extended_until = CASE WHEN l.past THEN now() + extend_by ELSE d.extended_until END,
             sent_at = NULL, ended_at = NULL, reason = NULL, detail = NULL
        FROM letters AS l WHERE l.refused IS NULL AND d.notice_id = l.notice_id AND d.member_id = l.member_id
      RETURNING d.notice_id, l.id
    ), notices AS (
      SELECT b.id, n.id AS notice_id, n.expires_at <= now() AS past, CASE WHEN n.expires_at <= now() AND extend_by IS NULL THEN 'past-expiry' END AS refused
        FROM named AS b JOIN notification.notice AS n ON n.id = b.id
       WHERE n.given_up_at IS NOT NULL AND n.dropped_at IS NULL
    ), expanding AS (
      UPDATE notification.notice AS n
         SET state = 'expanding', done_at = NULL, reason = NULL, detail = NULL, given_up_at = NULL,
             expires_at = CASE WHEN l.past THEN now() + extend_by ELSE n.expires_at END
        FROM notices AS l WHERE l.refused IS NULL AND n.id = l.notice_id
      RETURNING l.id
    ), reopened AS (
      UPDATE notification.notice AS n SET state = 'sending', done_at = NULL
       WHERE n.id IN (SELECT notice_id FROM again) AND n.state = 'done' AND n.id NOT IN (SELECT notice_id FROM notices WHERE refused IS NULL)
    ), counted AS (
      UPDATE notification.dead_letter_total
         SET total = total + (SELECT count(*) FROM again) + (SELECT count(*) FROM expanding) WHERE what = 'replayed'
    )
    SELECT b.id, CASE WHEN a.id IS NOT NULL OR e.id IS NOT NULL THEN 'replayed' ELSE coalesce(l.refused, x.refused, 'gone') END
      FROM named AS b LEFT JOIN letters AS l ON l.id = b.id LEFT JOIN again AS a ON a.id = b.id
      LEFT JOIN notices AS x ON x.id = b.id LEFT JOIN expanding AS e ON e.id = b.id;
END $$;
COMMENT ON FUNCTION notification.replay_dead_letters(uuid[], interval) IS
  'Has dead letters tried again; what is past its notice''s expiry only with extend_by, for so long from now. For each id: replayed, gone (no such dead letter any more), past-expiry or unknown-member';

CREATE FUNCTION notification.drop_dead_letters(ids uuid[], operator text) RETURNS TABLE (id uuid, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM notification.delivery AS d
    WHERE d.token = ANY (ids) AND d.state IN ('failed', 'expired')
    ORDER BY d.notice_id, d.member_id FOR UPDATE;
  RETURN QUERY
    WITH named AS (
      SELECT b.id FROM unnest(ids) AS b (id)
    ), dropped AS (
      UPDATE notification.delivery AS d
         SET state = 'suppressed', reason = 'dropped', detail = concat_ws(': ', d.state::text, d.reason, d.detail), ended_at = now(),
             dropped_by = left(operator, 200)
        FROM named AS b WHERE d.token = b.id AND d.state IN ('failed', 'expired')
      RETURNING b.id
    ), notices AS (
      UPDATE notification.notice AS n SET dropped_at = now(), dropped_by = left(operator, 200)
        FROM named AS b WHERE n.id = b.id AND n.given_up_at IS NOT NULL AND n.dropped_at IS NULL
      RETURNING b.id
    ), counted AS (
      UPDATE notification.dead_letter_total
         SET total = total + (SELECT count(*) FROM dropped) + (SELECT count(*) FROM notices) WHERE what = 'dropped'
    )
    SELECT b.id, CASE WHEN d.id IS NOT NULL OR n.id IS NOT NULL THEN 'dropped' ELSE 'gone' END
      FROM named AS b LEFT JOIN dropped AS d ON d.id = b.id LEFT JOIN notices AS n ON n.id = b.id;
END $$;
COMMENT ON FUNCTION notification.drop_dead_letters(uuid[], text) IS
  'Leaves dead letters at that: deliveries become suppressed (dropped), with what they were in the detail. For each id: dropped, or gone (no such dead letter any more)';

REVOKE ALL ON FUNCTION notification.replay_dead_letters(uuid[], interval), notification.drop_dead_letters(uuid[], text) FROM PUBLIC;
GRANT USAGE ON SCHEMA notification TO rostrum_operator;
GRANT EXECUTE ON FUNCTION notification.replay_dead_letters(uuid[], interval), notification.drop_dead_letters(uuid[], text) TO rostrum_operator;
GRANT SELECT ON notification.dead_letter_total, notification.dead_letters TO rostrum_notification;
