-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the site wants: members and groups, each with the revision that stated it last.
-- Keys compare byte by byte (COLLATE "C"), as the services sort them.
CREATE SCHEMA directory;
COMMENT ON SCHEMA directory IS 'Members and groups as the site stated them; written by registration alone';
GRANT USAGE ON SCHEMA directory TO rostrum_registration, rostrum_notification, rostrum_reader;

CREATE TABLE directory.member (
  source       text COLLATE "C" NOT NULL,
  member_id    text COLLATE "C" NOT NULL,
  jid          text COLLATE "C",
  display_name text NOT NULL DEFAULT '',
  revision     bigint NOT NULL CHECK (revision > 0),
  present      boolean NOT NULL,
  changed_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source, member_id),
  CONSTRAINT member_present_has_jid CHECK (jid IS NOT NULL OR NOT present)
);
CREATE UNIQUE INDEX member_jid_taken ON directory.member (jid) WHERE present;
COMMENT ON TABLE directory.member IS 'One member of one site; removed members stay as tombstones, so that an older statement cannot bring them back';
COMMENT ON COLUMN directory.member.source IS 'Name of the site''s key';
COMMENT ON COLUMN directory.member.member_id IS 'The site''s own id of the member';
COMMENT ON COLUMN directory.member.jid IS 'Bare JID, prepared; nothing for a member that was removed before it was ever stated';
COMMENT ON COLUMN directory.member.display_name IS 'Name for people; may be empty';
COMMENT ON COLUMN directory.member.revision IS 'Revision of the statement that is in force';
COMMENT ON COLUMN directory.member.present IS 'Whether the member should exist';
COMMENT ON COLUMN directory.member.changed_at IS 'When the statement in force was committed';

CREATE TABLE directory.member_group (
  source    text COLLATE "C" NOT NULL,
  group_id  text COLLATE "C" NOT NULL,
  member_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (source, group_id, member_id),
  FOREIGN KEY (source, member_id) REFERENCES directory.member (source, member_id)
);
CREATE INDEX member_group_of_member ON directory.member_group (source, member_id);
COMMENT ON TABLE directory.member_group IS 'Which groups a present member belongs to; said by the member''s statement alone, also of groups not stated yet';
COMMENT ON COLUMN directory.member_group.source IS 'Name of the site''s key';
COMMENT ON COLUMN directory.member_group.group_id IS 'The site''s own id of the group';
COMMENT ON COLUMN directory.member_group.member_id IS 'The site''s own id of the member';

CREATE TABLE directory.site_group (
  source     text COLLATE "C" NOT NULL,
  group_id   text COLLATE "C" NOT NULL,
  title      text NOT NULL DEFAULT '',
  revision   bigint NOT NULL CHECK (revision > 0),
  present    boolean NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source, group_id)
);
COMMENT ON TABLE directory.site_group IS 'One group of one site; removed groups stay as tombstones';
COMMENT ON COLUMN directory.site_group.source IS 'Name of the site''s key';
COMMENT ON COLUMN directory.site_group.group_id IS 'The site''s own id of the group';
COMMENT ON COLUMN directory.site_group.title IS 'Name for people; may be empty';
COMMENT ON COLUMN directory.site_group.revision IS 'Revision of the statement that is in force';
COMMENT ON COLUMN directory.site_group.present IS 'Whether the group exists; announcements to an absent group reach nobody';
COMMENT ON COLUMN directory.site_group.changed_at IS 'When the statement in force was committed';

GRANT SELECT, INSERT, UPDATE ON directory.member, directory.site_group TO rostrum_registration;
GRANT SELECT, INSERT, DELETE ON directory.member_group TO rostrum_registration;
