package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/study"
)

// anchorsOf gives what the ledger says of how the access log stood.
func anchorsOf(s *study.State) []access.LogAnchor {
	out := make([]access.LogAnchor, len(s.AccessLog))
	for i, a := range s.AccessLog {
		out[i] = access.LogAnchor{Lines: a.What.Lines, Hash: a.What.Hash, Where: fmt.Sprintf("entry %d", a.Entry)}
	}
	return out
}

// noteRecord puts on the ledger what lies beside it and belongs on it: what is
// held, and, each day and after a lock, how the access log stands.
func (b *background) noteRecord(ctx context.Context) error {
	if b.clock.fit() != nil {
		return nil // nothing is written by a wrong clock
	}
	if err := b.trial.Refresh(ctx); err != nil {
		return err
	}
	return errors.Join(b.office.HeldDue(ctx), b.anchor(ctx))
}

// anchor puts on the ledger how the access log stands, if that is due. A log that
// is not what it was is not vouched for.
func (b *background) anchor(ctx context.Context) error {
	var anchors []access.LogAnchor
	due := false
	b.trial.View(func(s *study.State) {
		anchors, due = anchorsOf(s), anchorDue(s, b.now())
	})
	if !due {
		return nil
	}
	if n, head, err := b.people.LogHead(ctx); err != nil || n == 0 || len(anchors) > 0 && anchors[len(anchors)-1].Hash == head {
		return err // nothing was added since
	}
	n, head, err := access.VerifyLog(ctx, b.people, anchors...)
	if err != nil {
		b.log.Error("the access log is not what it was", "err", err)
		return err
	}
	_, err = b.office.Do(ctx, system(), desk.Request{
		Cmd: study.NoteAccessLog{AccessLogStood: study.AccessLogStood{Lines: n, Hash: head}}, Key: fmt.Sprintf("access-log-%d-%s", n, head),
	})
	return err
}

// anchorDue says whether it is: once a day, and when the database was locked, or
// the openings came, since.
func anchorDue(s *study.State, now time.Time) bool {
	n := len(s.AccessLog)
	if n == 0 {
		return true
	}
	last := s.AccessLog[n-1]
	if s.Locked != nil && last.At.Before(s.LockedAt) {
		return true
	}
	zone := s.Protocol.Zone()
	return last.At.In(zone).Format(time.DateOnly) != now.In(zone).Format(time.DateOnly)
}
