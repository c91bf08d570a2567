package store

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A page of the database file is torn: of 4 KB, one half is what it should be and
// the other is nothing, or what another page holds. Whatever page it is, either the
// trial does not open, or it opens with exactly the state that it had; and then the
// doctor names what is wrong, but for pages that hold nothing.
func TestTornPage(t *testing.T) {
	dir := t.TempDir()
	trial := opened(t, dir)
	live(t, trial, 6)
	digest := must(trial.State().Digest())
	if err := trial.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "trial.db")
	whole := must(os.ReadFile(path))
	const page = 4096
	if len(whole)%page != 0 || len(whole) < 30*page {
		t.Fatalf("%d bytes are no %d pages and more", len(whole), 30)
	}
	pages := len(whole) / page
	refused, named, unused := 0, 0, 0
	step := 1
	if testing.Short() {
		step = 7
	}
	for n := 0; n < pages; n += step {
		for half := range 2 {
			from := n*page + half*page/2
			fill := make([]byte, page/2) // nothing
			if n%2 == 1 {
				other := (n + 11) % pages
				fill = bytes.Clone(whole[other*page+half*page/2:][:page/2])
			}
			if bytes.Equal(fill, whole[from:from+page/2]) {
				continue
			}
			torn := slices.Concat(whole[:from], fill, whole[from+page/2:])
			if err := os.WriteFile(path, torn, 0o600); err != nil {
				t.Fatal(err)
			}
			found := Examine(ctx, In(dir), at(30, "").At.Add(time.Hour), true)
			wrong := slices.IndexFunc(found, func(f Finding) bool { return !f.OK })
			again, err := Open(ctx, dir)
			switch {
			case err != nil:
				refused++
				if wrong < 0 {
					t.Errorf("page %d, half %d: does not open (%v), and the doctor finds nothing", n+1, half, err)
				}
				continue
			case must(again.State().Digest()) != digest:
				t.Errorf("page %d, half %d: opens with another state", n+1, half)
			case wrong >= 0:
				named++
				if !strings.Contains(found[wrong].Hint, "dvala upgrade") && !strings.Contains(found[wrong].Hint, "backup") {
					t.Errorf("page %d: %+v", n+1, found[wrong])
				}
			default:
				unused++
			}
			_ = again.Close()
		}
	}
	if refused == 0 || named == 0 {
		t.Errorf("%d refused, %d named by the doctor: the test shows little", refused, named)
	}
	t.Logf("%d pages: %d halves refused at opening, %d named by the doctor alone, %d where nothing was kept", pages, refused, named, unused)
}
