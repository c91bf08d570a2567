package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"dvala/cloud/oura"
	"dvala/desk"
	"dvala/fault"
	"dvala/jobs"
	"dvala/store/people"
	"dvala/study"
)

// Bounds of what is asked of Oura in the background.
const (
	longestNap  = 10 * time.Second // a job that is to wait for longer waits outside
	limitedFor  = time.Hour        // where Oura says that it is for long
	newsEvery   = 10 * time.Minute // Oura's news are taken together
	justNow     = time.Minute
	renewWithin = 7 * 24 * time.Hour
)

// handleRings are the kinds about rings: one looks whose turn it is, one fetches
// one person's nights, and one keeps Oura telling.
func (b *background) handleRings(h *jobs.Handlers) {
	jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.DeviceLook]) error {
		return b.rings.look(ctx, r.Args.Key != "", func(who study.Subject) error {
			_, err := b.rings.queue.EnqueueAnew(ctx, jobs.DevicePull{Subject: who, Vendor: "oura"})
			return err
		})
	})
	jobs.Handle(h, func(ctx context.Context, r jobs.Run[jobs.DevicePull]) error {
		err := b.rings.pull(ctx, r.Args.Subject)
		if code := fault.CodeOf(err); code != "" {
			b.log.Warn("nights were not fetched", "code", string(code))
		}
		return err
	})
	if b.rings.hooked() {
		jobs.Handle(h, func(ctx context.Context, _ jobs.Run[jobs.DeviceHooks]) error { return b.rings.renewHooks(ctx) })
	}
}

// look asks for the nights of every ring whose turn it is: in its course, or
// because Oura told of something new. Oura does not say of whom without more
// consent than is asked for, so then it is everyone's turn who was not asked for
// of late.
func (r *rings) look(ctx context.Context, news bool, ask func(study.Subject) error) error {
	all, err := r.store.Rings(ctx)
	if err != nil {
		return err
	}
	every := fetchEvery
	if news {
		every = justNow
	}
	var errs []error
	for _, k := range all {
		if turn(k, r.now(), every) {
			errs = append(errs, ask(k.Subject))
		}
	}
	return errors.Join(errs...)
}

func turn(k people.Ring, now time.Time, every time.Duration) bool {
	return k.Ended.IsZero() && now.Sub(k.Fetched) >= every
}

// errNap says that Oura asks for more patience than a job has.
var errNap = errors.New("asked to come later")

// pull fetches one person's nights as the system. Where Oura asks to wait, it is
// taken up after that, and no other of this process comes before.
func (r *rings) pull(ctx context.Context, who study.Subject) error {
	if wait := r.closed(); wait > 0 {
		return jobs.Wait(wait)
	}
	k, ok, err := r.store.Ring(ctx, who)
	if err != nil || !ok || !turn(k, r.now(), justNow) { // another has just been there
		return err
	}
	var asked time.Duration
	nap := func(ctx context.Context, d time.Duration) error {
		if d > longestNap {
			asked = d
			return errNap
		}
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
			return nil
		}
	}
	system := desk.Caller{Account: "oura", Grants: []desk.Grant{{Role: study.RoleSystem}}, From: "job"}
	_, err = r.fetch(ctx, system, who, nap)
	switch {
	case asked > 0:
		return jobs.Wait(r.close(asked))
	case fault.CodeOf(err) == "oura-limit":
		return jobs.Wait(r.close(limitedFor))
	case fault.CodeOf(err) == "oura-refused", fault.CodeOf(err) == "person-erased":
		return jobs.GiveUp(err) // she has to connect it anew
	}
	return err
}

// close keeps this process from Oura for a while.
func (r *rings) close(d time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if until := r.now().Add(d); until.After(r.until) {
		r.until = until
	}
	return d
}

func (r *rings) closed() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.until.Sub(r.now())
}

// hooked says whether Oura is to tell of news.
func (r *rings) hooked() bool { return r.ready() && r.flags.Hook != "" }

// hookPath is where it tells.
const hookPath = "/hooks/oura"

// hook takes what Oura tells. What is told again, or at another server, asks for
// the same look.
func (r *rings) hook(q *jobs.Queue, log *slog.Logger) http.Handler {
	return &oura.Hook{Secret: r.flags.Secret, Verification: r.flags.Hook, Now: r.now, Take: func(e oura.Event) {
		if !slices.Contains(oura.Routes, e.Type) {
			return
		}
		ctx, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		// The look is at the end of the ten minutes, so that all news of them are in it.
		at := time.Now().UTC().Truncate(newsEvery).Add(newsEvery)
		if _, err := q.EnqueueAt(ctx, jobs.DeviceLook{Key: at.Format(time.RFC3339)}, at); err != nil {
			log.Warn("news of Oura were not taken", "err", err)
		}
	}}
}

// renewHooks asks Oura to tell of every kind that is fetched, made or changed,
// and renews what runs out soon.
func (r *rings) renewHooks(ctx context.Context) error {
	c := &oura.Client{Base: r.flags.base, Token: oura.Token{ClientID: r.flags.Client, Secret: r.flags.Secret}, Now: r.now}
	there, err := c.Subscriptions(ctx)
	if err != nil {
		return err
	}
	callback := r.origin + hookPath
	var errs []error
	for _, kind := range oura.Routes {
		for _, event := range []string{"create", "update"} {
			has := slices.ContainsFunc(there, func(s oura.Subscription) bool {
				return s.Type == kind && s.Event == event && strings.EqualFold(s.Callback, callback)
			})
			if !has {
				_, err := c.Subscribe(ctx, oura.Subscription{Callback: callback, Event: event, Type: kind}, r.flags.Hook)
				errs = append(errs, err)
			}
		}
	}
	_, err = c.Renew(ctx, r.now().Add(renewWithin))
	return errors.Join(append(errs, err)...)
}
