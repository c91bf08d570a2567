package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ouraCloud is a little of Oura: a token for any code, and one night.
func ouraCloud(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code_verifier") == "" || r.FormValue("client_secret") != "secret" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"access_token":"access","refresh_token":"refresh","expires_in":3600}`)
	})
	mux.HandleFunc("GET /v2/usercollection/{route}", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.PathValue("route") == "sleep" {
			fmt.Fprint(w, ouraFile(t))
			return
		}
		fmt.Fprint(w, `{"data":[],"next_token":null}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// browser opens the page that is printed and lets the application in.
type browser struct {
	bytes.Buffer
	t    *testing.T
	done bool
}

func (b *browser) Write(p []byte) (int, error) {
	n, err := b.Buffer.Write(p)
	at := strings.Index(b.String(), "http")
	if b.done || at < 0 {
		return n, err
	}
	b.done = true
	page, perr := url.Parse(strings.Fields(b.String()[at:])[0])
	if perr != nil {
		b.t.Fatal(perr)
	}
	q := page.Query()
	resp, gerr := http.Get(q.Get("redirect_uri") + "?code=c&state=" + q.Get("state"))
	if gerr != nil {
		b.t.Fatal(gerr)
	}
	defer resp.Body.Close()
	_, gerr = io.Copy(io.Discard, resp.Body)
	return n, gerr
}

// From consent to a scored night, and a second fetch that finds nothing new.
func TestOuraFromConsentToNight(t *testing.T) {
	server, dir := ouraCloud(t), t.TempDir()
	token, out := filepath.Join(dir, "token.json"), filepath.Join(dir, "nights")
	page := &browser{t: t}
	now := func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }
	p := &Program{Stdout: page, Stderr: io.Discard, Now: now}
	login := OuraLoginCmd{ouraToken: ouraToken{Token: token, TokenURL: server.URL + "/oauth/token"}, ClientID: "app", ClientSecret: "secret", AuthorizeURL: server.URL + "/authorize", Wait: 10 * time.Second}
	if err := login.Run(p); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(token); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	var told bytes.Buffer
	p.Stdout = &told
	fetch := OuraFetchCmd{ouraToken: login.ouraToken, Out: out, Base: server.URL}
	for range 2 {
		if err := fetch.Run(p); err != nil {
			t.Fatal(err)
		}
	}
	if got := told.String(); !strings.HasPrefix(got, "2026-11-09 to 2026-11-23: 1 new, 0 corrected, 0 gone, 0 as before\n") || !strings.HasSuffix(got, "0 new, 0 corrected, 0 gone, 1 as before\n") {
		t.Errorf("%s", got)
	}
	scored, problems, err := runScore(t, out)
	if err != nil || problems != "" || !strings.Contains(scored, "night to 2026-11-23") || !strings.Contains(scored, "435.0 min") {
		t.Errorf("%v %s\n%s", err, problems, scored)
	}
}

func TestOuraRefuses(t *testing.T) {
	p := &Program{Stdout: io.Discard, Stderr: io.Discard, Now: time.Now}
	dir := t.TempDir()
	for _, c := range []struct {
		cmd  OuraFetchCmd
		want string
	}{
		{OuraFetchCmd{From: "yesterday", To: "23/11/2026", Out: dir}, "--to: \"23/11/2026\" is not a date"},
		{OuraFetchCmd{ouraToken: ouraToken{Token: filepath.Join(dir, "none")}, Out: dir}, "there is no token yet"},
	} {
		if err := c.cmd.Run(p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}
