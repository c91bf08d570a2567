package main

import (
	"context"
	"os"
	"strings"

	"dvala/fault"
	"dvala/store"
)

// PlaceFlags say where a trial lies, for verbs that serve it or look after it:
// in a directory, or in a PostgreSQL database that several machines share. Each
// can also stand in the environment, and in the file that --config names.
type PlaceFlags struct {
	Dir       string `type:"path" env:"DVALA_DIR" help:"The trial's directory."`
	Database  string `env:"DVALA_DATABASE" placeholder:"URL" help:"Or a PostgreSQL database: postgres://user:password@host/name."`
	Trial     string `env:"DVALA_TRIAL" placeholder:"ID" help:"Which trial of the database, if there are several."`
	Blobs     string `env:"DVALA_BLOBS" placeholder:"PLACE" help:"Where the files lie: a folder, or s3://bucket/prefix?endpoint=host. (blobs in the directory)"`
	LedgerKey string `type:"path" env:"DVALA_LEDGER_KEY_FILE" placeholder:"FILE" help:"The key that signs checkpoints; or the key itself in DVALA_LEDGER_KEY. (ledger.key in the directory)"`
}

// where gives the place, with the key if one is named.
func (f PlaceFlags) where() (store.Where, error) {
	w := store.Where{Dir: f.Dir, Database: f.Database, Trial: f.Trial, Blobs: f.Blobs, Key: strings.TrimSpace(os.Getenv("DVALA_LEDGER_KEY"))}
	if f.Dir != "" && f.Database != "" {
		return w, fault.New("store-where", "database", "a trial lies in a directory or in a database, not in both").
			WithHint("name one of --dir and --database; dvala restore moves a trial from one to the other")
	}
	if f.LedgerKey != "" {
		raw, err := os.ReadFile(f.LedgerKey)
		if err != nil {
			return w, fault.Wrap("file-unreadable", f.LedgerKey, err)
		}
		w.Key = strings.TrimSpace(string(raw))
	}
	return w, nil
}

// named says whether any place is.
func (f PlaceFlags) named() bool { return f.Dir != "" || f.Database != "" }

// read opens the trial to look at it.
func (f PlaceFlags) read(ctx context.Context) (*store.Trial, error) {
	w, err := f.where()
	if err != nil {
		return nil, err
	}
	return store.ReadAt(ctx, w)
}
