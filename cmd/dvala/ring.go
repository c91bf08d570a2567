package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"io"
	"sync"
	"time"

	"dvala/cloud/oura"
	"dvala/desk"
	"dvala/fault"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
	"dvala/ui/person"
)

// OuraFlags are what this server is known by at Oura.
type OuraFlags struct {
	Client string `env:"DVALA_OURA_CLIENT" placeholder:"ID" help:"Let participants connect their rings: this server's client ID at Oura. Its redirect address there is ORIGIN/me/ring/back."`
	Secret string `env:"DVALA_OURA_SECRET" placeholder:"SECRET" help:"Its secret there; better given as DVALA_OURA_SECRET."`

	base, authorize, token string // other than Oura's own, for tests
}

// answerWithin is how long a person may take at Oura's.
const answerWithin = 15 * time.Minute

// rings connects participants' rings. What a person allowed lies sealed under
// her own key, and is gone with it.
type rings struct {
	door   nightDoor
	see    func(func(*study.State))
	vault  *identity.Vault
	store  *people.Store
	flags  OuraFlags
	origin string
	random io.Reader
	now    func() time.Time

	mu     sync.Mutex
	asked  map[study.Subject]awaited
	people map[study.Subject]*sync.Mutex // a refresh token works once
}

// awaited is a consent on its way, of one session.
type awaited struct {
	oura.Asked
	session string
	until   time.Time
}

func newRings(d *servedDesk, door nightDoor, see func(func(*study.State)), vault *identity.Vault) *rings {
	return &rings{
		door: door, see: see, vault: vault, store: d.people.Store, flags: d.oura, origin: d.origin, random: rand.Reader, now: d.now,
		asked: map[study.Subject]awaited{}, people: map[study.Subject]*sync.Mutex{},
	}
}

// connectRings begins to fetch the nights of connected rings, where this server
// is known to Oura.
func (d *servedDesk) connectRings(door nightDoor, vault *identity.Vault) *rings {
	r := newRings(d, door, d.trial.View, vault)
	if !r.ready() {
		return r
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.keepFetching(ctx, func(who study.Subject, err error) {
			d.log.Warn("nights were not fetched", "who", string(who), "code", string(fault.CodeOf(err)))
		})
	}()
	d.fetched = func() { stop(); <-done }
	return r
}

func (r *rings) app() oura.App {
	return oura.App{ID: r.flags.Client, Secret: r.flags.Secret, AuthorizeURL: r.flags.authorize, TokenURL: r.flags.token}
}

// ready says whether this server is known to Oura, and can keep what it is
// allowed.
func (r *rings) ready() bool { return r.flags.Client != "" && r.vault != nil }

// alone keeps everybody else from a person's token for a while.
func (r *rings) alone(who study.Subject) func() {
	r.mu.Lock()
	m, ok := r.people[who]
	if !ok {
		m = &sync.Mutex{}
		r.people[who] = m
	}
	r.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// Link says how a person's ring stands.
func (r *rings) Link(ctx context.Context, who study.Subject) (person.Link, error) {
	l := person.Link{Ready: r.ready(), Automatic: true}
	if !l.Ready {
		return l, nil
	}
	kept, ok, err := r.store.Ring(ctx, who)
	if ok {
		l.Since, l.Last, l.NeedsHer = kept.Since, kept.Fetched, !kept.Ended.IsZero()
	}
	return l, err
}

// Begin sends a person to Oura's page.
func (r *rings) Begin(_ context.Context, c desk.Caller) (string, error) {
	if !r.ready() {
		return "", fault.New("oura-client", "", "this server is not known to Oura")
	}
	a, err := r.app().Ask(r.random, r.origin+"/me/ring/back")
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for who, old := range r.asked {
		if old.until.Before(r.now()) {
			delete(r.asked, who)
		}
	}
	r.asked[c.Subject] = awaited{a, c.Session, r.now().Add(answerWithin)}
	return a.Page, nil
}

// Finish takes an answer, once, of the person and the session that was sent.
func (r *rings) Finish(ctx context.Context, c desk.Caller, state, code, refused string) error {
	r.mu.Lock()
	a, ok := r.asked[c.Subject]
	ok = ok && a.session == c.Session && !a.until.Before(r.now()) && subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) == 1
	if ok {
		delete(r.asked, c.Subject)
	}
	r.mu.Unlock()
	switch {
	case !ok:
		return fault.New("oura-state", "", "the answer is to a question that was not asked here, or not now")
	case code == "":
		return fault.New("oura-declined", "", "Oura answered: %.80q", refused)
	}
	client := &oura.Client{Now: r.now}
	t, err := client.Redeem(ctx, r.app(), a.Asked, code)
	if err != nil {
		return err
	}
	defer r.alone(c.Subject)()
	return r.keep(ctx, people.Ring{Subject: c.Subject, Since: r.now()}, t)
}

// keep seals a token and stores it. What is the server's own is not in it.
func (r *rings) keep(ctx context.Context, k people.Ring, t oura.Token) error {
	t.ClientID, t.Secret = "", ""
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	fresh := make([]byte, 16)
	if _, err := io.ReadFull(r.random, fresh); err != nil {
		return err
	}
	if k.Sealed, err = r.vault.Seal(ctx, k.Subject, "oura-token "+string(fresh), string(raw)); err != nil {
		return err
	}
	return r.store.PutRing(ctx, k)
}

// Disconnect forgets what a person allowed.
func (r *rings) Disconnect(ctx context.Context, who study.Subject) error {
	defer r.alone(who)()
	return r.store.DropRing(ctx, who)
}
