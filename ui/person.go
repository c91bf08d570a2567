package ui

import (
	"net/http"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/protocol"
	"dvala/study"
	"dvala/ui/person"
)

// personRoutes puts the participant's side below /me.
func (s *Server) personRoutes(mux *http.ServeMux) error {
	opt := s.Person
	if opt.NewKey == nil {
		opt.NewKey = s.NewKey
	}
	if opt.Entrance == nil {
		opt.Entrance = entrance{s.Access}
	}
	pages, err := person.New(s.Office, opt)
	if err != nil {
		return err
	}
	pages.Routes(mux)
	return nil
}

// entrance lets participants in by what they were given.
type entrance struct{ access *access.Service }

func (e entrance) Enter(w http.ResponseWriter, r *http.Request, codeOrToken string) error {
	st, err := e.access.Redeem(r.Context(), e.access.Visit(r), codeOrToken)
	if err == nil {
		e.access.SetCookie(w, st)
	}
	return err
}

// Answered gives those who have answered in this browser before.
func (e entrance) Answered(r *http.Request) ([]study.Subject, error) {
	return e.access.AnsweredOn(r.Context(), e.access.Visit(r))
}

func (e entrance) Screen(w http.ResponseWriter, r *http.Request, c desk.Caller, lang string, answers protocol.Answers) (study.Subject, error) {
	st, who, err := e.access.Screen(r.Context(), e.access.Visit(r), c, lang, answers)
	if err == nil {
		e.access.SetCookie(w, st)
	}
	return who, err
}
