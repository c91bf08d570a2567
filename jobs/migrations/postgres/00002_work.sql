-- +goose Up
-- Which processes live, by the database's own clock (seconds since 1970), and with
-- what settings they were started.
CREATE TABLE job_workers (
  worker TEXT PRIMARY KEY,
  beat   BIGINT NOT NULL,
  says   TEXT NOT NULL
);

-- Work that somebody asked for, and what came of it. It outlives its job. Times
-- are microseconds since 1970; 0 for none.
CREATE TABLE job_work (
  job     BIGINT PRIMARY KEY,
  kind    TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  began   BIGINT NOT NULL,
  ended   BIGINT NOT NULL,
  failed  BIGINT NOT NULL,
  says    TEXT NOT NULL,
  file    TEXT NOT NULL,
  bytes   BIGINT NOT NULL,
  kept    TEXT NOT NULL,
  key     TEXT NOT NULL
);
-- Of each kind one at a time.
CREATE UNIQUE INDEX job_work_open ON job_work (kind) WHERE ended = 0;
CREATE UNIQUE INDEX job_work_key ON job_work (by_whom, key) WHERE key <> '';
