package blob

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"dvala/fault"
)

// A file that was changed where it lies is not given out, neither whole nor as
// a stream, and nothing is left of files on their way.
func TestFolderDamage(t *testing.T) {
	b := NewFolder(filepath.Join(t.TempDir(), "blobs"))
	ref := must(b.Put(ctx, []Blob{{Bytes: []byte("abc")}}))[0]
	must(b.PutFrom(ctx, "", io.LimitReader(pattern{}, 100_000), 1<<20))
	if left := must(os.ReadDir(filepath.Join(b.dir, "tmp"))); len(left) != 0 {
		t.Error("passing files were left:", left)
	}
	path := b.path(ref.SHA256)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("abd"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(ctx, ref.SHA256); fault.CodeOf(err) != "blob-damaged" {
		t.Error(err)
	}
	r, _, err := b.Open(ctx, ref.SHA256, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); fault.CodeOf(err) != "blob-damaged" {
		t.Error(err)
	}
	_ = r.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(ctx, ref.SHA256); fault.CodeOf(err) != "blob-missing" {
		t.Error(err)
	}
}
