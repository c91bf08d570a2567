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
	token, err := s.token()
	if err != nil {
		return Handed{}, err
	}
	if l.ID, err = s.number(); err != nil {
		return Handed{}, err
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
	return Handed{URL: s.URL("/sign-in/link/" + token), Expires: l.Expires}, err
}

// RequestLink sends a sign-in link to whoever has this address or code, if there
// is such an account. The answer is the same, and as quick, if there is none.
func (s *Service) RequestLink(ctx context.Context, v Visit, who string) error {
	if s.Post == nil {
		return fault.New("no-post", "", "this server sends no mail").WithHint("staff can hand over a link or a code")
	}
	who = strings.TrimSpace(who)
	if err := s.limit(ctx, "ask:"+v.Addr, askBucket); err != nil {
		return err
	}
	if err := s.limit(ctx, "ask-for:"+strings.ToLower(who), askBucket); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	s.sending.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if err := s.sendLink(ctx, who); err != nil {
			s.Log.Error("a sign-in link was not sent", "err", err)
		}
	})
	return nil
}

func (s *Service) sendLink(ctx context.Context, who string) error {
	a, ok, err := s.Store.AccountByMail(ctx, strings.ToLower(who))
	if err == nil && !ok {
		a, ok, err = s.Store.Account(ctx, strings.ToUpper(who)) // a participant's code
		ok = ok && a.Subject != ""
	}
	if err != nil || !ok || !a.Closed.IsZero() {
		return err
	}
	h, err := s.hand(ctx, desk.Caller{Account: a.ID}, Link{Purpose: ForSignIn, Account: a.ID, Subject: a.Subject}, signInLasts, LogLinkMade)
	if err != nil {
		return err
	}
	return s.Post.SendLink(ctx, a, h.URL)
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
