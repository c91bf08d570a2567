package main

import (
	"context"
	"strconv"
	"time"

	"dvala/desk/access"
	"dvala/fault"
	"dvala/identity"
	"dvala/jobs"
	"dvala/notify"
)

// post mails one-use links. A link is asked for in a job that names an account
// and nothing else; whichever process takes it up makes the link, mails it and
// forgets it, so that none lies anywhere on the way.
type post struct {
	mail   letterBox
	vault  *identity.Vault
	access *access.Service
	queue  *jobs.Queue // once it works
}

var _ access.Post = (*post)(nil)

// address gives where somebody's mail goes: a participant's is in the vault,
// under her own key.
func (p *post) address(ctx context.Context, a access.Account) (string, error) {
	if a.Subject == "" {
		return a.Mail, nil
	}
	who, _, err := p.vault.Get(ctx, a.Subject)
	return who.Mail, err
}

// Reaches says whether there is such an address.
func (p *post) Reaches(ctx context.Context, a access.Account) (bool, error) {
	to, err := p.address(ctx, a)
	return to != "", err
}

// SendLink mails a link. Who has no address gets none.
func (p *post) SendLink(ctx context.Context, a access.Account, l access.Link, url string) error {
	to, err := p.address(ctx, a)
	if err != nil || to == "" {
		return err
	}
	lasts := l.Expires.Sub(l.Made)
	if l.Purpose == access.ForInvitation {
		return p.mail.Send(ctx, to, notify.InvitationLetter(l.Lang, url, lasts))
	}
	return p.mail.Send(ctx, to, notify.SignInLetter(l.Lang, url, lasts))
}

// later asks for a link to be mailed.
func (p *post) later(ctx context.Context, o access.LinkOrder) error {
	_, err := p.queue.Enqueue(ctx, jobs.Mail{
		Message: "link " + strconv.FormatInt(time.Now().UnixNano(), 36), Account: o.Account, Subject: o.Subject, Purpose: string(o.Purpose), Lang: o.Lang, By: o.By,
	})
	return err
}

// What was asked for longer ago than this is not mailed any more: whoever waited
// for a link has asked again.
const mailedWithin = time.Hour

// send mails what a job asks for. Each try makes a link of its own, and the
// newest is the one that works.
func (p *post) send(ctx context.Context, r jobs.Run[jobs.Mail]) error {
	if time.Since(r.Made) > mailedWithin {
		return jobs.GiveUp(fault.New("mail-late", "", "the mail server did not take it for an hour"))
	}
	return p.access.MailLink(ctx, access.LinkOrder{
		Account: r.Args.Account, Subject: r.Args.Subject, Purpose: access.Purpose(r.Args.Purpose), Lang: r.Args.Lang, By: r.Args.By,
	})
}
