package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"dvala/fault"
	"dvala/study"
)

// Folder is a folder of files named by what they hold.
type Folder struct {
	dir   string
	mu    sync.Mutex
	known map[string]int64 // seen to be there, with its length
	once  sync.Once        // for tidying
}

// NewFolder names a folder; it is made with the first file.
func NewFolder(dir string) *Folder { return &Folder{dir: dir, known: map[string]int64{}} }

// Place gives the folder.
func (b *Folder) Place() string { return b.dir }

func (b *Folder) path(sum string) string { return filepath.Join(b.dir, sum[:2], sum) }

// syncers is how many files are synced at a time: a disk orders them better
// together than one after the other.
const syncers = 8

// Put stores files so that they survive a power cut: each is written under a
// passing name and synced, then renamed, and then the folders are synced, once
// for all. What is there already is left as it is.
func (b *Folder) Put(_ context.Context, files []Blob) ([]study.File, error) {
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
		if _, ok := fresh[name]; !ok && !b.Has(context.Background(), name, int64(len(f.Bytes))) {
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
		work.Go(func() error { return WriteSynced(tmp, b.path(name), files[i].Bytes, 0o444) })
	}
	if err := work.Wait(); err != nil {
		return nil, fault.Wrap("blob-write", b.dir, err)
	}
	if len(fresh) > 0 {
		folders[b.dir] = true
	}
	for folder := range folders {
		work.Go(func() error { return SyncDir(folder) })
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

// PutFrom stores a file of any length that is read to its end.
func (b *Folder) PutFrom(ctx context.Context, name string, r io.Reader, max int64) (study.File, error) {
	tmp := filepath.Join(b.dir, "tmp")
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return study.File{}, fault.Wrap("blob-write", b.dir, err)
	}
	b.once.Do(func() { sweep(tmp, time.Now()) })
	f, err := os.CreateTemp(tmp, "put-*")
	if err != nil {
		return study.File{}, fault.Wrap("blob-write", b.dir, err)
	}
	defer os.Remove(f.Name()) // no more there once it is renamed
	sum, size, err := spool(f, reader{ctx, r}, max)
	if err == nil {
		err = f.Chmod(0o444)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return study.File{}, told("blob-write", b.dir, err)
	}
	out := study.File{SHA256: sum, Bytes: size, Name: name}
	if b.Has(ctx, sum, size) {
		return out, nil
	}
	folder := filepath.Dir(b.path(sum))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return study.File{}, fault.Wrap("blob-write", b.dir, err)
	}
	if err := os.Rename(f.Name(), b.path(sum)); err != nil {
		return study.File{}, fault.Wrap("blob-write", b.dir, err)
	}
	if err := errors.Join(SyncDir(folder), SyncDir(b.dir)); err != nil {
		return study.File{}, fault.Wrap("blob-write", b.dir, err)
	}
	b.mu.Lock()
	b.known[sum] = size
	b.mu.Unlock()
	return out, nil
}

// stale is after how long a file on its way has been given up: that of a process
// that was killed. Nobody takes longer to send one.
const stale = 48 * time.Hour

// sweep removes what was given up. Other servers may be writing here, so what is
// younger stays.
func sweep(tmp string, now time.Time) {
	all, err := os.ReadDir(tmp)
	if err != nil {
		return // it is tidied another time
	}
	for _, e := range all {
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > stale {
			_ = os.Remove(filepath.Join(tmp, e.Name())) // another server may have been quicker
		}
	}
}

// told keeps an error that says by itself what is wrong, and names others.
func told(code fault.Code, place string, err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	return fault.Wrap(code, place, err)
}

// reader stops when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Has says whether a file of that hash and length is there.
func (b *Folder) Has(_ context.Context, sum string, size int64) bool {
	b.mu.Lock()
	n, ok := b.known[sum]
	b.mu.Unlock()
	if ok {
		return n == size
	}
	if checkName(sum) != nil {
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

// Get reads a file and checks that it is what its name says.
func (b *Folder) Get(_ context.Context, sum string) ([]byte, error) {
	if err := checkName(sum); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(b.path(sum))
	if err != nil {
		return nil, b.reading(sum, err)
	}
	return checked(sum, raw)
}

func (b *Folder) reading(sum string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return missing(sum, "the trial's folder")
	}
	return fault.Wrap("blob-read", sum, err)
}

// Open streams a file, or a part of it.
func (b *Folder) Open(_ context.Context, sum string, from, n int64) (io.ReadCloser, int64, error) {
	if err := checkName(sum); err != nil {
		return nil, 0, err
	}
	f, err := os.Open(b.path(sum))
	if err != nil {
		return nil, 0, b.reading(sum, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, closing(f, b.reading(sum, err))
	}
	size := info.Size()
	if n, err = checkRange(sum, from, n, size); err != nil {
		return nil, 0, closing(f, err)
	}
	part := struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(f, from, n), f}
	return check(part, sum, from, n, size), size, nil
}

// Each calls a function with every file.
func (b *Folder) Each(ctx context.Context, f func(sum string, size int64) error) error {
	err := filepath.WalkDir(b.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || checkName(e.Name()) != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		return errors.Join(ctx.Err(), f(e.Name(), info.Size()))
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// WriteSynced makes a file that is whole or not there. The caller syncs the
// folder.
func WriteSynced(tmp, path string, data []byte, mode os.FileMode) error {
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

// WriteFile makes a file in a folder, synced with its folder.
func WriteFile(path string, data []byte, mode os.FileMode) error {
	dir := filepath.Dir(path)
	if err := WriteSynced(dir, path, data, mode); err != nil {
		return err
	}
	return SyncDir(dir)
}

// closing closes what was opened on the way to an error, and gives the error.
func closing(c interface{ Close() error }, err error) error {
	_ = c.Close()
	return err
}
