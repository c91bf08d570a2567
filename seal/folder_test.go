package seal_test

import (
	"archive/zip"
	"bytes"
	"reflect"
	"testing"

	"dvala/fault"
	"dvala/seal"
)

func aFolder() seal.Folder {
	return seal.Folder{Excerpt: []byte("an excerpt"), Lists: [][]byte{[]byte("one"), []byte("two")}, Protocol: []byte("a: b"), Parts: [][]byte{[]byte("part")}, ReadMe: "do this"}
}

func folderBytes(t testing.TB, f seal.Folder) []byte {
	t.Helper()
	raw, err := f.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// zipped makes a zip file of names and what they hold.
func zipped(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		at, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := at.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A folder is read as it was written, always of the same bytes, and one that is
// not ours is refused.
func TestFolder(t *testing.T) {
	raw := folderBytes(t, aFolder())
	got, err := seal.ParseFolder(raw)
	if err != nil || !reflect.DeepEqual(got, aFolder()) {
		t.Errorf("%+v, %v", got, err)
	}
	if !bytes.Equal(raw, folderBytes(t, aFolder())) {
		t.Error("the same folder has other bytes")
	}
	bomb := string(make([]byte, 1<<20))
	var files []string
	for range 300 { // 300 MiB of nothing, which a zip file holds in a few kilobytes
		files = append(files, "parts/"+string(rune('a'+len(files)%26))+"-"+string(rune('a'+len(files)/26))+".age", bomb)
	}
	for what, raw := range map[string][]byte{
		"no zip":         []byte("nothing"),
		"half":           raw[:len(raw)/2],
		"without a list": zipped(t, "request.dvl", "x"),
		"a stranger":     zipped(t, "request.dvl", "x", "sealed/000.dvl", "y", "../../etc/passwd", "z"),
		"twice":          zipped(t, "request.dvl", "x", "request.dvl", "x", "sealed/000.dvl", "y"),
		"a bomb":         zipped(t, files...),
	} {
		if _, err := seal.ParseFolder(raw); fault.CodeOf(err) != seal.CodeFolder {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzParseFolder(f *testing.F) {
	f.Add(folderBytes(f, aFolder()))
	f.Add(zipped(f, "request.dvl", "x", "sealed/000.dvl", "y"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := seal.ParseFolder(raw)
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		again, err := seal.ParseFolder(folderBytes(t, got))
		if err != nil || len(again.Lists) != len(got.Lists) || len(again.Parts) != len(got.Parts) || !bytes.Equal(again.Excerpt, got.Excerpt) {
			t.Fatalf("%+v, then %+v (%v)", got, again, err)
		}
	})
}
