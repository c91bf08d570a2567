package store

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"

	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/store/blob"
	"dvala/store/sqldb"
	"dvala/study"
)

// Trial is a stored trial. It is born of Create, Open or Read, and is safe for
// concurrent use.
type Trial struct {
	place  string // of the trial, for a person: its directory or database
	dir    string // empty where it lies in PostgreSQL
	db     *sqldb.DB
	lock   *writerLock // of a directory; nil when only reading
	key    *ledger.Key // nil when only reading
	public ledger.PublicKey
	blobs  blob.Store

	protocol    protocol.Checked
	sealed      study.Sealed
	instruments study.Instruments // those kept with the trial

	mu     sync.RWMutex // of what follows
	state  *study.State
	tree   ledger.Frontier
	signed []byte // the last checkpoint
	broken error  // why the state cannot be trusted

	followers []Follower

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

// lookup gives an instrument inside the program, or else one of the operator's.
func (s Start) lookup(id instrument.ID) (*instrument.Definition, bool) {
	if d, ok := instrument.ByID(id); ok {
		return d, true
	}
	return study.Among(s.Instruments...)(id, "")
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

// Close waits for what is being written and lets go of the directory. The last
// checkpoint is left beside the database, as a file to carry away.
func (t *Trial) Close() error {
	var errs []error
	t.close.Do(func() {
		if t.queue != nil {
			close(t.stop)
			<-t.ended
		}
		if t.lock != nil && len(t.signed) > 0 {
			errs = append(errs, blob.WriteFile(filepath.Join(t.dir, "checkpoint"), t.signed, 0o644))
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

// Dir gives the directory; empty where the trial lies in PostgreSQL.
func (t *Trial) Dir() string { return t.dir }

// Database gives the database, for rooms that keep tables of their own in it.
func (t *Trial) Database() *sqldb.DB { return t.db }

// Files gives the store of the trial's files.
func (t *Trial) Files() blob.Store { return t.blobs }

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
	files, err := t.PutBlobs([]Blob{{Name: name, Bytes: data}})
	if err != nil {
		return study.File{}, err
	}
	return files[0], nil
}

// Blob is a file to be stored, and what it was called where it came from.
type Blob = blob.Blob

// PutBlobs stores files together, which is faster than one by one.
func (t *Trial) PutBlobs(files []Blob) ([]study.File, error) {
	return t.blobs.Put(context.Background(), files)
}

// Blob reads a stored file and checks it against its hash.
func (t *Trial) Blob(sha256 string) ([]byte, error) { return t.blobs.Get(context.Background(), sha256) }

// Order gives the codes of all who were screened, in that order.
func (t *Trial) Order() []study.Subject {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clone(t.state.Order)
}
