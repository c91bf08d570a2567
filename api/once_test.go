package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/study"
)

// Every operation that can change something takes a key under which it is done
// once, or says in the description why it needs none.
func TestEveryWriteCanBeRepeated(t *testing.T) {
	_, api := build(nil, Options{})
	n, keys, known := 0, 0, map[string]bool{}
	for path, item := range api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			n++
			known[op.OperationID] = true
			takes := false
			for _, p := range op.Parameters {
				takes = takes || p.In == "header" && p.Name == "Idempotency-Key"
			}
			why, _ := op.Extensions[repeatMark].(string)
			_, nature := natural(op.OperationID)
			if takes {
				keys++
			}
			if takes == nature || nature && why == "" {
				t.Errorf("%s (%s): takes a key: %v, and otherwise: %q", op.OperationID, path, takes, why)
			}
		}
	}
	for id := range keyed {
		if !known[id] {
			t.Errorf("there is no operation %s that would take a key", id)
		}
	}
	for id := range byNature {
		if !known[id] && id != "attach-*" {
			t.Errorf("there is no operation %s", id)
		}
	}
	if n < 80 || keys < 70 {
		t.Errorf("%d operations that write, %d of which take a key", n, keys)
	}
}

// A retry is answered as the first time and does nothing; its key with another
// content is refused; and a secret is told again to the session that asked alone.
func TestAskedTwiceIsDoneOnce(t *testing.T) {
	_, svc, h := signedInTrial(t, Options{})
	ada := bearerOf(t, svc, "ada", desk.Grant{Role: study.RoleAdministrator})
	send := func(token, path, body, key string) *httptest.ResponseRecorder {
		return ask(h, http.MethodPost, base+path, body, "Authorization", "Bearer "+token, "Idempotency-Key", key)
	}
	for _, c := range []struct{ path, body, other string }{
		{"/accounts", `{"id":"mona","name":"Mona M","mail":""}`, `{"id":"mina","name":"Mina M","mail":""}`},
		{"/accounts/mona/roles", `{"role":"monitor","reason":"begins"}`, `{"role":"auditor","reason":"begins"}`},
		{"/accounts/mona/link", ``, ` `},
	} {
		first, again := send(ada, c.path, c.body, "once-"+c.path), send(ada, c.path, c.body, "once-"+c.path)
		if first.Code >= 300 || again.Code != first.Code || again.Body.String() != first.Body.String() || again.Header().Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: %d %s, again: %d %s", c.path, first.Code, first.Body, again.Code, again.Body)
		}
		if w := send(ada, c.path, c.other, "once-"+c.path); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "key-reused") {
			t.Errorf("%s with another content: %d %s", c.path, w.Code, w.Body)
		}
	}
	// The link that was told twice is one link, and lets somebody in once.
	var link Handed
	if err := json.Unmarshal(send(ada, "/accounts/mona/link", "", "once-/accounts/mona/link").Body.Bytes(), &link); err != nil || link.URL == "" {
		t.Fatal(err, link)
	}
	if _, err := svc.Redeem(t.Context(), svc.Visit(httptest.NewRequest(http.MethodPost, "/", nil)), link.URL[strings.LastIndex(link.URL, "/")+1:]); err != nil {
		t.Errorf("the link that was told again: %v", err)
	}
	// From another session of hers the secret is not told.
	second := bearerAgain(t, svc, "ada")
	if w := send(second, "/accounts/mona/link", "", "once-/accounts/mona/link"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "key-told") {
		t.Errorf("from another session: %d %s", w.Code, w.Body)
	}
	// Another account's key is another key, and what was refused may be asked again.
	eva := bearerOf(t, svc, "eva", desk.Grant{Role: study.RoleAdministrator})
	if w := send(eva, "/accounts", `{"id":"mona","name":"Mona M","mail":""}`, "once-/accounts"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("the same key of another account: %d %s", w.Code, w.Body)
	}
	if w := send(eva, "/accounts", `{"id":"mia","name":"Mia M","mail":""}`, "once-/accounts"); w.Code >= 300 {
		t.Errorf("after a refusal under the same key: %d %s", w.Code, w.Body)
	}
	if w := send(ada, "/accounts", `{"id":"mona","name":"Mona M","mail":""}`, "short"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a short key: %d", w.Code)
	}
}

// bearerAgain signs somebody in once more: another session of the same account.
func bearerAgain(t *testing.T, svc *access.Service, id string) string {
	t.Helper()
	link, err := svc.LinkFor(t.Context(), access.Shell(), id)
	if err != nil {
		t.Fatal(err)
	}
	st, err := svc.Redeem(t.Context(), access.Visit{Addr: id}, link.URL[strings.LastIndexByte(link.URL, '/')+1:])
	if err != nil {
		t.Fatal(err)
	}
	return st.Token
}
