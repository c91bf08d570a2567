-- +goose Up
-- Who participants are: sealed under each one's own key.
CREATE TABLE identities (
  subject TEXT PRIMARY KEY,
  sealed  TEXT NOT NULL,
  changed BIGINT NOT NULL
);

-- Files of participants, by a keyed hash of what is in them.
CREATE TABLE person_files (
  subject TEXT NOT NULL,
  mark    TEXT NOT NULL,
  sha256  TEXT NOT NULL,
  bytes   BIGINT NOT NULL,
  name    TEXT NOT NULL,
  PRIMARY KEY (subject, mark)
);

-- What came from a device and could not be filed: kept whole until somebody
-- files it again or discards it with a reason.
CREATE TABLE pending (
  id      BIGINT PRIMARY KEY,
  came    BIGINT NOT NULL,
  account TEXT NOT NULL,
  subject TEXT NOT NULL,
  key     TEXT NOT NULL,
  body    TEXT NOT NULL,
  fault   TEXT NOT NULL,
  settled BIGINT NOT NULL,
  by_whom TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL
);
CREATE UNIQUE INDEX pending_key ON pending (account, key, body);
