package desk

import (
	"context"
	"io"
	"time"

	"dvala/study"
)

// Vault keeps what is a person's own under a key of her own. Package identity
// has one.
type Vault interface {
	// Seal seals words; bound is what makes them these and no others, so that the
	// same command gives the same twice.
	Seal(ctx context.Context, who study.Subject, bound, text string) (string, error)
	// Open opens them; not ok where the key is destroyed.
	Open(ctx context.Context, who study.Subject, sealed string) (text string, ok bool, err error)
	Encrypt(ctx context.Context, who study.Subject, to io.Writer) (io.WriteCloser, error)
	Decrypt(ctx context.Context, who study.Subject, from io.Reader) (r io.Reader, ok bool, err error)
	// Mark gives a keyed hash of a file's plain content.
	Mark(ctx context.Context, who study.Subject, sha256sum []byte) (string, error)
	// Erase destroys the key. It can be done twice.
	Erase(ctx context.Context, who study.Subject) error
}

// Signer asks a caller for what a signature takes, uses it up, and gives the
// signature. Package access has one.
type Signer interface {
	Signature(ctx context.Context, c Caller, typedID, meaning string) (*study.Signature, error)
}

// Files stores files as streams. Package store/blob has them.
type Files interface {
	PutFrom(ctx context.Context, name string, r io.Reader, most int64) (study.File, error)
	Open(ctx context.Context, sum string, from, n int64) (r io.ReadCloser, size int64, err error)
}

// PersonFiles remembers files of persons by the marks of what is in them.
type PersonFiles interface {
	PersonFile(ctx context.Context, who study.Subject, mark string) (study.File, bool, error)
	// HasPersonFile says whether a stored file is one of hers.
	HasPersonFile(ctx context.Context, who study.Subject, sha256 string) (bool, error)
	PutPersonFile(ctx context.Context, who study.Subject, mark string, f study.File) error
}

// Parts are what an office has beside the trial. What is nil it does without: no
// vault means that words and files are stored as they are, which is for trials
// whose people are made up; no signer, that signatures are taken as they come,
// which is for the operator's own programs.
type Parts struct {
	Vault       Vault
	Signer      Signer
	Files       Files
	PersonFiles PersonFiles
	Pending     Pending
	Telephones  Telephones
	Sendings    Sendings
	Clock       Timekeeper // nil: it is right
	Devices     Devices
	Analyst     Analyst // nil: no participant runs the trial herself
	Quota       Quota   // nil: as much as anybody sends
	DayBytes    int64   // about one person in a day; 0: DayBytes
}

// Timekeeper says whether the office's time can be put on the ledger. WallClock does.
type Timekeeper interface {
	Trust() error          // why not
	Confirm(server string) // somebody who may has found that it is right
}

// Devices knows in which browser somebody answered who was invited. Package access
// does.
type Devices interface {
	ForgetDevice(ctx context.Context, who study.Subject) error
}

// Furnish gives the office its parts. It is called once, before anybody comes.
func (o *Office) Furnish(p Parts) { o.parts = p }

// Pending keeps what came from a device and could not be filed.
type Pending interface {
	Hold(ctx context.Context, h Held) (Held, error) // the same twice is held once
	HeldOne(ctx context.Context, id int64) (Held, bool, error)
	HeldAll(ctx context.Context, settled bool) ([]Held, error)
	Settle(ctx context.Context, id int64, by, outcome, reason string, at time.Time) (was bool, err error)
}

// Held is one thing that could not be filed, whole.
type Held struct {
	ID      int64
	Came    time.Time
	Account string
	Subject study.Subject
	Key     string
	Body    string // as it came; sealed under the person's key
	Fault   string // why it could not be filed
	Settled time.Time
	By      string
	Outcome string // filed, discarded
	Reason  string
}
