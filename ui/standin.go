package ui

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"dvala/desk"
	"dvala/study"
)

// Where there are no accounts, on the operator's own machine, whoever sits in
// front of a trial with made-up people may be anyone in it; of a real trial she
// is a reader, who can change nothing.

// reader sees a trial as an auditor does.
var reader = desk.Caller{Account: "reader", Name: "Reader", Grants: []desk.Grant{{Role: study.RoleAuditor}}, From: "page"}

// Cookies of a stand-in: who it is, and until when it counts as proved.
const (
	standInCookie = "dvala-as"
	provedCookie  = "dvala-proved"
)

// standInRoles are the staff that one can be.
var standInRoles = []study.Role{
	study.RoleCoordinator, study.RoleInvestigator, study.RolePharmacist, study.RoleMonitor,
	study.RoleStatistician, study.RoleCustodian, study.RoleAdministrator, study.RoleAuditor,
}

func (s *Server) standIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), s.standsFor(r))))
	})
}

// standsFor finds who a request is by, where anybody may be anyone.
func (s *Server) standsFor(r *http.Request) desk.Caller {
	made, people := false, map[study.Subject]bool{}
	err := s.Office.See(r.Context(), reader, "see-overview", "", func(st *study.State) error {
		made = st.Opened != nil && st.Opened.Simulated
		for _, who := range st.Order {
			people[who] = true
		}
		return nil
	})
	c, cookieErr := r.Cookie(standInCookie)
	switch {
	case err != nil || !made:
		return reader
	case cookieErr != nil:
		return desk.Caller{}
	}
	if who := study.Subject(c.Value); people[who] {
		return desk.Participant(who)
	}
	role, site, _ := strings.Cut(c.Value, "@")
	if !slices.Contains(standInRoles, study.Role(role)) {
		return desk.Caller{}
	}
	out := desk.Caller{Account: c.Value, Name: "Made-up " + role, Grants: []desk.Grant{{Role: study.Role(role), Site: site}}, From: "page"}
	if p, err := r.Cookie(provedCookie); err == nil {
		if at, err := time.Parse(time.RFC3339, p.Value); err == nil && !at.After(s.Office.Now()) {
			out.Strong = at
		}
	}
	return out
}

// signInPage offers who one can be.
type signInPage struct {
	Next, Now string
	Roles     []study.Role
	People    []study.Subject
	Made      bool
}

func (a *ask) signIn() (view, error) {
	p := signInPage{Next: inside(a.r.URL.Query().Get("next")), Now: a.caller.Account, Roles: standInRoles}
	if a.StandIns {
		err := a.Office.See(a.r.Context(), reader, "see-overview", "", func(st *study.State) error {
			p.Made = st.Opened != nil && st.Opened.Simulated
			for _, who := range st.Order {
				if x := st.People[who]; x.Enrolled != nil && len(p.People) < 400 {
					p.People = append(p.People, who)
				}
			}
			return nil
		})
		if err != nil {
			return view{}, err
		}
	}
	return view{page: "signin", title: a.t("Who are you today?"), data: p}, nil
}

func (a *ask) become() (view, error) {
	if !a.StandIns {
		return view{}, noPage(a.r.URL.Path)
	}
	who := a.form.Get("as")
	http.SetCookie(a.w, &http.Cookie{Name: standInCookie, Value: who, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.SetCookie(a.w, &http.Cookie{Name: provedCookie, Path: "/", MaxAge: -1})
	if slices.Contains(standInRoles, study.Role(who)) {
		return view{to: inside(a.form.Get("next"))}, nil
	}
	return view{to: "/me"}, nil
}

// prove asks for a proof of who one is, before what needs it.
func (a *ask) prove() (view, error) {
	if a.caller.Nobody() {
		return view{to: "/sign-in"}, nil
	}
	return view{page: "prove", title: a.t("Is it you?"), data: signInPage{Next: inside(a.r.URL.Query().Get("next"))}}, nil
}

func (a *ask) proved() (view, error) {
	if !a.StandIns || a.caller.Nobody() {
		return view{}, noPage(a.r.URL.Path)
	}
	http.SetCookie(a.w, &http.Cookie{
		Name: provedCookie, Value: a.Office.Now().UTC().Format(time.RFC3339), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	return view{to: inside(a.form.Get("next"))}, nil
}
