package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"dvala/civil"
	cloud "dvala/cloud/oura"
	"dvala/desk"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
	"dvala/ui/person"
	"dvala/wearable/oura"
)

// vendor is as much of Oura as a ring needs: tokens for a code with its proof,
// a refresh token that works once, and nights.
type vendor struct {
	*httptest.Server
	challenge, redirect string
	access, refresh     int
	night               []byte // oura.Documents
	gone                bool   // the person took her consent back at Oura's
	busy                string // seconds that Oura asks to wait
	asked               int
	hooks               []cloud.Subscription
}

func newVendor(t *testing.T) *vendor {
	v := &vendor{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		proof := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		right := r.FormValue("client_id") == "app" && r.FormValue("client_secret") == "secret" && !v.gone
		switch r.FormValue("grant_type") {
		case "authorization_code":
			right = right && r.FormValue("code") == "good" && r.FormValue("redirect_uri") == v.redirect && base64.RawURLEncoding.EncodeToString(proof[:]) == v.challenge
		default:
			right = right && r.FormValue("refresh_token") == fmt.Sprint("refresh-", v.refresh)
		}
		if !right {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		v.access++
		v.refresh++
		fmt.Fprintf(w, `{"access_token":"access-%d","refresh_token":"refresh-%d","expires_in":86400}`, v.access, v.refresh)
	})
	mux.HandleFunc("GET /v2/webhook/subscription", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(v.hooks)
	})
	mux.HandleFunc("POST /v2/webhook/subscription", func(w http.ResponseWriter, r *http.Request) {
		var s cloud.Subscription
		if err := json.NewDecoder(r.Body).Decode(&s); err != nil || r.Header.Get("x-client-secret") != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		s.ID, s.Expires = fmt.Sprint(len(v.hooks)), time.Now().AddDate(0, 0, 90)
		v.hooks = append(v.hooks, s)
		_ = json.NewEncoder(w).Encode(s)
	})
	mux.HandleFunc("GET /v2/usercollection/{route}", func(w http.ResponseWriter, r *http.Request) {
		v.asked++
		if v.busy != "" {
			w.Header().Set("Retry-After", v.busy)
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		if r.Header.Get("Authorization") != fmt.Sprint("Bearer access-", v.access) || v.gone {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var docs oura.Documents
		if r.PathValue("route") == "sleep" && len(v.night) > 0 {
			if err := json.Unmarshal(v.night, &docs); err != nil {
				t.Error(err)
			}
		}
		if err := json.NewEncoder(w).Encode(oura.Page[oura.Sleep]{Data: docs.Sleep}); err != nil {
			t.Error(err)
		}
	})
	v.Server = httptest.NewServer(mux)
	t.Cleanup(v.Close)
	return v
}

// ringed is a trial whose participant may connect her ring.
type ringed struct {
	*sent
	vendor *vendor
	rings  *rings
	dir    string
	master identity.Master
}

func newRinged(t *testing.T) *ringed {
	t.Helper()
	r := &ringed{vendor: newVendor(t), dir: t.TempDir()}
	store, err := people.Open(t.Context(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if r.master, err = identity.GenerateMaster(rand.Reader); err != nil {
		t.Fatal(err)
	}
	r.sent = newSent(t, func(office *desk.Office, now func() time.Time) person.Options {
		d := &servedDesk{people: &peopleStore{Store: store}, origin: "https://trial.example", now: now, oura: OuraFlags{
			Client: "app", Secret: "secret", base: r.vendor.URL, authorize: r.vendor.URL + "/oauth/authorize", token: r.vendor.URL + "/oauth/token",
		}}
		r.rings = newRings(d, office, func(look func(*study.State)) { r.trial.View(look) }, identity.New(store, r.master, rand.Reader, now))
		return person.Options{Ring: r.rings, Upload: newUploads(office, now)}
	})
	return r
}

func (r *ringed) press(what string) (int, string) {
	req := httptest.NewRequest(http.MethodPost, "/me/ring", strings.NewReader("do="+what))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	code, body, _ := r.do(req)
	return code, body
}

func (r *ringed) page(path string) (int, string) {
	code, body, _ := r.do(httptest.NewRequest(http.MethodGet, path, nil))
	return code, body
}

// connect begins, and gives the state that Oura is sent.
func (r *ringed) connect(t *testing.T) string {
	t.Helper()
	_, body := r.press("connect")
	m := regexp.MustCompile(`href="([^"]*/oauth/authorize[^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatal(body)
	}
	at, err := url.Parse(html.UnescapeString(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	q := at.Query()
	r.vendor.challenge, r.vendor.redirect = q.Get("code_challenge"), q.Get("redirect_uri")
	if q.Get("client_id") != "app" || q.Get("code_challenge_method") != "S256" || r.vendor.redirect != "https://trial.example/me/ring/back" {
		t.Errorf("%v", q)
	}
	return q.Get("state")
}

// From consent at Oura's to nights, corrections, and the end of it.
func TestRing(t *testing.T) {
	r := newRinged(t)
	state := r.connect(t)
	for _, wrong := range []string{"?code=good&state=other", "?code=good", "?state=&code=good"} {
		if code, body := r.page("/me/ring/back" + wrong); code != http.StatusUnprocessableEntity || !strings.Contains(body, "not to a question you asked here") {
			t.Errorf("%s: %d", wrong, code)
		}
	}
	if code, _ := r.page("/me/ring/back?code=good&state=" + state); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	if code, _ := r.page("/me/ring/back?code=good&state=" + state); code != http.StatusUnprocessableEntity {
		t.Errorf("an answer counts twice: %d", code)
	}
	_, body := r.page("/me/ring")
	contains(t, body, "Your ring is connected since 8 March 2026", "Disconnect the ring")
	for _, secret := range []string{"access-1", "refresh-1", "secret"} { // at rest
		for _, f := range []string{"people.db", "people.db-wal"} {
			if raw, err := os.ReadFile(filepath.Join(r.dir, f)); err == nil && bytes.Contains(raw, []byte(secret)) {
				t.Errorf("%s holds %q in the clear", f, secret)
			}
		}
	}
	_, body = r.press("fetch")
	contains(t, body, "no night in it")
	r.vendor.night = mornings(t, night, 1, 4, 5)
	r.vendor.access += 10 // the token has lapsed: it is renewed and the new one kept
	_, body = r.press("fetch")
	contains(t, body, "2 nights were kept.", "1 night was left out")
	before := r.size(t)
	_, body = r.press("fetch")
	contains(t, body, "2 nights had come already")
	if after := r.size(t); after != before {
		t.Errorf("nothing new made %d entries", after-before)
	}
	r.vendor.night = mornings(t, "20W 300N2 100N3 80R 19W 290N2 90R 1W", 5)
	_, body = r.press("fetch")
	contains(t, body, "1 night differs")
	if got := r.nights()[civil.On(2026, 3, 5)]; got.Superseded != 1 {
		t.Errorf("%+v", got)
	}
	r.vendor.gone = true
	code, body := r.press("fetch")
	if code != http.StatusUnprocessableEntity {
		t.Error(code)
	}
	contains(t, body, "no longer answers to what you allowed")
	r.press("disconnect")
	_, body = r.page("/me/ring")
	contains(t, body, "Connect the ring")
	if kept, _ := r.rings.store.Rings(t.Context()); len(kept) != 0 || len(r.nights()) != 2 {
		t.Errorf("%v, %d nights", kept, len(r.nights()))
	}
}

// Nobody else can finish what a person began, and not another session of hers.
func TestRingOfAnother(t *testing.T) {
	r := newRinged(t)
	state := r.connect(t)
	c := desk.Participant(r.who)
	c.Session = "another"
	if err := r.rings.Finish(t.Context(), c, state, "good", ""); err == nil {
		t.Error("another session finished it")
	}
	c = desk.Participant("P-OTHER")
	if err := r.rings.Finish(t.Context(), c, state, "good", ""); err == nil {
		t.Error("another person finished it")
	}
	if code, body := r.page("/me/ring/back?error=access_denied&state=" + state); code != http.StatusUnprocessableEntity || !strings.Contains(body, "You said no at Oura") {
		t.Errorf("%d", code)
	}
}

// lookAll has all nights fetched whose turn it is, as the jobs do.
func (r *ringed) lookAll(t *testing.T) {
	t.Helper()
	if err := r.rings.look(t.Context(), false, func(who study.Subject) error { return r.rings.pull(t.Context(), who) }); err != nil {
		t.Error(err)
	}
}

// Nights come by themselves, in the system's name, and what was allowed is gone
// with the person's key.
func TestRingByItself(t *testing.T) {
	r := newRinged(t)
	r.vendor.night = mornings(t, night, 4, 5)
	if code, _ := r.page("/me/ring/back?code=good&state=" + r.connect(t)); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	r.lookAll(t)
	if n := len(r.nights()); n != 2 {
		t.Fatalf("%d nights", n)
	}
	r.trial.View(func(s *study.State) {
		if f, ok := s.LastAt(); !ok || f.IsZero() {
			t.Error("nothing on the ledger")
		}
	})
	r.vendor.night = mornings(t, night, 4, 5, 6)
	r.lookAll(t) // not its turn
	if n := len(r.nights()); n != 2 {
		t.Errorf("%d nights", n)
	}
	if err := r.rings.vault.Erase(context.Background(), r.who); err != nil {
		t.Fatal(err)
	}
	if _, err := r.rings.Fetch(t.Context(), desk.Participant(r.who)); err == nil {
		t.Error("what lay under a destroyed key was used")
	}
}

// Where the server is not known to Oura the page says so.
func TestNoClientNoRing(t *testing.T) {
	r := newRinged(t)
	r.rings.flags.Client = ""
	_, body := r.page("/me/ring")
	contains(t, body, "has no access to Oura", `type="file"`)
}

// Of whoever stops wearing devices nothing more is asked, and what she allowed
// is forgotten.
func TestRingAfterLeaving(t *testing.T) {
	r := newRinged(t)
	r.vendor.night = mornings(t, night, 4)
	if code, _ := r.page("/me/ring/back?code=good&state=" + r.connect(t)); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	now := r.rings.now()
	r.trial.Do(t, study.Withdraw{From: study.FromDevice, Why: "other"}, now, r.who)
	r.lookAll(t)
	if kept, _ := r.rings.store.Rings(t.Context()); len(kept) != 0 || len(r.nights()) != 0 {
		t.Errorf("%v, %d nights", kept, len(r.nights()))
	}
}

// Where Oura asks for patience the job waits outside, and no other of this
// process goes there before; a consent that has ended is not tried again.
func TestOuraIsLeftInPeace(t *testing.T) {
	r := newRinged(t)
	if code, _ := r.page("/me/ring/back?code=good&state=" + r.connect(t)); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	r.vendor.busy = "600"
	for range 3 {
		var wait *rivertype.JobSnoozeError
		if err := r.rings.pull(t.Context(), r.who); !errors.As(err, &wait) || wait.Duration < 9*time.Minute || wait.Duration > 10*time.Minute {
			t.Errorf("asked to come in ten minutes, it comes %v", err)
		}
	}
	if r.vendor.asked != 1 {
		t.Errorf("Oura was asked %d times", r.vendor.asked)
	}
	r.vendor.busy, r.rings.until, r.vendor.gone = "", time.Time{}, true
	var end *rivertype.JobCancelError
	if err := r.rings.pull(t.Context(), r.who); !errors.As(err, &end) {
		t.Errorf("%v", err)
	}
	if k, ok, err := r.rings.store.Ring(t.Context(), r.who); !ok || err != nil || k.Ended.IsZero() {
		t.Errorf("%+v %v", k, err)
	}
	if err := r.rings.pull(t.Context(), r.who); err != nil {
		t.Error(err)
	}
}

// Oura's news, told twice and at two servers, ask for one look; its subscriptions
// are made once.
func TestOuraTells(t *testing.T) {
	r := newRinged(t)
	_, b := bench(t)
	q, err := b.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stopJobs(context.Background(), q); err != nil {
			t.Error(err)
		}
	}()
	r.rings.flags.Hook = "a long word"
	now := time.Now
	r.rings.now = now
	told := func(body string, sign func(string, []byte) string) int {
		h := r.rings.hook(q, slog.New(slog.DiscardHandler)) // a server of its own
		stamp := fmt.Sprint(now().Unix())
		req := httptest.NewRequest(http.MethodPost, hookPath, strings.NewReader(body))
		req.Header.Set("x-oura-timestamp", stamp)
		req.Header.Set("x-oura-signature", sign(stamp, []byte(body)))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		return rec.Code
	}
	right := func(stamp string, body []byte) string { return cloud.Sign("secret", stamp, body) }
	wrong := func(stamp string, body []byte) string { return cloud.Sign("other", stamp, body) }
	const sleep, tag = `{"event_type":"create","data_type":"sleep","object_id":"1","user_id":"u"}`, `{"event_type":"create","data_type":"tag","object_id":"2","user_id":"u"}`
	if a, b, c, d := told(sleep, right), told(sleep, right), told(sleep, wrong), told(tag, right); a != 200 || b != 200 || c != 401 || d != 200 {
		t.Error(a, b, c, d)
	}
	all, err := q.Recent(t.Context(), 10, "device-look")
	if err != nil || len(all) < 1 || len(all) > 2 { // two, if the ten minutes ended in between
		t.Errorf("%+v %v", all, err)
	}
	for range 2 {
		if err := r.rings.renewHooks(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.vendor.hooks); n != 8 {
		t.Errorf("%d subscriptions", n)
	}
}

// Through the whole server: Oura's question whether it is the one, and its news,
// signed or not; where no hook is wanted there is no such page.
func TestHookThroughServer(t *testing.T) {
	at := realTrial(t)
	v := newVendor(t)
	flags := OuraFlags{Client: "app", Secret: "secret", Hook: "a long word", base: v.URL, authorize: v.URL + "/oauth/authorize", token: v.URL + "/oauth/token"}
	with, _ := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0", Oura: flags})
	flags.Hook = ""
	without, _ := served(t, &ServeCmd{PlaceFlags: at, Addr: "127.0.0.1:0", Oura: flags})
	const body = `{"event_type":"create","data_type":"sleep","object_id":"1","user_id":"u"}`
	stamp := fmt.Sprint(time.Now().Unix())
	tell := func(server, signature string) int {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, server+hookPath, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("x-oura-timestamp", stamp)
		r.Header.Set("x-oura-signature", signature)
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Body.Close()
		return w.StatusCode
	}
	right := cloud.Sign("secret", stamp, []byte(body))
	if a, b, c, d := tell(with, right), tell(with, right), tell(with, "forged"), tell(without, right); a != 200 || b != 200 || c != 401 || d == 200 {
		t.Error(a, b, c, d)
	}
	for word, want := range map[string]int{"a long word": 200, "another": 401} {
		w, err := http.Get(with + hookPath + "?verification_token=" + url.QueryEscape(word) + "&challenge=abc")
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Body.Close()
		if w.StatusCode != want {
			t.Errorf("%s: %d", word, w.StatusCode)
		}
	}
}
