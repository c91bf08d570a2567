-- +goose Up
-- How far a job has come, for pages to read.
CREATE TABLE job_progress (
  job    INTEGER PRIMARY KEY,
  done   INTEGER NOT NULL,
  total  INTEGER NOT NULL,
  note   TEXT NOT NULL,
  result TEXT NOT NULL,
  at     TEXT NOT NULL
);
