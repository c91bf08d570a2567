package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/remind"
	"dvala/notify"
	"dvala/protocol"
	"dvala/study"
)

// letterBox takes letters. notify.SMTP is one.
type letterBox interface {
	Send(ctx context.Context, to string, l notify.Letter) error
}

// notices tells the staff of emergencies by mail: that it was asked for a
// physician what somebody takes, and that she can know it. What it is this
// program does not know.
type notices struct {
	trial  notify.Trial
	book   remind.Book // what was sent
	mail   letterBox
	access *access.Service
	link   string // of the page where emergencies stand
	now    func() time.Time
	alarms *alarms // of what else cannot wait; nil: nothing
}

// noticeFor is how long after it an emergency is still told of.
const noticeFor = 7 * 24 * time.Hour

// emergency is one of which the staff are to hear.
type emergency struct {
	who      study.Subject
	site     string
	u        study.Unblinding
	happened bool // the physician can know
	at       time.Time
}

// key names what is told of it.
func (e emergency) key() string {
	if e.happened {
		return fmt.Sprintf("emergency %d happened", e.u.Entry)
	}
	return fmt.Sprintf("emergency %d asked", e.u.Entry)
}

// emergencies gives those of the last days, each as far as it has come.
func emergencies(s *study.State, now time.Time) []emergency {
	var out []emergency
	for _, who := range s.Order {
		for _, u := range s.People[who].Unblindings {
			e := emergency{who: who, site: s.People[who].Site, u: u, happened: !u.Waiting(), at: u.Asked}
			for _, g := range u.Grants {
				e.at = g.At
			}
			if u.Confirmed.After(e.at) {
				e.at = u.Confirmed
			}
			if now.Sub(e.at) < noticeFor {
				out = append(out, e)
			}
		}
	}
	return out
}

// tick tells whoever has not been told. One of its kind runs at a time, among
// all processes; what went is noted, so that it goes once.
func (n *notices) tick(ctx context.Context) error {
	if err := n.trial.Refresh(ctx); err != nil {
		return err
	}
	if n.alarms == nil {
		return n.emergencies(ctx)
	}
	return errors.Join(n.emergencies(ctx), n.alarms.tick(ctx))
}

func (n *notices) emergencies(ctx context.Context) error {
	var all []emergency
	n.trial.View(func(s *study.State) { all = emergencies(s, n.now()) })
	if len(all) == 0 {
		return nil
	}
	accounts, err := n.access.Accounts(ctx, access.Shell())
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range all {
		past, err := n.book.Sent(ctx, e.who, n.now().Add(-2*noticeFor))
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if n.concerns(a, e) {
				errs = append(errs, n.tell(ctx, e, a, past))
			}
		}
	}
	return errors.Join(errs...)
}

// concerns says whether an account is of somebody who sees the emergency at her
// desk, and has an address.
func (n *notices) concerns(a access.AccountView, e emergency) bool {
	if a.Mail == "" || !a.Closed.IsZero() || a.Subject != "" || !e.happened && a.ID == e.u.By { // who asked knows
		return false
	}
	c := desk.Caller{Account: a.ID}
	for _, g := range a.Roles {
		c.Grants = append(c.Grants, g.Grant)
	}
	_, err := desk.As(c, "see-emergencies", "", e.site, n.now())
	return err == nil
}

// tell sends one letter, unless it went or is to wait: what fails is tried
// again, later and later.
func (n *notices) tell(ctx context.Context, e emergency, a access.AccountView, past []remind.Sent) error {
	key := e.key() + " " + a.ID
	if !due(past, key, n.now()) {
		return nil
	}
	err := n.mail.Send(ctx, a.Mail, notify.EmergencyLetter(a.Letters, string(e.who), e.u.Notice(e.who, protocol.Language(a.Letters)), e.happened, n.link))
	return note(ctx, n.book, remind.Sent{Key: key, Subject: e.who, Channel: remind.Mail, At: n.now(), OK: err == nil}, err)
}
