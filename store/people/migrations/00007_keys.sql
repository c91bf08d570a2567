-- +goose Up
-- What accounts have asked for once, by the key they gave it, and what they were
-- answered: an answer that holds a secret is sealed under the token of the session
-- that asked, which is not kept. A status of 0 is of what is under way.
CREATE TABLE asked_once (
  account   TEXT NOT NULL,
  key       TEXT NOT NULL,
  operation TEXT NOT NULL,
  digest    TEXT NOT NULL,
  at        BIGINT NOT NULL,
  status    BIGINT NOT NULL,
  answer    TEXT NOT NULL,
  sealed    BIGINT NOT NULL,
  PRIMARY KEY (account, key)
);
