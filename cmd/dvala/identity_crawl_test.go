package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/desktest"
	"dvala/identity"
	"dvala/study"
)

// Over every page and every question of the API, a person's name and address are
// told only to whoever may see identities, and her own words only to whoever may
// read words; the log has neither.
func TestNamesAndWordsAreForFew(t *testing.T) {
	const name, words = "Zacharina Quist", "it began after the funeral"
	h := newHostile(t)
	who := h.trial.Person(t, desktest.Start)
	h.trial.Person(t, desktest.Start)
	if err := h.vault.Put(t.Context(), who, identity.Person{Name: name, Mail: "zq@post.example", Phone: "070-5550199", Address: "Quist Road 1"}); err != nil {
		t.Fatal(err)
	}
	her := h.signIn(t, study.RoleParticipant, who)
	w := h.do(her, http.MethodPost, "/api/v1/participants/"+string(who)+"/report-adverse-event", asJSON,
		`{"data":{"term":"headache","severity":"mild","serious":false,"related":"possible","onset":"2026-03-02","outcome":"ongoing","words":"`+words+`"}}`,
		"Idempotency-Key", "words-of-her-own")
	if w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	all := []visitor{h.signIn(t, study.RoleParticipant, "P0002")}
	roles := []study.Role{study.RoleParticipant}
	for _, r := range access.StaffRoles() {
		all, roles = append(all, h.signIn(t, r, "")), append(roles, r)
	}
	ops := h.operations(t, all[1])
	read, pairs := 0, 0
	for i, v := range all {
		may := func(a desk.Action) bool {
			rule, _ := desk.RuleOf(a)
			_, ok := rule.May[roles[i]]
			return ok && roles[i] != study.RoleParticipant // the other participant may neither
		}
		look := func(path string, w *httptest.ResponseRecorder) {
			pairs++
			body := w.Body.String()
			for _, x := range []string{"Zacharina", "zq@post", "5550199", "Quist Road"} {
				if strings.Contains(body, x) && !may("see-identity") {
					t.Errorf("%s %s tells %q", v.who, path, x)
				}
			}
			if strings.Contains(body, words) {
				if read++; !may("see-words") {
					t.Errorf("%s %s tells her words", v.who, path)
				}
			}
		}
		h.walk(v, 6, look)
		for _, op := range ops {
			if op.method != http.MethodGet || strings.HasSuffix(op.path, "/changes") {
				continue
			}
			path := hole.ReplaceAllString(inPath.Replace(strings.ReplaceAll(op.path, "{subject}", string(who))), "1")
			look(path, h.do(v, http.MethodGet, path, "", ""))
		}
	}
	if log := h.log.String(); strings.Contains(log, "Zacharina") || strings.Contains(log, words) {
		t.Error("the log knows her")
	}
	if read == 0 {
		t.Error("nobody was told her words: the test tells nothing")
	}
	t.Logf("%d answers looked at, her words in %d of them", pairs, read)
}
