-- +goose Up
-- How far a job has come, for pages to read.
CREATE TABLE job_progress (
  job    BIGINT PRIMARY KEY,
  done   BIGINT NOT NULL,
  total  BIGINT NOT NULL,
  note   TEXT NOT NULL,
  result TEXT NOT NULL,
  at     TEXT NOT NULL
);
