package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/desktest"
	"dvala/identity"
	"dvala/study"
)

// bytesOfLedger is the ledger's file in codes, which has each entry's bytes beside
// its hash.
var bytesOfLedger = regexp.MustCompile(`^/ledger\?as=codes&.*file=ledger`)

// asStored is where a page shows an entry's bytes, which hold ciphertext.
var asStored = regexp.MustCompile(`<(code|pre)>[^<]*</(code|pre)>`)

// Over every page and every question of the API, a person's name and address are
// told only to whoever may see identities, and what she or the staff wrote about
// her in words only to whoever may read words, who is never given ciphertext for
// them; the log has neither, and the ledger has them sealed.
func TestNamesAndWordsAreForFew(t *testing.T) {
	const name, words = "Zacharina Quist", "it began after the funeral"
	const staffs = "of the baker in Lunna" // in what the staff write about her
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
	coordinator := h.signIn(t, study.RoleCoordinator, "")
	for i, x := range [][3]string{
		{"report-adverse-event", `{"term":"a fall ` + staffs + `","coded":"Fall","severity":"mild","serious":true,"criteria":["hospitalisation"],"related":"possible","onset":"2026-03-02","outcome":"ongoing"}`, ""},
		{"note-deviation", `{"code":"kit-mix-up","date":"2026-03-02","note":"the kit ` + staffs + `"}`, ""},
		{"raise-query", `{"text":"is this the wife ` + staffs + `?"}`, ""},
		{"record-medication", `{"name":"aspirin","indication":"the back ` + staffs + `","ongoing":true}`, ""},
		{"excuse", `{"task":"visit","name":"day-7"}`, "away with the wife " + staffs},
	} {
		w := h.do(coordinator, http.MethodPost, "/api/v1/participants/"+string(who)+"/"+x[0], asJSON, `{"data":`+x[1]+`,"reason":"`+x[2]+`"}`, "Idempotency-Key", "by-staff-"+strconv.Itoa(i))
		if w.Code != http.StatusOK {
			t.Fatal(x[0], w.Code, w.Body)
		}
	}
	entries, err := h.trial.Entries(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(string(e.Bytes), "Lunna") || strings.Contains(string(e.Bytes), words) {
			t.Errorf("the ledger has it in the clear: %s", e.Bytes)
		}
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
			if strings.Contains(asStored.ReplaceAllString(body, ""), study.SealedMark) && !strings.HasSuffix(path, "/ledger") && !bytesOfLedger.MatchString(path) {
				t.Errorf("%s %s gives ciphertext for words", v.who, path)
			}
			if strings.Contains(body, words) || strings.Contains(body, "Lunna") {
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
			path := hole.ReplaceAllString(inPath.Replace(strings.NewReplacer("{subject}", string(who), "{instrument}", "isi").Replace(op.path)), "1")
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
