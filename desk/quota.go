package desk

import (
	"context"
	"errors"
	"io"
	"time"

	"dvala/fault"
	"dvala/study"
)

// Quota counts what each person's files came to on a day, for all servers of a
// trial together. Package store/people has one.
type Quota interface {
	SpendBytes(ctx context.Context, who study.Subject, day string, n, most int64, at time.Time) (bool, error)
}

// DayBytes is how much may be stored about one person in a day, UTC, where
// nothing is said: three files of the greatest length. A ring's night is some
// hundred thousand bytes, a night in a laboratory a thousand million.
const DayBytes = 3 * MaxFile

// CodeQuota is of a file that is more than may be stored about a person in a day.
const CodeQuota fault.Code = "upload-quota"

// Wait is how long whoever was refused for asking too much has to wait; such an
// error has one for its cause.
type Wait time.Duration

func (w Wait) Error() string { return "wait " + w.Rounded().String() }

// Rounded gives it in whole seconds, one at least.
func (w Wait) Rounded() time.Duration {
	return (max(time.Duration(w), time.Second) + time.Second - 1).Truncate(time.Second)
}

// Seconds gives it as Retry-After says it.
func (w Wait) Seconds() int { return int(w.Rounded() / time.Second) }

// metered counts what is read of a file about a person against her quota, a
// stretch at a time, and ends where it is used up. What was read counts, also of
// a file that is broken off.
type metered struct {
	ctx  context.Context
	o    *Office
	who  study.Subject
	r    io.Reader
	open int64 // read, and not counted yet
	err  error
}

// stretch is how much of a file is counted at once.
const stretch = 8 << 20

func (m *metered) Read(b []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.r.Read(b)
	m.open += int64(n)
	if m.open >= stretch || err != nil {
		if m.err = m.count(); m.err != nil {
			return 0, m.err
		}
	}
	return n, err
}

func (m *metered) count() error {
	if m.open == 0 {
		return nil
	}
	now := m.o.now().UTC()
	ok, err := m.o.parts.Quota.SpendBytes(m.ctx, m.who, now.Format(time.DateOnly), m.open, m.o.dayBytes(), now)
	m.open = 0
	if err == nil && !ok {
		p := fault.New(CodeQuota, string(m.who), "this is more than is stored about one person in a day").WithHint("send the rest tomorrow")
		p.Cause = Wait(now.Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(now))
		err = p
	}
	return err
}

func (o *Office) dayBytes() int64 {
	if o.parts.DayBytes > 0 {
		return o.parts.DayBytes
	}
	return DayBytes
}

// within reads a file within a person's quota, and gives what there is to say of
// it once it was read: the store would say that it could not write.
func (o *Office) within(ctx context.Context, who study.Subject, role study.Role, r io.Reader) (io.Reader, func(error) error) {
	if o.parts.Quota == nil || who == "" || role == study.RoleSystem {
		return r, func(err error) error { return err }
	}
	m := &metered{ctx: ctx, o: o, who: who, r: r}
	return m, func(err error) error {
		if m.err != nil && !errors.Is(m.err, io.EOF) {
			return m.err
		}
		return err
	}
}
