package people

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"

	"dvala/fault"
	"dvala/study"
)

// CodeDamaged is of a file, or a table, that cannot be read as it was written.
const CodeDamaged fault.Code = "people-damaged"

// Hints, by the file.
const (
	hintPeople = "restore it from a backup, to a new place (dvala restore) and go on there; dvala doctor --deep says what else is wrong"
	hintKeys   = "put back the copy of keys.db that you keep apart, for no backup holds it; without one, names and words can be read no more, and the trial goes on. dvala doctor --deep says what else is wrong"
)

func damaged(path string, why string) error {
	hint := hintPeople
	if filepath.Base(path) == "keys.db" || path == keysOf {
		hint = hintKeys
	}
	return fault.New(CodeDamaged, path, "is damaged: %.300s", strings.ReplaceAll(why, "\n", " ")).WithHint("%s", hint)
}

// keysOf names what is kept apart where it has no file.
const keysOf = "the keys of persons"

// checkFile asks SQLite whether a file is built as it builds them. Its own check
// is asked before anything is read or written: of a torn list of tables SQLite
// says that a table is not there, and that it is there already.
func checkFile(ctx context.Context, db *sql.DB, path string, deep bool) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil //nolint:nilerr // it is made in a moment, or opening says why not
	}
	query := "PRAGMA quick_check(5)"
	if deep {
		query = "PRAGMA integrity_check(5)"
	}
	rs, err := db.QueryContext(ctx, query)
	said, err := all(rs, err, func(x interface{ Scan(...any) error }) (line string, err error) {
		err = x.Scan(&line)
		return line, err
	})
	switch text := strings.Join(said, "; "); {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case err != nil && isTorn(err):
		return damaged(path, err.Error())
	case err != nil:
		return unopened(path, err)
	case text != "ok":
		return damaged(path, text)
	}
	return nil
}

// isTorn tells what SQLite says of a file that is not, or not any more, one of
// its own (SQLITE_CORRUPT 11 and SQLITE_NOTADB 26) from a disk that is full or
// closed.
func isTorn(err error) bool {
	var coded interface{ Code() int }
	return errors.As(err, &coded) && (coded.Code()&0xff == 11 || coded.Code()&0xff == 26)
}

// unopened gives an error of opening a code and a way on.
func unopened(path string, err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	if isTorn(err) {
		return damaged(path, err.Error())
	}
	return fault.Wrap("people-database", path, err).WithHint("can the user that runs dvala write there, and is there room? dvala doctor --deep says what it finds")
}

// Read opens the store in a directory to look at it: nothing is made or brought
// up to date. Without a file of keys, as in a backup, it has none.
func Read(ctx context.Context, dir string) (*Store, error) {
	s := &Store{dialect: goose.DialectSQLite3, dir: dir}
	for _, f := range []struct {
		name string
		to   **sql.DB
	}{{"people.db", &s.read}, {"keys.db", &s.keys}} {
		path := filepath.Join(dir, f.name)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			continue
		}
		write, read, err := openFile(path, "query_only(1)")
		if err == nil {
			err = write.Close()
		}
		if err != nil {
			return nil, unopened(path, err)
		}
		*f.to = read
	}
	if s.read == nil {
		return nil, fault.New("people-none", filepath.Join(dir, "people.db"), "is not there")
	}
	s.write, s.rows = s.read, rows{s.read}
	return s, nil
}

// ReadPostgres opens a store in PostgreSQL to look at it.
func ReadPostgres(db, keys *sql.DB) *Store {
	return &Store{rows: rows{db}, write: db, read: db, keys: keys, dialect: goose.DialectPostgres}
}

// HasKeys says whether the keys of persons are here, whole or not.
func (s *Store) HasKeys() bool { return s.keys != nil }

// Whole looks at both databases as such: on SQLite at their pages, on PostgreSQL
// at every row, whose pages carry checksums there. All that is wrong is said.
func (s *Store) Whole(ctx context.Context, deep bool) error {
	var bad fault.List
	for _, db := range []struct {
		on               *sql.DB
		file, at, folder string
	}{{s.read, "people.db", "what is known of people", "migrations"}, {s.keys, "keys.db", keysOf, "keys"}} {
		switch {
		case db.on == nil:
		case s.dialectIsPostgres() && deep:
			bad.Merge(CodeDamaged, db.at, readRows(ctx, db.on, db.at))
		case !s.dialectIsPostgres():
			bad.Merge(CodeDamaged, db.file, checkFile(ctx, db.on, filepath.Join(s.dir, db.file), deep))
		}
	}
	return bad.Err()
}

// readRows reads every row of every table of a schema.
func readRows(ctx context.Context, db *sql.DB, at string) error {
	rs, err := db.QueryContext(ctx, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
	tables, err := all(rs, err, func(x interface{ Scan(...any) error }) (name string, err error) {
		err = x.Scan(&name)
		return name, err
	})
	if err != nil {
		return unopened(at, err)
	}
	if len(tables) == 0 {
		return fault.New("people-none", at, "is not there")
	}
	for _, name := range tables {
		var n int64
		// The text of a whole row cannot be had without reading all of it.
		if err := db.QueryRowContext(ctx, `SELECT coalesce(sum(length(t::text)), 0) FROM "`+name+`" t`).Scan(&n); err != nil {
			return damaged(at, name+": "+err.Error())
		}
	}
	return nil
}

// Version gives of which version the tables are, and which this program has.
func (s *Store) Version(ctx context.Context) (now, known int64, err error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return 0, 0, err
	}
	if err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&now); err != nil {
		return 0, 0, err
	}
	return now, int64(len(files)), nil
}

// KeyHolders gives everybody who has, or had, a key, and everybody of whom
// something is kept under one.
func (s *Store) KeyHolders(ctx context.Context) ([]study.Subject, error) {
	scan := func(x interface{ Scan(...any) error }) (who string, err error) {
		err = x.Scan(&who)
		return who, err
	}
	rs, err := s.keys.QueryContext(ctx, "SELECT subject FROM person_keys ORDER BY subject")
	keyed, err := all(rs, err, scan)
	if err != nil {
		return nil, err
	}
	rs, err = s.read.QueryContext(ctx, "SELECT subject FROM identities ORDER BY subject")
	known, err := all(rs, err, scan)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []study.Subject
	for _, who := range append(keyed, known...) {
		if !seen[who] {
			seen[who] = true
			out = append(out, study.Subject(who))
		}
	}
	return out, nil
}
