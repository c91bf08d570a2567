package access

import (
	"context"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Purpose is what a link is for.
type Purpose string

// Purposes of links.
const (
	ForSignIn     Purpose = "sign-in"    // an account's owner asked for it, or staff handed it over
	ForInvitation Purpose = "invitation" // a participant's first way in
)

// How long a link works.
const (
	signInLasts     = 15 * time.Minute
	invitationLasts = 14 * 24 * time.Hour
)

// Link is a way in that works once. GET on it shows a button and changes
// nothing (mail programs fetch what they are sent); POST uses it up.
type Link struct {
	ID       string
	Hash     string // of its token
	CodeHash string // of its short code; invitations have one
	Purpose  Purpose
	Account  string
	Subject  study.Subject // of an invitation
	Lang     string
	By       string
	Made     time.Time
	Expires  time.Time
	Used     time.Time // or voided
}

// Handed is a fresh link, told once.
type Handed struct {
	ID      string // public, of an invitation to screen oneself
	URL     string
	Code    string // to be typed, of an invitation
	Expires time.Time
}

// Invite makes a participant's way in: a link, and a code for the same. It works
// once, and an earlier one that was not used stops working.
func (s *Service) Invite(ctx context.Context, by desk.Caller, who study.Subject, lang string) (Handed, error) {
	if _, err := s.Door.Allow(by, "invite", who, ""); err != nil {
		return Handed{}, err
	}
	if lang != "sv" {
		lang = "en"
	}
	code, err := s.code()
	if err != nil {
		return Handed{}, err
	}
	l := Link{CodeHash: hashOf(plainCode(code)), Purpose: ForInvitation, Account: string(who), Subject: who, Lang: lang}
	h, err := s.hand(ctx, by, l, invitationLasts, LogInvited)
	h.Code = code
	return h, err
}

// LinkFor makes a one-use link for an account of staff, which an administrator
// hands over: the first way in, or the way back for someone who lost her key.
func (s *Service) LinkFor(ctx context.Context, by desk.Caller, account string) (Handed, error) {
	if err := s.over(ctx, s.Store, by, account); err != nil {
		return Handed{}, err
	}
	a, ok, err := s.Store.Account(ctx, account)
	if err != nil {
		return Handed{}, err
	}
	if !ok || !a.Closed.IsZero() || a.Subject != "" {
		return Handed{}, fault.New(CodeAccount, account, "there is no such open account of staff")
	}
	return s.hand(ctx, by, Link{Purpose: ForSignIn, Account: a.ID}, signInLasts, LogLinkMade)
}

// hand makes a link, in place of those that the account has.
func (s *Service) hand(ctx context.Context, by desk.Caller, l Link, lasts time.Duration, what string) (Handed, error) {
	h, _, err := s.make(ctx, by, l, lasts, what)
	return h, err
}

func (s *Service) make(ctx context.Context, by desk.Caller, l Link, lasts time.Duration, what string) (Handed, Link, error) {
	token, err := s.token()
	if err != nil {
		return Handed{}, l, err
	}
	if l.ID, err = s.number(); err != nil {
		return Handed{}, l, err
	}
	l.Hash, l.By, l.Made = hashOf(token), by.Account, s.Now()
	l.Expires = l.Made.Add(lasts)
	err = s.Store.Write(ctx, func(w Writer) error {
		if err := w.VoidLinks(ctx, l.Account, l.Purpose, l.Made); err != nil {
			return err
		}
		if err := w.PutLink(ctx, l); err != nil {
			return err
		}
		return s.log(ctx, w, by, what, l.Account, string(l.Purpose)+" "+l.ID)
	})
	page := "/sign-in/link/"
	if l.Purpose == ForInvitation {
		page = "/me/join/" // the participant's side, in her language and for her telephone
	}
	return Handed{URL: s.URL(page + token), Expires: l.Expires}, l, err
}

// Redeem uses a link's token or an invitation's code up, and begins a session. A
// participant's account begins with her invitation; whoever was invited to screen
// herself has none until she has answered.
func (s *Service) Redeem(ctx context.Context, v Visit, tokenOrCode string) (Started, error) {
	if err := s.limit(ctx, "redeem:"+v.Addr, redeemBucket); err != nil {
		return Started{}, err
	}
	if err := s.notLocked(ctx, "redeem:"+v.Addr); err != nil {
		return Started{}, err
	}
	secret := strings.TrimSpace(tokenOrCode)
	if len(secret) < 30 {
		secret = plainCode(secret)
	}
	var out Started
	err := s.Store.Write(ctx, func(w Writer) error {
		l, ok, err := w.TakeLink(ctx, hashOf(secret), s.Now())
		if err != nil {
			return err
		}
		if !ok {
			if out, err = s.arrive(ctx, w, secret, v); err != nil {
				return err
			}
			return w.Clear(ctx, hashOf("redeem:"+v.Addr))
		}
		a, err := s.accountOf(ctx, w, l)
		if err != nil {
			return err
		}
		method := MethodLink
		if l.Purpose == ForInvitation {
			method = MethodInvitation
		}
		if out, err = s.start(ctx, w, a, v, method); err != nil {
			return err
		}
		return w.Clear(ctx, hashOf("redeem:"+v.Addr))
	})
	if fault.CodeOf(err) == CodeDenied {
		s.failed(ctx, "redeem:"+v.Addr, v)
	}
	return out, err
}

func (s *Service) accountOf(ctx context.Context, w Writer, l Link) (Account, error) {
	a, ok, err := w.Account(ctx, l.Account)
	if err != nil || ok {
		return a, err
	}
	if l.Purpose != ForInvitation {
		return Account{}, denied()
	}
	a = Account{ID: l.Account, Subject: l.Subject, Lang: l.Lang, Created: s.Now(), By: l.By}
	if err := w.PutAccount(ctx, a); err != nil {
		return Account{}, err
	}
	return a, s.log(ctx, w, desk.Caller{Account: l.By}, LogAccountAdded, a.ID, "by invitation")
}
