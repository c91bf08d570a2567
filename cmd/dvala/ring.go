package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"sync"
	"time"

	"dvala/cloud/oura"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/identity"
	"dvala/jobs"
	"dvala/store/people"
	"dvala/study"
	"dvala/ui/person"
)

// OuraFlags are what this server is known by at Oura.
type OuraFlags struct {
	Client string `env:"DVALA_OURA_CLIENT" placeholder:"ID" help:"Let participants connect their rings: this server's client ID at Oura. Its redirect address there is ORIGIN/me/ring/back."`
	Secret string `env:"DVALA_OURA_SECRET" placeholder:"SECRET" help:"Its secret there; better given as DVALA_OURA_SECRET."`
	Hook   string `env:"DVALA_OURA_HOOK" placeholder:"WORD" help:"Let Oura tell of new nights at ORIGIN/hooks/oura, which must be reached over https: a long word of your own, by which it knows that it is this server."`

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

	across func(ctx context.Context, name string, do func() error) error // alone among all processes; nil: there is one
	queue  *jobs.Queue                                                   // once it works
	free   chan struct{}                                                 // how many ask Oura at a time

	mu     sync.Mutex
	people map[study.Subject]*sync.Mutex // a refresh token works once
	until  time.Time                     // Oura asked this process not to come before
}

// atOnce is how many of a process ask Oura at a time.
const atOnce = 6

func newRings(d *servedDesk, door nightDoor, see func(func(*study.State)), vault *identity.Vault) *rings {
	return &rings{
		door: door, see: see, vault: vault, store: d.people.Store, flags: d.oura, origin: d.origin, random: rand.Reader, now: d.now,
		people: map[study.Subject]*sync.Mutex{}, free: make(chan struct{}, atOnce),
	}
}

func (r *rings) app() oura.App {
	return oura.App{ID: r.flags.Client, Secret: r.flags.Secret, AuthorizeURL: r.flags.authorize, TokenURL: r.flags.token}
}

// ready says whether this server is known to Oura, and can keep what it is
// allowed.
func (r *rings) ready() bool { return r.flags.Client != "" && r.vault != nil }

// alone does something with a person's token while nobody else does, in this
// process or another.
func (r *rings) alone(ctx context.Context, who study.Subject, do func() error) error {
	r.mu.Lock()
	m, ok := r.people[who]
	if !ok {
		m = &sync.Mutex{}
		r.people[who] = m
	}
	r.mu.Unlock()
	m.Lock()
	defer m.Unlock()
	select {
	case r.free <- struct{}{}:
		defer func() { <-r.free }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if r.across == nil {
		return do()
	}
	return r.across(ctx, "ring/"+string(who), do)
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

// Begin sends a person to Oura's page. What her answer is held against lies
// sealed with the sessions: she may come back to another server.
func (r *rings) Begin(ctx context.Context, c desk.Caller) (string, error) {
	if !r.ready() {
		return "", fault.New("oura-client", "", "this server is not known to Oura")
	}
	a, err := r.app().Ask(r.random, r.origin+"/me/ring/back")
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	sealed, err := r.vault.Seal(ctx, c.Subject, "oura-ask "+a.State, string(raw))
	if err != nil {
		return "", err
	}
	return a.Page, r.store.Write(ctx, func(w access.Writer) error {
		return w.PutCeremony(ctx, ceremonyOf(c, a.State), []byte(sealed), r.now().Add(answerWithin))
	})
}

// ceremonyOf names a consent on its way: that of one person, one session and one
// state, and nobody else's.
func ceremonyOf(c desk.Caller, state string) string {
	sum := sha256.Sum256([]byte("oura\n" + string(c.Subject) + "\n" + c.Session + "\n" + state))
	return hex.EncodeToString(sum[:])
}

// Finish takes an answer, once, of the person and the session that was sent.
func (r *rings) Finish(ctx context.Context, c desk.Caller, state, code, refused string) error {
	var sealed []byte
	var ok bool
	err := r.store.Write(ctx, func(w access.Writer) (err error) {
		sealed, ok, err = w.TakeCeremony(ctx, ceremonyOf(c, state), r.now())
		return err
	})
	var a oura.Asked
	if err == nil && ok {
		var text string
		if text, ok, err = r.vault.Open(ctx, c.Subject, string(sealed)); err == nil && ok {
			err = json.Unmarshal([]byte(text), &a)
		}
	}
	switch {
	case err != nil:
		return err
	case !ok:
		return fault.New("oura-state", "", "the answer is to a question that was not asked here, or not now")
	case code == "":
		return fault.New("oura-declined", "", "Oura answered: %.80q", refused)
	}
	client := &oura.Client{Now: r.now}
	t, err := client.Redeem(ctx, r.app(), a, code)
	if err != nil {
		return err
	}
	return r.alone(ctx, c.Subject, func() error { return r.keep(ctx, people.Ring{Subject: c.Subject, Since: r.now()}, t) })
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
	return r.alone(ctx, who, func() error { return r.store.DropRing(ctx, who) })
}
