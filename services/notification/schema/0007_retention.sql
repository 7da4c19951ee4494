-- SPDX-License-Identifier: GPL-3.0-or-later
-- What is over goes after a time that the operator sets, in small batches that the service asks for (services/notification/adapters/retention.hpp).
-- The service may delete nothing itself, only what these functions let go.
ALTER TABLE notification.notice ADD COLUMN looked_through_at timestamptz;
COMMENT ON COLUMN notification.notice.looked_through_at IS
  'When those of its deliveries were deleted last that had been over for long enough; what is left are dead letters, or all of them where the notice is one itself, and it is looked through again a day later. Null: never yet';
CREATE INDEX notice_done ON notification.notice (done_at) WHERE state = 'done' AND looked_through_at IS NULL;
CREATE INDEX notice_looked_through ON notification.notice (looked_through_at) WHERE state = 'done' AND looked_through_at IS NOT NULL;
COMMENT ON INDEX notification.notice_done IS 'The next one to be looked through';
COMMENT ON INDEX notification.notice_looked_through IS 'The next one to be looked through again; as small as there are notices with old dead letters';
GRANT UPDATE (looked_through_at) ON notification.notice TO rostrum_notification;
COMMENT ON TABLE notification.progress IS
  'How many deliveries of a notice are, or were when retention deleted them, in which state: the sum over its shards. Kept by triggers, so it cannot disagree with the deliveries';
COMMENT ON VIEW notification.notices IS
  'Every notice with its progress, until retention deletes it. Each delivery is counted in exactly one of queued, sent, delivered, failed, expired, suppressed, also after it was deleted while dead letters of the same notice stay. The text is in notification.notice_texts';
COMMENT ON VIEW notification.deliveries IS 'One row per notice and member, until retention deletes it';

CREATE FUNCTION notification.forget_deliveries(notice uuid, after text, keep interval, most integer, OUT deliveries bigint, OUT last text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM notification.delivery
     WHERE notice_id = $1 AND member_id IN (
       SELECT d.member_id FROM notification.delivery AS d JOIN notification.notice AS n ON n.id = d.notice_id
        WHERE d.notice_id = $1 AND d.member_id > $2 AND n.state = 'done' AND n.done_at < now() - greatest($3, '1 day')
          AND (n.given_up_at IS NULL OR n.dropped_at IS NOT NULL)
          AND (d.state IN ('sent', 'delivered') OR d.state = 'suppressed' AND d.ended_at < now() - greatest($3, '1 day'))
        ORDER BY d.member_id LIMIT $4)
    RETURNING member_id)
  SELECT count(*), coalesce(max(member_id), '') FROM gone
$$;
COMMENT ON FUNCTION notification.forget_deliveries(uuid, text, interval, integer) IS
  'Deletes at most so many deliveries of a notice, beyond a member, that have been over for so long, a day at least; never a dead letter, and none while the notice is one itself: its replay, which begins at the first member, tells by them who has had it. How many, and the last member';

CREATE FUNCTION notification.forget_notice(notice uuid, keep interval) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH gone AS (
    DELETE FROM notification.notice AS n
     WHERE n.id = $1 AND n.state = 'done' AND n.done_at < now() - greatest($2, '1 day')
       AND (n.given_up_at IS NULL OR n.dropped_at < now() - greatest($2, '1 day'))
       AND NOT EXISTS (SELECT FROM notification.delivery AS d WHERE d.notice_id = n.id)
    RETURNING n.id
  ), counters AS (
    DELETE FROM notification.progress WHERE notice_id IN (SELECT id FROM gone)
  )
  SELECT EXISTS (SELECT FROM gone)
$$;
COMMENT ON FUNCTION notification.forget_notice(uuid, interval) IS
  'Deletes a notice that has no delivery any more and has been over for so long, a day at least; one that is a dead letter itself only when it was dropped as long ago. Whether it did';

REVOKE ALL ON FUNCTION notification.forget_deliveries(uuid, text, interval, integer), notification.forget_notice(uuid, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notification.forget_deliveries(uuid, text, interval, integer), notification.forget_notice(uuid, interval) TO rostrum_notification;
