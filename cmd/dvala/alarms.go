package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/remind"
	"dvala/notify"
	"dvala/study"
)

// alarms tells the staff by mail of what cannot wait until somebody opens a page:
// a serious event when it is entered, once six hours are left to pass it on, and
// when they are over; and a cell of the list or a site's kits of which a fifth or
// less is left. A letter says that, and nothing of what it is about.
type alarms struct {
	trial  notify.Trial
	book   remind.Book // what was sent
	mail   letterBox
	access *access.Service
	page   func(path string) string // the address of a page
	now    func() time.Time
}

// soonFor is how long before its end a clock is told of again.
const soonFor = 6 * time.Hour

// running is a serious event that has not been passed on.
type runningClock struct {
	who   study.Subject
	site  string
	entry uint64
	aware time.Time
	due   time.Time
	by    string // who entered it
	stage notify.Stage
	zone  *time.Location
}

// runningClocks gives those of which something is to be told: of what was over
// long ago nobody hears when mail is turned on.
func runningClocks(s *study.State, now time.Time) (out []runningClock) {
	if s.Locked != nil {
		return nil
	}
	for _, who := range s.Order {
		p := s.People[who]
		for _, c := range s.SeriousClocks(p, now) {
			if !c.Reported.IsZero() || now.Sub(c.Due) >= noticeFor {
				continue
			}
			r := runningClock{
				who: who, site: p.Site, entry: c.Record.Entry, aware: c.Aware, due: c.Due, by: c.Record.Versions[len(c.Record.Versions)-1].By,
				stage: notify.Entered, zone: s.Protocol.Zone(),
			}
			switch {
			case c.Overdue:
				r.stage = notify.Overdue
			case c.Due.Sub(now) <= soonFor && c.Due.Sub(c.Aware) > soonFor:
				r.stage = notify.Soon
			}
			out = append(out, r)
		}
	}
	return out
}

// tick tells whoever has not been told. One of its kind runs at a time, among all
// processes; what went is noted, so that it goes once.
func (n *alarms) tick(ctx context.Context) error {
	var clocks []runningClock
	var low []desk.Low
	n.trial.View(func(s *study.State) {
		now := n.now()
		clocks, low = runningClocks(s, now), desk.LowNow(s, civil.DateOf(now.In(s.Protocol.Zone())))
	})
	if len(clocks)+len(low) == 0 {
		return nil
	}
	accounts, err := n.access.Accounts(ctx, access.Shell())
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range clocks {
		errs = append(errs, n.serious(ctx, c, accounts))
	}
	if len(low) > 0 {
		errs = append(errs, n.low(ctx, low, accounts))
	}
	return errors.Join(errs...)
}

// serious tells of one clock.
func (n *alarms) serious(ctx context.Context, c runningClock, accounts []access.AccountView) error {
	past, err := n.book.Sent(ctx, c.who, c.aware)
	if err != nil {
		return err
	}
	by := c.due.In(c.zone).Format("2006-01-02 15:04") + " (" + c.zone.String() + ")"
	var errs []error
	for _, a := range accounts {
		if c.stage == notify.Entered && a.ID == c.by || !n.may(a, "report-serious", c.site) && (c.stage != notify.Overdue || !n.may(a, "review-deviation", c.site)) {
			continue // who entered it knows; that it is too late whoever watches over the site hears, too
		}
		key := fmt.Sprintf("serious %d %d %s %s", c.entry, c.aware.Unix(), c.stage, a.ID)
		if !due(past, key, n.now()) {
			continue
		}
		err := n.mail.Send(ctx, a.Mail, notify.SeriousLetter(a.Letters, string(c.who), c.stage, by, n.page("/safety")))
		errs = append(errs, note(ctx, n.book, remind.Sent{Key: key, Subject: c.who, Channel: remind.Mail, At: n.now(), OK: err == nil}, err))
	}
	return errors.Join(errs...)
}

// low tells of what runs low, one letter a person however much it is. What is
// filled up and falls again is told anew: there was more of it in all.
func (n *alarms) low(ctx context.Context, low []desk.Low, accounts []access.AccountView) error {
	past, err := n.book.Sent(ctx, "", time.Time{})
	if err != nil {
		return err
	}
	var errs []error
	for _, a := range accounts {
		var keys []string
		for _, l := range low {
			key := fmt.Sprintf("low %s/%s/%s of %d %s", l.Site, l.Cell, l.Visit, l.Of, a.ID)
			if n.concerned(a, l) && due(past, key, n.now()) {
				keys = append(keys, key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		err := n.mail.Send(ctx, a.Mail, notify.LowLetter(a.Letters, n.page("/stock")))
		for _, key := range keys {
			errs = append(errs, note(ctx, n.book, remind.Sent{Key: key, Channel: remind.Mail, At: n.now(), OK: err == nil}, err))
		}
	}
	return errors.Join(errs...)
}

// concerned says whether somebody fills up what runs low: whoever receives kits
// at the site, and, of a list, whoever extends it.
func (n *alarms) concerned(a access.AccountView, l desk.Low) bool {
	if l.Cell == "" {
		return n.may(a, "receive-kits", l.Site)
	}
	return n.may(a, "extend-list", "") && (l.Site == "" || n.may(a, "see-stock", l.Site))
}

// may says whether a member of the staff who has an address may do something at
// a site.
func (n *alarms) may(a access.AccountView, action desk.Action, site string) bool {
	if a.Mail == "" || !a.Closed.IsZero() || a.Subject != "" {
		return false
	}
	c := desk.Caller{Account: a.ID}
	for _, g := range a.Roles {
		c.Grants = append(c.Grants, g.Grant)
	}
	_, err := desk.As(c, action, "", site, n.now())
	return err == nil
}
