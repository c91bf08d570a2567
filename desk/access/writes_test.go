package access_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/study"
)

// One account writes so much at a server and no more; others are not disturbed,
// nor is reading; and after the time that the refusal says it goes on.
func TestWritesAreBounded(t *testing.T) {
	o := newOffice(t, func(c *access.Config) { c.Writes = access.Bucket{Every: time.Second, Burst: 50} })
	h := o.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	ask := func(method, path, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	anna, bo := o.staff(t, "anna", study.RoleCoordinator, "lund").Token, o.staff(t, "bo", study.RoleMonitor, "").Token
	for i := range 50 {
		if w := ask(http.MethodPost, "/api/v1/x", anna); w.Code != http.StatusNoContent {
			t.Fatalf("write %d: %d", i, w.Code)
		}
	}
	w := ask(http.MethodPost, "/api/v1/x", anna)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), `"code":"too-many-attempts"`) {
		t.Errorf("one more: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := ask(http.MethodPost, "/participants", anna); w.Code != http.StatusTooManyRequests {
		t.Errorf("one more on a page: %d", w.Code)
	}
	if w := ask(http.MethodGet, "/api/v1/x", anna); w.Code != http.StatusNoContent {
		t.Errorf("reading: %d", w.Code)
	}
	if w := ask(http.MethodPost, "/api/v1/x", bo); w.Code != http.StatusNoContent {
		t.Errorf("somebody else: %d", w.Code)
	}
	o.clock.pass(time.Second)
	if w := ask(http.MethodPost, "/api/v1/x", anna); w.Code != http.StatusNoContent {
		t.Errorf("a second later: %d", w.Code)
	}
}

// Servers that share a store share how much an account may write at all of them.
func TestWritesAreSharedByServers(t *testing.T) {
	one := newOffice(t, nil)
	st := one.staff(t, "anna", study.RoleCoordinator, "lund")
	taken := 0
	for server := range 20 { // each with a bucket of its own that is full
		cfg := one.Config
		cfg.Writes = access.Bucket{Every: time.Second, Burst: 100}
		svc := must(access.New(cfg))
		h := svc.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if desk.CallerOf(r.Context()).Account == "anna" {
				taken++
			}
		}))
		for range 100 {
			r := httptest.NewRequest(http.MethodPost, "/x?server="+strconv.Itoa(server), nil)
			r.Header.Set("Authorization", "Bearer "+st.Token)
			h.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
	if taken != 1000 {
		t.Errorf("twenty servers took %d writes of one account at one moment", taken)
	}
}

// A device that had no network for a fortnight sends all at once and is taken:
// one write for each batch, and one for each file of a night.
func TestAFortnightAtOnceIsTaken(t *testing.T) {
	o := newOffice(t, nil)
	h := o.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	token := o.staff(t, "anna", study.RoleCoordinator, "lund").Token
	for i := range 14 * (5 + 3) { // five entries a day one by one, and three files
		r := httptest.NewRequest(http.MethodPost, "/api/v1/me/entries", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusNoContent {
			t.Fatalf("request %d: %d", i, w.Code)
		}
	}
}
