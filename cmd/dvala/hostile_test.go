package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/api"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/contact"
	"dvala/desk/desktest"
	"dvala/estimate"
	"dvala/exchange"
	"dvala/identity"
	"dvala/store/people"
	"dvala/study"
	"dvala/ui"
)

// hostile is a small trial with everything that answers over HTTP.
type hostile struct {
	whole
	trial *desktest.Memory
	vault *identity.Vault
}

func newHostile(t *testing.T) hostile {
	t.Helper()
	m := desktest.New(t, "../../study/testdata/small.yaml", 30)
	now := func() time.Time { return desktest.Start.AddDate(0, 0, 1) }
	office := desk.NewOffice(m, now)
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	log := &bytes.Buffer{}
	svc, err := access.New(access.Config{
		Store: store, Door: office, Now: now, Rand: rand.NewChaCha8([32]byte{2}), Origin: "http://127.0.0.1:8080", Title: "trial",
		Chooser: true, Log: slog.New(slog.NewJSONHandler(log, nil)),
		Writes: access.Bucket{Every: time.Millisecond, Burst: 100_000}, // the clock stands still, and everything is sent
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(svc.Close)
	master, err := identity.GenerateMaster(rand.NewChaCha8([32]byte{3}))
	if err != nil {
		t.Fatal(err)
	}
	vault := identity.New(store, master, rand.NewChaCha8([32]byte{4}), now)
	office.Furnish(desk.Parts{Signer: svc, Pending: store, Vault: vault})
	book := contact.New(vault, office, svc)
	h, err := ui.New(ui.Config{Office: office, Trial: m, Access: svc, Contact: book, Beside: func(mux *http.ServeMux) {
		mux.Handle("/api/v1/", api.New(office, api.Options{Release: "test", Access: svc, Contact: book}))
	}})
	if err != nil {
		t.Fatal(err)
	}
	return hostile{whole{handler: svc.Middleware(h), access: svc, log: log, asks: "isi"}, m, vault}
}

func (h hostile) signIn(t *testing.T, role study.Role, who study.Subject) visitor {
	t.Helper()
	st, err := h.access.Choose(t.Context(), access.Visit{Addr: string(role)}, role, "", who)
	if err != nil {
		t.Fatal(err)
	}
	return visitor{string(role) + string(who), "en", st.Token}
}

// do sends one request and gives the answer whole.
func (h hostile) do(v visitor, method, path, kind, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	r.AddCookie(&http.Cookie{Name: access.Cookie, Value: v.token})
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

const (
	asForm = "application/x-www-form-urlencoded"
	asJSON = "application/json"
)

// nasty are texts that mean something to whoever reads them without care.
var nasty = []string{
	"<script>alert(7)</script>", `"><img src=x onerror=alert(7)>`, "' autofocus onfocus=alert(7) x='", "{{.Trial}}${7*7}",
	"=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "-2+3", "\t=1", "a\r\nSet-Cookie: evil=1", "\u202eevil", "javascript:alert(7)", "]]><x/>", "</textarea><script>alert(7)</script>",
}

// told are commands of which every text that is free is filled in with one.
func told(text string) map[string]any {
	return map[string]any{
		"report-adverse-event": map[string]any{"term": text, "severity": "mild", "serious": false, "related": "possible", "onset": "2026-03-02", "outcome": "ongoing", "words": text},
		"note-deviation":       map[string]any{"code": "kit-mix-up", "note": text, "date": "2026-03-02"},
		"record-medication":    map[string]any{"name": text, "dose": text, "indication": text, "note": text, "ongoing": true},
		"report-pregnancy":     map[string]any{"whose": "partner", "known": "2026-03-02", "note": text},
		"report-device-incident": map[string]any{
			"device": "oura", "what": "malfunction", "consequence": "none", "date": "2026-03-02", "note": text,
		},
		"raise-query":      map[string]any{"text": text, "field": text},
		"note-event":       map[string]any{"event": "travel", "from": "2026-03-03", "note": text},
		"withdraw":         map[string]any{"from": "follow-up", "why": "other", "words": text},
		"close-screening":  map[string]any{"why": "other", "note": text},
		"log-not-screened": map[string]any{"site": "main", "why": text},
		"screen":           map[string]any{"site": "main", "answers": map[string]any{"age": 40, "sex": text, "height": 170, "poor_sleep": true}},
	}
}

// stuff fills every text of a value of any command.
func stuff(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				stuff(v.Field(i), text)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String || v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			stuff(v.Index(0), text)
		}
	}
}

// stuffed gives every command's name with data of which all texts are the one.
func stuffed(text string) map[string]any {
	out := map[string]any{}
	for _, name := range study.CommandNames() {
		if cmd, ok := study.Blank(name); ok {
			v := reflect.New(reflect.TypeOf(cmd)).Elem()
			stuff(v, text)
			out[name] = v.Interface()
		}
	}
	return out
}

// Texts that mean something to a browser, a spreadsheet, a template, a header or a
// log are only texts: in every field of every command and of every form, on every
// page, in every export and in the log.
func TestHostileTextStaysText(t *testing.T) {
	h := newHostile(t)
	inv := h.signIn(t, study.RoleInvestigator, "")
	n := 0
	var people []study.Subject
	for range nasty {
		who := h.trial.Person(t, desktest.Start)
		h.trial.Do(t, study.Randomise{}, desktest.Start, who)
		people = append(people, who)
	}
	for i, text := range nasty {
		who := people[i]
		for _, set := range []map[string]any{told(text), stuffed(text)} {
			for _, name := range slices.SortedFunc(maps.Keys(set), leavingLast) {
				data := set[name]
				raw, err := json.Marshal(map[string]any{"data": data, "reason": text})
				if err != nil {
					continue // a time that is no text
				}
				path := "/api/v1/trial/" + name
				if cmd, ok := study.Blank(name); ok && study.AboutPerson(cmd) {
					path = "/api/v1/participants/" + string(who) + "/" + name
				}
				n++
				w := h.do(inv, http.MethodPost, path, asJSON, string(raw), "Idempotency-Key", fmt.Sprintf("hostile-%05d", n))
				h.harmless(t, name, w)
			}
		}
	}
	kept := 0
	h.trial.View(func(s *study.State) {
		for _, p := range s.People {
			kept += len(p.Adverse) + len(p.Deviations) + len(p.Events) + len(p.Medications) + len(p.Incidents) + len(p.Pregnancies)
		}
	})
	if kept < 6*len(nasty) {
		t.Errorf("only %d texts were kept: the test tells nothing", kept)
	}
	forms := h.forms(t)
	t.Logf("%d commands, %d forms sent with hostile texts, %d facts with them kept", n, forms, kept)
	pages := h.everyPage(t)
	if pages < 100 || forms < 100 {
		t.Errorf("only %d pages and %d forms", pages, forms)
	}
	h.files(t)
	for line := range strings.Lines(h.log.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line of the log was split: %q", line)
		}
	}
}

// leavingLast puts a withdrawal behind everything else.
func leavingLast(a, b string) int {
	if a == "withdraw" || b == "withdraw" {
		return map[bool]int{true: 1, false: -1}[a == "withdraw"]
	}
	return strings.Compare(a, b)
}

var (
	formTag   = regexp.MustCompile(`(?s)<form[^>]*?method="post"[^>]*?>.*?</form>`)
	actionTag = regexp.MustCompile(`action="([^"]*)"`)
	fieldName = regexp.MustCompile(`name="([^"]+)"`)
	keyValue  = regexp.MustCompile(`name="key" value="([^"]*)"`)
)

// everyone is who looks at pages.
func (h hostile) everyone(t *testing.T) []visitor {
	out := []visitor{h.signIn(t, study.RoleParticipant, "P0001")}
	for _, role := range access.StaffRoles() {
		out = append(out, h.signIn(t, role, ""))
	}
	return out
}

// walk visits pages from the first on, some of each kind.
func (h hostile) walk(v visitor, most int, visit func(path string, w *httptest.ResponseRecorder)) {
	queue, seen, kinds := []string{"/", "/me"}, map[string]bool{}, map[string]int{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		kind := numbers.ReplaceAllString(path, "n")
		if seen[path] || kinds[kind] == most || strings.Contains(path, "static/") {
			continue
		}
		seen[path] = true
		kinds[kind]++
		w := h.do(v, http.MethodGet, path, "", "")
		visit(path, w)
		for _, m := range href.FindAllStringSubmatch(w.Body.String(), -1) {
			queue = append(queue, html.UnescapeString(m[1]))
		}
	}
}

// forms sends every form that there is with a hostile text in every field.
func (h hostile) forms(t *testing.T) (sent int) {
	for _, v := range h.everyone(t) {
		var all []string
		at := map[string]string{}
		h.walk(v, 2, func(path string, w *httptest.ResponseRecorder) {
			for _, f := range formTag.FindAllString(w.Body.String(), -1) {
				all = append(all, f)
				at[f] = path
			}
		})
		for i, f := range all {
			to := at[f]
			if m := actionTag.FindStringSubmatch(f); m != nil && m[1] != "" {
				to = html.UnescapeString(m[1])
			}
			if strings.Contains(to, "sign-") || strings.Contains(to, "sessions") {
				continue // they end the session that the test needs
			}
			for _, text := range []string{nasty[i%len(nasty)], nasty[1], nasty[9]} {
				values := url.Values{}
				for _, m := range fieldName.FindAllStringSubmatch(f, -1) {
					values.Set(html.UnescapeString(m[1]), text)
				}
				if m := keyValue.FindStringSubmatch(f); m != nil {
					values.Set("key", m[1]+text[:1])
				}
				h.harmless(t, v.who+" "+to, h.do(v, http.MethodPost, to, asForm, values.Encode()))
				sent++
			}
		}
	}
	return sent
}

func (h hostile) everyPage(t *testing.T) (pages int) {
	for _, v := range h.everyone(t) {
		h.walk(v, len(nasty)+2, func(path string, w *httptest.ResponseRecorder) {
			pages++
			h.harmless(t, v.who+" "+path, w)
		})
	}
	return pages
}

// alive is what a browser would run, or follow.
var alive = regexp.MustCompile(`<script>alert|<img src=x|["'] autofocus onfocus|(?:href|src|action)="?javascript:|\$49`)

func (h hostile) harmless(t *testing.T, what string, w *httptest.ResponseRecorder) {
	t.Helper()
	kind := w.Header().Get("Content-Type")
	if strings.HasPrefix(kind, "text/html") {
		if strings.Contains(w.Body.String(), "\u202e") {
			t.Errorf("%s: text is turned round on the page", what)
		}
		for _, m := range alive.FindAllString(w.Body.String(), 1) {
			t.Errorf("%s: alive on the page: %q", what, m)
		}
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src 'self'") {
			t.Errorf("%s: policy %q", what, w.Header().Get("Content-Security-Policy"))
		}
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: a browser may guess what %q is", what, kind)
	}
	if strings.HasPrefix(kind, "text/csv") {
		spread(t, what, w.Body.Bytes())
	}
	for name, values := range w.Header() {
		for _, x := range values {
			if strings.ContainsAny(x, "\r\n") || name == "Set-Cookie" && strings.HasPrefix(x, "evil") {
				t.Errorf("%s: header %s: %q", what, name, x)
			}
		}
	}
	if w.Code == http.StatusInternalServerError {
		t.Errorf("%s: %d %s", what, w.Code, w.Body)
	}
}

var plainNumber = regexp.MustCompile(`^-?[0-9.]+(e-?[0-9]+)?$`)

// spread reads a table as a spreadsheet does: no cell begins a formula.
func spread(t *testing.T, what string, b []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") && !plainNumber.MatchString(cell) {
				t.Errorf("%s: a cell begins a formula: %q", what, cell)
			}
		}
	}
}

// files looks at the exports.
func (h hostile) files(t *testing.T) {
	h.trial.View(func(s *study.State) {
		known := study.Instruments(s.Instrument)
		tables, err := exchange.Export(s.Protocol, s, estimate.Allocation{}, known)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range tables {
			spread(t, f.Name, f.Bytes)
		}
		odm, err := exchange.ODM(s.Protocol, s, estimate.Allocation{}, known)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(bytes.NewReader(odm.Bytes)); ; {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", odm.Name, err)
			}
			if e, is := tok.(xml.StartElement); is && (e.Name.Local == "script" || e.Name.Local == "img" || e.Name.Local == "x") {
				t.Errorf("%s has the element %s", odm.Name, e.Name.Local)
			}
		}
		data, err := exchange.DatasetJSON(s.Protocol, s, estimate.Allocation{}, known)
		if err != nil {
			t.Fatal(err)
		}
		fhir, err := exchange.FHIR(s.Protocol, s, estimate.Allocation{}, known)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range append(data, fhir) {
			var v any
			if err := json.Unmarshal(f.Bytes, &v); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
			if divs(v) {
				t.Errorf("%s: a script in a div", f.Name)
			}
		}
	})
}

// divs says whether a FHIR narrative holds something alive.
func divs(v any) bool {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			if s, is := e.(string); is && k == "div" && alive.MatchString(s) || divs(e) {
				return true
			}
		}
	case []any:
		for _, e := range x {
			if divs(e) {
				return true
			}
		}
	}
	return false
}

// What is too long or too deep is refused before it is kept, and quickly.
func TestBodiesAreBounded(t *testing.T) {
	h := newHostile(t)
	who := string(h.trial.Person(t, desktest.Start))
	inv, her := h.signIn(t, study.RoleInvestigator, ""), h.signIn(t, study.RoleParticipant, study.Subject(who))
	deep := `{"data":` + strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000) + "}"
	long := `{"data":{"note":"` + strings.Repeat("a", 3<<20) + `"}}`
	form := url.Values{"note": {strings.Repeat("a", 5<<20)}}.Encode()
	for name, w := range map[string]*httptest.ResponseRecorder{
		"deep JSON":              h.do(inv, "POST", "/api/v1/participants/"+who+"/note-deviation", asJSON, deep, "Idempotency-Key", "bounded-0001"),
		"long JSON":              h.do(inv, "POST", "/api/v1/participants/"+who+"/note-deviation", asJSON, long, "Idempotency-Key", "bounded-0002"),
		"a long form":            h.do(inv, "POST", "/participants/"+who+"/do/note-deviation", asForm, form),
		"a participant's form":   h.do(her, "POST", "/me/event", asForm, form),
		"a long queue":           h.do(her, "POST", "/api/v1/me/entries", asJSON, `{"entries":[`+long+`]}`),
		"a deep queue":           h.do(her, "POST", "/me/entries", asJSON, deep),
		"a long queue of pages":  h.do(her, "POST", "/me/entries", asJSON, long),
		"a long way to sign in":  h.do(visitor{}, "POST", "/api/v1/sign-in/redeem", asJSON, `{"token":"`+strings.Repeat("a", 1<<20)+`"}`),
		"a long address to mail": h.do(visitor{}, "POST", "/api/v1/sign-in/link", asJSON, `{"who":"`+strings.Repeat("a", 1<<20)+`"}`),
	} {
		if w.Code < 400 || w.Code >= 500 || w.Body.Len() > 4<<10+len("<html>")*1000 {
			t.Errorf("%s: %d, %d bytes", name, w.Code, w.Body.Len())
		}
	}
}

// Requests that another site makes a browser send, and requests for another
// host's name, change nothing and read nothing.
func TestOtherOriginsAndHosts(t *testing.T) {
	h := newHostile(t)
	who := string(h.trial.Person(t, desktest.Start))
	inv := h.signIn(t, study.RoleInvestigator, "")
	before := h.size()
	for _, from := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}} {
		for _, path := range []string{"/participants/" + who + "/do/randomise", "/api/v1/participants/" + who + "/randomise", "/settings", "/me/event", "/me/entries"} {
			headers := append([]string{"Idempotency-Key", "another-origin-1"}, from...)
			if w := h.do(inv, "POST", path, asForm, "grave=yes&key=1", headers...); w.Code != http.StatusForbidden {
				t.Errorf("%s from %v: %d", path, from, w.Code)
			}
		}
	}
	for _, host := range []string{"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", ""} {
		for _, path := range []string{"/", "/api/v1/overview", "/me"} {
			if w := h.do(inv, "GET", path, "", "", "Host", host); w.Code != http.StatusMisdirectedRequest || strings.Contains(w.Body.String(), "small-trial") {
				t.Errorf("%s at %q: %d", path, host, w.Code)
			}
		}
	}
	if after := h.size(); after != before {
		t.Errorf("%d entries were written", after-before)
	}
}

func (h hostile) size() (n uint64) {
	h.trial.View(func(s *study.State) { n = s.Entries })
	return n
}

// A participant who asks for another's pages and data is answered as for
// somebody who does not exist.
func TestAnothersDataLooksLikeNobodys(t *testing.T) {
	h := newHostile(t)
	for range 2 {
		h.trial.Person(t, desktest.Start)
	}
	her, inv := h.signIn(t, study.RoleParticipant, "P0001"), h.signIn(t, study.RoleInvestigator, "")
	var paths []string
	h.walk(inv, 3, func(path string, _ *httptest.ResponseRecorder) {
		if strings.Contains(path, "P0002") {
			paths = append(paths, path)
		}
	})
	pages := len(paths)
	ops := h.operations(t, inv)
	same := func(method, path, body string) {
		ask := func(who, key string) string {
			w := h.do(her, method, strings.ReplaceAll(path, "P0002", who), asJSON, body, "Idempotency-Key", "anothers-"+key)
			if w.Code < 300 {
				t.Errorf("%s %s of %s: %d", method, path, who, w.Code)
			}
			return strings.ReplaceAll(fmt.Sprintf("%d %v %s", w.Code, w.Header(), w.Body), who, "WHO")
		}
		if there, none := ask("P0002", "1"), ask("P0999", "1"); there != none {
			t.Errorf("%s %s tells that somebody is there:\n%s\n%s", method, path, there, none)
		}
	}
	for _, path := range paths {
		same(http.MethodGet, path, "")
	}
	for _, op := range ops {
		if strings.Contains(op.path, "{subject}") {
			path := hole.ReplaceAllString(inPath.Replace(strings.NewReplacer("{subject}", "P0002", "{instrument}", "isi").Replace(op.path)), "1")
			same(op.method, path, map[bool]string{true: "", false: `{"data":{}}`}[op.method == http.MethodGet])
			paths = append(paths, path)
		}
	}
	if pages < 10 || len(paths)-pages < 40 {
		t.Errorf("only %d pages and %d operations", pages, len(paths)-pages)
	}
}
