package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"dvala/fault"
)

var ctx = context.Background()

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// stores are those that every test of this file runs on. The bucket is a real
// client's, against an object store within the test.
func stores(t *testing.T) map[string]Store {
	t.Helper()
	memory := s3mem.New()
	if err := memory.CreateBucket("trial"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(memory).Server())
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "made")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "up")
	host := strings.TrimPrefix(server.URL, "http://")
	return map[string]Store{
		"folder": NewFolder(filepath.Join(t.TempDir(), "blobs")),
		"bucket": must(OpenBucket(ctx, "s3://trial/a/b?region=us-east-1&insecure=1&endpoint="+host)),
	}
}

// A file is stored once, comes back as it was, whole and in part, and only under
// its own name.
func TestStores(t *testing.T) {
	for name, s := range stores(t) {
		t.Run(name, func(t *testing.T) {
			var many []Blob
			for i := range 40 {
				many = append(many, Blob{Name: "a", Bytes: fmt.Appendf(nil, "file %d", i%30)})
			}
			refs := must(s.Put(ctx, many))
			for i, r := range refs {
				got := must(s.Get(ctx, r.SHA256))
				if !bytes.Equal(got, many[i].Bytes) || r.Bytes != int64(len(got)) || !s.Has(ctx, r.SHA256, r.Bytes) || s.Has(ctx, r.SHA256, r.Bytes+1) {
					t.Errorf("%q %+v", got, r)
				}
			}
			if again := must(s.PutFrom(ctx, "a", bytes.NewReader(many[0].Bytes), 100)); again != refs[0] {
				t.Error("the same file has two references", again, refs[0])
			}
			n := 0
			if err := s.Each(ctx, func(string, int64) error { n++; return nil }); err != nil || n != 30 {
				t.Error(n, err)
			}
			// SHA-256 of "abc", from FIPS 180-4.
			const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
			if s.Has(ctx, abc, 3) {
				t.Error("a file is there that nobody stored")
			}
			if _, err := s.Get(ctx, abc); fault.CodeOf(err) != "blob-missing" {
				t.Error(err)
			}
			if r := must(s.PutFrom(ctx, "abc", strings.NewReader("abc"), MaxFile)); r.SHA256 != abc || r.Bytes != 3 {
				t.Error(r)
			}
			for _, bad := range []string{"", "..", "../../etc/passwd", abc[:63] + "/", abc + "0", strings.ToUpper(abc)} {
				if _, err := s.Get(ctx, bad); fault.CodeOf(err) != "file-ref" || s.Has(ctx, bad, 3) {
					t.Errorf("%q: %v", bad, err)
				}
			}
		})
	}
}

// Every part of a file that can be asked for is that part.
func TestRanges(t *testing.T) {
	data := []byte("0123456789")
	for name, s := range stores(t) {
		ref := must(s.Put(ctx, []Blob{{Bytes: data}}))[0]
		for from := int64(0); from <= 10; from++ {
			for n := int64(-1); n <= 11; n++ {
				r, size, err := s.Open(ctx, ref.SHA256, from, n)
				if err != nil {
					t.Fatal(name, from, n, err)
				}
				want := data[from:]
				if n >= 0 && n < int64(len(want)) {
					want = want[:n]
				}
				if got := must(io.ReadAll(r)); !bytes.Equal(got, want) || size != 10 {
					t.Errorf("%s: %d bytes from %d: %q of %d", name, n, from, got, size)
				}
				_ = r.Close()
			}
		}
		if _, _, err := s.Open(ctx, ref.SHA256, 11, -1); fault.CodeOf(err) != "file-range" {
			t.Error(name, err)
		}
	}
}

// A large file is streamed in and out, and neither end holds it in memory; what
// is too long, or breaks off, is not stored.
func TestStreaming(t *testing.T) {
	const size = 20 << 20 // more than one part of an upload
	for name, s := range stores(t) {
		want := sha256.New()
		ref := must(s.PutFrom(ctx, "psg.edf", io.TeeReader(io.LimitReader(pattern{}, size), want), MaxFile))
		if ref.Bytes != size || ref.SHA256 != fmt.Sprintf("%x", want.Sum(nil)) {
			t.Error(name, ref)
		}
		r, _, err := s.Open(ctx, ref.SHA256, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); n != size || err != nil {
			t.Error(name, n, err)
		}
		_ = r.Close()
		if _, err := s.PutFrom(ctx, "", io.LimitReader(pattern{}, 101), 100); fault.CodeOf(err) != "file-large" {
			t.Error(name, err)
		}
		if _, err := s.PutFrom(ctx, "", io.LimitReader(pattern{}, 100), 100); err != nil {
			t.Error(name, err)
		}
		broken := errors.New("the line broke")
		if _, err := s.PutFrom(ctx, "", io.MultiReader(strings.NewReader("half of "), failing{broken}), 100); !errors.Is(err, broken) {
			t.Error(name, err)
		}
		n := 0
		if err := s.Each(ctx, func(string, int64) error { n++; return nil }); err != nil || n != 2 {
			t.Error(name, "files that never came to an end are there:", n, err)
		}
	}
}

// pattern is bytes without end.
type pattern struct{}

func (pattern) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i * 7)
	}
	return len(p), nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
