package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/study"
)

// Trial is a trial in its directory. It is born of Create, Open or Read, and is
// safe for concurrent use.
type Trial struct {
	dir    string
	db     *sql.DB     // the writer's one connection; nil when only reading
	ro     *sql.DB     // for queries
	lock   *writerLock // nil when only reading
	key    *ledger.Key // nil when only reading
	public ledger.PublicKey
	blobs  *blobs

	protocol    protocol.Checked
	sealed      study.Sealed
	instruments study.Instruments // those kept with the trial

	mu     sync.RWMutex // of what follows
	state  *study.State
	tree   ledger.Frontier
	signed []byte // the last checkpoint
	broken error  // why the state cannot be trusted

	queue chan *request
	stop  chan struct{} // closed by Close
	ended chan struct{} // closed when the last commit is done
	close sync.Once
}

// Start is what a trial begins with.
type Start struct {
	Protocol []byte      // the file
	Sealed   []byte      // the sealed list
	Key      *ledger.Key // signs the ledger; its origin is the trial's ID
	// Instruments are the operator's own, which the protocol may ask beside those
	// inside the program. All that it asks are kept with the trial.
	Instruments []*instrument.Definition
}

// Create makes the directory of a trial whose ledger is empty, and opens it.
// The first command to give it is study.Open.
func Create(ctx context.Context, dir string, s Start) (*Trial, error) {
	if _, err := os.Stat(filepath.Join(dir, "trial.db")); err == nil {
		return nil, fault.New("store-exists", dir, "there is a trial in this directory already")
	}
	checked, list, err := readStart(s.Protocol, s.Sealed, s.lookup)
	if err != nil {
		return nil, err
	}
	if s.Key == nil || s.Key.Public().Origin() != checked.ID() {
		return nil, fault.New(ledger.CodeKey, "key", "the ledger's key has to be made for the trial %q", checked.ID())
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fault.Wrap("store-create", dir, err)
	}
	parts := []Blob{{"protocol.yaml", s.Protocol}, {"sealed-list.dvl", s.Sealed}}
	for _, id := range study.Asked(checked) {
		d, _ := s.lookup(id) // the protocol's check has found it
		parts = append(parts, Blob{string(id) + ".json", d.Canonical()})
	}
	files, err := newBlobs(filepath.Join(dir, "blobs")).put(parts)
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		data string
		mode os.FileMode
	}{
		{"ledger.key", s.Key.Secret() + "\n", 0o600},
		{"ledger.pub", s.Key.Public().String() + "\n", 0o644},
		{"protocol.yaml", string(s.Protocol), 0o444},
		{"sealed-list.dvl", string(list.Bytes()), 0o444},
	} {
		if err := writeFile(filepath.Join(dir, f.name), []byte(f.data), f.mode); err != nil {
			return nil, fault.Wrap("store-create", f.name, err)
		}
	}
	if err := createDatabase(ctx, dir, files); err != nil {
		return nil, err
	}
	return Open(ctx, dir)
}

// lookup gives an instrument inside the program, or else one of the operator's.
func (s Start) lookup(id instrument.ID) (*instrument.Definition, bool) {
	if d, ok := instrument.ByID(id); ok {
		return d, true
	}
	return study.Among(s.Instruments...)(id, "")
}

// createDatabase makes the database, which names the files that the trial is a
// trial of: protocol, sealed list, and the definitions of its instruments.
func createDatabase(ctx context.Context, dir string, files []study.File) error {
	db, err := openWriter(filepath.Join(dir, "trial.db"))
	if err != nil {
		return err
	}
	if err := migrate(ctx, db); err != nil {
		return closing(db, err)
	}
	var definitions []string
	for _, f := range files[2:] {
		definitions = append(definitions, f.SHA256)
	}
	_, err = db.ExecContext(ctx, "INSERT INTO meta VALUES ('protocol', ?), ('sealed', ?), ('instruments', ?)",
		files[0].SHA256, files[1].SHA256, strings.Join(definitions, " "))
	if err != nil {
		return closing(db, err)
	}
	if err := db.Close(); err != nil {
		return err
	}
	return syncDir(dir)
}

// readStart reads the two files that a trial is a trial of.
func readStart(protocolFile, sealedFile []byte, instruments func(instrument.ID) (*instrument.Definition, bool)) (protocol.Checked, *seal.List, error) {
	checked, problems := protocol.Parse(protocolFile, protocol.File("protocol.yaml"), protocol.Instruments(instruments))
	if err := problems.Err(); err != nil {
		return checked, nil, err
	}
	list, err := seal.Parse(bytes.NewReader(sealedFile))
	if err != nil {
		return checked, nil, err
	}
	if h := list.Header(); h.Trial != checked.ID() || h.Protocol.String() != checked.HashHex() {
		return checked, nil, fault.New("sealed-protocol", "sealed list", "was sealed for another protocol, or for another version of this one").
			WithHint("seal again with the protocol as it is now: dvala seal")
	}
	return checked, list, nil
}

// Open opens a trial to write to it. No other process may do so at the time.
// The ledger is replayed and held against its last signed checkpoint.
func Open(ctx context.Context, dir string) (*Trial, error) {
	t, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	secret, err := os.ReadFile(filepath.Join(dir, "ledger.key"))
	if err != nil {
		return nil, fault.Wrap(ledger.CodeKey, "ledger.key", err)
	}
	if t.key, err = ledger.ParseKey(string(secret), t.public.String()); err != nil {
		return nil, err
	}
	if t.lock, err = lockDirectory(ctx, dir); err != nil {
		return nil, err
	}
	if err := t.openWriting(ctx); err != nil {
		_ = t.Close()
		return nil, inDatabase(dir, err)
	}
	t.queue, t.stop, t.ended = make(chan *request, maxGroup), make(chan struct{}), make(chan struct{})
	go t.run()
	return t, nil
}

func (t *Trial) openWriting(ctx context.Context) (err error) {
	path := filepath.Join(t.dir, "trial.db")
	if t.db, err = openWriter(path); err != nil {
		return err
	}
	if err := migrate(ctx, t.db); err != nil {
		return err
	}
	if t.ro, err = openReader(path); err != nil {
		return err
	}
	return t.load(ctx)
}

// Read opens a trial to look at it, beside whoever writes. Refresh brings it up
// to date.
func Read(ctx context.Context, dir string) (*Trial, error) {
	t, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	if t.ro, err = openReader(filepath.Join(dir, "trial.db")); err != nil {
		return nil, inDatabase(dir, err)
	}
	if err := t.load(ctx); err != nil {
		return nil, inDatabase(dir, closing(t.ro, err))
	}
	return t, nil
}

// inDatabase says of an error that the database itself gives where it is: the
// file is damaged, or is none.
func inDatabase(dir string, err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	return fault.Wrap("store-damaged", filepath.Join(dir, "trial.db"), err).WithHint("restore the directory from a backup; what is in an export can be verified without it")
}

func prepare(dir string) (*Trial, error) {
	info, err := os.Stat(filepath.Join(dir, "trial.db"))
	if err == nil && info.Size() == 0 {
		return nil, inDatabase(dir, errors.New("the file is empty"))
	}
	if err != nil {
		p := fault.New("store-none", dir, "there is no trial in this directory").WithHint("dvala init makes one, and dvala demo plays one with made-up people")
		p.Cause = err
		return nil, p
	}
	text, err := os.ReadFile(filepath.Join(dir, "ledger.pub"))
	if err != nil {
		return nil, fault.Wrap(ledger.CodeKey, "ledger.pub", err)
	}
	public, err := ledger.ParsePublicKey(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, err
	}
	return &Trial{dir: dir, public: public, blobs: newBlobs(filepath.Join(dir, "blobs"))}, nil
}

// Close waits for what is being written and lets go of the directory. The last
// checkpoint is left beside the database, as a file to carry away.
func (t *Trial) Close() error {
	var errs []error
	t.close.Do(func() {
		if t.queue != nil {
			close(t.stop)
			<-t.ended
		}
		if t.db != nil {
			if len(t.signed) > 0 {
				errs = append(errs, writeFile(filepath.Join(t.dir, "checkpoint"), t.signed, 0o644))
			}
		}
		// Readers first: the writer, closing last, folds the log into the database.
		if t.ro != nil {
			errs = append(errs, t.ro.Close())
		}
		if t.db != nil {
			errs = append(errs, t.db.Close())
		}
		if t.lock != nil {
			errs = append(errs, t.lock.release())
		}
	})
	return errors.Join(errs...)
}

// Dir gives the directory.
func (t *Trial) Dir() string { return t.dir }

// PublicKey gives the key that checks the ledger's checkpoints.
func (t *Trial) PublicKey() ledger.PublicKey { return t.public }

// Protocol gives the protocol.
func (t *Trial) Protocol() protocol.Checked { return t.protocol }

// View lets a function read the state while nothing is written. What it is
// given must not be kept, nor changed.
func (t *Trial) View(read func(*study.State)) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	read(t.state)
}

// State gives the state itself, for a caller that alone gives the commands: it
// may be read between them.
func (t *Trial) State() *study.State {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.state
}

// Checkpoint gives the last signed checkpoint; none before the first entry.
func (t *Trial) Checkpoint() []byte {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return bytes.Clone(t.signed)
}

// PutBlob stores a file, synced, and gives the reference by which a command
// names it.
func (t *Trial) PutBlob(name string, data []byte) (study.File, error) {
	files, err := t.PutBlobs([]Blob{{name, data}})
	if err != nil {
		return study.File{}, err
	}
	return files[0], nil
}

// PutBlobs stores files together, which is faster than one by one.
func (t *Trial) PutBlobs(files []Blob) ([]study.File, error) { return t.blobs.put(files) }

// Blob reads a stored file and checks it against its hash.
func (t *Trial) Blob(sha256 string) ([]byte, error) { return t.blobs.get(sha256) }

// Order gives the codes of all who were screened, in that order.
func (t *Trial) Order() []study.Subject {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clone(t.state.Order)
}
