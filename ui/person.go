package ui

import (
	"net/http"

	"dvala/ui/person"
)

// personRoutes puts the participant's side below /me.
func (s *Server) personRoutes(mux *http.ServeMux) error {
	pages, err := person.New(s.Office, s.Person)
	if err != nil {
		return err
	}
	pages.Routes(mux)
	return nil
}
