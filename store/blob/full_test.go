//go:build !windows

package blob

import (
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"dvala/fault"
)

// A file that the disk has no room for is refused and leaves nothing behind, and
// the next that fits is stored. What a killed process left on its way is removed
// once nobody can be writing it any more.
func TestFolderFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	b := NewFolder(dir)
	ref := must(b.Put(ctx, []Blob{{Bytes: []byte("abc")}}))[0]
	old, young := filepath.Join(dir, "tmp", "put-old"), filepath.Join(dir, "tmp", "put-young")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-stale-time.Hour)); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // a write then fails, and does not end the process
	defer signal.Reset(syscall.SIGXFSZ)
	var room syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &room); err != nil {
		t.Fatal(err)
	}
	full := room
	full.Cur = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	_, streamed := b.PutFrom(ctx, "large", io.LimitReader(pattern{}, 3<<20), MaxFile)
	_, whole := b.Put(ctx, []Blob{{Bytes: make([]byte, 3<<20)}})
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &room); err != nil {
		t.Fatal(err)
	}
	if fault.CodeOf(streamed) != "blob-write" || fault.CodeOf(whole) != "blob-write" {
		t.Error(streamed, whole)
	}
	left := must(os.ReadDir(filepath.Join(dir, "tmp")))
	if len(left) != 1 || left[0].Name() != "put-young" {
		t.Error("left behind:", left)
	}
	n := 0
	if err := b.Each(ctx, func(string, int64) error { n++; return nil }); err != nil || n != 1 {
		t.Error(n, err)
	}
	must(b.PutFrom(ctx, "large", io.LimitReader(pattern{}, 3<<20), MaxFile))
	if got := must(b.Get(ctx, ref.SHA256)); string(got) != "abc" {
		t.Errorf("%q", got)
	}
}
