package blob

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"dvala/fault"
)

// What passes is laid whole or not at all, is none of the files that are kept,
// and can be taken away; no name leads elsewhere.
func TestShelf(t *testing.T) {
	for name, s := range stores(t) {
		for _, n := range []int64{0, 5, 17 << 20} {
			var want bytes.Buffer
			if got, err := s.Lay(ctx, "7-1.zip", io.TeeReader(io.LimitReader(pattern{}, n), &want)); got != n || err != nil {
				t.Fatal(name, n, got, err)
			}
			if got := must(io.ReadAll(must(s.Fetch(ctx, "7-1.zip")))); !bytes.Equal(got, want.Bytes()) {
				t.Error(name, n, "comes back otherwise, with", len(got))
			}
		}
		broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("cut off")))
		if _, err := s.Lay(ctx, "8.zip", broken); err == nil {
			t.Error(name, "half a file was laid")
		}
		if _, err := s.Fetch(ctx, "8.zip"); fault.CodeOf(err) != "work-file" {
			t.Error(name, err)
		}
		if err := s.Each(ctx, func(sum string, _ int64) error { return errors.New(sum) }); err != nil {
			t.Error(name, "is among those that are kept:", err)
		}
		for range 2 {
			if err := s.Drop(ctx, "7-1.zip"); err != nil {
				t.Error(name, err)
			}
		}
		if _, err := s.Fetch(ctx, "7-1.zip"); fault.CodeOf(err) != "work-file" {
			t.Error(name, err)
		}
		for _, bad := range []string{"", ".", "..", "../x", "a/b", `a\b`, "A", strings.Repeat("a", 64)} {
			_, lay := s.Lay(ctx, bad, strings.NewReader("x"))
			_, fetch := s.Fetch(ctx, bad)
			if drop := s.Drop(ctx, bad); fault.CodeOf(lay) != "file-ref" || fault.CodeOf(fetch) != "file-ref" || fault.CodeOf(drop) != "file-ref" {
				t.Errorf("%s: %q: %v, %v, %v", name, bad, lay, fetch, drop)
			}
		}
	}
}
