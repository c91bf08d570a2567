package desk

import (
	"context"
	"slices"
	"time"

	"dvala/fault"
	"dvala/ledger"
	"dvala/study"
)

// Store is what the office needs of a trial that is stored somewhere.
type Store interface {
	Refresh(ctx context.Context) error // see what was written since, by other processes too
	View(read func(*study.State))
	Entries(ctx context.Context, from, n uint64) ([]ledger.Entry, error)
	Checkpoint() []byte
	PublicKey() ledger.PublicKey
	Blob(sha256 string) ([]byte, error)
	PutBlob(name string, data []byte) (study.File, error)
	// Tell gives one command. When it returns without an error, what happened is
	// on disk.
	Tell(ctx context.Context, cmd study.Command, m study.Meta) (Receipt, error)
}

// Receipt says what became of a command.
type Receipt struct {
	First, N uint64        // the entries it led to: N from First on
	Subject  study.Subject // whom they are about; the new code after a screening
	Facts    []study.Fact  // absent of a repeated command
	Repeated bool          // its key was on the ledger already
	At       time.Time     // when it was written down; zero of a repeated command
}

// Office is the one door to a trial for pages, the API and jobs: every command
// and every question goes through it, with who asks, and what her role may not
// do is refused here and nowhere else.
type Office struct {
	store Store
	now   func() time.Time
	parts Parts
	board board
	low   lowBook
	roll  roll
}

// NewOffice opens the door to a trial.
func NewOffice(store Store, now func() time.Time) *Office { return &Office{store: store, now: now} }

// Now gives the moment by the office's clock.
func (o *Office) Now() time.Time { return o.now() }

// Request is a command on its way, with what its caller may say of it.
type Request struct {
	Cmd     study.Command
	Subject study.Subject // whom it is about; empty where it is about no one with a code
	Zone    string        // where the person was; empty: as the trial knows it
	Reason  string
	Key     string // idempotency key; wanted of every write
	// Made is when it was done by her device's clock, if it waited there; zero: now.
	Made      time.Time
	Read      bool             // of a night: read from the device's file by the program itself
	refiled   bool             // it was held, and Made is as it came then
	Signature *study.Signature // of what is signed; an office with a signer takes its meaning alone
	SignedID  string           // the account's ID as the signer typed it, for the first signature of a session
}

// Do gives a command in the caller's name.
func (o *Office) Do(ctx context.Context, c Caller, r Request) (Receipt, error) {
	if r.Cmd == nil {
		return Receipt{}, fault.New("command-unknown", "", "there is no command")
	}
	if _, is := r.Cmd.(study.NoteKit); is { // the kit may have moved at another server
		if err := o.store.Refresh(ctx); err != nil {
			return Receipt{}, err
		}
	}
	role, err := o.as(c, Action(study.NameOf(r.Cmd)), r.Subject, o.siteOf(r.Cmd))
	if err != nil {
		return Receipt{}, err
	}
	if err := o.namesHers(ctx, r); err != nil {
		return Receipt{}, err
	}
	if r.Signature, err = o.signature(ctx, c, r); err != nil {
		return Receipt{}, err
	}
	if r, err = Privately(ctx, o.parts.Vault, o.store.View, r); err != nil {
		return Receipt{}, err
	}
	got, err := o.tell(ctx, r.Cmd, study.Meta{
		Zone: r.Zone, Actor: c.Account, Role: role, Reason: r.Reason, Key: r.Key, Subject: r.Subject,
		From: c.From, Made: r.Made, Refiled: r.refiled, Read: r.Read, Signature: r.Signature,
	})
	if w, is := r.Cmd.(study.Withdraw); is && err == nil && erases(w.From) {
		err = o.EraseDue(ctx, r.Subject)
	}
	return got, err
}

// signature asks the signer for the signature that a request wants. What was
// done before with the same key is not signed again.
func (o *Office) signature(ctx context.Context, c Caller, r Request) (*study.Signature, error) {
	if r.Signature == nil || o.parts.Signer == nil {
		return r.Signature, nil
	}
	done := false
	o.store.View(func(s *study.State) { _, _, done = s.Done(r.Key) })
	if done && r.Key != "" {
		return nil, nil
	}
	return o.parts.Signer.Signature(ctx, c, r.SignedID, r.Signature.Meaning)
}

// See lets a caller look, if the action is hers: about one person, or about the
// trial when there is none.
func (o *Office) See(ctx context.Context, c Caller, a Action, who study.Subject, look func(*study.State) error) error {
	if err := o.store.Refresh(ctx); err != nil {
		return err
	}
	if _, err := o.as(c, a, who, ""); err != nil {
		return err
	}
	var err error
	o.store.View(func(s *study.State) { err = look(s) })
	return err
}

// May says whether a caller may take an action, for pages that offer only what
// can be done. It asks for no proof. What will name its site or its person by
// itself she may if she may somewhere.
func (o *Office) May(c Caller, a Action, who study.Subject) bool {
	if o.could(c, a, who, "") {
		return true
	}
	rule, ok := RuleOf(a)
	return ok && rule.Named && who == "" && slices.ContainsFunc(c.Grants, func(g Grant) bool { return o.could(c, a, "", g.Site) })
}

func (o *Office) could(c Caller, a Action, who study.Subject, site string) bool {
	_, err := o.as(c, a, who, site)
	return err == nil || fault.CodeOf(err) == CodeStrong
}

// as finds the role for an action. The site is that of the person, or, before
// there is one, that which the command names.
func (o *Office) as(c Caller, a Action, who study.Subject, site string) (study.Role, error) {
	if who != "" {
		at, known := o.siteOfPerson(who)
		if !known { // she may have come in at another server
			ctx, done := context.WithTimeout(context.Background(), lookAgain)
			defer done()
			if err := o.store.Refresh(ctx); err != nil {
				return "", err
			}
			at, known = o.siteOfPerson(who)
		}
		if !known {
			return "", refused(a)
		}
		site = at
	}
	return As(c, a, who, site, o.now())
}

// lookAgain is how long it may take to see what another server has written.
const lookAgain = 10 * time.Second

// siteOfPerson gives the site of a person whom the trial knows.
func (o *Office) siteOfPerson(who study.Subject) (site string, known bool) {
	o.store.View(func(s *study.State) {
		if p, ok := s.People[who]; ok {
			site, known = p.Site, true
		}
	})
	return site, known
}

// siteOf gives the site that a command names by itself.
func (o *Office) siteOf(cmd study.Command) string {
	switch c := cmd.(type) {
	case study.Screen:
		return c.Site
	case study.LogNotScreened:
		return c.Site
	case study.PutAmendmentInForce:
		return c.Site
	case study.ReceiveKits:
		return c.Site
	case study.NoteKit:
		site := ""
		o.store.View(func(s *study.State) { site = s.SiteOfKit(c.Kit) })
		return site
	}
	return ""
}

// Allow gives the role in which a caller may take an action about a person, or
// at a site, or refuses it: the same answer that Do and See are given.
func (o *Office) Allow(c Caller, a Action, who study.Subject, site string) (study.Role, error) {
	return o.as(c, a, who, site)
}
