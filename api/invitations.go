package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/protocol"
)

// Invitation lets people screen themselves at a site.
type Invitation struct {
	ID      string   `json:"id"`
	Site    string   `json:"site"`
	Lang    string   `json:"lang"`
	Note    string   `json:"note,omitempty"`
	By      string   `json:"by"`
	Made    string   `json:"made"`
	Expires string   `json:"expires"`
	Revoked string   `json:"revoked,omitempty"`
	Most    int      `json:"most" doc:"people it is for"`
	Used    int      `json:"used" doc:"those whose answers came"`
	Came    []string `json:"came" nullable:"false" doc:"their codes"`
}

// Invitations is a page of invitations.
type Invitations struct {
	Invitations []Invitation `json:"invitations" nullable:"false"`
	Further
}

func invitationOf(i access.Invitation) Invitation {
	x := Invitation{
		ID: i.ID, Site: i.Site, Lang: i.Lang, Note: i.Note, By: i.By, Made: stampOf(i.Made), Expires: stampOf(i.Expires), Revoked: stampOf(i.Revoked),
		Most: i.Most, Used: i.Used, Came: []string{},
	}
	for _, who := range i.Came {
		x.Came = append(x.Came, string(who))
	}
	return x
}

// HandedOpen is a fresh invitation, told once.
type HandedOpen struct {
	Handed
	ID string `json:"id" doc:"to revoke it by"`
}

// ScreenedOut is the session and the code of somebody who screened herself.
type ScreenedOut struct {
	SetCookie []string `header:"Set-Cookie"`
	Body      struct {
		Started
		Subject string `json:"subject" doc:"the code she has got"`
	}
}

// invitations gives what staff do with invitations that are open to a site, and
// what whoever has one does with it.
func (s *server) invitations(api huma.API) {
	const post = http.MethodPost
	huma.Register(api, done("invite-to-screen", "invite-to-screen", post, "/invitations", "An invitation by which people screen themselves; its link and code are told once"),
		func(ctx context.Context, in *struct {
			Body struct {
				Site string `json:"site" maxLength:"100"`
				Lang string `json:"lang" enum:"en,sv"`
				Most int    `json:"most,omitempty" default:"1" doc:"people it is for"`
				Days int    `json:"days,omitempty" default:"14" doc:"how long it is open"`
				Note string `json:"note,omitempty" maxLength:"400" doc:"where it hangs; no names"`
			}
		},
		) (*struct{ Body HandedOpen }, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*struct{ Body HandedOpen }, error) {
				b := in.Body
				h, err := a.InviteToScreen(ctx, c, access.Asked{Site: b.Site, Lang: b.Lang, Note: b.Note, Most: b.Most, Days: b.Days})
				return &struct{ Body HandedOpen }{HandedOpen{handed(h).Body, h.ID}}, err
			})
		})
	huma.Register(api, done("see-invitations", "see-invitations", http.MethodGet, "/invitations", "Invitations, and who came by them"),
		func(ctx context.Context, in *struct{ Page }) (*listOut[Invitations], error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*listOut[Invitations], error) {
				list, err := a.Invitations(ctx, c)
				if err != nil {
					return nil, err
				}
				part, next, err := paged(list, in.Page, func(i access.Invitation) string { return i.ID })
				out := Invitations{[]Invitation{}, Further{next}}
				for _, i := range part {
					out.Invitations = append(out.Invitations, invitationOf(i))
				}
				return listed(ctx, next, out), err
			})
		})
	huma.Register(api, done("invite-to-screen", "revoke-invitation", post, "/invitations/{invitation}/revoke", "Close an invitation"),
		func(ctx context.Context, in *struct {
			Invitation string `path:"invitation"`
		},
		) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.RevokeInvitation(ctx, c, in.Invitation)
			})
		})
	huma.Register(api, done("screen-oneself", "screen-oneself", post, "/me/screening", "Answer the protocol's questions, having come by an invitation; the session is then that of the code she gets"),
		func(ctx context.Context, in *struct {
			Body struct {
				Answers map[string]json.RawMessage `json:"answers" doc:"by the protocol's questions: a number, true or false, or a choice"`
			}
		},
		) (*ScreenedOut, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*ScreenedOut, error) {
				answers, err := screeningAnswers(in.Body.Answers)
				if err != nil {
					return nil, err
				}
				st, who, err := a.Screen(ctx, a.Visit(requestOf(ctx)), c, c.Lang, answers)
				if err != nil {
					return nil, err
				}
				begun := s.begun(st)
				out := &ScreenedOut{SetCookie: begun.SetCookie}
				out.Body.Started, out.Body.Subject = begun.Body, string(who)
				return out, nil
			})
		})
}

func screeningAnswers(raw map[string]json.RawMessage) (protocol.Answers, error) {
	var l fault.List
	out := protocol.Answers{}
	for name, text := range raw {
		var v protocol.Value
		if err := v.UnmarshalJSON(text); err != nil {
			l.Merge("answer-form", "answers."+name, err)
			continue
		}
		out[name] = v
	}
	return out, l.Err()
}
