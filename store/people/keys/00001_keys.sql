-- +goose Up
-- A destroyed key's row stays, with nothing in it.
CREATE TABLE person_keys (
  subject   TEXT PRIMARY KEY,
  wrapped   TEXT NOT NULL,
  made      BIGINT NOT NULL,
  destroyed BIGINT NOT NULL
);
