-- +goose Up
-- What somebody's files came to on a day, in bytes.
CREATE TABLE quotas (
  subject TEXT NOT NULL,
  day     TEXT NOT NULL,
  bytes   BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (subject, day)
);
