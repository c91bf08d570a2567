package api

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/contact"
	"dvala/desk/desktest"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
)

// Who somebody is is changed by whoever has read it as it stands, and what stood
// there is kept; nothing of it may lie on a browser's disk.
func TestContactOverHTTP(t *testing.T) {
	m := desktest.New(t, small, 1)
	m.Person(t, desktest.Start)
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	master, err := identity.GenerateMaster(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return day(1) }
	office := desk.NewOffice(m, now)
	_, svc, _ := signedInTrial(t, Options{})
	h := New(office, Options{Contact: contact.New(identity.New(store, master, rand.Reader, now), office, svc)})
	send := func(role study.Role, method, body string, headers ...string) (int, http.Header, string) {
		c := everybody()[role]
		w := ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
		}), method, base+"/participants/P0001/contact", body, headers...)
		return w.Code, w.Header(), w.Body.String()
	}
	const coord = study.RoleCoordinator
	code, header, _ := send(coord, http.MethodGet, "")
	if code != http.StatusOK || header.Get("ETag") != `"none"` || header.Get("Cache-Control") != "no-store" {
		t.Fatalf("nobody known: %d %v", code, header)
	}
	if code, _, body := send(coord, http.MethodPut, `{"name":"Astrid Ek"}`); code != http.StatusPreconditionRequired {
		t.Errorf("without If-Match: %d %s", code, body)
	}
	code, header, body := send(coord, http.MethodPut, `{"name":"Astrid Ek"}`, "If-Match", `"none"`)
	first := header.Get("ETag")
	if code != http.StatusOK || first == "" || !strings.Contains(body, "Astrid Ek") {
		t.Fatalf("the first: %d %s", code, body)
	}
	if code, _, body := send(coord, http.MethodPut, `{"name":"Astrid Öberg"}`, "If-Match", first); code != http.StatusUnprocessableEntity || !strings.Contains(body, "reason-missing") {
		t.Errorf("without a reason: %d %s", code, body)
	}
	if code, _, body := send(coord, http.MethodPut, `{"name":"Astrid Öberg","reason":"she married"}`, "If-Match", first); code != http.StatusOK {
		t.Errorf("with one: %d %s", code, body)
	}
	if code, _, body := send(study.RoleInvestigator, http.MethodPut, `{"name":"Astrid Eek","reason":"misspelt"}`, "If-Match", first); code != http.StatusPreconditionFailed {
		t.Errorf("of what was changed since: %d %s", code, body)
	}
	if code, _, body := send(study.RoleMonitor, http.MethodPut, `{"name":"x"}`, "If-Match", first); code != http.StatusForbidden {
		t.Errorf("a monitor: %d %s", code, body)
	}
	w := ask(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), everybody()[coord])))
	}), http.MethodGet, base+"/participants/P0001/contact/before", "")
	var before struct{ Changes []ContactBefore }
	if err := json.Unmarshal(w.Body.Bytes(), &before); err != nil || len(before.Changes) != 2 || before.Changes[1].Was.Name != "Astrid Ek" || before.Changes[1].Reason != "she married" || before.Changes[1].Role != string(coord) {
		t.Errorf("before: %s", w.Body)
	}
}

// What is about people is never stored by a browser; what is the same for all
// may be, and is asked for anew.
func TestWhatABrowserMayStore(t *testing.T) {
	m := desktest.New(t, small, 1)
	m.Person(t, desktest.Start)
	h := as(m, everybody()[study.RoleMonitor], day(1))
	for path, want := range map[string]string{
		"/overview": "no-store", "/participants": "no-store", "/participants/P0001": "no-store", "/trail": "no-store", "/ledger": "no-store", "/nothing": "no-store",
		"/protocol": "private, no-cache", "/ledger/checkpoint": "private, no-cache", "/openapi.yaml": "private, no-cache",
	} {
		w := ask(h, http.MethodGet, base+path, "")
		if got := w.Header().Get("Cache-Control"); got != want || w.Code == http.StatusOK && w.Header().Get("ETag") == "" {
			t.Errorf("%s: %d %q, ETag %s", path, w.Code, got, w.Header().Get("ETag"))
		}
	}
}
