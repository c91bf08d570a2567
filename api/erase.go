package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/study"
)

// erase destroys what could name a person, for whoever may.
func (s *server) erase(api huma.API) {
	op := done("erase-identity", "erase-identity", http.MethodPost, "/participants/{subject}/contact/erase", "Destroy what could name her, for good, and everything under her key with it")
	huma.Register(api, op, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Reason string `json:"reason" doc:"which must not name her"`
		}
	},
	) (*noBody, error) {
		book, err := s.book()
		if err == nil {
			err = book.Erase(ctx, desk.CallerOf(ctx), study.Subject(in.Subject), in.Body.Reason)
		}
		if err != nil {
			return nil, problem(err)
		}
		return &noBody{}, nil
	})
}
