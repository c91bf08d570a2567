-- +goose Up
-- What people allowed at a vendor's, sealed under each one's own key.
CREATE TABLE rings (
  subject TEXT PRIMARY KEY,
  sealed  TEXT NOT NULL,
  since   BIGINT NOT NULL,
  fetched BIGINT NOT NULL,
  ended   BIGINT NOT NULL
);
