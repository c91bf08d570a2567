-- +goose Up
-- What was known of who participants are before it was changed, with who changed
-- it, when and why: sealed under each one's own key, in the order of the changes.
CREATE TABLE identity_changes (
  subject TEXT NOT NULL,
  n       BIGINT NOT NULL,
  sealed  TEXT NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (subject, n)
);
