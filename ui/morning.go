package ui

import (
	"time"

	"dvala/desk"
	"dvala/study"
)

// mornings are first pages, by what their readers may see, as of a length of the
// ledger and a minute.
type mornings struct {
	entries uint64
	minute  int64
	all     desk.Overview
	of      map[string]desk.Day
}

// renew begins anew when an entry has come or a minute has gone by.
func (m *mornings) renew(st *study.State, now time.Time) {
	if minute := now.Unix() / 60; m.of == nil || m.entries != st.Entries || m.minute != minute {
		*m = mornings{st.Entries, minute, desk.NewOverview(st, now), map[string]desk.Day{}}
	}
}

// overview gives the trial in numbers.
func (s *Server) overview(st *study.State, now time.Time) desk.Overview {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mornings.renew(st, now)
	return s.mornings.all
}

// morning gives what the first page shows of people, made once for all who may
// see the same of them.
func (a *ask) morning(st *study.State, now time.Time, sees func(*study.Participant) bool) desk.Day {
	key := ""
	for _, g := range a.caller.Grants {
		key += string(g.Role) + "@" + g.Site + "\n"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.mornings.renew(st, now)
	d, made := a.mornings.of[key]
	if !made {
		d = desk.NewDay(st, now, sees)
		a.mornings.of[key] = d
	}
	return d
}
