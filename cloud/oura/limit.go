package oura

import (
	"context"
	"sync"
	"time"
)

// What Oura allows.
const (
	Limit  = 5000 // requests
	Window = 5 * time.Minute
)

// limiter lets no more than n requests through in any window.
type limiter struct {
	mu   sync.Mutex
	n    int
	span time.Duration
	sent []time.Time // a ring of the last n
	next int
}

// wait returns when a request may be sent.
func (l *limiter) wait(ctx context.Context, now func() time.Time, sleep func(context.Context, time.Duration) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sent) < l.n {
		l.sent = append(l.sent, now())
		return nil
	}
	if pause := l.span - now().Sub(l.sent[l.next]); pause > 0 {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
	l.sent[l.next] = now()
	l.next = (l.next + 1) % l.n
	return nil
}

// pause sleeps, or returns early with the reason.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
