package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"dvala/api"
	"dvala/desk"
	"dvala/desk/access"
	"dvala/estimate"
	"dvala/exchange"
	"dvala/store/people"
	"dvala/study"
	"dvala/ui"
)

// whole is a trial with everything that answers over HTTP, as dvala serve puts it
// together for made-up people. What is random in it (sessions, links, forms' keys)
// comes from one seed, so that nothing but the arms can differ between two.
type whole struct {
	handler http.Handler
	access  *access.Service
	log     *bytes.Buffer
	asks    string   // an instrument
	request string   // an entry that asks to unblind somebody
	people  []string // whom the API is asked about
}

// newWhole gives one, and the numbers of the work that was done in it: an export
// of every kind, and a dry run.
func newWhole(t *testing.T, d *demo) (whole, []string) {
	t.Helper()
	now := func() time.Time { return d.end }
	office := desk.NewOffice(d.trial, now)
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	log := &bytes.Buffer{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	before := slog.Default()
	slog.SetDefault(logger)
	t.Cleanup(func() { slog.SetDefault(before) })
	svc, err := access.New(access.Config{
		Store: store, Door: office, Now: now, Rand: rand.NewChaCha8([32]byte{1}), Origin: "http://127.0.0.1:8080", Title: "trial", Chooser: true, Log: logger,
		Writes: access.Bucket{Every: time.Millisecond, Burst: 100_000}, // the clock stands still, and everything is asked
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(svc.Close)
	office.Furnish(desk.Parts{Signer: svc, Pending: store})
	shop, made := worksDone(t, d, office, svc)
	keys := 0
	h, err := ui.New(ui.Config{
		Office: office, Trial: d.trial, Access: svc, Work: shop, NewKey: func() string { keys++; return strconv.Itoa(keys) },
		Beside: func(mux *http.ServeMux) {
			mux.Handle("/api/v1/", api.New(office, api.Options{Release: "test", Access: svc, Work: shop}))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := whole{handler: h, access: svc, log: log, asks: string(study.Asked(d.trial.Protocol())[0]), request: "1", people: []string{"P0001", "P0002", "P0003", "P0004", "P9999"}}
	for e := range desk.EmergenciesFrom(d.trial.State(), 0, func(string) bool { return true }) {
		w.request = strconv.FormatUint(e.Entry, 10)
		break
	}
	return w, made
}

// visitor is somebody blinded, signed in.
type visitor struct{ who, lang, token string }

// visitors signs in one of every role, and some participants: they are of both
// arms, whichever way round.
func (w whole) visitors(t *testing.T, d *demo) []visitor {
	t.Helper()
	var out []visitor
	add := func(who, lang string, role study.Role, subject study.Subject) {
		st, err := w.access.Choose(t.Context(), access.Visit{Addr: who}, role, "", subject)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, visitor{who, lang, st.Token})
	}
	for i, role := range access.StaffRoles() {
		add(string(role), []string{"en", "sv"}[i%2], role, "")
	}
	for i, who := range d.trial.State().Order {
		if d.trial.State().People[who].Randomised != nil && len(out) < len(access.StaffRoles())+8 {
			add(string(who), []string{"sv", "en"}[i%2], study.RoleParticipant, who)
		}
	}
	return out
}

// varies is the one place where what may differ between two runs is taken out:
// the names of participants' forms, which are random, and measured times.
var varies = regexp.MustCompile(`form-[A-Za-z0-9-]+|(?m)^(?:go_|process_|[a-z_]+_seconds).*$`)

func (w whole) ask(v visitor, method, path, body string, headers ...string) []byte {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if strings.HasSuffix(path, "/changes") { // a stream that does not end: its first event
		ctx, cancel = context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
	}
	r := httptest.NewRequestWithContext(ctx, method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	if v.token != "" {
		r.AddCookie(&http.Cookie{Name: access.Cookie, Value: v.token})
	}
	r.AddCookie(&http.Cookie{Name: "dvala-desk-lang", Value: v.lang})
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return append(fmt.Appendf(nil, "%d %v %d bytes\n", rec.Code, rec.Header(), rec.Body.Len()), varies.ReplaceAll(rec.Body.Bytes(), nil)...)
}

var href = regexp.MustCompile(`(?:href|src|action)="(/[^"#]*)"`)

// numbers tell pages of one kind apart.
var numbers = regexp.MustCompile(`P[0-9]{4}|[0-9]+`)

// sorting is what an address says of a table's order.
var sorting = regexp.MustCompile(`(?:[a-z]+-)?(?:sort|desc|from|before)=[a-z0-9-]*&?`)

// ofAKind is how many pages of one kind (the same address but for its numbers)
// each visitor looks at.
const ofAKind = 4

// crawl follows every link of the pages from the first on, and a few that lead
// nowhere, whose answers must tell nothing either.
func (w whole) crawl(t *testing.T, v visitor, seen map[string][]byte) {
	t.Helper()
	queue := []string{
		"/", "/me", "/nowhere", "/participants/P9999", "/participants/%3Cscript%3E", "/ledger?before=99999999", "/participants.csv", "/corrections", "/queries", "/due", "/forms", "/allocations",
		"/healthz", "/readyz", "/metrics",
	}
	kinds := map[string]int{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		name, kind := v.who+" GET "+path, sorting.ReplaceAllString(numbers.ReplaceAllString(path, "n"), "")
		if _, done := seen[name]; done || kinds[kind] == ofAKind || strings.HasPrefix(path, "/me/static") || strings.HasPrefix(path, "/static") {
			continue
		}
		kinds[kind]++
		seen[name] = w.ask(v, http.MethodGet, path, "")
		for _, m := range href.FindAllSubmatch(seen[name], -1) {
			queue = append(queue, html.UnescapeString(string(m[1])))
		}
	}
	if len(kinds) < 8 {
		t.Fatalf("only %d kinds of pages found as %s", len(kinds), v.who)
	}
}

// asking is one of the API's, as its description names it.
type asking struct{ method, path string }

func (w whole) operations(t *testing.T, v visitor) []asking {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]yaml.Node `yaml:"paths"`
	}
	_, body, _ := bytes.Cut(w.ask(v, http.MethodGet, "/api/v1/openapi.yaml", ""), []byte("\n"))
	if err := yaml.Load(body, &doc); err != nil {
		t.Fatal(err)
	}
	var out []asking
	for path, item := range doc.Paths {
		for method := range item {
			out = append(out, asking{strings.ToUpper(method), path})
		}
	}
	slices.SortFunc(out, func(a, b asking) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	if len(out) < 80 {
		t.Fatalf("the description has only %d operations", len(out))
	}
	return out
}

var inPath = strings.NewReplacer("{account}", "nobody", "{session}", "0000", "{passkey}", "0000", "{name}", "a.csv", "{sha256}", strings.Repeat("0", 64))

// looks asks every question of the API, about four people and one who is not
// there, and once more with the tag of the answer.
func (w whole) looks(ops []asking, v visitor, seen map[string][]byte, tally coverage) {
	for _, op := range ops {
		if op.method != http.MethodGet {
			continue
		}
		for _, who := range w.people {
			path := hole.ReplaceAllString(inPath.Replace(strings.NewReplacer("{subject}", who, "{instrument}", w.asks, "/emergencies/{entry}", "/emergencies/"+w.request).Replace(op.path)), "1")
			if _, done := seen[v.who+" GET "+path]; !done {
				seen[v.who+" GET "+path] = w.ask(v, http.MethodGet, path, "")
				tally.note(op, seen[v.who+" GET "+path])
			}
		}
	}
}

var hole = regexp.MustCompile(`\{[a-z_0-9]+\}`)

// gives sends every command of the API with nothing in it: nearly all are
// refused, and how must tell nothing; what is accepted is so on both sides.
func (w whole) gives(ops []asking, v visitor, seen map[string][]byte, tally coverage) {
	for _, op := range ops {
		if op.method == http.MethodGet {
			continue
		}
		for _, who := range []string{"P0001", "P0002", "P9999"} {
			path := hole.ReplaceAllString(inPath.Replace(strings.NewReplacer("{subject}", who, "{instrument}", w.asks, "/emergencies/{entry}", "/emergencies/"+w.request).Replace(op.path)), "1")
			for _, body := range []string{"{}", `{"data":{"visit":"day-0","kit":"10001","why":"other"},"reason":"as asked"}`} {
				name := v.who + " " + op.method + " " + path + " " + body
				if _, done := seen[name]; !done {
					seen[name] = w.ask(v, op.method, path, body, "Idempotency-Key", fmt.Sprintf("swap-%d-key-of-ours", len(seen)))
					tally.note(op, seen[name])
					if strings.HasPrefix(path, "/api/v1/jobs/") { // the queue counts work of its own, too, as it comes
						seen[name] = numbers.ReplaceAll(seen[name], []byte("n"))
					}
				}
			}
		}
	}
}

// seenServed collects what all blinded people can see and provoke of a server.
func seenServed(t *testing.T, d *demo, seen map[string][]byte) {
	t.Helper()
	w, made := newWhole(t, d)
	if d.Example == lighter {
		seenInPart(t, w, d, seen)
		return
	}
	tally := coverage{}
	all := append(w.visitors(t, d), visitor{"nobody", "en", ""})
	ops := w.operations(t, all[0])
	for _, v := range all {
		if v.who != "nobody" {
			w.crawl(t, v, seen)
		}
		w.looks(ops, v, seen, tally)
		w.fetches(t, made, v, seen, tally)
	}
	for _, v := range all {
		w.gives(ops, v, seen, tally)
	}
	tally.check(t, ops)
	checkPages(t, seen)
	seen["log"] = bytes.Clone(w.log.Bytes())
	t.Logf("%d visitors, %d operations of the API, %d answers", len(all), len(ops), len(seen))
}

// lighter is the example of which less is asked: every question of the API about one
// person and one who is not there, and all pages, by those to whom its way of
// drawing arms could tell something. Everything else is alike in all trials, and is
// asked of the first.
const lighter = "two-sites"

func seenInPart(t *testing.T, w whole, d *demo, seen map[string][]byte) {
	t.Helper()
	w.people = []string{"P0001", "P9999"}
	all, tally := w.visitors(t, d), coverage{}
	ops, asked := w.operations(t, all[0]), 0
	for _, v := range all {
		switch v.who {
		case string(study.RoleCoordinator), string(study.RoleCustodian), string(study.RoleStatistician), "P0001", "P0002", "P0003":
			w.crawl(t, v, seen)
			w.looks(ops, v, seen, tally)
			asked++
		}
	}
	seen["log"] = bytes.Clone(w.log.Bytes())
	if asked < 4 {
		t.Fatalf("only %d visitors", asked)
	}
	t.Logf("%d visitors, %d questions of the API, %d answers", asked, len(tally), len(seen))
}

// exported collects the exports in all four forms, and what a register is told.
func exported(t *testing.T, d *demo, seen map[string][]byte) {
	t.Helper()
	none, known := estimate.Allocation{}, study.Instruments(d.trial.State().Instrument)
	csv, err := exchange.Export(d.checked, d.trial.State(), none, known)
	if err != nil {
		t.Fatal(err)
	}
	data, err := exchange.DatasetJSON(d.checked, d.trial.State(), none, known)
	if err != nil {
		t.Fatal(err)
	}
	odm, err := exchange.ODM(d.checked, d.trial.State(), none, known)
	if err != nil {
		t.Fatal(err)
	}
	fhir, err := exchange.FHIR(d.checked, d.trial.State(), none, known)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Concat(csv, data, []exchange.File{odm, fhir}, exchange.Scripts(d.checked, d.trial.State(), none, known)) {
		seen["export "+f.Name] = f.Bytes
	}
	out, dir := &bytes.Buffer{}, t.TempDir()
	p := *d.Program
	p.Stdout = out
	if err := (&RegisterCmd{PlaceFlags: PlaceFlags{Dir: d.Dir}, Out: dir}).Run(&p); err != nil {
		t.Fatal(err)
	}
	seen["register"] = bytes.ReplaceAll(out.Bytes(), []byte(dir), []byte("DIR"))
	for _, name := range []string{"who.json", "clinicaltrials.json"} {
		if seen["register "+name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}
