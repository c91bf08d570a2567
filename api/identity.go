package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/contact"
	"dvala/fault"
	"dvala/study"
)

// identity erases who a person is, for whoever may.
func (s *server) identity(api huma.API) {
	erase := done("erase-identity", "erase-identity", http.MethodPost, "/participants/{subject}/identity/erase", "Destroy what could name her, for good, and everything under her key with it")
	erase.Tags = []string{"identity"}
	huma.Register(api, erase, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Reason string `json:"reason" doc:"which must not name her"`
		}
	},
	) (*noBody, error) {
		return identified(s, func(b *contact.Book) (*noBody, error) {
			return &noBody{}, b.Erase(ctx, desk.CallerOf(ctx), study.Subject(in.Subject), in.Body.Reason)
		})
	})
}

// identified serves what is about who people are, where that is kept.
func identified[T any](s *server, do func(*contact.Book) (*T, error)) (*T, error) {
	if s.opts.Contact == nil {
		return nil, problem(fault.New("not-offered", "", "no names are kept in this trial: its people are made up"))
	}
	out, err := do(s.opts.Contact)
	if err != nil {
		return nil, problem(err)
	}
	return out, nil
}
