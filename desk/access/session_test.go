package access_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/study"
)

// A token that somebody planted in a browser before the sign-in is worth nothing
// after it, whether it was a session's or made up.
func TestSessionFixation(t *testing.T) {
	o := newOffice(t, nil)
	mallory := o.staff(t, "mallory", study.RoleMonitor, "")
	o.staff(t, "anna", study.RoleCoordinator, "lund")
	h := must(o.LinkFor(t.Context(), access.Shell(), "anna"))
	anna := must(o.Redeem(t.Context(), access.Visit{Token: mallory.Token}, tokenOf(h.URL)))
	if anna.Token == mallory.Token || anna.ID == mallory.ID {
		t.Fatal("the session was taken over and not begun")
	}
	if c := o.caller(t, mallory); !c.Nobody() {
		t.Errorf("the planted token still is %q", c.Account)
	}
	h = must(o.LinkFor(t.Context(), access.Shell(), "anna"))
	const planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	again := must(o.Redeem(t.Context(), access.Visit{Token: planted}, tokenOf(h.URL)))
	if c := must(o.Resolve(t.Context(), planted)); again.Token == planted || !c.Nobody() {
		t.Error("a token that the server never gave was adopted")
	}
}

func TestSessionsRunOut(t *testing.T) {
	for _, c := range []struct {
		what      string
		idle, all time.Duration
		begin     func(office, *testing.T) access.Started
	}{
		{"staff", 30 * time.Minute, 12 * time.Hour, func(o office, t *testing.T) access.Started {
			return o.staff(t, "anna", study.RoleCoordinator, "lund")
		}},
		{"participant", 30 * 24 * time.Hour, 180 * 24 * time.Hour, func(o office, t *testing.T) access.Started {
			anna := o.caller(t, o.staff(t, "anna", study.RoleCoordinator, "lund"))
			return must(o.Redeem(t.Context(), access.Visit{}, must(o.Invite(t.Context(), anna, "P0001", "sv")).Code))
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			o := newOffice(t, nil)
			st := c.begin(o, t)
			o.clock.pass(c.idle)
			if o.caller(t, st).Nobody() {
				t.Fatal("ended before it was idle for as long as that")
			}
			for used := c.idle; used+c.idle/2 < c.all; used += c.idle / 2 {
				o.clock.pass(c.idle / 2)
				if o.caller(t, st).Nobody() {
					t.Fatalf("ended after %s of use", used)
				}
			}
			o.clock.pass(c.idle / 2)
			o.clock.pass(time.Second)
			if !o.caller(t, st).Nobody() {
				t.Error("lasts longer than it may at most")
			}
		})
	}
	o := newOffice(t, nil)
	st := o.staff(t, "anna", study.RoleCoordinator, "lund")
	o.clock.pass(30*time.Minute + time.Second)
	if !o.caller(t, st).Nobody() {
		t.Error("lasts longer unused than it may")
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	o := newOffice(t, nil)
	one := o.staff(t, "anna", study.RoleCoordinator, "lund")
	two, three := o.byLink(t, "anna"), o.byLink(t, "anna")
	other := o.staff(t, "bo", study.RoleMonitor, "")
	anna := o.caller(t, three)
	if got := must(o.Mine(t.Context(), anna)); len(got) != 3 || got[0].Hash != "" {
		t.Fatalf("lists %+v", got)
	}
	if err := o.End(t.Context(), anna, other.ID); fault.CodeOf(err) != "session-unknown" || o.caller(t, other).Nobody() {
		t.Errorf("somebody else's session was ended: %v", err)
	}
	if err := o.End(t.Context(), anna, one.ID); err != nil || !o.caller(t, one).Nobody() {
		t.Errorf("an ended session goes on: %v", err)
	}
	if err := o.EndOthers(t.Context(), anna); err != nil || !o.caller(t, two).Nobody() || o.caller(t, three).Nobody() {
		t.Errorf("not all others were ended, or this one was: %v", err)
	}
	if err := o.SignOut(t.Context(), anna); err != nil || !o.caller(t, three).Nobody() {
		t.Errorf("signing out did not end the session: %v", err)
	}
}

// A session that began with less does not come to more by itself.
func TestGivenRoleEndsSessions(t *testing.T) {
	o := newOffice(t, nil)
	before := o.staff(t, "bo", study.RoleMonitor, "lund")
	if c, err := o.Resolve(t.Context(), before.Token); err != nil || c.Nobody() {
		t.Fatalf("signed in: %v %v", c, err)
	}
	if err := o.GiveRole(t.Context(), access.Shell(), "bo", desk.Grant{Role: study.RoleAdministrator}, "a new task"); err != nil {
		t.Fatal(err)
	}
	if c, err := o.Resolve(t.Context(), before.Token); err != nil || !c.Nobody() {
		t.Errorf("the earlier session goes on: %v %v", c, err)
	}
}

// Who somebody is has changed with her roles: she signs in again.
func TestRevokedRoleEndsSessions(t *testing.T) {
	o := newOffice(t, nil)
	st := o.staff(t, "anna", study.RoleCoordinator, "lund")
	g := desk.Grant{Role: study.RoleCoordinator, Site: "lund"}
	if err := o.RevokeRole(t.Context(), access.Shell(), "anna", g, ""); fault.CodeOf(err) != "reason-missing" {
		t.Errorf("without a reason: %v", err)
	}
	if err := o.RevokeRole(t.Context(), access.Shell(), "anna", g, "moved on"); err != nil {
		t.Fatal(err)
	}
	if !o.caller(t, st).Nobody() {
		t.Error("the session goes on")
	}
	if c := o.caller(t, o.byLink(t, "anna")); len(c.Grants) != 0 {
		t.Errorf("still has %v", c.Grants)
	}
	if err := o.CloseAccount(t.Context(), access.Shell(), "anna", "left"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.LinkFor(t.Context(), access.Shell(), "anna"); err == nil {
		t.Error("a closed account is given a way in")
	}
}

func TestMiddleware(t *testing.T) {
	o := newOffice(t, nil)
	st := o.staff(t, "anna", study.RoleCoordinator, "lund")
	cookie := func(r *http.Request) *http.Request {
		r.AddCookie(&http.Cookie{Name: access.Cookie, Value: st.Token})
		return r
	}
	r := cookie(httptest.NewRequest("GET", "http://localhost:8080/participants", nil))
	r.RemoteAddr = "127.0.0.1:5000"
	if c, w := o.ask(r); c.Account != "anna" || c.From != "page, this machine" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("by cookie: %+v", c)
	}
	r = httptest.NewRequest("POST", "http://localhost:8080/api/v1/people", nil)
	r.Header.Set("Authorization", "Bearer "+st.Token)
	r.Header.Set("Dvala-Zone", "Europe/Stockholm")
	if c, _ := o.ask(r); c.Account != "anna" || !strings.HasPrefix(c.From, "api") || c.Zone != "Europe/Stockholm" {
		t.Errorf("by token: %+v", c)
	}
	if c, w := o.ask(httptest.NewRequest("GET", "http://localhost:8080/", nil)); !c.Nobody() || w.Code != 200 {
		t.Errorf("nobody: %+v, %d", c, w.Code)
	}
	w := httptest.NewRecorder()
	o.SetCookie(w, st)
	if got := w.Header().Get("Set-Cookie"); !strings.Contains(got, "HttpOnly") || !strings.Contains(got, "SameSite=Lax") || strings.Contains(got, "Secure") {
		t.Errorf("cookie: %s", got)
	}
	far := newOffice(t, func(c *access.Config) { c.Origin = "https://trial.example" })
	w = httptest.NewRecorder()
	far.SetCookie(w, st)
	if got := w.Header().Get("Set-Cookie"); !strings.Contains(got, "Secure") {
		t.Errorf("cookie over https: %s", got)
	}
}

// What another site made a browser send changes nothing.
func TestCrossSiteRequestsAreRefused(t *testing.T) {
	o := newOffice(t, nil)
	st := o.staff(t, "anna", study.RoleCoordinator, "lund")
	for _, c := range []struct {
		method, origin, site string
		code                 int
	}{
		{"POST", "https://evil.example", "cross-site", 403},
		{"POST", "https://evil.example", "", 403},
		{"POST", "", "cross-site", 403},
		{"POST", "http://localhost:8080", "same-origin", 200},
		{"GET", "https://evil.example", "cross-site", 200},
	} {
		r := httptest.NewRequest(c.method, "http://localhost:8080/participants", nil)
		r.AddCookie(&http.Cookie{Name: access.Cookie, Value: st.Token})
		for k, v := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site} {
			if v != "" {
				r.Header.Set(k, v)
			}
		}
		if _, w := o.ask(r); w.Code != c.code {
			t.Errorf("%s from %q (%s): %d, want %d", c.method, c.origin, c.site, w.Code, c.code)
		}
	}
}

func TestChooserOnlyHere(t *testing.T) {
	if _, err := access.New(access.Config{Origin: "https://trial.example", Chooser: true}); fault.CodeOf(err) != "access-chooser" {
		t.Errorf("roles without sign-in on the internet: %v", err)
	}
	o := newOffice(t, nil)
	if _, err := o.Choose(t.Context(), access.Visit{}, study.RoleInvestigator, "", ""); fault.CodeOf(err) != access.CodeDenied {
		t.Errorf("chosen where it is off: %v", err)
	}
	demo := newOffice(t, func(c *access.Config) { c.Chooser = true })
	st := must(demo.Choose(t.Context(), access.Visit{}, study.RoleInvestigator, "", ""))
	if c := demo.caller(t, st); !c.Has(study.RoleInvestigator, "lund") || c.Strong.IsZero() {
		t.Errorf("chosen: %+v", c)
	}
	p := must(demo.Choose(t.Context(), access.Visit{}, study.RoleParticipant, "", "P0003"))
	if c := demo.caller(t, p); c.Subject != "P0003" {
		t.Errorf("chosen: %+v", c)
	}
	off := office{must(access.New(access.Config{Store: demo.store, Door: demo.Door, Now: demo.Now, Origin: demo.Origin})), nil, nil, nil}
	if c := off.caller(t, st); !c.Nobody() {
		t.Error("a chosen session lives on where choosing is off")
	}
}
