-- SPDX-License-Identifier: GPL-3.0-or-later
-- One notice for one member, and the counters that follow from it.

CREATE TYPE notification.delivery_state AS ENUM ('queued', 'attempting', 'sent', 'delivered', 'failed', 'expired', 'suppressed');
COMMENT ON TYPE notification.delivery_state IS
  'queued, attempting: open. sent: the Jabber server confirmed it. delivered: the member''s client confirmed it (XEP-0184). '
  'failed, expired: dead letters. suppressed: left out on purpose';

-- No foreign key to the notice: it would lock the notice's one row once for each of 100,000 deliveries. Deliveries are made only by the
-- transaction that holds the notice and moves its cursor.
CREATE TABLE notification.delivery (
  notice_id    uuid NOT NULL,
  member_id    text COLLATE "C" NOT NULL,
  source       text COLLATE "C" NOT NULL,
  kind         notification.notice_kind NOT NULL,
  jid          text COLLATE "C",
  token        uuid NOT NULL DEFAULT gen_random_uuid(),
  state        notification.delivery_state NOT NULL DEFAULT 'queued',
  attempts     integer NOT NULL DEFAULT 0,
  queued_at    timestamptz NOT NULL DEFAULT now(),
  due          timestamptz NOT NULL DEFAULT now(),
  sent_at      timestamptz,
  delivered_at timestamptz,
  ended_at     timestamptz,
  reason       text,
  detail       text,
  PRIMARY KEY (notice_id, member_id),
  CHECK (jid IS NOT NULL OR state = 'failed')
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE  notification.delivery IS 'One row per notice and member';
COMMENT ON COLUMN notification.delivery.notice_id IS 'The notice';
COMMENT ON COLUMN notification.delivery.member_id IS 'The member, by the site''s own id';
COMMENT ON COLUMN notification.delivery.source IS 'The site, copied from the notice: work is shared out between sites';
COMMENT ON COLUMN notification.delivery.kind IS 'The lane, copied from the notice';
COMMENT ON COLUMN notification.delivery.jid IS 'Bare JID of the member when the delivery was made; null if there was no such member';
COMMENT ON COLUMN notification.delivery.token IS
  'Random part of the stanza id: only who received the stanza can name it. The stanza id is <notice id>.<token in hexadecimal>, the same in every repeat';
COMMENT ON COLUMN notification.delivery.state IS 'How far it has come. It never goes back, but from attempting to queued';
COMMENT ON COLUMN notification.delivery.attempts IS 'How often it was handed to a gateway and may have left it; the one at hand included';
COMMENT ON COLUMN notification.delivery.queued_at IS 'When the delivery was made';
COMMENT ON COLUMN notification.delivery.due IS 'queued: not to be tried before. attempting: if nothing was heard by then, the process that tried has died';
COMMENT ON COLUMN notification.delivery.sent_at IS 'When the Jabber server''s confirmation was recorded';
COMMENT ON COLUMN notification.delivery.delivered_at IS 'When the member''s confirmation was recorded';
COMMENT ON COLUMN notification.delivery.ended_at IS 'When it failed, expired or was suppressed';
COMMENT ON COLUMN notification.delivery.reason IS
  'failed: the server''s or the gateway''s condition, unknown-member or unconfirmed. expired: unsent or unconfirmed. suppressed: member-removed';
COMMENT ON COLUMN notification.delivery.detail IS 'Words to the reason, for people';

CREATE UNIQUE INDEX delivery_stanza ON notification.delivery (notice_id, token);
CREATE INDEX delivery_due ON notification.delivery (source, kind, due) WHERE state IN ('queued', 'attempting');
CREATE INDEX delivery_open ON notification.delivery (notice_id) WHERE state IN ('queued', 'attempting');
-- At most one command in flight per member.
CREATE UNIQUE INDEX delivery_in_flight ON notification.delivery (source, member_id) WHERE state = 'attempting';

GRANT SELECT, INSERT ON notification.delivery TO rostrum_notification;
GRANT UPDATE (state, attempts, due, sent_at, delivered_at, ended_at, reason, detail) ON notification.delivery TO rostrum_notification;

-- Counters. Several rows per notice, so that the writers (expansion, settling, receipts; several instances) do not wait for each other's commit.
CREATE TABLE notification.progress (
  notice_id  uuid NOT NULL,
  shard      smallint NOT NULL,
  queued     bigint NOT NULL,
  sent       bigint NOT NULL,
  delivered  bigint NOT NULL,
  failed     bigint NOT NULL,
  expired    bigint NOT NULL,
  suppressed bigint NOT NULL,
  PRIMARY KEY (notice_id, shard)
) WITH (fillfactor = 50);
COMMENT ON TABLE  notification.progress IS 'How many deliveries of a notice are in which state: the sum over its shards. Kept by triggers, so it cannot disagree with the deliveries';
COMMENT ON COLUMN notification.progress.notice_id IS 'The notice';
COMMENT ON COLUMN notification.progress.shard IS 'Which share of the counters: by the writing backend. A single shard may well be negative';
COMMENT ON COLUMN notification.progress.queued IS 'Open: queued or attempting';
COMMENT ON COLUMN notification.progress.sent IS 'Sent and not confirmed by the member';
COMMENT ON COLUMN notification.progress.delivered IS 'Delivered';
COMMENT ON COLUMN notification.progress.failed IS 'Failed';
COMMENT ON COLUMN notification.progress.expired IS 'Expired';
COMMENT ON COLUMN notification.progress.suppressed IS 'Suppressed';
GRANT SELECT ON notification.progress TO rostrum_notification;

-- One addition per statement and notice, in order of the notices: two writers on one shard cannot deadlock.
CREATE FUNCTION notification.count_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO notification.progress AS p (notice_id, shard, queued, sent, delivered, failed, expired, suppressed)
  SELECT notice_id, pg_backend_pid() % 8,
         count(*) FILTER (WHERE state IN ('queued', 'attempting')), count(*) FILTER (WHERE state = 'sent'),
         count(*) FILTER (WHERE state = 'delivered'), count(*) FILTER (WHERE state = 'failed'),
         count(*) FILTER (WHERE state = 'expired'), count(*) FILTER (WHERE state = 'suppressed')
  FROM made GROUP BY notice_id ORDER BY notice_id
  ON CONFLICT (notice_id, shard) DO UPDATE SET
    queued = p.queued + excluded.queued, sent = p.sent + excluded.sent, delivered = p.delivered + excluded.delivered,
    failed = p.failed + excluded.failed, expired = p.expired + excluded.expired, suppressed = p.suppressed + excluded.suppressed;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION notification.count_made() IS 'Adds new deliveries to the counters of their notices';

CREATE FUNCTION notification.count_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO notification.progress AS p (notice_id, shard, queued, sent, delivered, failed, expired, suppressed)
  SELECT notice_id, pg_backend_pid() % 8, queued, sent, delivered, failed, expired, suppressed
  FROM (SELECT notice_id,
               coalesce(sum(step) FILTER (WHERE state IN ('queued', 'attempting')), 0) AS queued,
               coalesce(sum(step) FILTER (WHERE state = 'sent'), 0) AS sent,
               coalesce(sum(step) FILTER (WHERE state = 'delivered'), 0) AS delivered,
               coalesce(sum(step) FILTER (WHERE state = 'failed'), 0) AS failed,
               coalesce(sum(step) FILTER (WHERE state = 'expired'), 0) AS expired,
               coalesce(sum(step) FILTER (WHERE state = 'suppressed'), 0) AS suppressed
        FROM (SELECT notice_id, state, -1 AS step FROM before UNION ALL SELECT notice_id, state, 1 FROM after) AS steps
        GROUP BY notice_id) AS sums
  WHERE (queued, sent, delivered, failed, expired, suppressed) <> (0, 0, 0, 0, 0, 0)
  ORDER BY notice_id
  ON CONFLICT (notice_id, shard) DO UPDATE SET
    queued = p.queued + excluded.queued, sent = p.sent + excluded.sent, delivered = p.delivered + excluded.delivered,
    failed = p.failed + excluded.failed, expired = p.expired + excluded.expired, suppressed = p.suppressed + excluded.suppressed;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION notification.count_changed() IS 'Moves changed deliveries from one counter of their notices to another';

CREATE TRIGGER count_made AFTER INSERT ON notification.delivery
  REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION notification.count_made();
CREATE TRIGGER count_changed AFTER UPDATE ON notification.delivery
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION notification.count_changed();
REVOKE ALL ON FUNCTION notification.count_made(), notification.count_changed() FROM PUBLIC;
