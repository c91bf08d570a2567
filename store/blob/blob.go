package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"dvala/fault"
	"dvala/study"
)

// Store is where files lie. *Folder and *Bucket are stores.
type Store interface {
	// Put stores files, so that they survive a power cut, and gives the
	// references by which commands name them.
	Put(ctx context.Context, files []Blob) ([]study.File, error)
	// PutFrom stores one file that is read to its end, at most max bytes.
	PutFrom(ctx context.Context, name string, r io.Reader, max int64) (study.File, error)
	// Has says whether a file of that hash and length is there. What it holds is
	// checked when it is read.
	Has(ctx context.Context, sum string, size int64) bool
	// Get reads a file and checks that it is what its name says.
	Get(ctx context.Context, sum string) ([]byte, error)
	// Open streams n bytes of a file from an offset on; n < 0 is all that follows.
	// A file that is read from its beginning to its end is checked: the last Read
	// gives an error instead of io.EOF if it is not what its name says. Size is of
	// the whole file.
	Open(ctx context.Context, sum string, from, n int64) (r io.ReadCloser, size int64, err error)
	// Each calls a function with every file, in no particular order.
	Each(ctx context.Context, f func(sum string, size int64) error) error
	// Place names the store for a person.
	Place() string
	Shelf
}

// Blob is a file to be stored, and what it was called where it came from.
type Blob struct {
	Name  string
	Bytes []byte
}

// MaxFile is the greatest length of a file that is uploaded.
const MaxFile = 4 << 30

// checkName refuses what is not a SHA-256 in hexadecimal, so that no name leads
// elsewhere.
func checkName(sum string) error {
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size || hex.EncodeToString(raw) != sum {
		return fault.New("file-ref", sum, "is not a SHA-256 in hexadecimal")
	}
	return nil
}

func missing(sum, place string) error {
	return fault.New("blob-missing", sum, "this file is not in %s", place).
		WithHint("restore it from a backup: the ledger names it")
}

func damaged(sum string) error {
	return fault.New("blob-damaged", sum, "the file does not hold what it held when it was stored").
		WithHint("restore it from a backup")
}

// checked is bytes, if they are what their name says.
func checked(sum string, raw []byte) ([]byte, error) {
	if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != sum {
		return nil, damaged(sum)
	}
	return raw, nil
}

// checking reads a whole file and compares its hash at the end.
type checking struct {
	io.ReadCloser
	sum  string
	hash hash.Hash
}

// check makes a reader that checks, if all of the file is asked for.
func check(r io.ReadCloser, sum string, from, n, size int64) io.ReadCloser {
	if from != 0 || n >= 0 && n < size {
		return r
	}
	return &checking{r, sum, sha256.New()}
}

func (c *checking) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.hash.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(c.hash.Sum(nil)) != c.sum {
		return n, damaged(c.sum)
	}
	return n, err
}

// checkRange refuses a range that the file does not have.
func checkRange(sum string, from, n, size int64) (int64, error) {
	if from < 0 || from > size {
		return 0, fault.New("file-range", sum, "the file has %d bytes, and is asked for from byte %d on", size, from)
	}
	if n < 0 || n > size-from {
		n = size - from
	}
	return n, nil
}

// limited reads at most max bytes and refuses more.
type limited struct {
	r    io.Reader
	left int64
	max  int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, fault.New("file-large", "", "the file is longer than %s", bytesOf(l.max))
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fault.New("file-large", "", "the file is longer than %s", bytesOf(l.max))
	}
	return n, err
}

func bytesOf(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

// spool copies what is read to a file and says what its name is.
func spool(to io.Writer, r io.Reader, max int64) (sum string, size int64, err error) {
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(to, h), &limited{r, max, max})
	return hex.EncodeToString(h.Sum(nil)), size, err
}
