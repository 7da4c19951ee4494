-- SPDX-License-Identifier: GPL-3.0-or-later
-- What sites have said, and how far each notice has come.
-- Keys compare byte by byte (COLLATE "C"), as in the directory.

CREATE SCHEMA notification;
COMMENT ON SCHEMA notification IS 'Notices of the sites and their deliveries to members. Written by rostrum-notification only';
GRANT USAGE ON SCHEMA notification TO rostrum_notification, rostrum_reader;

CREATE TYPE notification.notice_kind AS ENUM ('alert', 'announcement');
COMMENT ON TYPE notification.notice_kind IS 'Kind of a notice, which is also its lane: what stands first here goes first';

CREATE TYPE notification.audience_kind AS ENUM ('all', 'groups', 'members');
COMMENT ON TYPE notification.audience_kind IS 'To whom a notice goes: all members of its site, the members of any of some groups, or members by name';

CREATE TYPE notification.notice_state AS ENUM ('expanding', 'sending', 'done');
COMMENT ON TYPE notification.notice_state IS
  'expanding: its deliveries are being made, page by page. sending: all are made, some are still open. done: none is open; receipts may still come';

CREATE TABLE notification.notice (
  id               uuid PRIMARY KEY,
  source           text COLLATE "C" NOT NULL,
  kind             notification.notice_kind NOT NULL,
  audience         notification.audience_kind NOT NULL,
  audience_ids     text[] COLLATE "C" NOT NULL,
  title            text NOT NULL,
  body             text NOT NULL,
  published_at     timestamptz NOT NULL DEFAULT now(),
  expires_at       timestamptz NOT NULL,
  state            notification.notice_state NOT NULL DEFAULT 'expanding',
  cursor_member_id text COLLATE "C" NOT NULL DEFAULT '',
  done_at          timestamptz
);
COMMENT ON TABLE  notification.notice IS 'One row per accepted notice';
COMMENT ON COLUMN notification.notice.id IS 'Id of the event that published it (UUIDv7)';
COMMENT ON COLUMN notification.notice.source IS 'The site: authenticated name of the key that published it';
COMMENT ON COLUMN notification.notice.kind IS 'Announcement or alert';
COMMENT ON COLUMN notification.notice.audience IS 'How audience_ids is to be read';
COMMENT ON COLUMN notification.notice.audience_ids IS 'Group ids or member ids, sorted, each once; empty for all';
COMMENT ON COLUMN notification.notice.title IS 'Subject of the message; may be empty';
COMMENT ON COLUMN notification.notice.body IS 'Text of the message';
COMMENT ON COLUMN notification.notice.published_at IS 'When it was accepted, by the clock of the database';
COMMENT ON COLUMN notification.notice.expires_at IS 'After this moment nothing more is sent';
COMMENT ON COLUMN notification.notice.state IS 'How far it has come';
COMMENT ON COLUMN notification.notice.cursor_member_id IS 'Deliveries are made up to this member, in order of member id; moves in the transaction that makes them';
COMMENT ON COLUMN notification.notice.done_at IS 'When its last delivery ended; null before';

CREATE INDEX notice_expanding ON notification.notice (source, kind, id) WHERE state = 'expanding';
CREATE INDEX notice_active ON notification.notice (source) WHERE state <> 'done';
CREATE INDEX notice_sending ON notification.notice (expires_at) WHERE state = 'sending';

GRANT SELECT, INSERT ON notification.notice TO rostrum_notification;
GRANT UPDATE (state, cursor_member_id, done_at) ON notification.notice TO rostrum_notification;
