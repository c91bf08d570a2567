package ui

import (
	"net/http"
	"strings"

	"dvala/desk"
	"dvala/ui/person"
)

// personRoutes puts the participant's side below /me, where the trial is one
// that can be written to.
func (s *Server) personRoutes(mux *http.ServeMux) error {
	store, ok := s.trial.(desk.Store)
	if !ok {
		return nil
	}
	pages, err := person.New(desk.NewOffice(store, s.now), person.Options{})
	if err != nil {
		return err
	}
	pages.Routes(mux)
	return nil
}

// ofPerson says whether a path is of the participant's side, where forms are
// sent.
func ofPerson(path string) bool { return path == "/me" || strings.HasPrefix(path, "/me/") }
