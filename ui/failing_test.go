package ui

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"dvala/desk/access"
	"dvala/fault"
)

// A page says of a store that failed that it failed, and of nobody's server where
// it is.
func TestStoreFailuresOnPages(t *testing.T) {
	words, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	a := &ask{Server: &Server{words: words}, lang: "en"}
	for _, code := range []fault.Code{"store-database", "blob-write", "store-readonly", "blob-read"} {
		err := fault.Wrap(code, "/srv/trial.db", errors.New("user=dvala host=10.1.2.3")).WithHint("look into /srv")
		p := a.problemOf(err)
		if statusOf(err) != http.StatusServiceUnavailable || strings.Contains(p.Text+p.Hint+p.Place, "srv") || strings.Contains(p.Text, "10.1.2.3") {
			t.Errorf("%s: %d %+v", code, statusOf(err), p)
		}
	}
	if err := access.Waiting(90e9); statusOf(err) != http.StatusTooManyRequests || again(err) != "90" {
		t.Errorf("who has to wait: %d %s", statusOf(err), again(err))
	}
}
