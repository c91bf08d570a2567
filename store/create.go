package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"dvala/fault"
	"dvala/ledger"
	"dvala/store/blob"
	"dvala/store/sqldb"
	"dvala/study"
)

// Create makes the directory of a trial whose ledger is empty, and opens it.
// The first command to give it is study.Open.
func Create(ctx context.Context, dir string, s Start) (*Trial, error) {
	return CreateAt(ctx, In(dir), s)
}

// CreateAt makes a trial whose ledger is empty, in a directory or a database,
// and opens it.
func CreateAt(ctx context.Context, w Where, s Start) (*Trial, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	if !w.Shared() {
		if err := w.vacant(ctx); err != nil {
			return nil, err
		}
	}
	checked, list, err := readStart(s.Protocol, s.Sealed, s.lookup)
	if err != nil {
		return nil, err
	}
	if s.Key == nil || s.Key.Public().Origin() != checked.ID() {
		return nil, fault.New(ledger.CodeKey, "key", "the ledger's key has to be made for the trial %q", checked.ID())
	}
	w.Trial = checked.ID()
	if w.Shared() {
		if err := w.vacant(ctx); err != nil {
			return nil, err
		}
	}
	files, err := w.files(ctx)
	if err != nil {
		return nil, err
	}
	parts := []Blob{{Name: "protocol.yaml", Bytes: s.Protocol}, {Name: "sealed-list.dvl", Bytes: s.Sealed}}
	for _, id := range study.Asked(checked) {
		d, _ := s.lookup(id) // the protocol's check has found it
		parts = append(parts, Blob{Name: string(id) + ".json", Bytes: d.Canonical()})
	}
	refs, err := files.Put(ctx, parts)
	if err != nil {
		return nil, err
	}
	if !w.Shared() {
		if err := w.writeDirectory(s, list.Bytes()); err != nil {
			return nil, err
		}
	}
	if err := createDatabase(ctx, w, refs, s.Key.Public()); err != nil {
		return nil, err
	}
	w.Key = s.Key.Secret()
	return OpenAt(ctx, w)
}

// vacant refuses a place where there is a trial already.
func (w Where) vacant(ctx context.Context) error {
	exists := fault.New("store-exists", w.place(), "there is a trial in this place already")
	if !w.Shared() {
		if _, err := os.Stat(filepath.Join(w.Dir, "trial.db")); err == nil {
			return exists
		}
		return nil
	}
	db, err := sqldb.OpenPostgres(ctx, w.Database, schemaOf(w.Trial))
	if err != nil {
		return err
	}
	defer db.Close()
	there, err := db.HasTable(ctx, "entries")
	if err == nil && there {
		return exists
	}
	return err
}

// writeDirectory makes a directory and the files in it that are for people.
func (w Where) writeDirectory(s Start, list []byte) error {
	if err := os.MkdirAll(w.Dir, 0o755); err != nil {
		return fault.Wrap("store-create", w.Dir, err)
	}
	for _, f := range []struct {
		name string
		data string
		mode os.FileMode
	}{
		{"ledger.key", s.Key.Secret() + "\n", 0o600},
		{"ledger.pub", s.Key.Public().String() + "\n", 0o644},
		{"protocol.yaml", string(s.Protocol), 0o444},
		{"sealed-list.dvl", string(list), 0o444},
	} {
		if err := blob.WriteFile(filepath.Join(w.Dir, f.name), []byte(f.data), f.mode); err != nil {
			return fault.Wrap("store-create", f.name, err)
		}
	}
	return nil
}

// createDatabase makes the tables, which name the files that the trial is a
// trial of: protocol, sealed list, and the definitions of its instruments.
func createDatabase(ctx context.Context, w Where, files []study.File, public ledger.PublicKey) error {
	db, err := w.connect(ctx)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, migrations, versions); err != nil {
		return closing(db, err)
	}
	var definitions []string
	for _, f := range files[2:] {
		definitions = append(definitions, f.SHA256)
	}
	_, err = db.Write.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES ('protocol', $1), ('sealed', $2), ('instruments', $3), ('public', $4)",
		files[0].SHA256, files[1].SHA256, strings.Join(definitions, " "), public.String())
	if err != nil {
		return closing(db, err)
	}
	if err := db.Close(); err != nil || w.Shared() {
		return err
	}
	return blob.SyncDir(w.Dir)
}
