package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dvala/fault"
	"dvala/store/blob"
)

// manifestFile is written last: a backup without it is not whole.
const manifestFile = "backup.json"

const manifestFormat = "dvala-backup 1"

// Manifest says what a backup holds. doc/formats/backup.md describes it.
type Manifest struct {
	Format  string    `json:"format"`
	Program string    `json:"program"`
	Made    time.Time `json:"made"`
	Trial   string    `json:"trial"`
	Entries uint64    `json:"entries"`
	Root    string    `json:"root"`
	Files   []Kept    `json:"files"` // by path, blobs apart
	Blobs   []Kept    `json:"blobs"` // by their hashes
}

// Kept is one file of a backup.
type Kept struct {
	Path   string `json:"path,omitempty"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// CheckBackup reads a backup and checks every file of it against its hash. All
// that is wrong is said at once.
func CheckBackup(ctx context.Context, dir string) (Manifest, error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		p := fault.New("backup-unfinished", dir, "there is no %s, which is written last: this is no backup, or one that was broken off", manifestFile).
			WithHint("take an earlier one, or make it again")
		p.Cause = err
		return Manifest{}, p
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil || m.Format != manifestFormat {
		return m, fault.New("backup-format", filepath.Join(dir, manifestFile), "is not the list of a backup that this program knows").
			WithHint("a later dvala may have made it")
	}
	var bad fault.List
	for _, k := range m.Files {
		if !filepath.IsLocal(k.Path) {
			return m, fault.New("backup-format", k.Path, "leads out of the backup")
		}
		bad.Merge("backup-damaged", k.Path, k.check(ctx, filepath.Join(dir, k.Path)))
	}
	for _, k := range m.Blobs {
		if len(k.SHA256) != 2*sha256.Size || strings.ContainsAny(k.SHA256, `/\.`) {
			return m, fault.New("backup-format", k.SHA256, "is not a SHA-256 in hexadecimal")
		}
		bad.Merge("backup-damaged", k.SHA256, k.check(ctx, filepath.Join(dir, "blobs", k.SHA256[:2], k.SHA256)))
	}
	return m, bad.Err()
}

func (k Kept) check(ctx context.Context, path string) error {
	got, err := kept(ctx, path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fault.New("backup-damaged", filepath.Base(path), "is missing from the backup")
	case err != nil:
		return err
	case got.SHA256 != k.SHA256 || got.Bytes != k.Bytes:
		return fault.New("backup-damaged", filepath.Base(path), "is not what it was when the backup was made")
	}
	return nil
}

// kept hashes a file.
func kept(ctx context.Context, path string) (Kept, error) {
	f, err := os.Open(path)
	if err != nil {
		return Kept{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return Kept{SHA256: hex.EncodeToString(h.Sum(nil)), Bytes: n}, errors.Join(err, ctx.Err())
}

// write finishes a backup.
func (m Manifest) write(dir string) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return blob.WriteFile(filepath.Join(dir, manifestFile), append(raw, '\n'), 0o644)
}
