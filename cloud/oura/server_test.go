package oura

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dvala/fault"
)

// spec is as much of Oura's OpenAPI document as the server below needs.
type spec struct {
	Paths map[string]map[string]struct {
		Parameters []struct{ Name, In string }
		Responses  map[string]any
	}
	Components struct {
		SecuritySchemes struct {
			OAuth2 struct {
				Flows struct {
					AuthorizationCode struct {
						AuthorizationURL, TokenURL string
						Scopes                     map[string]string
					}
				}
			}
		}
		Schemas map[string]struct {
			Properties map[string]struct{ Enum []string }
			Enum       []string
			Required   []string
		}
	}
}

// specification reads the document if the reference data are there.
func specification(t testing.TB) (spec, bool) {
	dir := os.Getenv("DVALA_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(dir, "data", "oura_openapi", "spec", "openapi.json"))
	if err != nil {
		return spec{}, false
	}
	var s spec
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s, true
}

// cloud is Oura's API as its OpenAPI document describes it, with a person's
// documents in it. It notes what is asked and refuses what the document does
// not allow.
type cloud struct {
	t    testing.TB
	spec *spec

	mu        sync.Mutex
	docs      map[string][]map[string]any // by route
	page      int                         // documents on a page
	fail      []func(w http.ResponseWriter)
	asked     []string
	access    string
	refresh   string
	challenge string
	code      string
	renewals  int
	subs      []Subscription
}

func newCloud(t testing.TB) (*cloud, *httptest.Server) {
	c := &cloud{t: t, docs: map[string][]map[string]any{}, page: 2, access: "access-1", refresh: "refresh-1"}
	if s, ok := specification(t); ok {
		c.spec = &s
	}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return c, server
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, r.Method+" "+r.URL.RequestURI())
	switch {
	case r.URL.Path == "/oauth/token":
		c.token(w, r)
		return
	case strings.HasPrefix(r.URL.Path, subscriptions):
		c.subscription(w, r)
		return
	}
	c.allowed(r)
	if len(c.fail) > 0 {
		f := c.fail[0]
		c.fail = c.fail[1:]
		if f != nil {
			f(w)
			return
		}
	}
	if r.Header.Get("Authorization") != "Bearer "+c.access {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	c.answer(w, r)
}

// allowed holds a request against the OpenAPI document.
func (c *cloud) allowed(r *http.Request) {
	if c.spec == nil {
		return
	}
	op, ok := c.spec.Paths[r.URL.Path][strings.ToLower(r.Method)]
	if !ok {
		c.t.Errorf("the API has no %s %s", r.Method, r.URL.Path)
	}
	for name := range r.URL.Query() {
		if !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == name && p.In == "query" }) {
			c.t.Errorf("%s has no parameter %s", r.URL.Path, name)
		}
	}
}

// answer gives a page. The sleep route leaves the last day out, as the real one
// has been seen to.
func (c *cloud) answer(w http.ResponseWriter, r *http.Request) {
	route, q := strings.TrimPrefix(r.URL.Path, documents), r.URL.Query()
	var found []map[string]any
	for _, d := range c.docs[route] {
		day := d["day"].(string)
		if day >= q.Get("start_date") && (day < q.Get("end_date") || day == q.Get("end_date") && route != "sleep") {
			found = append(found, d)
		}
	}
	from, _ := strconv.Atoi(strings.TrimPrefix(q.Get("next_token"), "at-"))
	to := min(from+c.page, len(found))
	answer := map[string]any{"data": slices.Clone(found[from:to]), "next_token": nil}
	if to < len(found) {
		answer["next_token"] = fmt.Sprintf("at-%d", to)
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		c.t.Error(err)
	}
}

// token is the token endpoint: a code once, with its proof; a refresh token once.
func (c *cloud) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(why string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"invalid_grant","error_description":%q}`, why)
	}
	if r.FormValue("client_id") != "app" || r.FormValue("client_secret") != "secret" {
		refuse("client")
		return
	}
	switch r.FormValue("grant_type") {
	case "authorization_code":
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if c.code == "" || r.FormValue("code") != c.code || base64.RawURLEncoding.EncodeToString(sum[:]) != c.challenge {
			refuse("code")
			return
		}
		c.code = ""
	case "refresh_token":
		if r.FormValue("refresh_token") != c.refresh {
			refuse("used")
			return
		}
		c.renewals++
	default:
		refuse("type")
		return
	}
	n := c.renewals + 2
	c.access, c.refresh = fmt.Sprintf("access-%d", n), fmt.Sprintf("refresh-%d", n)
	fmt.Fprintf(w, `{"token_type":"bearer","access_token":%q,"refresh_token":%q,"expires_in":86400}`, c.access, c.refresh)
}

func (c *cloud) subscription(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("x-client-id") != "app" || r.Header.Get("x-client-secret") != "secret" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, subscriptions), "/")
	if c.spec != nil {
		path := subscriptions
		switch {
		case strings.HasPrefix(id, "renew/"):
			path += "/renew/{id}"
		case id != "":
			path += "/{id}"
		}
		if _, ok := c.spec.Paths[path][strings.ToLower(r.Method)]; !ok {
			c.t.Errorf("the API has no %s %s", r.Method, path)
		}
	}
	var out any = c.subs
	switch r.Method {
	case http.MethodPost:
		var in map[string]string
		if json.NewDecoder(r.Body).Decode(&in) != nil || c.spec != nil && !slices.Contains(c.spec.Components.Schemas["ExtApiV2DataType"].Enum, in["data_type"]) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		s := Subscription{ID: fmt.Sprint(len(c.subs)), Callback: in["callback_url"], Event: in["event_type"], Type: in["data_type"], Expires: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
		c.subs = append(c.subs, s)
		w.WriteHeader(http.StatusCreated)
		out = s
	case http.MethodPut:
		n, err := strconv.Atoi(strings.TrimPrefix(id, "renew/"))
		if err != nil || n >= len(c.subs) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		c.subs[n].Expires = c.subs[n].Expires.AddDate(0, 3, 0)
		out = c.subs[n]
	case http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		c.t.Error(err)
	}
}

// clock is a time that passes only while one sleeps.
type clock struct {
	at    time.Time
	slept []time.Duration
}

func (c *clock) now() time.Time { return c.at }

func (c *clock) sleep(_ context.Context, d time.Duration) error {
	c.slept = append(c.slept, d)
	c.at = c.at.Add(d)
	return nil
}

// client gives a client of the server with a clock of its own.
func client(server *httptest.Server) (*Client, *clock) {
	at := &clock{at: time.Date(2026, 11, 23, 4, 29, 0, 0, time.UTC)}
	return &Client{
		Base: server.URL, TokenURL: server.URL + "/oauth/token", Now: at.now, Sleep: at.sleep,
		Token: Token{Access: "access-1", Refresh: "refresh-1", ClientID: "app", Secret: "secret"},
	}, at
}

// sleepOn gives a sleep document of a day.
func sleepOn(id, day string) map[string]any {
	return map[string]any{
		"id": id, "day": day, "type": "long_sleep", "bedtime_start": day + "T00:10:00+01:00", "bedtime_end": day + "T07:10:00+01:00", "time_in_bed": 25200,
		"sleep_phase_5_min": strings.Repeat("2", 84), "total_sleep_duration": 25200,
	}
}

// The addresses, the scope and the routes are those of the document.
func TestOpenAPI(t *testing.T) {
	s, ok := specification(t)
	if !ok {
		t.Skip("no reference data: set DVALA_REFERENCE")
	}
	flow := s.Components.SecuritySchemes.OAuth2.Flows.AuthorizationCode
	if flow.AuthorizationURL != AuthorizeURL || flow.TokenURL != TokenURL || flow.Scopes[Scope] == "" {
		t.Errorf("%+v", flow)
	}
	for _, route := range Routes {
		op, ok := s.Paths[documents+route]["get"]
		if !ok || op.Responses["429"] == nil {
			t.Errorf("no route %s", route)
		}
	}
	for _, name := range []string{"id", "callback_url", "event_type", "data_type", "expiration_time"} {
		if !slices.Contains(s.Components.Schemas["WebhookSubscriptionModel"].Required, name) {
			t.Errorf("a subscription has no %s", name)
		}
	}
}

func code(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != want {
		t.Errorf("%v, want [%s]", err, want)
	}
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}
