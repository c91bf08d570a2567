package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/study"
)

// asksKey is where the request itself is found: signing in wants its cookie and
// where it came from.
type asksKey struct{}

func carried(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), asksKey{}, r)))
	})
}

func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(asksKey{}).(*http.Request)
	return r
}

// sign wants a signature: the office asks its signer for it, who alone says by
// whom and how it was given.
func (s *server) sign(in signing) (*study.Signature, error) {
	if s.opts.Access == nil {
		return nil, fault.New("not-offered", "signature", "nobody can sign here")
	}
	return &study.Signature{Meaning: in.Meaning}, nil
}

// Started is a session that began.
type Started struct {
	Account string `json:"account"`
	Token   string `json:"token" doc:"to be sent as Authorization: Bearer; a browser has it in its cookie"`
}

type startedOut struct {
	SetCookie []string `header:"Set-Cookie"`
	Body      Started
}

// begun tells of a session, and gives the browser its cookie.
func (s *server) begun(st access.Started) *startedOut {
	w := &buffered{header: http.Header{}}
	s.opts.Access.SetCookie(w, st)
	return &startedOut{w.header.Values("Set-Cookie"), Started{st.Account, st.Token}}
}

type ceremonyOut struct{ Body access.Ceremony }

type answered struct {
	Body struct {
		ID     string          `json:"id" doc:"of the ceremony"`
		Label  string          `json:"label,omitempty" doc:"what the key is to be called"`
		Answer json.RawMessage `json:"answer" doc:"what navigator.credentials gave"`
	}
}

type noBody struct{}

// operation describes what is done about sessions and accounts.
func done(action desk.Action, id, method, path, summary string) huma.Operation {
	op := huma.Operation{
		OperationID: id, Method: method, Path: base + path, Summary: summary, Tags: []string{"access"},
		Extensions: map[string]any{actionMark: string(action)}, Errors: []int{401, 403, 422, 429}, MaxBodyBytes: 64 << 10,
	}
	if action == "sign-in" {
		op.Security = []map[string][]string{}
	}
	return op
}

// signIn gives the ways in, one's own sessions and keys, and proofs.
func (s *server) signIn(api huma.API) {
	const post, get, del = http.MethodPost, http.MethodGet, http.MethodDelete
	huma.Register(api, done("sign-in", "request-link", post, "/sign-in/link", "Ask for a one-use link; the answer is the same whoever asks"),
		func(ctx context.Context, in *struct {
			Body struct {
				Who string `json:"who" doc:"a mail address, or a participant's code" maxLength:"300"`
			}
		},
		) (*noBody, error) {
			return open(s, ctx, func(a *access.Service, v access.Visit) (*noBody, error) {
				return &noBody{}, a.RequestLink(ctx, v, in.Body.Who)
			})
		})
	huma.Register(api, done("sign-in", "redeem", post, "/sign-in/redeem", "Use a link's token or an invitation's code up"),
		func(ctx context.Context, in *struct {
			Body struct {
				Token string `json:"token" maxLength:"300"`
			}
		},
		) (*startedOut, error) {
			return open(s, ctx, func(a *access.Service, v access.Visit) (*startedOut, error) {
				st, err := a.Redeem(ctx, v, in.Body.Token)
				if err != nil {
					return nil, err
				}
				return s.begun(st), nil
			})
		})
	huma.Register(api, done("sign-in", "begin-sign-in", post, "/sign-in/passkey", "Begin signing in with a passkey"),
		func(ctx context.Context, _ *struct{}) (*ceremonyOut, error) {
			return open(s, ctx, func(a *access.Service, v access.Visit) (*ceremonyOut, error) {
				c, err := a.BeginSignIn(ctx, v)
				return &ceremonyOut{c}, err
			})
		})
	huma.Register(api, done("sign-in", "finish-sign-in", post, "/sign-in/passkey/answer", "Finish signing in with a passkey"),
		func(ctx context.Context, in *answered) (*startedOut, error) {
			return open(s, ctx, func(a *access.Service, v access.Visit) (*startedOut, error) {
				st, err := a.FinishSignIn(ctx, v, in.Body.ID, in.Body.Answer)
				if err != nil {
					return nil, err
				}
				return s.begun(st), nil
			})
		})
	huma.Register(api, done("own-sessions", "see-sessions", get, "/me/sessions", "One's own sessions"),
		func(ctx context.Context, in *struct{ Page }) (*listOut[Sessions], error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*listOut[Sessions], error) {
				list, err := a.Mine(ctx, c)
				if err != nil {
					return nil, err
				}
				part, next, err := paged(list, in.Page, func(x access.Session) string { return x.ID })
				return listed(ctx, next, Sessions{sessionsOf(part, c.Session), Further{next}}), err
			})
		})
	huma.Register(api, done("own-sessions", "end-session", del, "/me/sessions/{session}", "End one of one's own sessions"),
		func(ctx context.Context, in *struct {
			Session string `path:"session"`
		},
		) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.End(ctx, c, in.Session)
			})
		})
	s.passkeys(api)
}

func (s *server) passkeys(api huma.API) {
	const post = http.MethodPost
	huma.Register(api, done("own-passkeys", "begin-passkey", post, "/me/passkeys", "Begin adding a passkey"),
		func(ctx context.Context, _ *struct{}) (*ceremonyOut, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*ceremonyOut, error) {
				out, err := a.BeginPasskey(ctx, c)
				return &ceremonyOut{out}, err
			})
		})
	huma.Register(api, done("own-passkeys", "finish-passkey", post, "/me/passkeys/answer", "Finish adding a passkey"),
		func(ctx context.Context, in *answered) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.FinishPasskey(ctx, c, in.Body.ID, in.Body.Label, in.Body.Answer)
			})
		})
	huma.Register(api, done("own-passkeys", "drop-passkey", http.MethodDelete, "/me/passkeys/{passkey}", "Remove one of one's own passkeys"),
		func(ctx context.Context, in *struct {
			Passkey string `path:"passkey"`
		},
		) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.DropPasskey(ctx, c, in.Passkey)
			})
		})
	huma.Register(api, done("prove", "begin-proof", post, "/me/proof", "Begin a proof of who one is, which signatures ask for"),
		func(ctx context.Context, _ *struct{}) (*ceremonyOut, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*ceremonyOut, error) {
				out, err := a.BeginProof(ctx, c)
				return &ceremonyOut{out}, err
			})
		})
	huma.Register(api, done("prove", "finish-proof", post, "/me/proof/answer", "Finish a proof"),
		func(ctx context.Context, in *answered) (*noBody, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*noBody, error) {
				return &noBody{}, a.FinishProof(ctx, c, in.Body.ID, in.Body.Answer)
			})
		})
	huma.Register(api, done("issue-token", "issue-token", post, "/me/tokens", "A token for a program of one's own, told once"),
		func(ctx context.Context, in *struct {
			Body struct {
				Label string `json:"label" maxLength:"200"`
			}
		},
		) (*startedOut, error) {
			return own(s, ctx, func(a *access.Service, c desk.Caller) (*startedOut, error) {
				st, err := a.IssueToken(ctx, c, in.Body.Label)
				return &startedOut{Body: Started{st.Account, st.Token}}, err
			})
		})
}

// open serves what leads to being signed in.
func open[T any](s *server, ctx context.Context, do func(*access.Service, access.Visit) (*T, error)) (*T, error) {
	if s.opts.Access == nil {
		return nil, problem(fault.New("not-offered", "", "nobody can sign in here"))
	}
	out, err := do(s.opts.Access, s.opts.Access.Visit(requestOf(ctx)))
	if err != nil {
		return nil, problem(err)
	}
	return out, nil
}

// own serves what somebody does about her own sessions and keys, and what an
// administrator does about others': the guard has let her in.
func own[T any](s *server, ctx context.Context, do func(*access.Service, desk.Caller) (*T, error)) (*T, error) {
	if s.opts.Access == nil {
		return nil, problem(fault.New("not-offered", "", "there are no accounts here"))
	}
	out, err := do(s.opts.Access, desk.CallerOf(ctx))
	if err != nil {
		return nil, problem(err)
	}
	return out, nil
}

// Session is one sign-in.
type Session struct {
	ID      string `json:"id"`
	Here    bool   `json:"here" doc:"the one that asks"`
	Label   string `json:"label"`
	Method  string `json:"method"`
	From    string `json:"from"`
	Started string `json:"started"`
	Seen    string `json:"seen"`
}

// Sessions is a page of sessions.
type Sessions struct {
	Sessions []Session `json:"sessions" nullable:"false"`
	Further
}

func sessionsOf(list []access.Session, here string) []Session {
	out := []Session{}
	for _, x := range list {
		out = append(out, Session{
			ID: x.ID, Here: x.ID == here, Label: x.Label, Method: x.Method, From: x.From,
			Started: x.Started.UTC().Format(time.RFC3339), Seen: x.Seen.UTC().Format(time.RFC3339),
		})
	}
	return out
}
