package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"dvala/fault"
	"dvala/study"
)

// blobs is a folder of files named by what they hold.
type blobs struct {
	dir   string
	mu    sync.Mutex
	known map[string]int64 // seen to be there, with its length
}

func newBlobs(dir string) *blobs { return &blobs{dir: dir, known: map[string]int64{}} }

// Blob is a file to be stored, and what it was called where it came from.
type Blob struct {
	Name  string
	Bytes []byte
}

func (b *blobs) path(sum string) string { return filepath.Join(b.dir, sum[:2], sum) }

// syncers is how many files are synced at a time: a disk orders them better
// together than one after the other.
const syncers = 8

// put stores files so that they survive a power cut: each is written under a
// passing name and synced, then renamed, and then the folders are synced, once
// for all. What is there already is left as it is.
func (b *blobs) put(files []Blob) ([]study.File, error) {
	out := make([]study.File, len(files))
	tmp := filepath.Join(b.dir, "tmp")
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return nil, err
	}
	fresh := map[string]int{}
	for i, f := range files {
		sum := sha256.Sum256(f.Bytes)
		name := hex.EncodeToString(sum[:])
		out[i] = study.File{SHA256: name, Bytes: int64(len(f.Bytes)), Name: f.Name}
		if _, ok := fresh[name]; !ok && !b.has(name, int64(len(f.Bytes))) {
			fresh[name] = i
		}
	}
	var work errgroup.Group
	work.SetLimit(syncers)
	folders := map[string]bool{}
	for name, i := range fresh {
		folder := filepath.Join(b.dir, name[:2])
		if !folders[folder] {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return nil, err
			}
			folders[folder] = true
		}
		work.Go(func() error { return writeSynced(tmp, b.path(name), files[i].Bytes, 0o444) })
	}
	if err := work.Wait(); err != nil {
		return nil, fault.Wrap("blob-write", b.dir, err)
	}
	if len(fresh) > 0 {
		folders[b.dir] = true
	}
	for folder := range folders {
		work.Go(func() error { return syncDir(folder) })
	}
	if err := work.Wait(); err != nil {
		return nil, fault.Wrap("blob-write", b.dir, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range out {
		b.known[f.SHA256] = f.Bytes
	}
	return out, nil
}

// has says whether a file of that hash and length is there. What it holds is
// checked when it is read.
func (b *blobs) has(sum string, size int64) bool {
	b.mu.Lock()
	n, ok := b.known[sum]
	b.mu.Unlock()
	if ok {
		return n == size
	}
	if len(sum) != 2*sha256.Size {
		return false
	}
	info, err := os.Stat(b.path(sum))
	if err != nil || info.Size() != size {
		return false
	}
	b.mu.Lock()
	b.known[sum] = size
	b.mu.Unlock()
	return true
}

// get reads a file and checks that it is what its name says.
func (b *blobs) get(sum string) ([]byte, error) {
	if _, err := hex.DecodeString(sum); err != nil || len(sum) != 2*sha256.Size {
		return nil, fault.New("file-ref", sum, "is not a SHA-256 in hexadecimal")
	}
	raw, err := os.ReadFile(b.path(sum))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New("blob-missing", sum, "this file is not in the trial's folder").
			WithHint("restore it from a backup: the ledger names it")
	case err != nil:
		return nil, fault.Wrap("blob-read", sum, err)
	}
	if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != sum {
		return nil, fault.New("blob-damaged", sum, "the file does not hold what it held when it was stored").
			WithHint("restore it from a backup")
	}
	return raw, nil
}

// writeSynced makes a file that is whole or not there. The caller syncs the
// folder.
func writeSynced(tmp, path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(tmp, "put-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // no more there once it is renamed
	if _, err = f.Write(data); err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return closing(f, err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// writeFile makes a file in a folder, synced with its folder.
func writeFile(path string, data []byte, mode os.FileMode) error {
	dir := filepath.Dir(path)
	if err := writeSynced(dir, path, data, mode); err != nil {
		return err
	}
	return syncDir(dir)
}
