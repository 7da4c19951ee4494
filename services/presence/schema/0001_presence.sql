-- SPDX-License-Identifier: GPL-3.0-or-later
-- Who is online, who was, and when we could know it.
-- Whatever stands here was said by the gateway that held the domain's lease at that moment; the row of the lease is locked by every
-- transaction that writes anything of its domain, so that all numbers below follow the order of the commits.

CREATE SCHEMA presence;
COMMENT ON SCHEMA presence IS 'Presence of the members and its history. Written by rostrum-presence only';
GRANT USAGE ON SCHEMA presence TO rostrum_presence, rostrum_reader;

CREATE TYPE presence.show AS ENUM ('chat', 'online', 'away', 'xa', 'dnd');
COMMENT ON TYPE presence.show IS 'What a client shows (RFC 6121 §4.7.2.1; online: no word of its own), the most available first';

CREATE TYPE presence.ending AS ENUM ('left', 'dropped', 'unseen');
COMMENT ON TYPE presence.ending IS
  'How a session ended. left: the client said so. dropped: the server ended it without such a word. unseen: it was gone when we could see again';

CREATE TABLE presence.lease (
  domain        text COLLATE "C" PRIMARY KEY,
  owner         text NOT NULL,
  token         uuid NOT NULL,
  epoch         bigint NOT NULL CHECK (epoch > 0),
  valid_until   timestamptz NOT NULL,
  heard_at      timestamptz NOT NULL,
  last_sequence bigint NOT NULL DEFAULT 0,
  snapshot      bigint NOT NULL DEFAULT 0,
  whole_since   timestamptz,
  covered_until timestamptz,
  swept         boolean NOT NULL DEFAULT true,
  last_change   bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE  presence.lease IS 'Which gateway owns the presence of a domain: one row per domain, for ever';
COMMENT ON COLUMN presence.lease.domain IS 'XMPP domain';
COMMENT ON COLUMN presence.lease.owner IS 'Name of the owner''s key';
COMMENT ON COLUMN presence.lease.token IS 'Random name of this period of ownership, chosen by the owner; all zeros: given back';
COMMENT ON COLUMN presence.lease.epoch IS 'Number of this period; grows with every new owner';
COMMENT ON COLUMN presence.lease.valid_until IS 'Beyond this moment nobody knows who is online, and others may have the lease';
COMMENT ON COLUMN presence.lease.heard_at IS 'When the owner last said anything';
COMMENT ON COLUMN presence.lease.last_sequence IS 'The last observation of this epoch that is stored';
COMMENT ON COLUMN presence.lease.snapshot IS 'Sequence of the SnapshotBegan in force; 0: the view is lost';
COMMENT ON COLUMN presence.lease.whole_since IS 'Since when the view is whole: the snapshot in force has ended; null: it is not';
COMMENT ON COLUMN presence.lease.covered_until IS 'When the view was whole last, before now: end of the last coverage that has ended; null: none has';
COMMENT ON COLUMN presence.lease.swept IS 'Whether the sessions of those whom the snapshot in force did not name are closed';
COMMENT ON COLUMN presence.lease.last_change IS 'Number of the domain''s last row in transition; counted on across epochs';

CREATE TABLE presence.resource (
  jid              text COLLATE "C" NOT NULL,
  resource         text COLLATE "C" NOT NULL,
  domain           text COLLATE "C" NOT NULL,
  show             presence.show NOT NULL,
  priority         smallint NOT NULL,
  status           text NOT NULL,
  since            timestamptz NOT NULL,
  session_began_at timestamptz NOT NULL,
  uncertain        boolean NOT NULL,
  epoch            bigint NOT NULL,
  snapshot         bigint NOT NULL,
  PRIMARY KEY (jid, resource)
) WITH (fillfactor = 70);
COMMENT ON TABLE  presence.resource IS
  'The resources that are online, as far as we know. A row counts as confirmed when its (epoch, snapshot) is that of the lease; others were online before the view was lost, and are closed once the view is whole';
COMMENT ON COLUMN presence.resource.jid IS 'Bare JID';
COMMENT ON COLUMN presence.resource.resource IS 'Resource';
COMMENT ON COLUMN presence.resource.domain IS 'Domain of the JID: whose lease governs the row';
COMMENT ON COLUMN presence.resource.show IS 'What the client shows';
COMMENT ON COLUMN presence.resource.priority IS 'Priority, -128 to 127';
COMMENT ON COLUMN presence.resource.status IS 'Status text; written by the member';
COMMENT ON COLUMN presence.resource.since IS 'Since when show, priority and status are these';
COMMENT ON COLUMN presence.resource.session_began_at IS 'Since when the resource is online';
COMMENT ON COLUMN presence.resource.uncertain IS 'Our view was not whole all the time since then: begin or continuity are a guess';
COMMENT ON COLUMN presence.resource.epoch IS 'Epoch in which it was confirmed last';
COMMENT ON COLUMN presence.resource.snapshot IS 'Snapshot of that epoch in which, or after which, it was confirmed last';

CREATE TABLE presence.transition (
  domain    text COLLATE "C" NOT NULL,
  change    bigint NOT NULL,
  at        timestamptz NOT NULL,
  jid       text COLLATE "C" NOT NULL,
  resource  text COLLATE "C" NOT NULL,
  show      presence.show,
  priority  smallint,
  status    text NOT NULL,
  ending    presence.ending,
  uncertain boolean NOT NULL,
  epoch     bigint NOT NULL,
  PRIMARY KEY (domain, change, at)
) PARTITION BY RANGE (at);
CREATE INDEX transition_of_member ON presence.transition (jid, at);
COMMENT ON TABLE  presence.transition IS 'Every change of a resource, append-only, partitioned by month (UTC)';
COMMENT ON COLUMN presence.transition.domain IS 'Domain of the JID';
COMMENT ON COLUMN presence.transition.change IS 'Number within the domain, in the order of the commits, without gaps: a reader''s cursor';
COMMENT ON COLUMN presence.transition.at IS 'When it happened, by the clock of the database; of an uncertain one: at the latest (online) or at the earliest (offline)';
COMMENT ON COLUMN presence.transition.jid IS 'Bare JID';
COMMENT ON COLUMN presence.transition.resource IS 'Resource';
COMMENT ON COLUMN presence.transition.show IS 'What the client shows from then on; null: it is offline';
COMMENT ON COLUMN presence.transition.priority IS 'Priority from then on; null: it is offline';
COMMENT ON COLUMN presence.transition.status IS 'Status text from then on; written by the member';
COMMENT ON COLUMN presence.transition.ending IS 'For offline: how the session ended';
COMMENT ON COLUMN presence.transition.uncertain IS 'It happened while our view was not whole';
COMMENT ON COLUMN presence.transition.epoch IS 'Epoch of the lease under which it was written';

CREATE TABLE presence.session (
  domain    text COLLATE "C" NOT NULL,
  change    bigint NOT NULL,
  jid       text COLLATE "C" NOT NULL,
  resource  text COLLATE "C" NOT NULL,
  began_at  timestamptz NOT NULL,
  ended_at  timestamptz NOT NULL,
  ending    presence.ending NOT NULL,
  uncertain boolean NOT NULL,
  PRIMARY KEY (domain, change, ended_at)
) PARTITION BY RANGE (ended_at);
CREATE INDEX session_of_member ON presence.session (jid, ended_at);
CREATE INDEX session_by_end ON presence.session (ended_at, began_at);
COMMENT ON TABLE  presence.session IS 'Sessions that have ended, append-only, partitioned by the month (UTC) of their end; those that go on are in resource';
COMMENT ON COLUMN presence.session.domain IS 'Domain of the JID';
COMMENT ON COLUMN presence.session.change IS 'Number of the transition that ended it';
COMMENT ON COLUMN presence.session.jid IS 'Bare JID';
COMMENT ON COLUMN presence.session.resource IS 'Resource';
COMMENT ON COLUMN presence.session.began_at IS 'When the resource came online';
COMMENT ON COLUMN presence.session.ended_at IS 'When it went; of an unseen end: when it was last known to be there';
COMMENT ON COLUMN presence.session.ending IS 'How it ended';
COMMENT ON COLUMN presence.session.uncertain IS 'Our view was not whole all the time: begin, end or continuity are a guess';

CREATE TABLE presence.seen (
  jid       text COLLATE "C" PRIMARY KEY,
  at        timestamptz NOT NULL,
  uncertain boolean NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE  presence.seen IS 'When a member''s last session ended; outlives the history';
COMMENT ON COLUMN presence.seen.jid IS 'Bare JID';
COMMENT ON COLUMN presence.seen.at IS 'End of the session that ended last';
COMMENT ON COLUMN presence.seen.uncertain IS 'As session.uncertain of that session';

CREATE TABLE presence.coverage (
  domain   text COLLATE "C" NOT NULL,
  epoch    bigint NOT NULL,
  snapshot bigint NOT NULL,
  began_at timestamptz NOT NULL,
  ended_at timestamptz CHECK (ended_at >= began_at),
  reason   text NOT NULL DEFAULT '',
  PRIMARY KEY (domain, epoch, snapshot)
);
COMMENT ON TABLE  presence.coverage IS
  'When our view of a domain was whole. Outside of these intervals nobody knew who was online. The greatest (epoch, snapshot) up to that of a row in resource tells when that one was last known to be there';
COMMENT ON COLUMN presence.coverage.domain IS 'XMPP domain';
COMMENT ON COLUMN presence.coverage.epoch IS 'Epoch of the lease';
COMMENT ON COLUMN presence.coverage.snapshot IS 'The snapshot that was complete';
COMMENT ON COLUMN presence.coverage.began_at IS 'When it was, or where the history begins that is kept';
COMMENT ON COLUMN presence.coverage.ended_at IS 'When the view was lost; null: not as far as was told';
COMMENT ON COLUMN presence.coverage.reason IS 'Why it was lost: the gateway''s word, snapshot-began (it had to look again) or gateway-lost';

GRANT SELECT, INSERT, UPDATE ON presence.lease, presence.coverage, presence.seen TO rostrum_presence;
GRANT SELECT, INSERT, UPDATE, DELETE ON presence.resource TO rostrum_presence;
GRANT SELECT, INSERT ON presence.transition, presence.session TO rostrum_presence;
