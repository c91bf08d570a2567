package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/study"
)

// Account is somebody who can sign in, as administrators see it. Participants'
// have a code and nothing else.
type Account struct {
	ID       string  `json:"id"`
	Name     string  `json:"name,omitempty"`
	Mail     string  `json:"mail,omitempty"`
	Subject  string  `json:"subject,omitempty"`
	Lang     string  `json:"lang,omitempty"`
	Created  string  `json:"created"`
	By       string  `json:"by"`
	Closed   string  `json:"closed,omitempty"`
	Roles    []Grant `json:"roles" nullable:"false"`
	Passkeys int     `json:"passkeys"`
}

// Grant is a role at a site, or at all of them.
type Grant struct {
	Role string `json:"role"`
	Site string `json:"site,omitempty" doc:"left out: every site"`
}

func (g Grant) desk() desk.Grant { return desk.Grant{Role: study.Role(g.Role), Site: g.Site} }

func accountOf(v access.AccountView) Account {
	out := Account{
		ID: v.ID, Name: v.Name, Mail: v.Mail, Subject: string(v.Subject), Lang: v.Lang, Created: stampOf(v.Created), By: v.By,
		Closed: stampOf(v.Closed), Passkeys: v.Passkeys, Roles: []Grant{},
	}
	for _, r := range v.Roles {
		out.Roles = append(out.Roles, Grant{string(r.Role), r.Site})
	}
	return out
}

// OfAccount names an account. It is exported because the framework reads no
// fields of a type that is not.
type OfAccount struct {
	Account string `path:"account"`
}

// The framework does not look into an embedded type that is not exported: the
// account stands in each.
type granting struct {
	OfAccount
	Body struct {
		Grant
		Reason string `json:"reason"`
	}
}

type closing struct {
	OfAccount
	Body struct {
		Reason string `json:"reason"`
	}
}

// Handed is a fresh way in, told once.
type Handed struct {
	URL     string `json:"url"`
	Code    string `json:"code,omitempty" doc:"to be typed, of an invitation"`
	Expires string `json:"expires"`
}

type handedOut struct{ Body Handed }

func handed(h access.Handed) *handedOut {
	return &handedOut{Handed{h.URL, h.Code, stampOf(h.Expires)}}
}

// Accounts is a page of accounts.
type Accounts struct {
	Accounts []Account `json:"accounts" nullable:"false"`
	Further
}

// LogLine is a line of the access log.
type LogLine struct {
	Seq     int64  `json:"seq"`
	At      string `json:"at"`
	Actor   string `json:"actor,omitempty"`
	From    string `json:"from,omitempty"`
	What    string `json:"what"`
	Account string `json:"account,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Hash    string `json:"hash" doc:"of this line and all before it"`
}

// Log is a page of the access log.
type Log struct {
	Entries []LogLine `json:"entries" nullable:"false"`
	Next    *int64    `json:"next,omitempty" doc:"where the next page begins"`
}

// accounts gives what administrators do, and the access log.
func (s *server) accounts(api huma.API) {
	const post, get = http.MethodPost, http.MethodGet
	huma.Register(api, done("see-accounts", "see-accounts", get, "/accounts", "Who can sign in, and in which roles"),
		func(ctx context.Context, in *struct{ Page }) (*listOut[Accounts], error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*listOut[Accounts], error) {
				list, err := a.Accounts(ctx, c)
				if err != nil {
					return nil, err
				}
				part, next, err := paged(list, in.Page, func(v access.AccountView) string { return v.ID })
				out := Accounts{[]Account{}, Further{next}}
				for _, v := range part {
					out.Accounts = append(out.Accounts, accountOf(v))
				}
				return listed(ctx, next, out), err
			})
		})
	huma.Register(api, done("manage-accounts", "add-account", post, "/accounts", "Make an account for a member of staff"),
		func(ctx context.Context, in *struct {
			Body struct {
				ID   string `json:"id" maxLength:"100"`
				Name string `json:"name" maxLength:"200" doc:"as it is printed beside a signature"`
				Mail string `json:"mail" maxLength:"300"`
				Lang string `json:"lang,omitempty" enum:"en,sv" doc:"left out: pages are in the browser's language, letters in the trial's"`
			}
		},
		) (*struct{ Body Account }, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*struct{ Body Account }, error) {
				made, err := a.AddAccount(ctx, c, access.Account{ID: in.Body.ID, Name: in.Body.Name, Mail: in.Body.Mail, Lang: in.Body.Lang})
				return &struct{ Body Account }{accountOf(access.AccountView{Account: made})}, err
			})
		})
	huma.Register(api, done("manage-accounts", "give-role", post, "/accounts/{account}/roles", "Give a role"),
		func(ctx context.Context, in *granting) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.GiveRole(ctx, c, in.Account, in.Body.desk(), in.Body.Reason)
			})
		})
	huma.Register(api, done("manage-accounts", "revoke-role", post, "/accounts/{account}/roles/revoke", "Take a role away"),
		func(ctx context.Context, in *granting) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.RevokeRole(ctx, c, in.Account, in.Body.desk(), in.Body.Reason)
			})
		})
	huma.Register(api, done("manage-accounts", "close-account", post, "/accounts/{account}/close", "Shut an account; its sessions end"),
		func(ctx context.Context, in *closing) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.CloseAccount(ctx, c, in.Account, in.Body.Reason)
			})
		})
	huma.Register(api, done("manage-accounts", "end-sessions", post, "/accounts/{account}/end-sessions", "End all sessions of an account"),
		func(ctx context.Context, in *closing) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.EndAllOf(ctx, c, in.Account, in.Body.Reason)
			})
		})
	s.waysIn(api)
}

// waysIn gives links and invitations that are handed over, and the log.
func (s *server) waysIn(api huma.API) {
	huma.Register(api, done("manage-accounts", "make-link", http.MethodPost, "/accounts/{account}/link", "A one-use link to hand over, told once"),
		func(ctx context.Context, in *OfAccount) (*handedOut, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*handedOut, error) {
				h, err := a.LinkFor(ctx, c, in.Account)
				return handed(h), err
			})
		})
	huma.Register(api, done("invite", "invite", http.MethodPost, "/participants/{subject}/invitation", "A participant's way in, told once"),
		func(ctx context.Context, in *struct {
			Subject string `path:"subject"`
			Body    struct {
				Lang string `json:"lang" enum:"en,sv"`
			}
		},
		) (*handedOut, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*handedOut, error) {
				h, err := a.Invite(ctx, c, study.Subject(in.Subject), in.Body.Lang)
				return handed(h), err
			})
		})
	huma.Register(api, done("invite", "mail-invitation", http.MethodPost, "/participants/{subject}/invitation/mail", "A participant's way in, mailed to her own address and shown to nobody"),
		func(ctx context.Context, in *struct {
			Subject string `path:"subject"`
			Body    struct {
				Lang string `json:"lang" enum:"en,sv"`
			}
		},
		) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.MailInvitation(ctx, c, study.Subject(in.Subject), in.Body.Lang)
			})
		})
	huma.Register(api, done("see-access-log", "see-access-log", http.MethodGet, "/access-log", "Accounts, roles and sign-ins: a log that is a chain"),
		func(ctx context.Context, in *struct {
			From  int64 `query:"from" minimum:"1" default:"1"`
			Limit int64 `query:"limit" minimum:"1" maximum:"1000" default:"100"`
		},
		) (*listOut[Log], error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*listOut[Log], error) {
				list, err := a.AccessLog(ctx, c, in.From, in.Limit+1)
				out := &listOut[Log]{Body: Log{Entries: []LogLine{}}}
				for i, e := range list {
					if int64(i) == in.Limit {
						out.Body.Next, out.Link = &list[i].Seq, linkTo(ctx, "from", strconv.FormatInt(e.Seq, 10))
						break
					}
					out.Body.Entries = append(out.Body.Entries, LogLine{e.Seq, stampOf(e.At), e.Actor, e.From, e.What, e.Account, e.Detail, e.Hash})
				}
				return out, err
			})
		})
}
