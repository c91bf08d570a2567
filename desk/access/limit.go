package access

import (
	"context"
	"time"

	"dvala/desk"
	"dvala/fault"
)

// Bucket is how often something may be tried: one in Every, and Burst at once
// after a rest.
type Bucket struct {
	Every time.Duration
	Burst int
}

// What may be tried how often, from one address or for one account.
var (
	askBucket     = Bucket{time.Minute, 5}
	redeemBucket  = Bucket{10 * time.Second, 10}
	passkeyBucket = Bucket{2 * time.Second, 20}
	signBucket    = Bucket{2 * time.Second, 20}
	screenBucket  = Bucket{30 * time.Second, 20} // a waiting room has one address
)

// WorkBucket is how often one account begins what takes long: an export, the dry
// run, the report.
var WorkBucket = Bucket{3 * time.Minute, 20}

// Allow takes one from a bucket of the caller's choosing, shared by all servers;
// the API uses it for what is dear.
func (s *Service) Allow(ctx context.Context, name string, b Bucket) error {
	return s.limit(ctx, name, b)
}

// limit takes from a bucket, or says how long to wait. Names hold addresses, so
// that only their hashes are stored.
func (s *Service) limit(ctx context.Context, name string, b Bucket) error {
	var wait time.Duration
	err := s.Store.Write(ctx, func(w Writer) (err error) {
		wait, err = w.Take(ctx, hashOf(name), s.Now(), b)
		return err
	})
	if err == nil && wait > 0 {
		err = Waiting(wait)
	}
	return err
}

// Waiting gives the refusal of somebody who has to wait.
func Waiting(d time.Duration) error {
	p := fault.New(CodeWait, "", "too many attempts").WithHint("wait %s and try again", desk.Wait(d).Rounded())
	p.Cause = desk.Wait(d)
	return p
}

// Locking: after five failures in a row each one doubles the wait, from a second
// up to a quarter of an hour. It is counted by address and not by account, so
// that nobody can lock somebody else out.
const (
	freeFailures = 5
	longestLock  = 15 * time.Minute
)

// LockFor gives how long an address waits after its n-th failure in a row.
func LockFor(n int) time.Duration {
	if n < freeFailures {
		return 0
	}
	if n-freeFailures > 10 {
		return longestLock
	}
	return min(time.Second<<(n-freeFailures), longestLock)
}

func (s *Service) notLocked(ctx context.Context, name string) error {
	_, until, err := s.Store.Failures(ctx, hashOf(name))
	if err != nil {
		return err
	}
	if d := until.Sub(s.Now()); d > 0 {
		return Waiting(d)
	}
	return nil
}

// failed counts a failure. That it could not be counted is logged and changes
// nothing for the visitor, who is refused anyway.
func (s *Service) failed(ctx context.Context, name string, v Visit) {
	now := s.Now()
	err := s.Store.Write(ctx, func(w Writer) error {
		if err := w.Fail(ctx, hashOf(name), now, func(n int) time.Time { return now.Add(LockFor(n)) }); err != nil {
			return err
		}
		return s.log(ctx, w, desk.Caller{From: v.From}, LogRefused, "", "")
	})
	if err != nil {
		s.Log.Error("a failed sign-in was not counted", "err", err)
	}
}
