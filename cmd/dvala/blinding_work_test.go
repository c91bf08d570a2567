package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/jobs"
	"dvala/store"
	"dvala/study"
	"dvala/ui"
)

// worksDone has everything done in the background that can be done before the
// openings: all exports, and a dry run. It gives who did it, and the work's
// numbers.
func worksDone(t *testing.T, d *demo, office *desk.Office, svc *access.Service) (*workshop, []string) {
	t.Helper()
	w := &workshop{trial: d.trial, where: store.In(d.Dir), office: office, access: svc, madeUp: true}
	b := &background{trial: d.trial, where: w.where, office: office, now: office.Now, workers: 1, log: slog.New(slog.DiscardHandler), work: w, asleep: true}
	// All is asked for before anything is done, so that it has the same numbers in
	// every trial: the queue has work of its own.
	q, err := jobs.Open(t.Context(), d.trial.Database(), jobs.Options{Now: b.now, Log: b.log, Handlers: b.handlers(), Workers: b.workers})
	if err != nil {
		t.Fatal(err)
	}
	b.lend(q)
	stat := desk.Caller{Account: "statistician", Grants: []desk.Grant{{Role: study.RoleStatistician}}}
	var asked []string
	for _, k := range desk.WorkKinds() {
		// There is no report before the openings; a simulation is a trial of its own, of
		// made-up people with a list that is drawn anew, and knows nothing of this one.
		if k.Kind == "report" || k.Kind == "simulate" {
			continue
		}
		j, err := office.BeginWork(t.Context(), w, stat, k.Kind, "")
		if err != nil {
			t.Fatal(k.Kind, err)
		}
		asked = append(asked, j.ID)
	}
	if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		all, err := w.Jobs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(all, desk.Job.Running) {
			if i := slices.IndexFunc(all, func(j desk.Job) bool { return j.State != desk.JobDone }); i >= 0 || len(all) != len(asked) {
				t.Fatalf("the work came to %+v", all)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the work is not done: %+v", all)
		}
	}
	if err := stopJobs(context.Background(), q); err != nil {
		t.Fatal(err)
	}
	return w, asked
}

// fetches asks for what every piece of work has made, and looks into what comes.
func (w whole) fetches(t *testing.T, made []string, v visitor, seen map[string][]byte, tally coverage) {
	t.Helper()
	for _, id := range made {
		for _, path := range []string{"/api/v1/jobs/" + id + "/file", "/made/" + id} {
			name := v.who + " GET " + path
			seen[name] = w.ask(v, http.MethodGet, path, "")
			tally.note(asking{http.MethodGet, "/api/v1/jobs/{job}/file"}, seen[name])
			for file, b := range unpacked(t, seen[name]) {
				seen[name+" "+file] = b
			}
		}
	}
}

// coverage counts what became of each operation of the API: how often it was
// asked, and how often it was answered as asked.
type coverage map[asking]*struct{ asked, answered int }

func (c coverage) note(op asking, answer []byte) {
	if c[op] == nil {
		c[op] = &struct{ asked, answered int }{}
	}
	c[op].asked++
	if len(answer) > 0 && answer[0] == '2' {
		c[op].answered++
	}
}

// leftOut are the questions of the API to which the crawl gets no more than a
// refusal, and why nothing of a trial can be in their answers.
var leftOut = map[asking]string{
	{http.MethodGet, "/api/v1/me/ring"}:                                       "made-up people connect no ring of their own",
	{http.MethodGet, "/api/v1/me/trial/ledger"}:                               "it is there once the trial is locked, for whoever runs it herself",
	{http.MethodGet, "/api/v1/me/trial/results"}:                              "they are there once the groups are open",
	{http.MethodGet, "/api/v1/me/trial/report"}:                               "the same",
	{http.MethodGet, "/api/v1/me/push"}:                                       "their browsers take no messages: there is no key to send under",
	{http.MethodGet, "/api/v1/me/device-files"}:                               "their nights come with the play and not as files that a person hands in",
	{http.MethodGet, "/api/v1/participants/{subject}/consents/{n}/copy"}:      "they sign no document, so there is no copy",
	{http.MethodGet, "/api/v1/participants/{subject}/files/by-hash/{sha256}"}: "no file of a person is kept, and the hash that is asked is nobody's",
	{http.MethodGet, "/api/v1/participants/{subject}/contact"}:                "they have neither names nor addresses; what is known of real ones is kept apart from the trial",
	{http.MethodGet, "/api/v1/participants/{subject}/contact/before"}:         "the same",
}

// check fails for an operation that was never asked, for a question that nobody
// was answered, and for a reason that has become none.
func (c coverage) check(t *testing.T, ops []asking) {
	t.Helper()
	known := map[asking]bool{}
	for _, op := range ops {
		known[op] = true
		got := c[op]
		_, excused := leftOut[op]
		switch {
		case got == nil:
			t.Errorf("%s %s is never asked", op.method, op.path)
		case op.method == http.MethodGet && got.answered == 0 && !excused:
			t.Errorf("%s is answered to nobody: ask it so that it is, or say in leftOut why not", op.path)
		case excused && got.answered > 0:
			t.Errorf("%s is answered, and said to be left out", op.path)
		}
	}
	for op, why := range leftOut {
		if !known[op] || why == "" {
			t.Errorf("%s %s is left out and is no operation, or for no reason", op.method, op.path)
		}
	}
}

// pagesLeftOut are the pages that nobody is shown in the crawl, and why.
var pagesLeftOut = map[string]string{
	"GET /participants/{person}/consent/{n}": "made-up people sign no document: there is no file",
	"GET /participants/{person}/contact":     "made-up people have neither names nor addresses; what is shown of real ones is kept apart from the trial",
	"GET /sign-in/link/{token}":              "made-up people come in by no link; it is answered before anything of a trial is read",
	"GET /prove":                             "made-up people sign without a passkey; it shows a button and the account",
}

// checkPages fails for a page of staff's that nobody was shown, unless it is said
// above why.
func checkPages(t *testing.T, seen map[string][]byte) {
	t.Helper()
	shown := map[string]bool{}
	for name, b := range seen {
		if words := strings.Fields(name); len(words) == 3 && words[1] == http.MethodGet && len(b) > 0 && (b[0] == '2' || b[0] == '3') {
			path, _, _ := strings.Cut(words[2], "?")
			shown[path] = true
		}
	}
	for _, pattern := range ui.Patterns() {
		path, is := strings.CutPrefix(pattern, "GET ")
		if !is {
			continue
		}
		as := regexp.MustCompile("^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(strings.TrimSuffix(path, "{$}")), "[^/]+") + "$")
		found := false
		for p := range shown {
			found = found || as.MatchString(p)
		}
		switch _, excused := pagesLeftOut[pattern]; {
		case !found && !excused:
			t.Errorf("%s is shown to nobody: ask for it, or say in pagesLeftOut why not", pattern)
		case found && excused:
			t.Errorf("%s is shown, and said to be left out", pattern)
		}
	}
}

// unpacked gives what is in an answer that is a zip, by name; nothing of another.
func unpacked(t *testing.T, answer []byte) map[string][]byte {
	t.Helper()
	i := bytes.Index(answer, []byte("PK\x03\x04"))
	if i < 0 {
		return nil
	}
	z, err := zip.NewReader(bytes.NewReader(answer[i:]), int64(len(answer)-i))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
