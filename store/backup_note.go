package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"dvala/fault"
)

// LastBackups is what became of the backups that are made in the background.
type LastBackups struct {
	Made   time.Time `json:"made,omitzero"`   // the last that was
	Failed time.Time `json:"failed,omitzero"` // the last that was not
	Why    string    `json:"why,omitempty"`   // a code
}

const backupRow = "backup-last"

// LastBackup tells it.
func (t *Trial) LastBackup(ctx context.Context) (LastBackups, error) {
	var out LastBackups
	var said string
	err := t.db.Read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = $1", backupRow).Scan(&said)
	if errors.Is(err, sql.ErrNoRows) {
		return out, nil
	}
	if err != nil {
		return out, t.inDatabase(err)
	}
	if err := json.Unmarshal([]byte(said), &out); err != nil {
		return out, fault.Wrap("store-damaged", backupRow, err)
	}
	return out, nil
}

// NoteBackup keeps that one was made, or failed.
func (t *Trial) NoteBackup(ctx context.Context, at time.Time, why fault.Code, failed bool) error {
	last, err := t.LastBackup(ctx)
	if err != nil {
		return err
	}
	if failed {
		last.Failed, last.Why = at.UTC(), string(why)
	} else {
		last.Made = at.UTC()
	}
	raw, err := json.Marshal(last)
	if err != nil {
		return err
	}
	return t.keepRow(ctx, backupRow, string(raw))
}
