-- +goose Up
-- What staff hand out so that people screen themselves: open to whoever has it.
CREATE TABLE invitations (
  id        TEXT PRIMARY KEY,
  hash      TEXT NOT NULL UNIQUE,
  code_hash TEXT NOT NULL UNIQUE,
  site      TEXT NOT NULL,
  lang      TEXT NOT NULL,
  note      TEXT NOT NULL,
  made_by   TEXT NOT NULL,
  made      BIGINT NOT NULL,
  expires   BIGINT NOT NULL,
  revoked   BIGINT NOT NULL,
  most      BIGINT NOT NULL,
  used      BIGINT NOT NULL
);

-- Who came by one: a session, and the code that she got when she was screened.
CREATE TABLE arrivals (
  session    TEXT PRIMARY KEY,
  invitation TEXT NOT NULL REFERENCES invitations (id),
  at         BIGINT NOT NULL,
  taken      BIGINT NOT NULL,
  subject    TEXT NOT NULL
);
CREATE INDEX arrivals_invitation ON arrivals (invitation);
