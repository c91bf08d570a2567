package access

import (
	"context"
	"sync"
)

// Trace is what becomes known of one request on its way, for the one line that
// the log has of it. It is safe for concurrent use.
type Trace struct {
	ID string // random, of this request alone

	mu    sync.Mutex
	route string
	err   error
}

type traceKey struct{}

// Traced gives a context that carries a trace.
func Traced(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// Failed keeps why a request could not be answered: its words are for nobody, and
// the log has its code. The first one counts.
func Failed(ctx context.Context, err error) (kept bool) {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	if t == nil || err == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		t.err = err
	}
	return true
}

// Routed keeps the pattern by which a request found its page.
func Routed(ctx context.Context, pattern string) {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	if t == nil || pattern == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.route = pattern
}

// Said gives the pattern and the failure, if any.
func (t *Trace) Said() (route string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.route, t.err
}
