package access_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/store/people"
	"dvala/study"
)

// table is the door without a trial behind it: everybody is of the site lund.
type table struct{ now func() time.Time }

func (d table) Allow(c desk.Caller, a desk.Action, who study.Subject, site string) (study.Role, error) {
	if who != "" {
		site = "lund"
	}
	return desk.As(c, a, who, site, d.now())
}

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// letters is a post box.
type letters struct {
	mu   sync.Mutex
	sent map[string]string // account: link
}

func (l *letters) SendLink(_ context.Context, a access.Account, _ access.Link, link string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[a.ID] = link
	return nil
}

// Reaches knows everybody's address but one.
func (l *letters) Reaches(_ context.Context, a access.Account) (bool, error) {
	return a.ID != "P0003", nil
}

type office struct {
	*access.Service
	clock *clock
	post  *letters
	store *people.Store
}

func newOffice(t *testing.T, change func(*access.Config)) office {
	t.Helper()
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, post := &clock{at: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)}, &letters{sent: map[string]string{}}
	cfg := access.Config{Store: store, Door: table{c.Now}, Now: c.Now, Rand: rand.Reader, Origin: "http://localhost:8080", Title: "A trial", Post: post}
	if change != nil {
		change(&cfg)
	}
	s, err := access.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return office{s, c, post, store}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// staff makes an account with a role, and signs it in by link.
func (o office) staff(t *testing.T, id string, role study.Role, site string) access.Started {
	t.Helper()
	must(o.AddAccount(t.Context(), access.Shell(), access.Account{ID: id, Name: "Name of " + id, Mail: id + "@clinic.example"}))
	if err := o.GiveRole(t.Context(), access.Shell(), id, desk.Grant{Role: role, Site: site}, "begins"); err != nil {
		t.Fatal(err)
	}
	return o.byLink(t, id)
}

func (o office) byLink(t *testing.T, id string) access.Started {
	t.Helper()
	h := must(o.LinkFor(t.Context(), access.Shell(), id))
	return must(o.Redeem(t.Context(), access.Visit{Addr: id}, tokenOf(h.URL)))
}

func tokenOf(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

func (o office) caller(t *testing.T, st access.Started) desk.Caller {
	t.Helper()
	return must(o.Resolve(t.Context(), st.Token))
}

// ask sends a request through the middleware and gives who it was from.
func (o office) ask(r *http.Request) (desk.Caller, *httptest.ResponseRecorder) {
	var got desk.Caller
	w := httptest.NewRecorder()
	o.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = desk.CallerOf(r.Context()) })).ServeHTTP(w, r)
	return got, w
}
