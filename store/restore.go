package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dvala/fault"
	"dvala/ledger"
	"dvala/store/blob"
	"dvala/store/sqldb"
)

// Restore puts a backup into a new place: a directory or a database, on this
// machine or another. Every file is checked before anything is written, and in
// the new place the ledger is replayed and must have the root that it had. The
// key that signs is not in a backup: with w.Key a directory is given it, and
// without it the place can be read and verified, not written to.
func Restore(ctx context.Context, from string, w Where) (Manifest, error) {
	m, err := CheckBackup(ctx, from)
	if err != nil {
		return m, err
	}
	w.Trial = m.Trial
	if err := w.check(); err != nil {
		return m, err
	}
	if err := w.vacant(ctx); err != nil {
		return m, err
	}
	if w.Key != "" {
		public, err := os.ReadFile(filepath.Join(from, "ledger.pub"))
		if err != nil {
			return m, err
		}
		if _, err := ledger.ParseKey(w.Key, strings.TrimSpace(string(public))); err != nil {
			return m, err
		}
	}
	if err := restoreFiles(ctx, from, w, m); err != nil {
		return m, fault.Wrap("restore-write", w.place(), err)
	}
	if w.Shared() {
		err = restoreDatabase(ctx, from, w)
	} else {
		err = restoreDirectory(from, w, m)
	}
	if err != nil {
		return m, fault.Wrap("restore-write", w.place(), err)
	}
	return m, restored(ctx, w, m)
}

// restored opens the new place, and holds its ledger against the backup's.
func restored(ctx context.Context, w Where, m Manifest) error {
	t, err := ReadAt(ctx, w)
	if err != nil {
		return err
	}
	s := t.State()
	if root := fmt.Sprintf("%x", s.Root()); root != m.Root || s.Entries != m.Entries {
		return closing(t, fault.New("restore-root", w.place(), "has %d entries under the root %.16s…, and the backup %d under %.16s…", s.Entries, root, m.Entries, m.Root))
	}
	return t.Close()
}

func restoreFiles(ctx context.Context, from string, w Where, m Manifest) error {
	into, err := w.files(ctx)
	if err != nil {
		return err
	}
	files := blob.NewFolder(filepath.Join(from, "blobs"))
	for _, k := range m.Blobs {
		if err := copyBlob(ctx, files, into, k.SHA256); err != nil {
			return err
		}
	}
	return nil
}

// restoreDirectory writes the database last: without it the folder is no trial.
func restoreDirectory(from string, w Where, m Manifest) error {
	if err := os.MkdirAll(w.Dir, 0o755); err != nil {
		return err
	}
	if w.Key != "" {
		if err := blob.WriteFile(filepath.Join(w.Dir, "ledger.key"), []byte(strings.TrimSpace(w.Key)+"\n"), 0o600); err != nil {
			return err
		}
	}
	for _, last := range []bool{false, true} {
		for _, k := range m.Files {
			if (k.Path == "trial.db") != last || k.Path == ledgerFile { // which is for whoever verifies the backup
				continue
			}
			mode := os.FileMode(0o644)
			if k.Path == peopleFile {
				mode = 0o600
			}
			if err := copyFile(filepath.Join(from, k.Path), filepath.Join(w.Dir, k.Path), mode); err != nil {
				return err
			}
		}
	}
	return blob.SyncDir(w.Dir)
}

// restoreDatabase copies the rows into a new schema.
func restoreDatabase(ctx context.Context, from string, w Where) error {
	source, err := sqldb.ReadSQLite(filepath.Join(from, "trial.db"))
	if err != nil {
		return err
	}
	defer source.Close()
	into, err := w.connect(ctx)
	if err != nil {
		return err
	}
	defer into.Close()
	if err := into.Migrate(ctx, migrations, versions); err != nil {
		return err
	}
	if err := sqldb.Copy(ctx, source, into); err != nil {
		return err
	}
	public, err := os.ReadFile(filepath.Join(from, "ledger.pub"))
	if err != nil {
		return err
	}
	_, err = into.Write.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES ('public', $1) ON CONFLICT (key) DO NOTHING", strings.TrimSpace(string(public)))
	return err
}

// RestorePeople copies what a backup holds of people into their schema of a
// database, whose tables are there and empty.
func RestorePeople(ctx context.Context, from string, w Where) error {
	path := filepath.Join(from, peopleFile)
	if _, err := os.Stat(path); err != nil {
		return nil //nolint:nilerr // a trial without accounts has none
	}
	source, err := sqldb.ReadSQLite(path)
	if err != nil {
		return err
	}
	defer source.Close()
	schema, _, err := w.PeopleSchemas(ctx)
	if err != nil {
		return err
	}
	into, err := sqldb.OpenPostgres(ctx, w.Database, schema)
	if err != nil {
		return err
	}
	defer into.Close()
	// The tables are made with the head of a log that has no line yet; the copy
	// brings its own.
	if _, err := into.Write.ExecContext(ctx, "DELETE FROM access_head WHERE seq = 0"); err != nil {
		return err
	}
	return sqldb.Copy(ctx, source, into)
}
