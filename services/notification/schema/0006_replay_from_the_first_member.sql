-- SPDX-License-Identifier: GPL-3.0-or-later
-- A notice that is replayed is gone through from its first member: any of its deliveries may be missing, not only those behind the cursor.
COMMENT ON COLUMN notification.notice.cursor_member_id IS
  'Deliveries are made up to this member, in order of member id; moves in the transaction that makes them. From the beginning again when the notice is replayed';
COMMENT ON COLUMN notification.notice.reason IS 'Why some of its deliveries could not be made: not-storable; null otherwise';
COMMENT ON COLUMN notification.notice.given_up_at IS 'When that was; all others are sent';
COMMENT ON COLUMN notification.notices.reason IS 'Why some of its deliveries could not be made; null otherwise';

CREATE OR REPLACE FUNCTION notification.replay_dead_letters(ids uuid[], extend_by interval) RETURNS TABLE (id uuid, outcome text)
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
         SET state = 'expanding', cursor_member_id = '', done_at = NULL, reason = NULL, detail = NULL, given_up_at = NULL,
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
