package api

import (
	"net/http"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/study"
)

// Every operation as every role at another site: nothing about a person of this
// one, nothing of the trial as a whole, and no write gets further than that.
func TestOneSiteReachesNoOther(t *testing.T) {
	m := desktest.New(t, small, 4)
	m.Person(t, desktest.Start)
	var before uint64
	m.View(func(s *study.State) { before = s.Entries })
	for _, op := range operations(t) {
		rule, _ := desk.RuleOf(desk.Action(op.id))
		if rule.Anyone || op.id == "see-changes" { // a stream that does not end
			continue
		}
		path := strings.NewReplacer("{subject}", "P0001", "{account}", "anna", "{session}", "x", "{passkey}", "x").Replace(op.path)
		for role, caller := range everybody() {
			reach, may := rule.May[role]
			if role == study.RoleParticipant || !may {
				continue
			}
			caller.Grants = []desk.Grant{{Role: role, Site: "elsewhere"}}
			w := ask(as(m, caller, day(1)), op.method, path, "{}", key(op.id+string(role))...)
			person := strings.Contains(op.path, "{subject}")
			switch open := !person && (reach == desk.Anywhere || rule.Within); {
			case !person && rule.Named:
				if w.Code < 400 {
					t.Errorf("%s %s as %s of another site: %d %s", op.method, op.path, role, w.Code, w.Body)
				}
			case open != (w.Code != http.StatusForbidden):
				t.Errorf("%s %s as %s of another site: %d %s", op.method, op.path, role, w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "P0001") {
				t.Errorf("%s %s as %s of another site tells of somebody: %s", op.method, op.path, role, w.Body)
			}
		}
	}
	m.View(func(s *study.State) {
		if s.Entries != before {
			t.Errorf("%d entries came of it", s.Entries-before)
		}
	})
}

// The same of one who is at the site: the person is hers and the trial is not.
func TestOneSiteDoesNothingToTheTrial(t *testing.T) {
	m := desktest.New(t, small, 4)
	m.Person(t, desktest.Start)
	for path, role := range map[string]study.Role{
		"/trial/lock": study.RoleInvestigator, "/trial/amend-protocol": study.RoleInvestigator, "/trial/extend-list": study.RolePharmacist,
		"/trial/unlock": study.RoleCoordinator, "/trial/sign": study.RoleInvestigator, "/trial/approve": study.RoleInvestigator,
		"/jobs/tables": study.RoleInvestigator, "/jobs/ledger": study.RoleInvestigator,
	} {
		c := everybody()[role]
		c.Grants = []desk.Grant{{Role: role, Site: "main"}}
		body := `{"data":{"proposal":1}}`
		if path != "/trial/approve" {
			body = "{}"
		}
		if w := ask(as(m, c, day(1)), http.MethodPost, base+path, body, key(path)...); w.Code != http.StatusForbidden {
			t.Errorf("%s as %s of a site: %d %s", path, role, w.Code, w.Body)
		}
		if w := ask(as(m, c, day(1)), http.MethodGet, base+"/ledger", ""); w.Code != http.StatusForbidden {
			t.Errorf("the ledger as %s of a site: %d", role, w.Code)
		}
	}
	c := everybody()[study.RoleCoordinator]
	c.Grants = []desk.Grant{{Role: study.RoleCoordinator, Site: "main"}}
	if w := ask(as(m, c, day(1)), http.MethodPost, base+"/participants/P0001/randomise", "{}", key("r")...); w.Code != http.StatusOK {
		t.Errorf("her own site's person: %d %s", w.Code, w.Body)
	}
	if w := ask(as(m, c, day(1)), http.MethodGet, base+"/trail", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "P0001") {
		t.Errorf("the trail of her own site: %d %s", w.Code, w.Body)
	}
}
