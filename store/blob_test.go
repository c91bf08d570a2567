package store

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"dvala/civil"
	"dvala/fault"
)

func start0(day int) civil.Date { return civil.DateOf(at(day, "").At) }

// A file is stored once, comes back as it was, and is not given out when it is
// not what its name says.
func TestBlobs(t *testing.T) {
	b := newBlobs(filepath.Join(t.TempDir(), "blobs"))
	var many []Blob
	for i := range 40 {
		many = append(many, Blob{Name: "a", Bytes: fmt.Appendf(nil, "file %d", i%30)})
	}
	refs := must(b.put(many))
	for i, r := range refs {
		if got := must(b.get(r.SHA256)); string(got) != string(many[i].Bytes) || r.Bytes != int64(len(got)) {
			t.Errorf("%q", got)
		}
	}
	if left := must(os.ReadDir(filepath.Join(b.dir, "tmp"))); len(left) != 0 {
		t.Error("passing files were left:", left)
	}
	again := must(newBlobs(b.dir).put(many[:1]))
	if again[0] != refs[0] {
		t.Error("the same file has two references")
	}
	// SHA-256 of "abc", from FIPS 180-4.
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if r := must(b.put([]Blob{{Bytes: []byte("abc")}})); r[0].SHA256 != abc {
		t.Error(r[0].SHA256)
	}
	path := b.path(abc)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("abd"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.get(abc); fault.CodeOf(err) != "blob-damaged" {
		t.Error(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := b.get(abc); fault.CodeOf(err) != "blob-missing" {
		t.Error(err)
	}
	for _, bad := range []string{"", "..", "../../etc/passwd", abc[:63] + "/", abc + "0"} {
		if _, err := b.get(bad); fault.CodeOf(err) != "file-ref" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
