package ui

import (
	"net/http"

	"dvala/ui/person"
)

// personRoutes puts the participant's side below /me.
func (s *Server) personRoutes(mux *http.ServeMux) error {
	opt := s.Person
	if opt.NewKey == nil {
		opt.NewKey = s.NewKey
	}
	pages, err := person.New(s.Office, opt)
	if err != nil {
		return err
	}
	pages.Routes(mux)
	return nil
}
