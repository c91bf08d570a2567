package main

import (
	"context"
	"time"

	"dvala/civil"
	"dvala/desk/remind"
	"dvala/fault"
	"dvala/ledger"
	"dvala/notify"
	"dvala/study"
)

// checkpointMail sends the last signed checkpoint away once a day: with a copy
// outside the trial's machines it can be told whether history was rewritten there.
type checkpointMail struct {
	trial checkpoints
	book  remind.Book // what was sent
	mail  letterBox
	to    string
	// reads gives the language of whoever has an address; nil: English.
	reads func(ctx context.Context, mail string) string
	now   func() time.Time
}

// checkpoints is a trial that has them.
type checkpoints interface {
	Refresh(ctx context.Context) error
	View(read func(*study.State))
	Checkpoint() []byte
	PublicKey() ledger.PublicKey
}

// tick sends the day's, unless it went. One of its kind runs at a time, among all
// processes.
func (c *checkpointMail) tick(ctx context.Context) error {
	if err := c.trial.Refresh(ctx); err != nil {
		return err
	}
	signed := c.trial.Checkpoint()
	if len(signed) == 0 {
		return nil
	}
	day, title := civil.Date{}, ""
	c.trial.View(func(s *study.State) {
		day, title = civil.DateOf(c.now().In(s.Protocol.Zone())), s.Protocol.ID()
	})
	key := "checkpoint " + day.String() + " " + c.to
	past, err := c.book.Sent(ctx, "", c.now().AddDate(0, 0, -2))
	if err != nil || !due(past, key, c.now()) {
		return err
	}
	lang := "en"
	if c.reads != nil {
		lang = c.reads(ctx, c.to)
	}
	err = c.mail.Send(ctx, c.to, notify.CheckpointLetter(lang, title, day.String(), string(signed), c.trial.PublicKey().String()))
	return note(ctx, c.book, remind.Sent{Key: key, Channel: remind.Mail, At: c.now(), OK: err == nil}, err)
}

// due says whether something is to be tried: it did not go, and what failed has
// waited, longer each time.
func due(past []remind.Sent, key string, now time.Time) bool {
	wait := time.Minute / 2
	for _, p := range past {
		switch {
		case p.Key != key:
			continue
		case p.OK:
			return false
		}
		if wait = min(2*wait, 6*time.Hour); now.Sub(p.At) < wait {
			return false
		}
	}
	return true
}

// note writes down a try, and why it failed.
func note(ctx context.Context, book remind.Book, try remind.Sent, failed error) error {
	if failed != nil {
		try.Detail = fault.Text(failed)
	}
	return book.Note(ctx, try)
}
