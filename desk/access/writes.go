package access

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"dvala/desk"
)

// writesBucket is what one account may write at one server, where nothing is
// said: ten a second, and two minutes' worth at once after a rest. A device that
// was without a network for weeks sends what it has in batches of hundreds, each
// of which is one write.
var writesBucket = Bucket{100 * time.Millisecond, 1200}

// A lease is how many writes a server takes at a time from the bucket that all
// servers share: 100, so that the database is asked once for a hundred writes.
const lease = 100

// shared gives the bucket of leases for all servers together: a third of what one
// server takes in the long run, and ten times as much at once after a rest; twelve
// thousand an hour, where nothing is said.
func (b Bucket) shared() Bucket { return Bucket{3 * lease * b.Every, max(b.Burst*10/lease, 1)} }

// writes counts what accounts write. It is safe for concurrent use.
type writes struct {
	bucket Bucket
	mu     sync.Mutex
	of     map[string]*writer
}

// writer is one account at this server.
type writer struct {
	due  time.Time // when its bucket is full again
	left int       // of its lease
}

// mostWriters is when those are forgotten who have not written for long.
const mostWriters = 10_000

// take takes one write, or says how long to wait; another lease is wanted first
// where that of the account is used up.
func (w *writes) take(account string, now time.Time) (wait time.Duration, leased bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	x := w.of[account]
	if x == nil {
		if len(w.of) >= mostWriters {
			w.forget(now)
		}
		if w.of == nil {
			w.of = map[string]*writer{}
		}
		x = &writer{}
		w.of[account] = x
	}
	if x.due.Before(now) {
		x.due = now
	}
	if full := now.Add(w.bucket.Every * time.Duration(w.bucket.Burst-1)); x.due.After(full) {
		return x.due.Sub(full), true
	}
	if x.left == 0 {
		return 0, false
	}
	x.left--
	x.due = x.due.Add(w.bucket.Every)
	return 0, true
}

// forget drops those whose buckets are full; what is left of their leases is
// lost with them.
func (w *writes) forget(now time.Time) {
	for account, x := range w.of {
		if x.due.Before(now) {
			delete(w.of, account)
		}
	}
}

func (w *writes) extend(account string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if x := w.of[account]; x != nil {
		x.left += lease
	}
}

// mayWrite counts one write of an account, at this server and, a hundred at a
// time, at all of them.
func (s *Service) mayWrite(ctx context.Context, account string) error {
	for {
		wait, leased := s.writes.take(account, s.Now())
		switch {
		case wait > 0:
			return Waiting(wait)
		case leased:
			return nil
		}
		if err := s.limit(ctx, "writes:"+account, s.Writes.shared()); err != nil {
			return err
		}
		s.writes.extend(account)
	}
}

// writing says whether a request can change something.
func writing(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// tooMuch refuses a write of somebody who writes too much, in the form in which
// she asked.
func (s *Service) tooMuch(w http.ResponseWriter, r *http.Request, wait desk.Wait) {
	w.Header().Set("Retry-After", strconv.Itoa(wait.Seconds()))
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		http.Error(w, "you write more than this server takes; wait "+wait.Rounded().String()+" and try again; nothing was done", http.StatusTooManyRequests)
		return
	}
	raw, err := json.Marshal(map[string]any{
		"type": "urn:dvala:problem:" + string(CodeWait), "title": http.StatusText(http.StatusTooManyRequests), "status": http.StatusTooManyRequests,
		"code": CodeWait, "detail": "this account writes more than is taken; nothing was done", "hint": "ask again after Retry-After, with the same key",
	})
	if err != nil {
		http.Error(w, "wait", http.StatusTooManyRequests)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = w.Write(raw) // a reader that went away needs no answer
}
