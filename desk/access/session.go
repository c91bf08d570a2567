package access

import (
	"cmp"
	"context"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Session is one sign-in, of one browser or program.
type Session struct {
	ID      string // public, for lists
	Hash    string // of its token
	Account string
	Role    study.Role // of a session that was chosen and not signed in for; empty otherwise
	Site    string     // its site
	Method  string     // how: passkey, link, invitation, single-sign-on, chosen, token
	Label   string     // what it is, for lists: the browser's kind, or a token's name
	From    string     // class of the address: this machine, private, public
	Started time.Time
	Seen    time.Time
	Ended   time.Time
	Strong  time.Time // last proof of who it is
	Proof   string    // how
	Spent   time.Time // the proof that the last signature used up
	Signed  int       // signatures in it
}

// Lasting is how long sessions last without being used, and at most.
type Lasting struct{ Idle, Most time.Duration }

// A participant comes back every morning for months, from a telephone of her
// own; staff sit at shared desks.
var (
	staffLasting       = Lasting{30 * time.Minute, 12 * time.Hour}
	participantLasting = Lasting{30 * 24 * time.Hour, 180 * 24 * time.Hour}
	tokenLasting       = Lasting{90 * 24 * time.Hour, 365 * 24 * time.Hour}
	screeningLasting   = Lasting{2 * time.Hour, 24 * time.Hour}
)

func lasting(sess Session, a Account) Lasting {
	switch {
	case sess.Method == MethodToken:
		return tokenLasting
	case sess.Method == MethodScreening:
		return screeningLasting
	case a.Subject != "":
		return participantLasting
	}
	return staffLasting
}

// Ways to sign in.
const (
	MethodPasskey    = "passkey"
	MethodLink       = "link"
	MethodInvitation = "invitation"
	MethodSSO        = "single-sign-on"
	MethodChosen     = "chosen"
	MethodToken      = "token"
	MethodScreening  = "screening" // invited to screen herself, and without a code yet
)

// Visit is what is known of a request that signs somebody in.
type Visit struct {
	Token string // of the session that the browser has now; it ends
	Label string // the browser's kind
	From  string // class of its address
	Addr  string // the address itself, for limits only; never stored
	// Device is the mark that the browser got when somebody answered in it who was
	// invited; empty where nobody has.
	Device string
}

// Started is a fresh session and the token that its browser is to hold.
type Started struct {
	Session
	Token  string
	Device string // the browser's mark, where it is to keep one
}

// start begins a session for an account, and ends the one that the browser had:
// a token that somebody knew before the sign-in is worth nothing after it.
func (s *Service) start(ctx context.Context, w Writer, a Account, v Visit, method string) (Started, error) {
	if !a.Closed.IsZero() {
		return Started{}, denied()
	}
	if err := s.endToken(ctx, w, v.Token); err != nil {
		return Started{}, err
	}
	out, err := s.newSession(a.ID, v, method)
	if err != nil {
		return Started{}, err
	}
	if method == MethodPasskey || method == MethodSSO {
		out.Strong, out.Proof = out.Started, method
	}
	if err := w.PutSession(ctx, out.Session); err != nil {
		return Started{}, err
	}
	return out, s.log(ctx, w, desk.Caller{Account: a.ID, From: v.From}, LogSignedIn, a.ID, method)
}

func (s *Service) newSession(account string, v Visit, method string) (Started, error) {
	token, err := s.token()
	if err != nil {
		return Started{}, err
	}
	id, err := s.number()
	if err != nil {
		return Started{}, err
	}
	now := s.Now()
	return Started{Token: token, Session: Session{
		ID: id, Hash: hashOf(token), Account: account, Method: method, Label: clip(v.Label, 60), From: v.From, Started: now, Seen: now,
	}}, nil
}

func (s *Service) endToken(ctx context.Context, w Writer, token string) error {
	if token == "" {
		return nil
	}
	old, ok, err := w.Session(ctx, hashOf(token))
	if err != nil || !ok {
		return err
	}
	_, err = w.EndSession(ctx, old.Account, old.ID, s.Now())
	return err
}

// seenEvery is how often a session's last use is written down.
const seenEvery = time.Minute

// Resolve gives the caller whose token this is; nobody where it is of no session
// in force. That the session was used is written down.
func (s *Service) Resolve(ctx context.Context, token string) (desk.Caller, error) {
	return s.resolve(ctx, token, true)
}

// Still gives the caller whose token this is, as she stands now, for an answer
// that goes on for long: a page that is left open is no use of the session, and
// does not make it last.
func (s *Service) Still(ctx context.Context, token string) (desk.Caller, error) {
	return s.resolve(ctx, token, false)
}

func (s *Service) resolve(ctx context.Context, token string, touch bool) (desk.Caller, error) {
	if token == "" {
		return desk.Caller{}, nil
	}
	sess, ok, err := s.Store.Session(ctx, hashOf(token))
	if err != nil || !ok || !sess.Ended.IsZero() {
		return desk.Caller{}, err
	}
	now := s.Now()
	if sess.Method == MethodChosen {
		if !s.Chooser {
			return desk.Caller{}, nil
		}
		return chosenCaller(sess, now), nil
	}
	if sess.Method == MethodScreening {
		return s.invitedCaller(ctx, sess, now)
	}
	a, ok, err := s.Store.Account(ctx, sess.Account)
	if err != nil || !ok || !a.Closed.IsZero() {
		return desk.Caller{}, err
	}
	if l := lasting(sess, a); now.Sub(sess.Seen) > l.Idle || now.Sub(sess.Started) > l.Most {
		return desk.Caller{}, nil
	}
	roles, err := s.Store.Roles(ctx, a.ID)
	if err != nil {
		return desk.Caller{}, err
	}
	if touch && now.Sub(sess.Seen) > seenEvery {
		if err := s.Store.Write(ctx, func(w Writer) error { return w.Touch(ctx, sess.Hash, now) }); err != nil {
			return desk.Caller{}, err
		}
	}
	c := desk.Caller{
		Account: a.ID, Name: a.Name, Grants: granted(roles), Subject: a.Subject, Session: sess.ID, Strong: sess.Strong,
		Method: cmp.Or(sess.Proof, sess.Method), Lang: a.Lang,
	}
	if a.Subject != "" {
		c.Grants = desk.Participant(a.Subject).Grants
	}
	return c, nil
}

// Mine lists the caller's own sessions, the newest first.
func (s *Service) Mine(ctx context.Context, c desk.Caller) ([]Session, error) {
	if err := s.signedIn(c); err != nil {
		return nil, err
	}
	return s.inForce(ctx, c.Account)
}

// SessionsOf lists an account's, for an administrator.
func (s *Service) SessionsOf(ctx context.Context, by desk.Caller, account string) ([]Session, error) {
	if err := s.over(ctx, s.Store, by, account); err != nil {
		return nil, err
	}
	return s.inForce(ctx, account)
}

func (s *Service) inForce(ctx context.Context, account string) ([]Session, error) {
	a, _, err := s.Store.Account(ctx, account)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Sessions(ctx, account)
	var out []Session
	for _, x := range all {
		if l := lasting(x, a); s.Now().Sub(x.Seen) <= l.Idle && s.Now().Sub(x.Started) <= l.Most {
			x.Hash = "" // nobody needs it
			out = append(out, x)
		}
	}
	return out, err
}

// End ends one of the caller's sessions, by its public number.
func (s *Service) End(ctx context.Context, c desk.Caller, id string) error {
	if err := s.signedIn(c); err != nil {
		return err
	}
	return s.Store.Write(ctx, func(w Writer) error {
		was, err := w.EndSession(ctx, c.Account, id, s.Now())
		switch {
		case err != nil:
			return err
		case !was:
			return fault.New("session-unknown", id, "you have no such session")
		}
		return s.log(ctx, w, c, LogSessionEnded, c.Account, id)
	})
}

// EndOthers ends all of the caller's sessions but this one.
func (s *Service) EndOthers(ctx context.Context, c desk.Caller) error {
	if err := s.signedIn(c); err != nil {
		return err
	}
	return s.Store.Write(ctx, func(w Writer) error {
		if err := w.EndSessions(ctx, c.Account, c.Session, s.Now()); err != nil {
			return err
		}
		return s.log(ctx, w, c, LogSessionEnded, c.Account, "all others")
	})
}

// EndAllOf ends all sessions of an account, for an administrator: a telephone is
// lost.
func (s *Service) EndAllOf(ctx context.Context, by desk.Caller, account, reason string) error {
	return s.Store.Write(ctx, func(w Writer) error {
		if err := s.over(ctx, w, by, account); err != nil {
			return err
		}
		if err := w.EndSessions(ctx, account, "", s.Now()); err != nil {
			return err
		}
		return s.log(ctx, w, by, LogSessionEnded, account, "all: "+reason)
	})
}

// SignOut ends the session of this request.
func (s *Service) SignOut(ctx context.Context, c desk.Caller) error {
	if c.Session == "" {
		return nil
	}
	return s.End(ctx, c, c.Session)
}

// IssueToken makes a token for a program of the caller's own, to be sent as
// Authorization: Bearer. It can do what she can, but proves nothing: what asks
// for a proof is refused to it.
func (s *Service) IssueToken(ctx context.Context, c desk.Caller, label string) (Started, error) {
	if err := s.signedIn(c); err != nil {
		return Started{}, err
	}
	if c.Strong.IsZero() || s.Now().Sub(c.Strong) > desk.StrongFor {
		return Started{}, fault.New(desk.CodeStrong, "token", "this needs a fresh proof of who you are")
	}
	out, err := s.newSession(c.Account, Visit{Label: label, From: c.From}, MethodToken)
	if err != nil {
		return Started{}, err
	}
	return out, s.Store.Write(ctx, func(w Writer) error {
		if err := w.PutSession(ctx, out.Session); err != nil {
			return err
		}
		return s.log(ctx, w, c, LogTokenIssued, c.Account, out.ID)
	})
}

func (s *Service) signedIn(c desk.Caller) error {
	if c.Nobody() || c.Session == "" {
		return fault.New(desk.CodeSignIn, "", "sign in first")
	}
	return nil
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) > n {
		r = r[:n]
	}
	return string(r)
}
