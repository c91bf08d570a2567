-- +goose Up
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE entries (
  seq   INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
);

CREATE TABLE hashes (
  place INTEGER PRIMARY KEY,
  hash  BLOB NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE checkpoints (
  size   INTEGER PRIMARY KEY,
  signed BLOB NOT NULL
);

-- What stands on the ledger stays there.
-- +goose StatementBegin
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is never removed'); END;
-- +goose StatementEnd

CREATE TABLE participants (
  subject       TEXT PRIMARY KEY,
  site          TEXT NOT NULL,
  screened_at   TEXT NOT NULL,
  eligible      INTEGER NOT NULL,
  consented_at  TEXT,
  language      TEXT,
  zone          TEXT,
  enrolled_on   TEXT,
  randomised_on TEXT,
  cell          TEXT,
  slot          INTEGER UNIQUE,
  left_treatment_on TEXT,
  left_trial_on     TEXT,
  completed_on      TEXT
) WITHOUT ROWID;

CREATE TABLE answers (
  subject    TEXT NOT NULL,
  visit      TEXT NOT NULL,
  instrument TEXT NOT NULL,
  entry      INTEGER NOT NULL,
  version    TEXT NOT NULL,
  date       TEXT NOT NULL,
  late       INTEGER NOT NULL,
  answers    TEXT NOT NULL,
  scores     TEXT NOT NULL,
  PRIMARY KEY (subject, visit, instrument)
) WITHOUT ROWID;

CREATE TABLE diary (
  subject TEXT NOT NULL,
  night   TEXT NOT NULL,
  entry   INTEGER NOT NULL,
  date    TEXT NOT NULL,
  late    INTEGER NOT NULL,
  answers TEXT NOT NULL,
  PRIMARY KEY (subject, night)
) WITHOUT ROWID;

CREATE TABLE nights (
  subject    TEXT NOT NULL,
  vendor     TEXT NOT NULL,
  night      TEXT NOT NULL,
  entry      INTEGER NOT NULL,
  status     TEXT NOT NULL,
  tst_min    REAL,
  waso_spt_min REAL,
  se_tib_pct REAL,
  superseded INTEGER NOT NULL,
  source     TEXT NOT NULL,
  PRIMARY KEY (subject, vendor, night)
) WITHOUT ROWID;

CREATE TABLE doses (
  subject TEXT NOT NULL,
  date    TEXT NOT NULL,
  entry   INTEGER NOT NULL,
  units   INTEGER NOT NULL,
  PRIMARY KEY (subject, date)
) WITHOUT ROWID;

CREATE TABLE kits (
  kit      TEXT PRIMARY KEY,
  subject  TEXT NOT NULL,
  visit    TEXT NOT NULL,
  date     TEXT NOT NULL,
  returned INTEGER
) WITHOUT ROWID;

-- Intercurrent and adverse events, deviations and corrections, in the order in
-- which they are told of each person.
CREATE TABLE events (
  subject TEXT NOT NULL,
  kind    TEXT NOT NULL,
  n       INTEGER NOT NULL,
  data    TEXT NOT NULL,
  PRIMARY KEY (subject, kind, n)
) WITHOUT ROWID;

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
  whole   INTEGER NOT NULL,
  PRIMARY KEY (subject, kind, name, date)
) WITHOUT ROWID;
CREATE INDEX tasks_due ON tasks (whole, due);
