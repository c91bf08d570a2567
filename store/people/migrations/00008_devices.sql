-- +goose Up
-- On which device somebody answered who came by an invitation: the hash of a
-- random mark that her browser keeps, which says nothing of it or of her.
ALTER TABLE arrivals ADD COLUMN device TEXT NOT NULL DEFAULT '';
CREATE INDEX arrivals_device ON arrivals (device);
