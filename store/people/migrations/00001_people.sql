-- +goose Up
-- Text, and whole numbers: times are microseconds since 1970 in UTC, 0 for none.
-- So the same words make the tables on SQLite and on PostgreSQL.
CREATE TABLE accounts (
  id       TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  mail     TEXT NOT NULL,
  subject  TEXT NOT NULL,
  lang     TEXT NOT NULL,
  issuer   TEXT NOT NULL,
  external TEXT NOT NULL,
  created  BIGINT NOT NULL,
  made_by  TEXT NOT NULL,
  closed   BIGINT NOT NULL
);
CREATE UNIQUE INDEX accounts_mail ON accounts (mail) WHERE mail <> '';
CREATE UNIQUE INDEX accounts_external ON accounts (issuer, external) WHERE issuer <> '';

CREATE TABLE roles (
  account  TEXT NOT NULL REFERENCES accounts (id),
  role     TEXT NOT NULL,
  site     TEXT NOT NULL,
  given    BIGINT NOT NULL,
  given_by TEXT NOT NULL,
  reason   TEXT NOT NULL,
  revoked  BIGINT NOT NULL
);
CREATE UNIQUE INDEX roles_in_force ON roles (account, role, site) WHERE revoked = 0;

CREATE TABLE sessions (
  hash    TEXT PRIMARY KEY,
  id      TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  role    TEXT NOT NULL,
  site    TEXT NOT NULL,
  method  TEXT NOT NULL,
  label   TEXT NOT NULL,
  origin  TEXT NOT NULL,
  started BIGINT NOT NULL,
  seen    BIGINT NOT NULL,
  ended   BIGINT NOT NULL,
  strong  BIGINT NOT NULL,
  proof   TEXT NOT NULL,
  spent   BIGINT NOT NULL,
  signed  BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE links (
  hash      TEXT PRIMARY KEY,
  code_hash TEXT NOT NULL,
  id        TEXT NOT NULL,
  purpose   TEXT NOT NULL,
  account   TEXT NOT NULL,
  subject   TEXT NOT NULL,
  lang      TEXT NOT NULL,
  made_by   TEXT NOT NULL,
  made      BIGINT NOT NULL,
  expires   BIGINT NOT NULL,
  used      BIGINT NOT NULL
);
CREATE UNIQUE INDEX links_code ON links (code_hash) WHERE code_hash <> '';
CREATE INDEX links_account ON links (account);

CREATE TABLE passkeys (
  id      TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (id),
  label   TEXT NOT NULL,
  added   BIGINT NOT NULL,
  used    BIGINT NOT NULL,
  record  TEXT NOT NULL
);
CREATE INDEX passkeys_account ON passkeys (account);

CREATE TABLE ceremonies (
  hash    TEXT PRIMARY KEY,
  data    TEXT NOT NULL,
  expires BIGINT NOT NULL
);

-- A bucket is kept as the moment at which it is full again.
CREATE TABLE buckets (
  name TEXT PRIMARY KEY,
  due  BIGINT NOT NULL
);

CREATE TABLE failures (
  name         TEXT PRIMARY KEY,
  n            BIGINT NOT NULL,
  at           BIGINT NOT NULL,
  locked_until BIGINT NOT NULL
);

CREATE TABLE access_log (
  seq     BIGINT PRIMARY KEY,
  at      BIGINT NOT NULL,
  actor   TEXT NOT NULL,
  session TEXT NOT NULL,
  origin  TEXT NOT NULL,
  what    TEXT NOT NULL,
  account TEXT NOT NULL,
  detail  TEXT NOT NULL,
  hash    TEXT NOT NULL
);

-- The last entry of the log; one row. Who writes to the log holds it.
CREATE TABLE access_head (
  one  BIGINT PRIMARY KEY,
  seq  BIGINT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO access_head VALUES (1, 0, '');
