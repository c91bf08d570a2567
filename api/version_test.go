package api

import (
	"net/http"
	"testing"

	"dvala/civil"
	"dvala/desk/desktest"
	"dvala/study"
)

// Without a name the protocol is that which the trial began with, whose hash its
// first entry has; an amended one is asked for by its version.
func TestProtocolByVersion(t *testing.T) {
	m := desktest.New(t, small, 1)
	m.Amend(t, small, desktest.Start, civil.On(2026, 3, 5))
	h := as(m, everybody()[study.RoleMonitor], day(1))
	var want []string
	m.View(func(s *study.State) {
		for _, c := range s.Versions() {
			want = append(want, string(c.Canonical()))
		}
	})
	for query, body := range map[string]string{"": want[0], "?version=1": want[0], "?version=2": want[1]} {
		if w := ask(h, http.MethodGet, base+"/protocol"+query, ""); w.Code != http.StatusOK || w.Body.String() != body {
			t.Errorf("%q: %d %s", query, w.Code, w.Body)
		}
	}
	if w := ask(h, http.MethodGet, base+"/protocol?version=3", ""); w.Code != http.StatusNotFound {
		t.Error(w.Code, w.Body)
	}
}
