package store

import (
	"context"
	"path/filepath"
	"strings"

	"dvala/fault"
	"dvala/store/blob"
	"dvala/store/sqldb"
)

// Where says where a trial lies: in a directory, or in a PostgreSQL database
// that several servers share.
type Where struct {
	Dir      string // a directory, with SQLite
	Database string // or postgres://…; a trial there is a schema of its own
	Trial    string // which trial of the database; empty: the only one

	// Blobs is where the files lie: a folder, or s3://bucket/prefix?endpoint=….
	// Empty: the folder blobs of the directory.
	Blobs string
	// Key is the secret half of the key that signs checkpoints. Empty: that in the
	// directory. Servers that share a database share the key.
	Key string
}

// In is where a trial in a directory lies.
func In(dir string) Where { return Where{Dir: dir} }

// Shared says whether other processes write to the same trial.
func (w Where) Shared() bool { return w.Database != "" }

// check says what of a place does not go together.
func (w Where) check() error {
	switch {
	case w.Dir == "" && w.Database == "":
		return fault.New("store-where", "dir", "neither a directory nor a database is named").
			WithHint("--dir DIR, or --database postgres://… with --blobs")
	case w.Shared() && w.Blobs == "":
		return fault.New("store-where", "blobs", "a trial in a database needs a place for its files that all servers reach").
			WithHint("--blobs s3://bucket/prefix, or a folder that all of them share")
	}
	return nil
}

// place names it for a person, without a password.
func (w Where) place() string {
	if !w.Shared() {
		return w.Dir
	}
	if w.Trial != "" {
		return "database of " + w.Trial
	}
	return "database"
}

func (w Where) files(ctx context.Context) (blob.Store, error) {
	switch {
	case strings.HasPrefix(w.Blobs, "s3:"):
		return blob.OpenBucket(ctx, w.Blobs)
	case w.Blobs != "":
		return blob.NewFolder(w.Blobs), nil
	}
	return blob.NewFolder(filepath.Join(w.Dir, "blobs")), nil
}

// schemaOf is the schema of a trial, by its ID.
// A hyphen becomes an underscore, which no ID has: some tools take only letters,
// digits and underscores.
func schemaOf(trial string) string { return "dvala_" + strings.ReplaceAll(trial, "-", "_") }

// trialOf is the ID of the trial in a schema.
func trialOf(schema string) string {
	return strings.ReplaceAll(strings.TrimPrefix(schema, schemaOf("")), "_", "-")
}

// findSchema gives the schema that a place means.
func (w Where) findSchema(ctx context.Context) (string, error) {
	if w.Trial != "" {
		return schemaOf(w.Trial), nil
	}
	all, err := Trials(ctx, w.Database)
	switch {
	case err != nil:
		return "", err
	case len(all) == 0:
		return "", fault.New("store-none", w.place(), "there is no trial in this database").WithHint("dvala restore brings one from the backup of a directory")
	case len(all) > 1:
		return "", fault.New("store-which", w.place(), "there are several trials in this database: %s", strings.Join(all, ", ")).WithHint("say which: --trial ID")
	}
	return schemaOf(all[0]), nil
}

// Trials gives the IDs of the trials in a PostgreSQL database.
func Trials(ctx context.Context, url string) ([]string, error) {
	db, err := sqldb.OpenPostgres(ctx, url, "public")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.Read.QueryContext(ctx, "SELECT schemaname FROM pg_tables WHERE tablename = 'entries' AND schemaname LIKE 'dvala\\_%' ORDER BY 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, trialOf(name))
	}
	return out, rows.Err()
}

// PeopleSchemas names the two schemas of a database in which it is kept who the
// people of a trial are: what is known of them, and, apart, the keys to it. A
// code of a participant means somebody in one trial only, so each has its own.
func (w Where) PeopleSchemas(ctx context.Context) (known, keys string, err error) {
	schema, err := w.findSchema(ctx)
	if err != nil {
		return "", "", err
	}
	trial := strings.TrimPrefix(schema, schemaOf(""))
	return "people_of_" + trial, "people_keys_of_" + trial, nil
}
