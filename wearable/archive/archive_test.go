package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"dvala/fault"
)

func zipped(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Files come in order of name, without folders and without what a Mac adds.
func TestZip(t *testing.T) {
	b := zipped(t, map[string]string{"b/two.json": "\xef\xbb\xbf[]", "a/": "", "a/one.csv": "x,y", "__MACOSX/a/._one.csv": "?"})
	files, err := Zip(bytes.NewReader(b), int64(len(b)))
	if err != nil || len(files) != 2 || files[0].Name != "a/one.csv" || files[1].Base() != "two.json" {
		t.Fatalf("%v %v", files, err)
	}
	if got, err := files[1].ReadAll(10); err != nil || string(got) != "[]" {
		t.Errorf("%q %v", got, err)
	}
	if _, err := files[0].ReadAll(2); fault.CodeOf(err) != "archive-large" {
		t.Error(err)
	}
	if head, err := files[0].Head(); err != nil || string(head) != "x,y" {
		t.Errorf("%q %v", head, err)
	}
}

// Sixteen megabytes of one letter pack into sixteen kilobytes: no export does.
func TestBombIsRefused(t *testing.T) {
	b := zipped(t, map[string]string{"sleep.json": strings.Repeat("a", 16<<20)})
	if _, err := Zip(bytes.NewReader(b), int64(len(b))); fault.CodeOf(err) != "archive-bomb" {
		t.Errorf("%v", err)
	}
}

func TestDamagedIsRefused(t *testing.T) {
	b := zipped(t, map[string]string{"a": "b"})
	for _, bad := range [][]byte{nil, []byte("PK"), b[:len(b)-5]} {
		if _, err := Zip(bytes.NewReader(bad), int64(len(bad))); fault.CodeOf(err) != "archive-zip" {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	if !IsZip(b) || IsZip([]byte("PNG")) {
		t.Error("a zip is not told from others")
	}
}

func FuzzZip(f *testing.F) {
	f.Add(zipped(f, map[string]string{"a/sleep.json": "[]", "b.csv": "x"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		files, err := Zip(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for _, file := range files {
			if got, err := file.ReadAll(1 << 20); err == nil && int64(len(got)) > file.Size {
				t.Fatalf("%s: %d bytes of %d", file.Name, len(got), file.Size)
			}
		}
	})
}
