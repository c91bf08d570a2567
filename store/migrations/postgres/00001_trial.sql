-- +goose Up
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE entries (
  seq   BIGINT PRIMARY KEY,
  bytes BYTEA NOT NULL
);

CREATE TABLE hashes (
  place BIGINT PRIMARY KEY,
  hash  BYTEA NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE checkpoints (
  size   BIGINT PRIMARY KEY,
  signed BYTEA NOT NULL
);

-- What stands on the ledger stays there.
-- +goose StatementBegin
CREATE FUNCTION entries_remain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an entry of the ledger is never changed or removed'; END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_remain BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION entries_remain();

CREATE TABLE participants (
  subject       TEXT PRIMARY KEY,
  site          TEXT NOT NULL,
  screened_at   TEXT NOT NULL,
  eligible      BOOLEAN NOT NULL,
  consented_at  TEXT,
  language      TEXT,
  zone          TEXT,
  enrolled_on   TEXT,
  randomised_on TEXT,
  cell          TEXT,
  slot          BIGINT UNIQUE,
  left_treatment_on TEXT,
  left_trial_on     TEXT,
  completed_on      TEXT
);

CREATE TABLE answers (
  subject    TEXT NOT NULL,
  visit      TEXT NOT NULL,
  instrument TEXT NOT NULL,
  entry      BIGINT NOT NULL,
  version    TEXT NOT NULL,
  date       TEXT NOT NULL,
  late       BOOLEAN NOT NULL,
  answers    TEXT NOT NULL,
  scores     TEXT NOT NULL,
  PRIMARY KEY (subject, visit, instrument)
);

CREATE TABLE diary (
  subject TEXT NOT NULL,
  night   TEXT NOT NULL,
  entry   BIGINT NOT NULL,
  date    TEXT NOT NULL,
  late    BOOLEAN NOT NULL,
  answers TEXT NOT NULL,
  PRIMARY KEY (subject, night)
);

CREATE TABLE nights (
  subject    TEXT NOT NULL,
  vendor     TEXT NOT NULL,
  night      TEXT NOT NULL,
  entry      BIGINT NOT NULL,
  status     TEXT NOT NULL,
  tst_min    DOUBLE PRECISION,
  waso_spt_min DOUBLE PRECISION,
  se_tib_pct DOUBLE PRECISION,
  superseded BIGINT NOT NULL,
  source     TEXT NOT NULL,
  PRIMARY KEY (subject, vendor, night)
);

CREATE TABLE doses (
  subject TEXT NOT NULL,
  date    TEXT NOT NULL,
  entry   BIGINT NOT NULL,
  units   BIGINT NOT NULL,
  PRIMARY KEY (subject, date)
);

CREATE TABLE kits (
  kit      TEXT PRIMARY KEY,
  subject  TEXT NOT NULL,
  visit    TEXT NOT NULL,
  date     TEXT NOT NULL,
  returned BIGINT
);

-- Intercurrent and adverse events, deviations and corrections, in the order in
-- which they are told of each person.
CREATE TABLE events (
  subject TEXT NOT NULL,
  kind    TEXT NOT NULL,
  n       BIGINT NOT NULL,
  data    TEXT NOT NULL,
  PRIMARY KEY (subject, kind, n)
);

-- What is planned for each person, and when what came arrived. How a task
-- stands now follows from these instants and the clock.
CREATE TABLE tasks (
  subject TEXT NOT NULL,
  kind    TEXT NOT NULL,
  name    TEXT NOT NULL,
  date    TEXT NOT NULL,
  opens   TEXT NOT NULL,
  due     TEXT NOT NULL,
  closes  TEXT NOT NULL,
  arrived TEXT,
  whole   BOOLEAN NOT NULL,
  PRIMARY KEY (subject, kind, name, date)
);
CREATE INDEX tasks_due ON tasks (whole, due);
