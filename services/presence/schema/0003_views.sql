-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the site, the command line and the web may rely on. `unknown` is not written anywhere: it follows from the lease, so that it holds
-- even while every service of Rostrum is down.

CREATE VIEW presence.domains AS
  SELECT l.domain, l.valid_until > now() AND l.whole_since IS NOT NULL AS known,
         CASE WHEN l.whole_since IS NULL THEN l.covered_until WHEN l.valid_until <= now() THEN l.heard_at END AS unknown_since,
         CASE WHEN l.valid_until > now() THEN l.whole_since END AS known_since,
         l.owner, l.epoch, l.valid_until, l.last_change
    FROM presence.lease l;
COMMENT ON VIEW   presence.domains IS 'Whether we know who is online, for each domain';
COMMENT ON COLUMN presence.domains.domain IS 'XMPP domain';
COMMENT ON COLUMN presence.domains.known IS 'Whether our view is whole now; if not, every member that is not confirmed online is unknown';
COMMENT ON COLUMN presence.domains.unknown_since IS 'When the view was lost; null: it is whole, or has never been';
COMMENT ON COLUMN presence.domains.known_since IS 'Since when the view is whole; null: it is not';
COMMENT ON COLUMN presence.domains.owner IS 'Name of the gateway''s key that owns the lease, or owned it last';
COMMENT ON COLUMN presence.domains.epoch IS 'Number of that ownership';
COMMENT ON COLUMN presence.domains.valid_until IS 'Until when the lease holds; the gateway renews it every few seconds';
COMMENT ON COLUMN presence.domains.last_change IS 'As presence.transitions.change: where a reader starts who wants only what comes';

-- For the views below, not for readers. One that the snapshot in force has not named, although it is complete, is offline already: the service will
-- close it. When it was last known to be there, the last coverage tells in which it was named.
CREATE VIEW presence.known_resource AS
  SELECT r.jid, r.resource, r.domain, r.show, r.priority, r.status, r.since, r.session_began_at, r.uncertain, c.state,
         CASE c.state WHEN 'online' THEN now()
                      ELSE greatest(r.since, CASE WHEN c.confirmed THEN l.heard_at
                                                  ELSE (SELECT v.ended_at FROM presence.coverage v
                                                         WHERE v.domain = r.domain AND (v.epoch, v.snapshot) <= (r.epoch, r.snapshot)
                                                         ORDER BY v.epoch DESC, v.snapshot DESC LIMIT 1) END) END AS there_until
    FROM presence.resource r
    JOIN presence.lease l ON l.domain = r.domain
    CROSS JOIN LATERAL (SELECT l.snapshot > 0 AND r.epoch = l.epoch AND r.snapshot = l.snapshot AS confirmed) AS m
    CROSS JOIN LATERAL (
      SELECT m.confirmed,
             CASE WHEN m.confirmed AND l.valid_until > now() THEN 'online'
                  WHEN NOT m.confirmed AND l.whole_since IS NOT NULL THEN 'offline'
                  ELSE 'unknown' END AS state) AS c;
COMMENT ON VIEW   presence.known_resource IS 'The rows of resource and what follows from the lease; for other views';
COMMENT ON COLUMN presence.known_resource.jid IS 'Bare JID';
COMMENT ON COLUMN presence.known_resource.resource IS 'Resource';
COMMENT ON COLUMN presence.known_resource.domain IS 'Domain of the JID';
COMMENT ON COLUMN presence.known_resource.show IS 'What the client shows, as far as is known';
COMMENT ON COLUMN presence.known_resource.priority IS 'Priority, -128 to 127';
COMMENT ON COLUMN presence.known_resource.status IS 'Status text; written by the member';
COMMENT ON COLUMN presence.known_resource.since IS 'Since when show, priority and status are these';
COMMENT ON COLUMN presence.known_resource.session_began_at IS 'Since when it is online';
COMMENT ON COLUMN presence.known_resource.uncertain IS 'The view was not whole all the time since then';
COMMENT ON COLUMN presence.known_resource.state IS 'online, offline (not closed yet) or unknown';
COMMENT ON COLUMN presence.known_resource.there_until IS 'Until when it is known to have been there; now, if online';

-- For the views below, not for readers. A JID may have been another member's, who was removed: an account is made only when the former one is gone,
-- so that what ended before it existed was that one's. We hear of it from the server's answer: the new member may be seen a little earlier. Where
-- there is no account, there was no former one either.
CREATE VIEW presence.present_member AS
  SELECT m.source, m.member_id, m.jid, o.since, least(o.since - interval '1 minute', now()) AS seen_from
    FROM directory.member m
    LEFT JOIN registration.account a ON a.jid = m.jid
    CROSS JOIN LATERAL (
      SELECT CASE WHEN a.jid IS NULL THEN '-infinity'::timestamptz
                  WHEN a.source = m.source AND a.member_id = m.member_id AND a.exists_since IS NOT NULL THEN a.exists_since
                  ELSE 'infinity'::timestamptz END AS since) AS o
   WHERE m.present;
COMMENT ON VIEW   presence.present_member IS 'The present members, and from when on what is known of their JID is theirs; for other views';
COMMENT ON COLUMN presence.present_member.source IS 'Name of the site''s key';
COMMENT ON COLUMN presence.present_member.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN presence.present_member.jid IS 'Bare JID';
COMMENT ON COLUMN presence.present_member.since IS 'Since when the account is known to exist: what ended earlier was a former member''s; infinity: it does not exist';
COMMENT ON COLUMN presence.present_member.seen_from IS 'The earliest moment at which the member may have been seen';

CREATE VIEW presence.resource_now AS
  SELECT m.source, m.member_id, k.jid, k.resource, k.state, k.show::text AS show, k.priority, k.status,
         greatest(k.since, m.seen_from) AS since, greatest(k.session_began_at, m.seen_from) AS session_began_at, k.uncertain
    FROM presence.known_resource k
    JOIN presence.present_member m ON m.jid = k.jid
   WHERE k.state = 'online' OR (k.state = 'unknown' AND k.there_until >= m.since);
COMMENT ON VIEW   presence.resource_now IS 'The members'' devices that are online, or were when the view was lost';
COMMENT ON COLUMN presence.resource_now.source IS 'Name of the site''s key';
COMMENT ON COLUMN presence.resource_now.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN presence.resource_now.jid IS 'Bare JID';
COMMENT ON COLUMN presence.resource_now.resource IS 'Resource: the device or program';
COMMENT ON COLUMN presence.resource_now.state IS 'online, or unknown: it was online when the view was lost';
COMMENT ON COLUMN presence.resource_now.show IS 'chat, online, away, xa or dnd; of an unknown one: the last that was known';
COMMENT ON COLUMN presence.resource_now.priority IS 'Priority, -128 to 127; below 0 it takes no messages';
COMMENT ON COLUMN presence.resource_now.status IS 'Status text; written by the member';
COMMENT ON COLUMN presence.resource_now.since IS 'Since when show, priority and status are these';
COMMENT ON COLUMN presence.resource_now.session_began_at IS 'Since when it is online';
COMMENT ON COLUMN presence.resource_now.uncertain IS 'The view was lost in between: it may have been away meanwhile';

-- As few tables as can be, and none behind another view's aggregate: joined with directory.members there are eight, and beyond them the planner does not look
-- for a good order any more (join_collapse_limit).
CREATE VIEW presence.member_now AS
  SELECT m.source, m.member_id, m.jid,
         CASE WHEN best.is_online THEN 'online' WHEN l.valid_until > now() AND l.whole_since IS NOT NULL THEN 'offline' ELSE 'unknown' END AS state,
         CASE WHEN best.is_online THEN best.show::text END AS show,
         CASE WHEN best.is_online THEN best.priority END AS priority,
         CASE WHEN best.is_online THEN best.status END AS status,
         CASE WHEN best.is_online THEN greatest(best.since, m.seen_from)
              WHEN l.valid_until > now() AND l.whole_since IS NOT NULL THEN greatest(best.there_until, seen.at) END AS since,
         CASE WHEN best.online_since IS NOT NULL THEN greatest(best.online_since, m.seen_from) END AS online_since,
         coalesce(best.resources, 0) AS resources,
         greatest(best.there_until, seen.at) AS last_seen,
         CASE WHEN best.is_online THEN best.uncertain
              WHEN best.there_until IS NULL OR best.there_until < seen.at THEN coalesce(seen.uncertain, false)
              ELSE true END AS uncertain
    FROM presence.present_member m
    LEFT JOIN presence.lease l ON l.domain = split_part(m.jid, '@', 2)
    LEFT JOIN presence.seen ON seen.jid = m.jid AND seen.at >= m.since
    -- The one that speaks for the member, or, where none is online, one that was.
    LEFT JOIN LATERAL (
      SELECT k.state = 'online' AS is_online, k.show, k.priority, k.status, k.since, k.uncertain, max(k.there_until) OVER () AS there_until,
             min(k.session_began_at) FILTER (WHERE k.state = 'online') OVER () AS online_since,
             (count(*) FILTER (WHERE k.state = 'online') OVER ())::integer AS resources
        FROM presence.known_resource k
       WHERE k.jid = m.jid AND (k.state = 'online' OR k.there_until >= m.since)
       ORDER BY k.state = 'online' DESC, k.priority DESC, k.show, k.since DESC, k.resource
       LIMIT 1) AS best ON true;
COMMENT ON VIEW   presence.member_now IS
  'Every present member. Of several devices the one with the highest priority speaks for the member; among equals the most available one, then the latest';
COMMENT ON COLUMN presence.member_now.source IS 'Name of the site''s key';
COMMENT ON COLUMN presence.member_now.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN presence.member_now.jid IS 'Bare JID';
COMMENT ON COLUMN presence.member_now.state IS 'online, offline, or unknown: our link was down and nobody has told since';
COMMENT ON COLUMN presence.member_now.show IS 'chat, online, away, xa or dnd; null unless online';
COMMENT ON COLUMN presence.member_now.priority IS 'Priority of the device that speaks for the member';
COMMENT ON COLUMN presence.member_now.status IS 'Its status text; written by the member';
COMMENT ON COLUMN presence.member_now.since IS 'online: since when its presence is this. offline: since when the member is, null: never seen. unknown: null';
COMMENT ON COLUMN presence.member_now.online_since IS 'Since when the oldest of the sessions that go on is online';
COMMENT ON COLUMN presence.member_now.resources IS 'How many devices are online';
COMMENT ON COLUMN presence.member_now.last_seen IS 'When the member was last known to be online: now, if online; null: never';
COMMENT ON COLUMN presence.member_now.uncertain IS 'The view was lost in between: since and last_seen are a guess';

CREATE VIEW presence.last_seen AS SELECT source, member_id, jid, last_seen, state = 'online' AS online, uncertain FROM presence.member_now;
COMMENT ON VIEW   presence.last_seen IS 'When each present member was last known to be online';
COMMENT ON COLUMN presence.last_seen.source IS 'Name of the site''s key';
COMMENT ON COLUMN presence.last_seen.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN presence.last_seen.jid IS 'Bare JID';
COMMENT ON COLUMN presence.last_seen.last_seen IS 'As presence.member_now.last_seen';
COMMENT ON COLUMN presence.last_seen.online IS 'Whether that is now';
COMMENT ON COLUMN presence.last_seen.uncertain IS 'As presence.member_now.uncertain';

CREATE VIEW presence.group_now AS
  SELECT g.source, g.group_id, g.title, count(s.state) AS members,
         count(*) FILTER (WHERE s.state = 'online') AS online, count(*) FILTER (WHERE s.state = 'offline') AS offline,
         count(*) FILTER (WHERE s.state = 'unknown') AS unknown
    FROM directory.groups g
    -- Not member_now: of each member no more is asked than whether a device is online.
    LEFT JOIN LATERAL (
      SELECT CASE WHEN EXISTS (SELECT FROM presence.known_resource k WHERE k.jid = m.jid AND k.state = 'online') THEN 'online'
                  WHEN d.known THEN 'offline' ELSE 'unknown' END AS state
        FROM directory.member_group mg
        JOIN directory.member m ON m.source = mg.source AND m.member_id = mg.member_id AND m.present
        LEFT JOIN presence.domains d ON d.domain = split_part(m.jid, '@', 2)
       WHERE mg.source = g.source AND mg.group_id = g.group_id) AS s ON true
   GROUP BY g.source, g.group_id, g.title;
COMMENT ON VIEW   presence.group_now IS 'How many of each group''s members are online';
COMMENT ON COLUMN presence.group_now.source IS 'Name of the site''s key';
COMMENT ON COLUMN presence.group_now.group_id IS 'The site''s own id of the group';
COMMENT ON COLUMN presence.group_now.title IS 'Name for people';
COMMENT ON COLUMN presence.group_now.members IS 'Present members';
COMMENT ON COLUMN presence.group_now.online IS 'Those who are online';
COMMENT ON COLUMN presence.group_now.offline IS 'Those who are not';
COMMENT ON COLUMN presence.group_now.unknown IS 'Those of whom we do not know';

CREATE VIEW presence.transitions AS
  SELECT m.source, m.member_id, t.domain, t.change, t.at, t.jid, t.resource,
         CASE WHEN t.show IS NULL THEN 'offline' ELSE 'online' END AS state,
         t.show::text AS show, t.priority, t.status, t.ending::text AS ending, t.uncertain
    FROM presence.transition t
    JOIN presence.present_member m ON m.jid = t.jid
   WHERE t.at >= m.since
      -- Of a session that was seen before the account was known to exist, but went on when it was.
      OR (t.at >= m.seen_from
          AND (EXISTS (SELECT FROM presence.session s
                        WHERE s.jid = t.jid AND s.resource = t.resource AND s.began_at >= m.seen_from AND s.began_at <= t.at AND s.ended_at >= m.since)
               OR EXISTS (SELECT FROM presence.known_resource k
                           WHERE k.jid = t.jid AND k.resource = t.resource AND k.session_began_at >= m.seen_from AND k.session_began_at <= t.at
                             AND k.state = 'online')));
COMMENT ON VIEW   presence.transitions IS
  'Every change of a present member''s devices. A reader who wants what is new keeps the last `change` of the domain: changes are numbered in the order of the commits';
COMMENT ON COLUMN presence.transitions.source IS 'Name of the site''s key';
COMMENT ON COLUMN presence.transitions.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN presence.transitions.domain IS 'XMPP domain';
COMMENT ON COLUMN presence.transitions.change IS 'Number within the domain';
COMMENT ON COLUMN presence.transitions.at IS 'When it happened; of an uncertain one: at the latest (online) or at the earliest (offline)';
COMMENT ON COLUMN presence.transitions.jid IS 'Bare JID';
COMMENT ON COLUMN presence.transitions.resource IS 'Resource: the device or program';
COMMENT ON COLUMN presence.transitions.state IS 'online or offline from then on';
COMMENT ON COLUMN presence.transitions.show IS 'chat, online, away, xa or dnd; null for offline';
COMMENT ON COLUMN presence.transitions.priority IS 'Priority; null for offline';
COMMENT ON COLUMN presence.transitions.status IS 'Status text; written by the member';
COMMENT ON COLUMN presence.transitions.ending IS 'For offline: left (the client said so), dropped (the connection broke), unseen (it went while we could not see)';
COMMENT ON COLUMN presence.transitions.uncertain IS 'It happened while our view was not whole';

CREATE VIEW presence.sessions AS
  SELECT m.source, m.member_id, s.jid, s.resource, greatest(s.began_at, m.seen_from) AS began_at, s.ended_at, s.ending::text AS ending, s.uncertain
    FROM presence.session s
    JOIN presence.present_member m ON m.jid = s.jid AND s.ended_at >= m.since
  UNION ALL
  SELECT r.source, r.member_id, r.jid, r.resource, r.session_began_at, NULL, NULL, r.uncertain
    FROM presence.resource_now r;
COMMENT ON VIEW   presence.sessions IS 'When present members'' devices were online, ended and going on';
COMMENT ON COLUMN presence.sessions.source IS 'Name of the site''s key';
COMMENT ON COLUMN presence.sessions.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN presence.sessions.jid IS 'Bare JID';
COMMENT ON COLUMN presence.sessions.resource IS 'Resource: the device or program';
COMMENT ON COLUMN presence.sessions.began_at IS 'When it came online';
COMMENT ON COLUMN presence.sessions.ended_at IS 'When it went; of an unseen end: when it was last known to be there; null: it goes on, as far as we know';
COMMENT ON COLUMN presence.sessions.ending IS 'left, dropped or unseen; null: it goes on';
COMMENT ON COLUMN presence.sessions.uncertain IS 'Our view was not whole all the time';

CREATE VIEW presence.coverages AS
  SELECT c.domain, c.began_at,
         CASE WHEN c.ended_at IS NOT NULL THEN c.ended_at WHEN l.valid_until <= now() THEN greatest(l.heard_at, c.began_at) END AS ended_at,
         c.epoch, CASE WHEN c.ended_at IS NULL AND l.valid_until <= now() THEN 'gateway-lost' ELSE c.reason END AS reason
    FROM presence.coverage c
    JOIN presence.lease l ON l.domain = c.domain;
COMMENT ON VIEW   presence.coverages IS 'When our view of a domain was whole; outside of these intervals every answer is unknown';
COMMENT ON COLUMN presence.coverages.domain IS 'XMPP domain';
COMMENT ON COLUMN presence.coverages.began_at IS 'When it became whole';
COMMENT ON COLUMN presence.coverages.ended_at IS 'When it was lost; null: it goes on';
COMMENT ON COLUMN presence.coverages.epoch IS 'Number of the ownership';
COMMENT ON COLUMN presence.coverages.reason IS 'Why it was lost: stream-lost, stopping, …, snapshot-began or gateway-lost; empty while it goes on';

-- Sessions by their end: the history keeps those that ended after its beginning, and the coverage begins nowhere before it (presence.keep_history).
CREATE FUNCTION presence.online_at(t timestamptz) RETURNS TABLE (source text, member_id text, jid text, state text)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH covered AS (
    SELECT DISTINCT c.domain FROM presence.coverages c WHERE t <= now() AND c.began_at <= t AND (c.ended_at IS NULL OR t < c.ended_at)),
  there AS (
    SELECT s.jid FROM presence.session s WHERE s.ended_at > t AND s.began_at <= t
    UNION
    SELECT k.jid FROM presence.known_resource k WHERE k.session_began_at <= t AND (k.state = 'online' OR t < k.there_until))
  SELECT m.source, m.member_id, m.jid,
         CASE WHEN covered.domain IS NULL THEN 'unknown' WHEN there.jid IS NOT NULL THEN 'online' ELSE 'offline' END
    FROM presence.present_member m
    LEFT JOIN covered ON covered.domain = split_part(m.jid, '@', 2)
    LEFT JOIN there ON there.jid = m.jid AND t >= m.since
$$;
REVOKE ALL ON FUNCTION presence.online_at(timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION presence.online_at(timestamptz) IS
  'Who of the present members was online at that moment: online, offline, or unknown where our view was not whole (also in the future, and beyond the retention)';

CREATE VIEW presence.counts AS
  SELECT p.domain, p.members, coalesce(o.members, 0) AS online,
         CASE WHEN d.known THEN p.members - coalesce(o.members, 0) ELSE 0 END AS offline,
         CASE WHEN d.known THEN 0 ELSE p.members - coalesce(o.members, 0) END AS unknown,
         coalesce(o.resources, 0) AS resources
    FROM (SELECT split_part(m.jid, '@', 2) AS domain, count(*) AS members FROM directory.member m WHERE m.present GROUP BY 1) AS p
    LEFT JOIN presence.domains d ON d.domain = p.domain
    LEFT JOIN (
      SELECT k.domain, count(DISTINCT k.jid) AS members, count(*) AS resources
        FROM presence.known_resource k
        JOIN directory.member m ON m.jid = k.jid AND m.present
       WHERE k.state = 'online' GROUP BY k.domain) AS o ON o.domain = p.domain;
COMMENT ON VIEW   presence.counts IS 'How many of each domain''s members are online';
COMMENT ON COLUMN presence.counts.domain IS 'XMPP domain';
COMMENT ON COLUMN presence.counts.members IS 'Present members';
COMMENT ON COLUMN presence.counts.online IS 'Those who are online';
COMMENT ON COLUMN presence.counts.offline IS 'Those who are not';
COMMENT ON COLUMN presence.counts.unknown IS 'Those of whom we do not know';
COMMENT ON COLUMN presence.counts.resources IS 'Their devices that are online';

GRANT SELECT ON presence.domains, presence.resource_now, presence.member_now, presence.last_seen, presence.group_now, presence.transitions,
  presence.sessions, presence.coverages, presence.counts TO rostrum_reader;
GRANT SELECT ON presence.domains, presence.counts TO rostrum_presence;
GRANT EXECUTE ON FUNCTION presence.online_at(timestamptz) TO rostrum_reader;
