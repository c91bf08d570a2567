package api

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/desktest"
	"dvala/store/people"
	"dvala/study"
)

// By the API alone: a coordinator invites, somebody redeems the code, answers, and
// is herself; the invitation tells who came, and is closed.
func TestInvitedByTheAPI(t *testing.T) {
	m := desktest.New(t, small, 4)
	now := func() time.Time { return desktest.Start }
	office := desk.NewOffice(m, now)
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	svc, err := access.New(access.Config{Store: store, Door: office, Screening: office, Now: now, Rand: rand.Reader, Origin: "http://localhost:8080", Title: "A trial"})
	if err != nil {
		t.Fatal(err)
	}
	h := svc.Middleware(New(office, Options{Access: svc}))
	ask := func(token, method, path, body string, into any) int {
		t.Helper()
		r := httptest.NewRequest(method, "http://localhost:8080/api/v1"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if into != nil && w.Code < 300 {
			if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
				t.Fatalf("%s: %v\n%s", path, err, w.Body)
			}
		}
		return w.Code
	}
	anna := bearerOf(t, svc, "anna", desk.Grant{Role: study.RoleCoordinator, Site: "main"})
	var made HandedOpen
	if code := ask(anna, http.MethodPost, "/invitations", `{"site":"main","lang":"sv","most":2}`, &made); code != http.StatusOK || made.Code == "" || made.ID == "" {
		t.Fatalf("%d %+v", code, made)
	}
	var came Started
	if code := ask("", http.MethodPost, "/sign-in/redeem", `{"token":"`+made.Code+`"}`, &came); code != http.StatusOK {
		t.Fatal(code)
	}
	var done struct {
		Token, Subject string
	}
	const answers = `{"answers":{"age":41,"sex":"female","height":170.5,"poor_sleep":true}}`
	if code := ask(came.Token, http.MethodPost, "/me/screening", `{"answers":{"age":true}}`, nil); code != http.StatusUnprocessableEntity {
		t.Errorf("answers that are none: %d", code)
	}
	if code := ask(anna, http.MethodPost, "/me/screening", answers, nil); code < 400 {
		t.Errorf("a coordinator screens herself: %d", code)
	}
	if code := ask(came.Token, http.MethodPost, "/me/screening", answers, &done); code != http.StatusOK || done.Subject != "P0001" || done.Token == "" {
		t.Fatalf("%d %+v", code, done)
	}
	var list struct{ Invitations []Invitation }
	if code := ask(anna, http.MethodGet, "/invitations", "", &list); code != http.StatusOK || len(list.Invitations) != 1 || list.Invitations[0].Used != 1 || list.Invitations[0].Came[0] != "P0001" {
		t.Errorf("%d %+v", code, list)
	}
	if code := ask(done.Token, http.MethodGet, "/invitations", "", nil); code != http.StatusForbidden {
		t.Errorf("a participant sees the invitations: %d", code)
	}
	if code := ask(anna, http.MethodPost, "/invitations/"+made.ID+"/revoke", "", nil); code >= 300 {
		t.Errorf("closed: %d", code)
	}
	if code := ask("", http.MethodPost, "/sign-in/redeem", `{"token":"`+made.Code+`"}`, nil); code < 400 {
		t.Errorf("a closed invitation lets in: %d", code)
	}
}

// bearerOf signs a member of the staff in by a link.
func bearerOf(t *testing.T, svc *access.Service, id string, g desk.Grant) string {
	t.Helper()
	ctx := t.Context()
	_, err := svc.AddAccount(ctx, access.Shell(), access.Account{ID: id, Name: "Anna", Mail: id + "@clinic.example"})
	if err == nil {
		err = svc.GiveRole(ctx, access.Shell(), id, g, "begins")
	}
	if err != nil {
		t.Fatal(err)
	}
	link, err := svc.LinkFor(ctx, access.Shell(), id)
	if err != nil {
		t.Fatal(err)
	}
	st, err := svc.Redeem(ctx, access.Visit{Addr: id}, link.URL[strings.LastIndexByte(link.URL, '/')+1:])
	if err != nil {
		t.Fatal(err)
	}
	return st.Token
}
