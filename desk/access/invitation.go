package access

import (
	"context"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// Invitation lets people screen themselves at a site, by a link or a short code,
// until it expires, is revoked, or as many as it is for have done so.
type Invitation struct {
	ID       string
	Hash     string // of its link's token
	CodeHash string // of its short code
	Site     string
	Lang     string
	Note     string // where it hangs or to whom it went, in the staff's words
	By       string
	Made     time.Time
	Expires  time.Time
	Revoked  time.Time
	Most     int             // people it is for
	Used     int             // those whose answers came
	Came     []study.Subject // their codes, in the order in which they came
}

// Open says whether somebody can come in by it.
func (i Invitation) Open(now time.Time) bool {
	return i.Revoked.IsZero() && now.Before(i.Expires) && i.Used < i.Most
}

// Arrival is a visit by an invitation: a session of somebody without a code.
type Arrival struct {
	Session    string // its public number
	Invitation string
	At         time.Time
	Taken      time.Time // when her answers were on their way; a place is hers from then on
	Subject    study.Subject
	Device     string // hash of the mark of the browser in which she answered
}

// Asked is what an invitation is to be.
type Asked struct {
	Site, Lang, Note string
	Most, Days       int
}

// Bounds of an invitation.
const (
	mostInvited  = 1000
	longestDays  = 366
	longestWords = 120
)

// Screening takes the answers of somebody who has no code yet: the desk.Office.
type Screening interface {
	ScreenOneself(ctx context.Context, c desk.Caller, answers protocol.Answers, key string) (study.Subject, error)
}

// InviteToScreen makes an invitation that is open to whoever has it. Its link and
// code are told once.
func (s *Service) InviteToScreen(ctx context.Context, by desk.Caller, a Asked) (Handed, error) {
	if _, err := s.Door.Allow(by, "invite-to-screen", "", a.Site); err != nil {
		return Handed{}, err
	}
	if err := a.check(); err != nil {
		return Handed{}, err
	}
	code, err := s.code()
	if err != nil {
		return Handed{}, err
	}
	token, err := s.token()
	if err != nil {
		return Handed{}, err
	}
	now := s.Now()
	i := Invitation{
		Hash: hashOf(token), CodeHash: hashOf(plainCode(code)), Site: a.Site, Lang: a.Lang, Note: strings.TrimSpace(a.Note), By: by.Account,
		Made: now, Expires: now.AddDate(0, 0, a.Days), Most: a.Most,
	}
	if i.ID, err = s.number(); err != nil {
		return Handed{}, err
	}
	err = s.Store.Write(ctx, func(w Writer) error {
		if err := w.PutInvitation(ctx, i); err != nil {
			return err
		}
		return s.log(ctx, w, by, LogInvited, "", "to screen oneself at "+i.Site+" "+i.ID)
	})
	return Handed{ID: i.ID, URL: s.URL("/me/join/" + token), Code: code, Expires: i.Expires}, err
}

func (a Asked) check() error {
	var l fault.List
	if a.Site == "" {
		l.Addf("invitation", "site", "no site is named")
	}
	if a.Lang != "en" && a.Lang != "sv" {
		l.Addf("invitation", "lang", "is written in en or sv")
	}
	if a.Most < 1 || a.Most > mostInvited {
		l.Addf("invitation", "most", "is for 1 to %d people", mostInvited)
	}
	if a.Days < 1 || a.Days > longestDays {
		l.Addf("invitation", "days", "is open for 1 to %d days", longestDays)
	}
	if len([]rune(a.Note)) > longestWords {
		l.Addf("invitation", "note", "is longer than %d letters", longestWords)
	}
	return l.Err()
}

// Invitations lists those of the sites that a caller may see, the newest first.
func (s *Service) Invitations(ctx context.Context, by desk.Caller) ([]Invitation, error) {
	all, err := s.Store.Invitations(ctx)
	if err != nil {
		return nil, err
	}
	var out []Invitation
	for _, i := range all {
		if _, err := s.Door.Allow(by, "see-invitations", "", i.Site); err != nil {
			continue
		}
		i.Hash, i.CodeHash = "", "" // nobody needs them
		out = append(out, i)
	}
	return out, nil
}

// RevokeInvitation closes an invitation. Whoever came by it and has not sent her
// answers is let out; those who have stay in the trial.
func (s *Service) RevokeInvitation(ctx context.Context, by desk.Caller, id string) error {
	return s.Store.Write(ctx, func(w Writer) error {
		i, ok, err := w.Invitation(ctx, id)
		if err != nil {
			return err
		}
		if _, err := s.Door.Allow(by, "invite-to-screen", "", i.Site); err != nil || !ok {
			return fault.New(desk.CodeForbidden, "invite-to-screen", "this is not for your role")
		}
		if was, err := w.RevokeInvitation(ctx, id, s.Now()); err != nil || !was {
			return err
		}
		return s.log(ctx, w, by, LogRevoked, "", "to screen oneself at "+i.Site+" "+i.ID)
	})
}

// arrive begins the session of somebody who has an invitation and no code.
func (s *Service) arrive(ctx context.Context, w Writer, secret string, v Visit) (Started, error) {
	i, ok, err := w.InvitationBy(ctx, hashOf(secret))
	if err != nil {
		return Started{}, err
	}
	if !ok || !i.Open(s.Now()) || s.Screening == nil {
		return Started{}, denied()
	}
	if err := s.endToken(ctx, w, v.Token); err != nil {
		return Started{}, err
	}
	out, err := s.newSession("", v, MethodScreening)
	if err != nil {
		return Started{}, err
	}
	out.Account, out.Role, out.Site = "invited-"+out.ID, study.RoleParticipant, i.Site
	if err := w.PutSession(ctx, out.Session); err != nil {
		return Started{}, err
	}
	if err := w.PutArrival(ctx, Arrival{Session: out.ID, Invitation: i.ID, At: out.Started}); err != nil {
		return Started{}, err
	}
	return out, s.log(ctx, w, desk.Caller{Account: out.Account, From: v.From}, LogSignedIn, out.Account, MethodScreening+" "+i.ID)
}

// invitedCaller is who somebody is that came by an invitation: nobody any more
// when it has been closed.
func (s *Service) invitedCaller(ctx context.Context, sess Session, now time.Time) (desk.Caller, error) {
	a, ok, err := s.Store.ArrivalOf(ctx, sess.ID)
	if err != nil || !ok || now.Sub(sess.Seen) > screeningLasting.Idle || now.Sub(sess.Started) > screeningLasting.Most {
		return desk.Caller{}, err
	}
	i, ok, err := s.Store.Invitation(ctx, a.Invitation)
	if err != nil || !ok || !i.Open(now) && a.Taken.IsZero() {
		return desk.Caller{}, err
	}
	return desk.Caller{
		Account: sess.Account, Session: sess.ID, Method: MethodScreening, Lang: i.Lang,
		Grants: []desk.Grant{{Role: study.RoleParticipant, Site: sess.Site}},
	}, nil
}
