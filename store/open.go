package store

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dvala/fault"
	"dvala/ledger"
	"dvala/store/sqldb"
)

//go:embed migrations
var migrationFiles embed.FS

// migrations are the tables of this room, by dialect; versions is the table
// that says which of them a database has.
var migrations = func() fs.FS {
	dir, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the name is embedded above
	}
	return dir
}()

const versions = "goose_db_version"

// Open opens a trial in a directory to write to it. No other process may do so
// at the time. The ledger is replayed and held against its last signed
// checkpoint.
func Open(ctx context.Context, dir string) (*Trial, error) { return OpenAt(ctx, In(dir)) }

// OpenAt opens a trial to write to it. In a directory this process is alone; to
// a database any number write.
func OpenAt(ctx context.Context, w Where) (*Trial, error) {
	t, err := prepare(ctx, w)
	if err != nil {
		return nil, err
	}
	if err := t.openWriting(ctx, w); err != nil {
		_ = t.Close()
		return nil, t.inDatabase(err)
	}
	t.queue, t.stop, t.ended = make(chan *request, maxGroup), make(chan struct{}), make(chan struct{})
	go t.run()
	return t, nil
}

// Read opens a trial in a directory to look at it, beside whoever writes.
// Refresh brings it up to date.
func Read(ctx context.Context, dir string) (*Trial, error) { return ReadAt(ctx, In(dir)) }

// ReadAt opens a trial to look at it.
func ReadAt(ctx context.Context, w Where) (*Trial, error) {
	t, err := prepare(ctx, w)
	if err != nil {
		return nil, err
	}
	if t.db == nil {
		t.db, err = sqldb.ReadSQLite(filepath.Join(w.Dir, "trial.db"))
	}
	if err == nil {
		err = t.readKey(ctx)
	}
	if err == nil {
		err = t.load(ctx)
	}
	if err != nil {
		_ = t.Close()
		return nil, t.inDatabase(err)
	}
	return t, nil
}

// prepare finds the trial, and connects to its database if that is shared.
func prepare(ctx context.Context, w Where) (*Trial, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	t := &Trial{dir: w.Dir, place: w.place()}
	var err error
	if w.Shared() {
		t.dir = ""
		if t.db, err = w.find(ctx); err != nil {
			return nil, err
		}
	} else if err = t.findDirectory(); err != nil {
		return nil, err
	}
	if t.blobs, err = w.files(ctx); err != nil {
		_ = t.Close()
		return nil, err
	}
	return t, nil
}

// find connects to the schema of a trial that is there.
func (w Where) find(ctx context.Context) (*sqldb.DB, error) {
	schema, err := w.findSchema(ctx)
	if err != nil {
		return nil, err
	}
	db, err := sqldb.OpenPostgres(ctx, w.Database, schema)
	if err != nil {
		return nil, err
	}
	there, err := db.HasTable(ctx, "entries")
	if err == nil && !there {
		err = fault.New("store-none", w.place(), "there is no such trial in this database").WithHint("dvala restore brings one from the backup of a directory")
	}
	if err != nil {
		return nil, closing(db, err)
	}
	return db, nil
}

func (t *Trial) findDirectory() error {
	info, err := os.Stat(filepath.Join(t.dir, "trial.db"))
	if err == nil && info.Size() == 0 {
		return t.inDatabase(errors.New("the file is empty"))
	}
	if err != nil {
		p := fault.New("store-none", t.dir, "there is no trial in this directory").WithHint("dvala init makes one, and dvala demo plays one with made-up people")
		p.Cause = err
		return p
	}
	return nil
}

// connect opens the database to write to it; the directory or schema may be
// new.
func (w Where) connect(ctx context.Context) (*sqldb.DB, error) {
	if w.Shared() {
		return sqldb.OpenPostgres(ctx, w.Database, schemaOf(w.Trial))
	}
	return sqldb.OpenSQLite(filepath.Join(w.Dir, "trial.db"))
}

func (t *Trial) openWriting(ctx context.Context, w Where) (err error) {
	if !w.Shared() {
		if t.lock, err = lockDirectory(ctx, t.dir); err != nil {
			return err
		}
		if t.db, err = w.connect(ctx); err != nil {
			return err
		}
	}
	if err := t.db.Migrate(ctx, migrations, versions); err != nil {
		return err
	}
	if err := t.db.OpenReaders(); err != nil {
		return err
	}
	if err := t.readKey(ctx); err != nil {
		return err
	}
	secret := w.Key
	if secret == "" && !w.Shared() {
		raw, err := os.ReadFile(filepath.Join(t.dir, "ledger.key"))
		if err != nil {
			return fault.Wrap(ledger.CodeKey, "ledger.key", err).WithHint("a backup holds no key: put the trial's ledger.key into the directory, or name it with --ledger-key")
		}
		secret = string(raw)
	}
	if secret == "" {
		return fault.New(ledger.CodeKey, "ledger key", "is missing: this process cannot sign checkpoints").
			WithHint("--ledger-key FILE, or the key itself in DVALA_LEDGER_KEY; all servers of a trial have the same")
	}
	if t.key, err = ledger.ParseKey(secret, t.public.String()); err != nil {
		return err
	}
	return t.load(ctx)
}

// readKey reads the key that checks checkpoints: from the directory, where it is
// a file that people carry away too, or from the database.
func (t *Trial) readKey(ctx context.Context) error {
	var text string
	if t.dir != "" {
		raw, err := os.ReadFile(filepath.Join(t.dir, "ledger.pub"))
		if err != nil {
			return fault.Wrap(ledger.CodeKey, "ledger.pub", err)
		}
		text = string(raw)
	} else if err := t.db.Read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'public'").Scan(&text); err != nil {
		return fault.Wrap("store-damaged", "meta", err)
	}
	public, err := ledger.ParsePublicKey(strings.TrimSpace(text))
	t.public = public
	return err
}

// inDatabase says of an error that the database itself gives where it is: a
// file is damaged, or is none; a server cannot be reached.
func (t *Trial) inDatabase(err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	if t.dir == "" {
		return sqldb.Gone(t.place, err)
	}
	return fault.Wrap("store-damaged", filepath.Join(t.dir, "trial.db"), err).WithHint("restore the directory from a backup; what is in an export can be verified without it")
}

// closing closes what was opened on the way to an error, and gives the error.
func closing(c interface{ Close() error }, err error) error {
	_ = c.Close()
	return err
}
