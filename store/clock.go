package store

import (
	"context"
	"time"

	"dvala/study"
)

// ClockBehind says by how much a clock stands before the last entry, if by more
// than the rules take for granted between a caller and the writer.
func (t *Trial) ClockBehind(ctx context.Context, now time.Time) (time.Duration, bool, error) {
	if err := t.Refresh(ctx); err != nil {
		return 0, false, err
	}
	var off time.Duration
	t.View(func(s *study.State) {
		if last, ok := s.LastAt(); ok {
			off = last.Sub(now)
		}
	})
	return off, off > 2*time.Second, nil
}
