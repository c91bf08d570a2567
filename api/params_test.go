package api

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/study"
)

// Every name in a path is a parameter that its operation reads: the framework
// says nothing of one that it does not hand on.
func TestEveryNameInAPathIsRead(t *testing.T) {
	_, api := build(nil, Options{})
	name := regexp.MustCompile(`\{([a-z]+)\}`)
	for path, item := range api.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete, http.MethodPatch: item.Patch,
		} {
			if op == nil {
				continue
			}
			for _, m := range name.FindAllStringSubmatch(path, -1) {
				found := false
				for _, p := range op.Parameters {
					found = found || p.In == "path" && p.Name == m[1]
				}
				if !found {
					t.Errorf("%s %s does not read %s", method, path, m[1])
				}
			}
		}
	}
}

// An administrator gives a role, takes it away and shuts the account by the API,
// each of the account that the path names.
func TestRolesByTheAPI(t *testing.T) {
	_, svc, h := signedInTrial(t, Options{})
	ada := bearerOf(t, svc, "ada", desk.Grant{Role: study.RoleAdministrator})
	mona := bearerOf(t, svc, "mona", desk.Grant{Role: study.RoleMonitor})
	bearer := []string{"Authorization", "Bearer " + ada}
	for _, c := range []struct{ path, body string }{
		{"/accounts/mona/roles", `{"role":"auditor","reason":"covers for Ulla"}`},
		{"/accounts/mona/roles/revoke", `{"role":"auditor","reason":"Ulla is back"}`},
		{"/accounts/mona/end-sessions", `{"reason":"a telephone is lost"}`},
		{"/accounts/mona/close", `{"reason":"left"}`},
	} {
		if w := ask(h, http.MethodPost, base+c.path, c.body, bearer...); w.Code >= 300 {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
	if w := ask(h, http.MethodGet, base+"/overview", "", "Authorization", "Bearer "+mona); w.Code != http.StatusUnauthorized {
		t.Errorf("who was shut out: %d", w.Code)
	}
}
