package oura

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/wearable/archive"
	reader "dvala/wearable/oura"
)

var ctx = context.Background()

func day(n int) civil.Date { return civil.On(2026, 11, 1).Add(n) }

// Five documents come on three pages, the last day with them.
func TestPages(t *testing.T) {
	c, server := newCloud(t)
	for i := range 5 {
		c.docs["sleep"] = append(c.docs["sleep"], sleepOn(fmt.Sprint(i), day(i).String()))
	}
	api, _ := client(server)
	docs, err := api.Fetch(ctx, "sleep", day(0), day(4))
	if err != nil || len(docs) != 5 || len(c.asked) != 3 {
		t.Fatalf("%d documents, %v, %v", len(docs), c.asked, err)
	}
	if !strings.Contains(c.asked[0], "end_date=2026-11-06") || !strings.Contains(c.asked[2], "next_token=at-4") {
		t.Errorf("%v", c.asked)
	}
}

func status(code int, head ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i+1 < len(head); i += 2 {
			w.Header().Set(head[i], head[i+1])
		}
		w.WriteHeader(code)
	}
}

// What is waited for, and for how long.
func TestPatience(t *testing.T) {
	reset := fmt.Sprint(time.Date(2026, 11, 23, 4, 31, 30, 0, time.UTC).Unix())
	for name, c := range map[string]struct {
		fail []func(http.ResponseWriter)
		want string
		code fault.Code
	}{
		"as long as it says":              {[]func(http.ResponseWriter){status(429, "Retry-After", "7")}, "[7s]", ""},
		"until a date":                    {[]func(http.ResponseWriter){status(429, "Retry-After", "Mon, 23 Nov 2026 04:30:00 GMT")}, "[1m0s]", ""},
		"until the window begins anew":    {[]func(http.ResponseWriter){status(429, "X-RateLimit-Reset", reset)}, "[2m30s]", ""},
		"a server that stumbles":          {[]func(http.ResponseWriter){status(502), status(503), status(500)}, "[1s 2s 4s]", ""},
		"a server that lies":              {[]func(http.ResponseWriter){status(500), status(500), status(500), status(500), status(500), status(500)}, "[1s 2s 4s 8s 16s]", "oura-server"},
		"an hour is too long":             {[]func(http.ResponseWriter){status(429, "Retry-After", "3600")}, "[]", "oura-limit"},
		"a membership that has ended":     {[]func(http.ResponseWriter){status(403)}, "[]", "oura-refused"},
		"a question that is wrong":        {[]func(http.ResponseWriter){status(400)}, "[]", "oura-refused"},
		"a redirection is not followed":   {[]func(http.ResponseWriter){status(302, "Location", "https://elsewhere.example/")}, "[]", "oura-refused"},
		"an answer that is no page":       {[]func(http.ResponseWriter){func(w http.ResponseWriter) { fmt.Fprint(w, "<html>") }}, "[]", "oura-answer"},
		"pages that go round in a circle": {[]func(http.ResponseWriter){circle, circle}, "[]", "oura-pages"},
	} {
		server, api, at := broken(t, c.fail)
		_, err := api.Fetch(ctx, "sleep", day(0), day(1))
		if fault.CodeOf(err) != c.code || fmt.Sprint(at.slept) != c.want {
			t.Errorf("%s: %v, slept %v, want %s %s", name, err, at.slept, c.want, c.code)
		}
		server.Close()
	}
}

func circle(w http.ResponseWriter) { fmt.Fprint(w, `{"data":[],"next_token":"x"}`) }

func broken(t *testing.T, fail []func(http.ResponseWriter)) (*httptest.Server, *Client, *clock) {
	c, server := newCloud(t)
	c.fail = fail
	api, at := client(server)
	return server, api, at
}

// The 5,001st request of five minutes waits for the first to be five minutes old.
func TestLimit(t *testing.T) {
	at := &clock{at: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	l := limiter{n: Limit, span: Window}
	for i := range Limit + 2 {
		if i == 1 {
			at.at = at.at.Add(time.Minute)
		}
		if err := l.wait(ctx, at.now, at.sleep); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(at.slept) != "[4m0s 1m0s]" {
		t.Errorf("%v", at.slept)
	}
	failing := limiter{n: 1, span: Window}
	stop := func(context.Context, time.Duration) error { return context.Canceled }
	if err := errors.Join(failing.wait(ctx, at.now, stop), nil); err != nil {
		t.Fatal(err)
	}
	if err := failing.wait(ctx, at.now, stop); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := pause(cancelled, time.Hour); err == nil {
		t.Error("slept through a cancellation")
	}
}

// An expired token is renewed before it is used, a refused one once; what is
// kept is the new one, and the old refresh token is worth nothing.
func TestRenewal(t *testing.T) {
	c, server := newCloud(t)
	api, _ := client(server)
	path := filepath.Join(t.TempDir(), "token.json")
	api.Renewed = func(t Token) error { return SaveToken(path, t) }
	c.access = "access-0" // so that access-1 is refused
	if _, err := api.Fetch(ctx, "sleep", day(0), day(1)); err != nil {
		t.Fatal(err)
	}
	kept, err := LoadToken(path)
	if err != nil || kept != api.Token || kept.Refresh != "refresh-3" || kept.ClientID != "app" {
		t.Fatalf("%+v %+v %v", kept, api.Token, err)
	}
	api.Token.Expires = api.now().Add(30 * time.Second)
	if _, err := api.Fetch(ctx, "sleep", day(0), day(1)); err != nil || c.renewals != 2 {
		t.Errorf("%d renewals, %v", c.renewals, err)
	}
	api.Token.Access, api.Token.Refresh = "old", "refresh-1"
	_, err = api.Fetch(ctx, "sleep", day(0), day(1))
	code(t, err, "oura-refused")
	api.Token = Token{Access: "old"}
	_, err = api.Fetch(ctx, "sleep", day(0), day(1))
	code(t, err, "oura-refused")
	// One that cannot be kept is not used.
	api.Token, api.Renewed = Token{Access: "old", Refresh: c.refresh, ClientID: "app", Secret: "secret"}, func(Token) error { return errors.New("disk full") }
	if _, err := api.Fetch(ctx, "sleep", day(0), day(1)); err == nil || api.Token.Access != "old" {
		t.Errorf("%v", err)
	}
}

// A token goes to https and to this machine, and its file is for its owner.
func TestTokensStayClose(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://api.ouraring.com": true, "http://127.0.0.1:8000": true, "http://localhost": true, "http://[::1]:80": true,
		"http://api.ouraring.com": false, "ftp://127.0.0.1": false, "api.ouraring.com": false, "": false, "http://127.0.0.1.example.org": false,
	} {
		if err := safe(address); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	api := &Client{Base: "http://api.ouraring.com"}
	_, err := api.Fetch(ctx, "sleep", day(0), day(1))
	code(t, err, "oura-address")
	path := filepath.Join(t.TempDir(), "token.json")
	_, err = LoadToken(path)
	code(t, err, "oura-token")
	if err := SaveToken(path, Token{Access: "a"}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = LoadToken(path)
	code(t, err, "oura-token-open")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = LoadToken(path)
	code(t, err, "oura-token")
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return on
}

// A browser that consents, after a stranger's answer was turned away.
func TestLogin(t *testing.T) {
	c, server := newCloud(t)
	api, _ := client(server)
	app := App{ID: "app", Secret: "secret", AuthorizeURL: server.URL + "/oauth/authorize", TokenURL: server.URL + "/oauth/token"}
	visit := func(t *testing.T, address string) int {
		resp, err := http.Get(address)
		if err != nil {
			t.Error(err)
			return 0
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Error(err)
		}
		return resp.StatusCode
	}
	token, err := api.Login(ctx, app, listen(t), bytes.NewReader(bytes.Repeat([]byte{7}, 64)), func(page string) {
		q := query(t, page)
		if !strings.HasPrefix(page, app.AuthorizeURL+"?") || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "daily" || len(q.Get("state")) < 40 {
			t.Errorf("%s", page)
		}
		c.code, c.challenge = "the-code", q.Get("code_challenge")
		back := q.Get("redirect_uri")
		if got := visit(t, back+"?code=stolen&state=guessed"); got != http.StatusBadRequest {
			t.Errorf("a wrong state gets %d", got)
		}
		if got := visit(t, back+"?code=the-code&state="+q.Get("state")); got != http.StatusOK {
			t.Errorf("the answer gets %d", got)
		}
	})
	if err != nil || token.Access != "access-2" || token.Refresh != "refresh-2" || token.ClientID != "app" || !token.Expires.Equal(api.now().Add(24*time.Hour)) {
		t.Errorf("%+v %v", token, err)
	}
	_, err = api.Login(ctx, app, listen(t), bytes.NewReader(make([]byte, 64)), func(page string) {
		q := query(t, page)
		visit(t, q.Get("redirect_uri")+"?error=access_denied&state="+q.Get("state"))
	})
	code(t, err, "oura-consent")
	// A code with another's proof is worth nothing.
	_, err = api.Login(ctx, app, listen(t), bytes.NewReader(make([]byte, 64)), func(page string) {
		q := query(t, page)
		c.code, c.challenge = "the-code", "another's"
		visit(t, q.Get("redirect_uri")+"?code=the-code&state="+q.Get("state"))
	})
	code(t, err, "oura-refused")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = api.Login(cancelled, app, listen(t), bytes.NewReader(make([]byte, 64)), func(string) {})
	code(t, err, "oura-consent")
	_, err = api.Login(ctx, app, listen(t), bytes.NewReader(nil), func(string) {})
	code(t, err, "oura-random")
	if on, err := net.Listen("tcp", "0.0.0.0:0"); err == nil {
		_, err = api.Login(ctx, app, on, bytes.NewReader(make([]byte, 64)), func(string) {})
		code(t, err, "oura-loopback")
		on.Close()
	}
}

// nights reads a folder as its owner would, and tells each night's stages.
func nights(t *testing.T, dir string) string {
	t.Helper()
	names, err := namesIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	var files []archive.File
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(dir, n))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, archive.Bytes(n, b))
	}
	r, err := reader.ReadExport(files, reader.Options{})
	if err != nil || r.Warnings.Err() != nil {
		t.Fatal(err, r.Warnings)
	}
	out := ""
	for _, n := range r.Nights {
		out += fmt.Sprintf("%v %v; ", n.Date, n.Main)
	}
	return out
}

// A first update, one with nothing new, one with a correction, a night that the
// person deleted and a new one: what lies there reads as the API is now.
func TestUpdate(t *testing.T) {
	c, server := newCloud(t)
	api, at := client(server)
	dir := t.TempDir()
	c.docs["sleep"] = []map[string]any{sleepOn("a", "2026-11-20"), sleepOn("b", "2026-11-21"), sleepOn("old", "2026-10-01")}
	c.docs["daily_sleep"] = []map[string]any{{"id": "s", "day": "2026-11-20", "score": 81, "timestamp": "2026-11-20T00:00:00+01:00", "contributors": map[string]any{}}}
	changes, err := api.Update(ctx, dir, civil.Date{}, civil.On(2026, 11, 21))
	if err != nil || changes.New != 3 || changes.From != civil.On(2026, 11, 7) || changes.File != "oura-20261123T042900.000Z.json" {
		t.Fatalf("%+v %v", changes, err)
	}
	if info, err := os.Stat(filepath.Join(dir, changes.File)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	changes, err = api.Update(ctx, dir, civil.Date{}, civil.On(2026, 11, 21))
	if err != nil || changes.File != "" || changes.Unchanged != 3 {
		t.Fatalf("%+v %v", changes, err)
	}
	corrected := sleepOn("a", "2026-11-20")
	corrected["sleep_phase_5_min"], corrected["total_sleep_duration"] = strings.Repeat("2", 80)+"4444", 24000
	c.docs["sleep"] = []map[string]any{corrected, sleepOn("c", "2026-11-22")}
	at.at = at.at.Add(24 * time.Hour)
	changes, err = api.Update(ctx, dir, civil.Date{}, civil.On(2026, 11, 22))
	if err != nil || changes.New != 1 || changes.Corrected != 1 || changes.Gone != 1 || changes.From != civil.On(2026, 11, 7) {
		t.Fatalf("%+v %v", changes, err)
	}
	if got := nights(t, dir); got != "2026-11-20 80L 4W; 2026-11-22 84L; " {
		t.Errorf("%s", got)
	}
	// Nothing more happens to what is gone, and a clock that stands still is told.
	changes, err = api.Update(ctx, dir, civil.Date{}, civil.On(2026, 11, 22))
	if err != nil || changes.Gone != 0 || changes.File != "" {
		t.Errorf("%+v %v", changes, err)
	}
	c.docs["sleep"] = append(c.docs["sleep"], sleepOn("d", "2026-11-22"))
	_, err = api.Update(ctx, dir, civil.Date{}, civil.On(2026, 11, 22))
	code(t, err, "oura-clock")
	_, err = api.Update(ctx, dir, civil.On(2026, 11, 23), civil.On(2026, 11, 22))
	code(t, err, "oura-dates")
	_, err = api.Update(ctx, filepath.Join(dir, "nowhere"), civil.Date{}, civil.On(2026, 11, 22))
	code(t, err, "oura-folder")
	if err := os.WriteFile(filepath.Join(dir, "oura-x.json"), []byte("["), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = api.Update(ctx, dir, civil.Date{}, civil.On(2026, 11, 22))
	code(t, err, "oura-folder")
}

// White space and the order of keys are no correction.
func TestSameDocument(t *testing.T) {
	_, _, a := identify(json.RawMessage(`{"id":"x","day":"2026-11-20","n":1.50}`))
	id, d, b := identify(json.RawMessage("{\"n\": 1.50,\n \"day\": \"2026-11-20\", \"id\": \"x\"}"))
	if a != b || id != "x" || d != civil.On(2026, 11, 20) {
		t.Errorf("%s %s", a, b)
	}
	if id, _, text := identify(json.RawMessage("7")); id != "" || text != "7" {
		t.Error(id, text)
	}
}
