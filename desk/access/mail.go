package access

import (
	"context"
	"strings"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// RequestLink sends a sign-in link to whoever has this address or code, if there
// is such an account. The answer is the same, and as quick, if there is none.
func (s *Service) RequestLink(ctx context.Context, v Visit, who string) error {
	if s.Post == nil {
		return noPost()
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
		if err := s.requested(ctx, who); err != nil {
			s.Log.Error("a sign-in link was not sent", "err", err)
		}
	})
	return nil
}

func noPost() error {
	return fault.New("no-post", "", "this server sends no mail").WithHint("staff can hand over a link or a code")
}

// requested orders the link of whoever has an address or a code.
func (s *Service) requested(ctx context.Context, who string) error {
	a, ok, err := s.Store.AccountByMail(ctx, strings.ToLower(who))
	if err == nil && !ok {
		a, ok, err = s.Store.Account(ctx, strings.ToUpper(who)) // a participant's code
		ok = ok && a.Subject != ""
	}
	if err != nil || !ok || !a.Closed.IsZero() {
		return err
	}
	return s.order(ctx, LinkOrder{Account: a.ID, Subject: a.Subject, Purpose: ForSignIn})
}

// MailInvitation has a participant's way in mailed to her own address. It is
// shown to nobody.
func (s *Service) MailInvitation(ctx context.Context, by desk.Caller, who study.Subject, lang string) error {
	if _, err := s.Door.Allow(by, "invite", who, ""); err != nil {
		return err
	}
	if s.Post == nil {
		return noPost()
	}
	switch there, err := s.Post.Reaches(ctx, Account{ID: string(who), Subject: who}); {
	case err != nil:
		return err
	case !there:
		return fault.New("no-address", string(who), "no address of hers is known").WithHint("note it under who this is, or hand over an invitation")
	}
	if err := s.limit(ctx, "invite:"+string(who), askBucket); err != nil {
		return err
	}
	if lang != "sv" {
		lang = "en"
	}
	return s.order(ctx, LinkOrder{Account: string(who), Subject: who, Purpose: ForInvitation, Lang: lang, By: by.Account})
}

func (s *Service) order(ctx context.Context, o LinkOrder) error {
	if s.Later != nil {
		return s.Later(ctx, o)
	}
	return s.MailLink(ctx, o)
}

// MailLink makes a link that was ordered, in place of those that the account has,
// and sends it. Nothing is sent to an account that was closed since.
func (s *Service) MailLink(ctx context.Context, o LinkOrder) error {
	if s.Post == nil {
		return noPost()
	}
	a, ok, err := s.Store.Account(ctx, o.Account)
	if err != nil || ok && !a.Closed.IsZero() {
		return err
	}
	l := Link{Purpose: o.Purpose, Account: o.Account, Subject: o.Subject, Lang: o.Lang}
	switch {
	case o.Purpose == ForInvitation && o.Subject != "":
		if !ok {
			a = Account{ID: o.Account, Subject: o.Subject, Lang: o.Lang}
		}
		h, l, err := s.make(ctx, desk.Caller{Account: o.By, From: "job"}, l, invitationLasts, LogInvited)
		if err != nil {
			return err
		}
		return s.Post.SendLink(ctx, a, l, h.URL)
	case o.Purpose != ForSignIn || !ok:
		return nil
	}
	l.Subject, l.Lang = a.Subject, s.letters(a)
	h, l, err := s.make(ctx, desk.Caller{Account: a.ID, From: "job"}, l, signInLasts, LogLinkMade)
	if err != nil {
		return err
	}
	return s.Post.SendLink(ctx, a, l, h.URL)
}
