-- SPDX-License-Identifier: GPL-3.0-or-later
-- What is done about it: one account per JID, and what could not be done.
CREATE SCHEMA registration;
COMMENT ON SCHEMA registration IS 'Jabber accounts on their way to what the directory wants; written by registration alone';
GRANT USAGE ON SCHEMA registration TO rostrum_registration, rostrum_reader;

CREATE TABLE registration.account (
  jid             text COLLATE "C" PRIMARY KEY,
  source          text COLLATE "C" NOT NULL,
  member_id       text COLLATE "C" NOT NULL,
  goal            text NOT NULL CHECK (goal IN ('present', 'absent')),
  state           text NOT NULL CHECK (state IN ('requested', 'attempting', 'active', 'removed', 'dead')),
  claim           uuid NOT NULL,
  former_claim    uuid,
  attempted       boolean NOT NULL DEFAULT false,
  exists_since    timestamptz,
  sealed_password bytea,
  generation      bigint NOT NULL DEFAULT 1,
  attempt         bigint NOT NULL DEFAULT 0,
  failures        integer NOT NULL DEFAULT 0,
  due             timestamptz NOT NULL DEFAULT now(),
  changed_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_due ON registration.account (due) WHERE state IN ('requested', 'attempting');
COMMENT ON TABLE registration.account IS 'One Jabber account that a member has, should have or had';
COMMENT ON COLUMN registration.account.jid IS 'Bare JID, prepared';
COMMENT ON COLUMN registration.account.source IS 'Site of the member it belongs to, or last belonged to';
COMMENT ON COLUMN registration.account.member_id IS 'The member it belongs to, or last belonged to';
COMMENT ON COLUMN registration.account.goal IS 'What should be: present or absent';
COMMENT ON COLUMN registration.account.state IS 'requested: work is due; attempting: a command may be in flight; active, removed: as it should be; dead: see dead_letter';
COMMENT ON COLUMN registration.account.claim IS 'Idempotency key of this account at the server, stored before the first attempt';
COMMENT ON COLUMN registration.account.former_claim IS 'An account of an earlier member under this JID that has to go first';
COMMENT ON COLUMN registration.account.attempted IS 'Whether creation under this claim has been attempted, so that the server may know it';
COMMENT ON COLUMN registration.account.exists_since IS 'Since when the server is known to have the account under this claim; nothing while it has not';
COMMENT ON COLUMN registration.account.sealed_password IS 'Password to be set, sealed to registration''s key; erased once used';
COMMENT ON COLUMN registration.account.generation IS 'Grows with every change of what should be; a change during an attempt is seen by it';
COMMENT ON COLUMN registration.account.attempt IS 'Number of the latest attempt; only its result counts';
COMMENT ON COLUMN registration.account.failures IS 'Failed attempts in a row since the latest change';
COMMENT ON COLUMN registration.account.due IS 'requested: when to attempt; attempting: until when the attempt holds it';
COMMENT ON COLUMN registration.account.changed_at IS 'When the state changed last';
COMMENT ON INDEX registration.account_due IS 'What may be claimed; small while there is little to do';

CREATE TABLE registration.dead_letter (
  jid       text COLLATE "C" PRIMARY KEY REFERENCES registration.account (jid),
  action    text NOT NULL,
  reason    text NOT NULL,
  detail    text NOT NULL DEFAULT '',
  since     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE registration.dead_letter IS 'Why a dead account is dead; ends with the next statement that brings what was missing';
COMMENT ON COLUMN registration.dead_letter.jid IS 'The account';
COMMENT ON COLUMN registration.dead_letter.action IS 'What could not be done: create_account, set_password, remove_account, or none when the account vanished';
COMMENT ON COLUMN registration.dead_letter.reason IS 'conflict, vanished, or the condition the Jabber server or the gateway gave';
COMMENT ON COLUMN registration.dead_letter.detail IS 'Words for people';
COMMENT ON COLUMN registration.dead_letter.since IS 'When it was given up';

CREATE TABLE registration.foreign_account (
  jid        text COLLATE "C" PRIMARY KEY,
  first_seen timestamptz NOT NULL DEFAULT now(),
  last_seen  timestamptz NOT NULL DEFAULT now(),
  times      bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE registration.foreign_account IS 'Accounts that appeared on the Jabber server without Rostrum and belong to no member; at most 10,000 are kept';
COMMENT ON COLUMN registration.foreign_account.jid IS 'Bare JID as the server told';
COMMENT ON COLUMN registration.foreign_account.first_seen IS 'When it was told first';
COMMENT ON COLUMN registration.foreign_account.last_seen IS 'When it was told last';
COMMENT ON COLUMN registration.foreign_account.times IS 'How often it was told';

GRANT SELECT, INSERT, UPDATE ON registration.account TO rostrum_registration;
GRANT SELECT, INSERT, UPDATE, DELETE ON registration.dead_letter, registration.foreign_account TO rostrum_registration;
