package api

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
)

// What a person said in her own words, and what it was before a correction, is
// given to those who may read it, and never as ciphertext.
func TestPersonsWordsAreRead(t *testing.T) {
	m := desktest.New(t, small, 1)
	who := m.Person(t, desktest.Start)
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	master, err := identity.GenerateMaster(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return day(1) }
	office := desk.NewOffice(m, now)
	office.Furnish(desk.Parts{Vault: identity.New(store, master, rand.Reader, now)})
	anna := everybody()[study.RoleCoordinator]
	told, err := office.Do(t.Context(), anna, desk.Request{Subject: who, Key: "w1", Cmd: study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
		Term: "headache", Words: "efter kaffet", Severity: "mild", Related: "possible", Onset: civil.DateOf(day(0)), Outcome: "ongoing",
	}}})
	if err != nil {
		t.Fatal(err)
	}
	fix := study.Correct{Entry: told.First, Field: "words", New: desktest.JSON("efter teet")}
	if _, err := office.Do(t.Context(), anna, desk.Request{Subject: who, Key: "w2", Reason: "asked her", Cmd: fix}); err != nil {
		t.Fatal(err)
	}
	h := New(office, Options{Poll: time.Millisecond})
	served := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), anna)))
	})
	body := ask(served, http.MethodGet, base+"/participants/"+string(who), "").Body.String()
	if strings.Contains(body, study.SealedMark) || !strings.Contains(body, "efter kaffet") || !strings.Contains(body, "efter teet") {
		t.Errorf("a coordinator is given %s", body)
	}
}
