package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dvala/fault"
	"dvala/store/blob"
	"dvala/store/sqldb"
)

// peopleFile holds accounts and, encrypted, identities. The keys to them lie in
// another file, which no backup holds.
const peopleFile = "people.db"

// Backup writes the trial into a new folder while it is in use: database, files,
// checkpoint, and last a list of all of it with their hashes. It is the
// directory of a trial, wherever the trial lies; before it is called whole, its
// ledger is replayed and held against its signed checkpoint.
//
// Neither the key that signs checkpoints nor the keys of persons are in it:
// whoever finds a backup can sign nothing and name nobody, and who is erased is
// erased in backups too.
func Backup(ctx context.Context, w Where, to, program string, now time.Time) (Manifest, error) {
	if old, err := os.ReadDir(to); err == nil && len(old) > 0 {
		return Manifest{}, fault.New("backup-dir", to, "the folder is not empty").WithHint("a backup goes into a new folder")
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return Manifest{}, fault.Wrap("backup-dir", to, err)
	}
	b := &backup{from: w, to: to}
	// The database first: every file that its entries name is there by then.
	for _, step := range []func(context.Context) error{b.database, b.people, b.files, b.papers} {
		if err := step(ctx); err != nil {
			if fault.CodeOf(err) == "" {
				err = fault.Wrap("backup-write", to, err)
			}
			return Manifest{}, err
		}
	}
	copied, err := Read(ctx, to) // replays all of it
	if err != nil {
		return Manifest{}, fmt.Errorf("the backup does not open: %w", err)
	}
	s := copied.State()
	m := Manifest{
		Format: manifestFormat, Program: program, Made: now.UTC().Truncate(time.Second),
		Trial: copied.Protocol().ID(), Entries: s.Entries, Root: fmt.Sprintf("%x", s.Root()), Blobs: b.blobs,
	}
	if err := blob.WriteFile(filepath.Join(to, "checkpoint"), copied.Checkpoint(), 0o644); err != nil {
		return m, closing(copied, err)
	}
	if err := copied.exportLedger(ctx, filepath.Join(to, ledgerFile)); err != nil {
		return m, closing(copied, err)
	}
	if err := copied.Close(); err != nil {
		return m, err
	}
	return m, b.finish(ctx, m)
}

type backup struct {
	from  Where
	to    string
	blobs []Kept
}

// database copies the database as it is at one moment.
func (b *backup) database(ctx context.Context) error {
	to := filepath.Join(b.to, "trial.db")
	if !b.from.Shared() {
		if err := (&Trial{dir: b.from.Dir}).findDirectory(); err != nil {
			return err
		}
		return vacuumInto(ctx, filepath.Join(b.from.Dir, "trial.db"), to)
	}
	from, err := b.from.find(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	into, err := sqldb.OpenSQLite(to)
	if err != nil {
		return err
	}
	if err := into.Migrate(ctx, migrations, versions); err != nil {
		return closing(into, err)
	}
	if err := sqldb.Copy(ctx, from, into); err != nil {
		return closing(into, err)
	}
	return into.Close()
}

// vacuumInto copies an SQLite file that may be in use. The copy is of one
// moment, and is given the log that every trial's database has.
func vacuumInto(ctx context.Context, from, to string) error {
	name, err := sqldb.DSN(from, "mode=ro")
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO $1", to); err != nil {
		return err
	}
	logged, err := sqldb.Writer(to)
	if err != nil {
		return err
	}
	return logged.Close()
}

// people copies what is known of people, encrypted as it is.
func (b *backup) people(ctx context.Context) error {
	to := filepath.Join(b.to, peopleFile)
	if !b.from.Shared() {
		from := filepath.Join(b.from.Dir, peopleFile)
		if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err := vacuumInto(ctx, from, to); err != nil {
			return peopleTorn(from, err)
		}
		return nil
	}
	schema, _, err := b.from.PeopleSchemas(ctx)
	if err != nil {
		return err
	}
	from, err := sqldb.OpenPostgres(ctx, b.from.Database, schema)
	if err != nil {
		return err
	}
	defer from.Close()
	into, err := sqldb.OpenSQLite(to)
	if err != nil {
		return err
	}
	if err := sqldb.CopyPlain(ctx, from, into); err != nil {
		return closing(into, err)
	}
	return into.Close()
}

// peopleTorn says of what is known of people that it cannot be copied.
func peopleTorn(path string, err error) error {
	if text := err.Error(); strings.Contains(text, "malformed") || strings.Contains(text, "not a database") {
		return fault.Wrap("people-damaged", path, err).WithHint("dvala doctor --deep says what is wrong with it; restore it from an earlier backup, which this one does not replace")
	}
	return fault.Wrap("backup-write", path, err)
}

// files copies all files, each checked against its name.
func (b *backup) files(ctx context.Context) error {
	from, err := b.from.files(ctx)
	if err != nil {
		return err
	}
	into := blob.NewFolder(filepath.Join(b.to, "blobs"))
	return from.Each(ctx, func(sum string, size int64) error {
		b.blobs = append(b.blobs, Kept{SHA256: sum, Bytes: size})
		return copyBlob(ctx, from, into, sum)
	})
}

// copyBlob copies a file from one store to another.
func copyBlob(ctx context.Context, from, into blob.Store, sum string) error {
	r, size, err := from.Open(ctx, sum, 0, -1)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = into.PutFrom(ctx, "", r, max(size, 1))
	return err
}

// papers writes the files of a directory that are for people, and its public
// key.
func (b *backup) papers(ctx context.Context) error {
	db, err := sqldb.ReadSQLite(filepath.Join(b.to, "trial.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	for _, p := range []struct{ name, key string }{{"protocol.yaml", "protocol"}, {"sealed-list.dvl", "sealed"}} {
		var sum string
		if err := db.Read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = $1", p.key).Scan(&sum); err != nil {
			return err
		}
		raw, err := blob.NewFolder(filepath.Join(b.to, "blobs")).Get(ctx, sum)
		if err != nil {
			return err
		}
		if err := blob.WriteFile(filepath.Join(b.to, p.name), raw, 0o444); err != nil {
			return err
		}
	}
	var public string
	if b.from.Shared() {
		err = db.Read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'public'").Scan(&public)
	} else {
		var raw []byte
		raw, err = os.ReadFile(filepath.Join(b.from.Dir, "ledger.pub"))
		public = string(raw)
	}
	if err != nil {
		return err
	}
	return blob.WriteFile(filepath.Join(b.to, "ledger.pub"), []byte(strings.TrimSpace(public)+"\n"), 0o644)
}

// finish syncs everything, hashes it, and writes the list.
func (b *backup) finish(ctx context.Context, m Manifest) error {
	for _, name := range []string{"trial.db", peopleFile, "ledger.pub", ledgerFile, "checkpoint", "protocol.yaml", "sealed-list.dvl"} {
		path := filepath.Join(b.to, name)
		k, err := kept(ctx, path)
		if errors.Is(err, os.ErrNotExist) && (name == peopleFile || name == ledgerFile) { // no accounts; no entry
			continue
		}
		if err == nil {
			err = syncFile(path)
		}
		if err != nil {
			return err
		}
		k.Path = name
		m.Files = append(m.Files, k)
	}
	for _, left := range []string{"-wal", "-shm"} {
		_ = os.Remove(filepath.Join(b.to, "trial.db"+left))
		_ = os.Remove(filepath.Join(b.to, peopleFile+left))
	}
	return m.write(b.to)
}

// syncFile makes a file survive a power cut.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrPermission) {
		return nil // written synced, and closed to writing since
	}
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return closing(f, err)
	}
	return f.Close()
}

// copyFile copies a file, synced.
func copyFile(from, to string, mode os.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
