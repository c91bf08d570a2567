// Package notify sends what package remind decided: by web push to a person's
// own devices, and by mail. It tries a message's channels in their order until
// one takes it, and every try is noted, with what went wrong. Nothing that it
// sends says what is studied or taken.
//
// Whoever runs the tick (a job, or the server itself) calls Tick; two ticks at
// once may send a message twice, so one of them at a time runs for a trial.
package notify

import (
	"context"
	"errors"
	"time"

	"dvala/desk/remind"
	"dvala/study"
)

// Mailer sends one mail.
type Mailer interface {
	Mail(ctx context.Context, to string, m remind.Message) error
}

// Pusher sends one message to one browser. It answers with ErrGone when that
// browser takes no more.
type Pusher interface {
	Push(ctx context.Context, to remind.Subscription, m remind.Message) error
}

// ErrGone says that a subscription has ended.
var ErrGone = errors.New("the subscription has ended")

// errNowhere says that a channel leads nowhere.
var errNowhere = errors.New("no address is known")

// Addresses gives where mail goes: a person's own, and that of the staff of her
// site. They are kept apart from the trial.
type Addresses interface {
	Mail(ctx context.Context, who study.Subject) (address string, ok bool, err error)
	Staff(ctx context.Context, who study.Subject) ([]Reader, error)
}

// Reader is one of the staff: her address, and the language that she reads.
type Reader struct {
	Mail, Lang string
}

// Trial is what a tick reads.
type Trial interface {
	Refresh(ctx context.Context) error
	View(read func(*study.State))
}

// Sender sends messages and notes each try.
type Sender struct {
	Book      remind.Book
	Addresses Addresses
	Mailer    Mailer // nil: no mail is sent
	Pusher    Pusher // nil: no push is sent
	Now       func() time.Time
}

// lookBack is how far back the outbox is read: longer than any key stays of
// interest.
const lookBack = 60 * 24 * time.Hour

// Tick sends what is due now, and gives how many messages went. A person whose
// message fails does not keep the next from hers; all errors are in the error.
func (s *Sender) Tick(ctx context.Context, t Trial) (sent int, err error) {
	if err := t.Refresh(ctx); err != nil {
		return 0, err
	}
	var order []study.Subject
	t.View(func(st *study.State) { order = append(order, st.Order...) })
	var errs []error
	for _, who := range order {
		n, err := s.tell(ctx, t, who)
		sent += n
		if err != nil {
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return sent, errors.Join(errs...)
}

// tell sends one person what is due.
func (s *Sender) tell(ctx context.Context, t Trial, who study.Subject) (int, error) {
	now := s.Now()
	past, err := s.Book.Sent(ctx, who, now.Add(-lookBack))
	if err != nil {
		return 0, err
	}
	var due []remind.Message
	t.View(func(st *study.State) {
		due = remind.Decide(remind.About(st, st.People[who], past, now), now)
	})
	n := 0
	var errs []error
	for _, m := range due {
		went, err := s.send(ctx, m)
		if went {
			n++
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return n, errors.Join(errs...)
}

// send tries the channels in turn. That no channel leads anywhere is noted and
// is no error: it is how the staff see it.
func (s *Sender) send(ctx context.Context, m remind.Message) (bool, error) {
	for _, c := range m.Channels {
		err := s.by(ctx, c, m)
		try := remind.Sent{Key: m.Key, Subject: m.Subject, Channel: c, At: s.Now(), OK: err == nil}
		if err != nil {
			try.Detail = err.Error()
		}
		if nerr := s.Book.Note(ctx, try); nerr != nil {
			return err == nil, nerr
		}
		if err == nil {
			return true, nil
		}
	}
	return false, nil
}

func (s *Sender) by(ctx context.Context, c remind.Channel, m remind.Message) error {
	if c == remind.Push {
		return s.push(ctx, m)
	}
	return s.mail(ctx, m)
}

// push sends to all of a person's devices; one that takes it is enough. Those
// that take no more are forgotten.
func (s *Sender) push(ctx context.Context, m remind.Message) error {
	if s.Pusher == nil {
		return errNowhere
	}
	subs, err := s.Book.Subscriptions(ctx, m.Subject)
	if err != nil {
		return err
	}
	last := errNowhere
	went := false
	for _, sub := range subs {
		err := s.Pusher.Push(ctx, sub, m)
		switch {
		case err == nil:
			went = true
		case errors.Is(err, ErrGone):
			if err := s.Book.Unsubscribe(ctx, m.Subject, sub.Endpoint); err != nil {
				return err
			}
		default:
			last = err
		}
	}
	if went {
		return nil
	}
	return last
}

func (s *Sender) mail(ctx context.Context, m remind.Message) error {
	if s.Mailer == nil || s.Addresses == nil {
		return errNowhere
	}
	if m.Kind == remind.Alert {
		return s.alert(ctx, m)
	}
	to, ok, err := s.Addresses.Mail(ctx, m.Subject)
	switch {
	case err != nil:
		return err
	case !ok:
		return errNowhere
	}
	return s.Mailer.Mail(ctx, to, m)
}

func (s *Sender) alert(ctx context.Context, m remind.Message) error {
	staff, err := s.Addresses.Staff(ctx, m.Subject)
	if err != nil {
		return err
	}
	last := errNowhere
	went := false
	for _, to := range staff {
		if err := s.Mailer.Mail(ctx, to.Mail, m.In(to.Lang)); err != nil {
			last = err
			continue
		}
		went = true
	}
	if went {
		return nil
	}
	return last
}
