package blob

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/minio/minio-go/v7"

	"dvala/fault"
)

// Shelf keeps files that pass: what was made for somebody to fetch. They lie
// beside the others under names of their own, which are no hashes, so that no
// entry names them, no backup holds them, and they can be taken away again.
// *Folder and *Bucket have one.
type Shelf interface {
	// Lay writes a file, in place of one of that name, and gives its length.
	Lay(ctx context.Context, name string, r io.Reader) (int64, error)
	// Fetch streams it.
	Fetch(ctx context.Context, name string) (io.ReadCloser, error)
	// Drop takes it away; that it is not there is as good.
	Drop(ctx context.Context, name string) error
}

// shelf is the folder of such files, or their prefix.
const shelf = "made"

// checkShelf refuses a name that leads elsewhere, or could be a hash.
func checkShelf(name string) error {
	ok := len(name) > 0 && len(name) < 60 && name[0] != '.'
	for _, r := range name {
		ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.')
	}
	if !ok {
		return fault.New("file-ref", name, "is no name of a made file")
	}
	return nil
}

// Lay writes a file, whole or not at all.
func (b *Folder) Lay(ctx context.Context, name string, r io.Reader) (int64, error) {
	if err := checkShelf(name); err != nil {
		return 0, err
	}
	dir := filepath.Join(b.dir, shelf)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, fault.Wrap("blob-write", dir, err)
	}
	f, err := os.CreateTemp(dir, ".lay-*")
	if err != nil {
		return 0, fault.Wrap("blob-write", dir, err)
	}
	defer os.Remove(f.Name()) // no more there once it is renamed
	n, err := io.Copy(f, reader{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err == nil {
		err = SyncDir(dir)
	}
	if err != nil {
		return 0, told("blob-write", dir, err)
	}
	return n, nil
}

// Fetch streams a file.
func (b *Folder) Fetch(_ context.Context, name string) (io.ReadCloser, error) {
	if err := checkShelf(name); err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(b.dir, shelf, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone(name)
	}
	if err != nil {
		return nil, fault.Wrap("blob-read", name, err)
	}
	return f, nil
}

// Drop takes a file away.
func (b *Folder) Drop(_ context.Context, name string) error {
	if err := checkShelf(name); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(b.dir, shelf, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap("blob-write", name, err)
	}
	return nil
}

func (b *Bucket) shelf(name string) string {
	if b.prefix == "" {
		return shelf + "/" + name
	}
	return b.prefix + "/" + shelf + "/" + name
}

// Lay spools what is read to a passing file, since not every store takes what has
// no length yet, and sends it in parts, of which the store makes one when it has
// them all.
func (b *Bucket) Lay(ctx context.Context, name string, r io.Reader) (int64, error) {
	if err := checkShelf(name); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp("", "dvala-lay-*")
	if err != nil {
		return 0, fault.Wrap("blob-write", os.TempDir(), err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	n, err := io.Copy(f, reader{ctx, r})
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return 0, told("blob-write", os.TempDir(), err)
	}
	_, err = b.client.PutObject(ctx, b.bucket, b.shelf(name), f, n, minio.PutObjectOptions{
		ContentType: "application/octet-stream", SendContentMd5: true, DisableContentSha256: true, PartSize: 16 << 20,
	})
	if err != nil {
		return 0, told("blob-write", b.place, err)
	}
	return n, nil
}

// Fetch streams a file.
func (b *Bucket) Fetch(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := checkShelf(name); err != nil {
		return nil, err
	}
	if _, err := b.client.StatObject(ctx, b.bucket, b.shelf(name), minio.StatObjectOptions{}); err != nil {
		if err := b.reading(name, err); fault.CodeOf(err) != "blob-missing" {
			return nil, err
		}
		return nil, gone(name)
	}
	r, err := b.client.GetObject(ctx, b.bucket, b.shelf(name), minio.GetObjectOptions{})
	if err != nil {
		return nil, b.reading(name, err)
	}
	return r, nil
}

// Drop takes a file away.
func (b *Bucket) Drop(ctx context.Context, name string) error {
	if err := checkShelf(name); err != nil {
		return err
	}
	if err := b.client.RemoveObject(ctx, b.bucket, b.shelf(name), minio.RemoveObjectOptions{}); err != nil {
		return fault.Wrap("blob-write", b.place, err)
	}
	return nil
}

func gone(name string) error {
	return fault.New("work-file", name, "what was made is no more there").WithHint("have it made again")
}
