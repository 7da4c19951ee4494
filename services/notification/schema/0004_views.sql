-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the site, the command line and the web may rely on.

CREATE VIEW notification.notices AS
  SELECT n.source, n.id AS notice_id, n.kind::text AS kind, n.state::text AS state, n.audience::text AS audience, n.audience_ids, n.title,
         n.published_at, n.expires_at, n.done_at,
         p.queued + p.sent + p.delivered + p.failed + p.expired + p.suppressed AS total,
         p.queued, p.sent, p.delivered, p.failed, p.expired, p.suppressed
  FROM notification.notice AS n
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(queued), 0)::bigint AS queued, coalesce(sum(sent), 0)::bigint AS sent, coalesce(sum(delivered), 0)::bigint AS delivered,
           coalesce(sum(failed), 0)::bigint AS failed, coalesce(sum(expired), 0)::bigint AS expired, coalesce(sum(suppressed), 0)::bigint AS suppressed
    FROM notification.progress WHERE notice_id = n.id) AS p;
COMMENT ON VIEW   notification.notices IS
  'Every notice with its progress. Each delivery is counted in exactly one of queued, sent, delivered, failed, expired, suppressed. The text is in notification.notice_texts';
COMMENT ON COLUMN notification.notices.source IS 'The site';
COMMENT ON COLUMN notification.notices.notice_id IS 'Id of the notice: of the event that published it';
COMMENT ON COLUMN notification.notices.kind IS 'announcement or alert';
COMMENT ON COLUMN notification.notices.state IS 'expanding (total still grows), sending, or done (nothing is open; receipts may still come)';
COMMENT ON COLUMN notification.notices.audience IS 'all, groups or members';
COMMENT ON COLUMN notification.notices.audience_ids IS 'Group ids or member ids; empty for all';
COMMENT ON COLUMN notification.notices.title IS 'Subject; may be empty';
COMMENT ON COLUMN notification.notices.published_at IS 'When it was accepted';
COMMENT ON COLUMN notification.notices.expires_at IS 'After this moment nothing more is sent';
COMMENT ON COLUMN notification.notices.done_at IS 'When it became done, or null';
COMMENT ON COLUMN notification.notices.total IS 'Deliveries made so far';
COMMENT ON COLUMN notification.notices.queued IS 'Waiting, or at this moment with a gateway';
COMMENT ON COLUMN notification.notices.sent IS 'Confirmed by the Jabber server and not (yet) by the member''s client';
COMMENT ON COLUMN notification.notices.delivered IS 'Confirmed by the member''s client';
COMMENT ON COLUMN notification.notices.failed IS 'Cannot be carried out: dead letters';
COMMENT ON COLUMN notification.notices.expired IS 'Not carried out in time: dead letters';
COMMENT ON COLUMN notification.notices.suppressed IS 'Left out on purpose';

CREATE VIEW notification.notice_texts AS SELECT source, id AS notice_id, title, body FROM notification.notice;
COMMENT ON VIEW   notification.notice_texts IS 'What the notices say; apart, so that a list of notices shows no text that nobody asked for';
COMMENT ON COLUMN notification.notice_texts.source IS 'The site';
COMMENT ON COLUMN notification.notice_texts.notice_id IS 'The notice';
COMMENT ON COLUMN notification.notice_texts.title IS 'Subject; may be empty';
COMMENT ON COLUMN notification.notice_texts.body IS 'Text';

CREATE VIEW notification.deliveries AS
  SELECT source, notice_id, member_id, jid, kind::text AS kind, state::text AS state, attempts, queued_at,
         CASE WHEN state IN ('queued', 'attempting') THEN due END AS next_look_at, sent_at, delivered_at, ended_at, reason, detail,
         notice_id::text || '.' || replace(token::text, '-', '') AS stanza_id
  FROM notification.delivery;
COMMENT ON VIEW   notification.deliveries IS 'One row per notice and member';
COMMENT ON COLUMN notification.deliveries.source IS 'The site';
COMMENT ON COLUMN notification.deliveries.notice_id IS 'The notice';
COMMENT ON COLUMN notification.deliveries.member_id IS 'The member';
COMMENT ON COLUMN notification.deliveries.jid IS 'Bare JID it goes to; null if there was no such member';
COMMENT ON COLUMN notification.deliveries.kind IS 'announcement or alert';
COMMENT ON COLUMN notification.deliveries.state IS 'queued, attempting, sent, delivered, failed, expired or suppressed';
COMMENT ON COLUMN notification.deliveries.attempts IS 'How often it was handed to a gateway and may have left it';
COMMENT ON COLUMN notification.deliveries.queued_at IS 'When it was made';
COMMENT ON COLUMN notification.deliveries.next_look_at IS 'When an open delivery is looked at next; null once it has ended';
COMMENT ON COLUMN notification.deliveries.sent_at IS 'When the Jabber server''s confirmation was recorded';
COMMENT ON COLUMN notification.deliveries.delivered_at IS 'When the member''s confirmation was recorded';
COMMENT ON COLUMN notification.deliveries.ended_at IS 'When it failed, expired or was suppressed';
COMMENT ON COLUMN notification.deliveries.reason IS 'Why it failed, expired or was suppressed';
COMMENT ON COLUMN notification.deliveries.detail IS 'Words to the reason, for people';
COMMENT ON COLUMN notification.deliveries.stanza_id IS 'Id of the stanza, to be found in the Jabber server''s log; the same in every repeat';

CREATE VIEW notification.dead_letters AS
  SELECT source, notice_id, member_id, jid, state::text AS state, reason, detail, attempts, ended_at AS since
  FROM notification.delivery WHERE state IN ('failed', 'expired');
COMMENT ON VIEW   notification.dead_letters IS 'Deliveries that ended without being carried out, kept with their reason';
COMMENT ON COLUMN notification.dead_letters.source IS 'The site';
COMMENT ON COLUMN notification.dead_letters.notice_id IS 'The notice';
COMMENT ON COLUMN notification.dead_letters.member_id IS 'The member';
COMMENT ON COLUMN notification.dead_letters.jid IS 'Bare JID it was for; null if there was no such member';
COMMENT ON COLUMN notification.dead_letters.state IS 'failed or expired';
COMMENT ON COLUMN notification.dead_letters.reason IS 'As notification.deliveries.reason';
COMMENT ON COLUMN notification.dead_letters.detail IS 'Words to the reason, for people';
COMMENT ON COLUMN notification.dead_letters.attempts IS 'How often it was handed to a gateway and may have left it';
COMMENT ON COLUMN notification.dead_letters.since IS 'When it ended';

GRANT SELECT ON notification.notices, notification.notice_texts, notification.deliveries, notification.dead_letters TO rostrum_reader;
