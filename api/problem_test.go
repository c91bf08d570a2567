package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/fault"
	"dvala/study"
)

// raised gives the codes with which the source makes faults.
func raised(t *testing.T) map[string]bool {
	t.Helper()
	made := regexp.MustCompile(`(?:fault\.Code = |(?:fault\.New|fault\.Wrap|\.Addf|\.Merge)\(\s*)"([a-z-]+)"`)
	out := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		for _, m := range made.FindAllSubmatch(src, -1) {
			out[string(m[1])] = true
		}
		return err
	})
	if err != nil || len(out) < 200 {
		t.Fatalf("%d codes in the source: %v", len(out), err)
	}
	return out
}

// A code that answers 409 is one that exists.
func TestConflictsAreRaised(t *testing.T) {
	codes := raised(t)
	for c := range conflicts {
		if !codes[string(c)] {
			t.Errorf("nothing refuses with %s", c)
		}
	}
}

// Whatever the store fails with, a client is asked to come again, and learns
// nothing of hosts, users, names or paths.
func TestStoreFailuresTellNothing(t *testing.T) {
	cause := errors.New("failed to connect to `user=dvala database=trial`: 10.1.2.3:5432: /var/lib/dvala/blobs: no space left on device")
	n := 0
	for c := range raised(t) {
		if !strings.HasPrefix(c, "store-") && !strings.HasPrefix(c, "blob-") {
			continue
		}
		n++
		err := fault.Wrap(fault.Code(c), "/var/lib/dvala/trial.db", cause).WithHint("is /var/lib/dvala there?")
		for _, err := range []error{err, fmt.Errorf("told: %w", err), fault.List{fault.New("text-long", "note", "is long"), err}} {
			p := problem(err)
			if c == "blob-missing" {
				if fault.CodeOf(err) == "blob-missing" && p.Status != http.StatusNotFound {
					t.Errorf("%s: %d", c, p.Status)
				}
				continue
			}
			raw, _ := json.Marshal(p)
			if p.Status != http.StatusServiceUnavailable || p.GetHeaders().Get("Retry-After") == "" || strings.Contains(string(raw), "dvala/") || strings.Contains(string(raw), "10.1.2.3") {
				t.Errorf("%s: %d %s", c, p.Status, raw)
			}
		}
	}
	if n < 15 {
		t.Errorf("%d codes of stores in the source", n)
	}
}

// gone is a store whose disk is full.
type gone struct{ *desktest.Memory }

func (gone) PutBlob(string, []byte) (study.File, error) {
	return study.File{}, fault.Wrap("blob-write", "/srv/trial/blobs", errors.New("no space left on device"))
}

// The same through the server, in the framework's answers and in our own.
func TestFullDiskOverHTTP(t *testing.T) {
	m := desktest.New(t, small, 1)
	m.Person(t, desktest.Start)
	office := desk.NewOffice(gone{m}, desktest.Start.UTC)
	h := New(office, Options{})
	for method, path := range map[string]string{
		http.MethodPut + " file":   base + "/participants/P0001/files/night.zip",
		http.MethodPut + " attach": base + "/trial/amend-protocol/file?name=x",
	} {
		method, _, _ := strings.Cut(method, " ")
		c := everybody()[study.RoleInvestigator]
		w := ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Content-Type", "application/octet-stream")
			h.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
		}), method, path, "bytes")
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "5" || strings.Contains(w.Body.String(), "/srv") || strings.Contains(w.Body.String(), "space") {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
}
