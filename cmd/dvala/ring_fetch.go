package main

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"dvala/civil"
	"dvala/cloud/oura"
	"dvala/desk"
	"dvala/fault"
	"dvala/store/people"
	"dvala/study"
	"dvala/ui/person"
)

// Bounds of a fetch: on a page somebody waits.
const (
	fetchOnPage = 40 * time.Second
	fetchEvery  = 6 * time.Hour // of one ring
)

// Fetch asks Oura for a person's nights, in her name.
func (r *rings) Fetch(ctx context.Context, c desk.Caller) (person.Took, error) {
	ctx, done := context.WithTimeout(ctx, fetchOnPage)
	defer done()
	return r.fetch(ctx, c, c.Subject, nil)
}

// fetch asks for the nights of the last days again and again, since Oura
// corrects them for days after, and records those that are new or differ. nap is
// how it waits where Oura asks for it; nil: as the client does by itself.
func (r *rings) fetch(ctx context.Context, c desk.Caller, who study.Subject, nap func(context.Context, time.Duration) error) (took person.Took, err error) {
	err = r.alone(ctx, who, func() error {
		took, err = r.fetchAlone(ctx, c, who, nap)
		return err
	})
	return took, err
}

func (r *rings) fetchAlone(ctx context.Context, c desk.Caller, who study.Subject, nap func(context.Context, time.Duration) error) (person.Took, error) {
	var took person.Took
	kept, ok, err := r.store.Ring(ctx, who)
	if err != nil || !ok {
		return took, orElse(err, fault.New("oura-consent", "", "no ring is connected"))
	}
	var a asked
	r.see(func(s *study.State) { a, err = askedOf(s, who, r.now()) })
	if err != nil {
		return took, err
	}
	if a.left { // nothing more is asked of Oura, and what she allowed is forgotten
		return took, r.store.DropRing(ctx, who)
	}
	w, ok := a.spans["oura"]
	if !ok || w.last.Before(w.first) || w.last.Add(oura.Trailing).Before(civil.DateOf(kept.Fetched)) {
		return took, nil // not yet, or not any more
	}
	client, err := r.client(ctx, &kept)
	if err != nil {
		return took, err
	}
	client.Sleep = nap
	from, to := w.first, w.last
	if late := to.Add(-oura.Trailing); !kept.Fetched.IsZero() {
		if last := civil.DateOf(kept.Fetched).Add(-oura.Trailing); last.Before(late) {
			late = last
		}
		if from.Before(late) {
			from = late
		}
	}
	raw, err := documents(ctx, client, from, to)
	if err == nil {
		err = r.take(ctx, c, who, a, raw, &took)
	}
	if fault.CodeOf(err) == "oura-refused" {
		kept.Ended = r.now()
	} else if err == nil {
		kept.Fetched, kept.Ended = r.now(), time.Time{}
	}
	// The caller may have gone, and what was renewed must be kept all the same.
	if kerr := r.keep(context.WithoutCancel(ctx), kept, client.Token); err == nil {
		err = kerr
	}
	return took, err
}

// client opens what a person allowed.
func (r *rings) client(ctx context.Context, kept *people.Ring) (*oura.Client, error) {
	text, ok, err := r.vault.Open(ctx, kept.Subject, kept.Sealed)
	if err == nil && !ok {
		err = fault.New("person-erased", "", "what she allowed was erased with her key")
	}
	if err != nil {
		return nil, err
	}
	var t oura.Token
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return nil, fault.Wrap("oura-token", "", err)
	}
	t.ClientID, t.Secret = r.flags.Client, r.flags.Secret
	return &oura.Client{
		Base: r.flags.base, TokenURL: r.flags.token, Token: t, Now: r.now,
		Renewed: func(t oura.Token) error { return r.keep(context.WithoutCancel(ctx), *kept, t) },
	}, nil
}

// documents fetches every route and gives one file of them.
func documents(ctx context.Context, client *oura.Client, from, to civil.Date) ([]byte, error) {
	all := map[string][]json.RawMessage{}
	for _, route := range oura.Routes {
		docs, err := client.Fetch(ctx, route, from, to)
		if err != nil {
			return nil, err
		}
		all[route] = docs
	}
	return json.Marshal(all)
}

// take reads what came and records it.
func (r *rings) take(ctx context.Context, c desk.Caller, who study.Subject, a asked, raw []byte, took *person.Took) error {
	reader := bytes.NewReader(raw)
	files, err := filesIn(reader, int64(len(raw)), "oura.json")
	if err != nil {
		return err
	}
	found, err := readFound(files, a.zone)
	if fault.CodeOf(err) == "device-unknown" || len(found) == 0 {
		return nil // Oura has nothing yet
	}
	if err != nil {
		return err
	}
	nights := a.news(a.wanted(found, took), took)
	if len(nights) == 0 {
		return nil
	}
	stored, err := r.door.PutFile(ctx, c, who, "oura.json", bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return a.give(ctx, r.door, c, who, nights, stored, took)
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
