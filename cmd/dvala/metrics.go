package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dvala/api"
	"dvala/desk"
	"dvala/fault"
	"dvala/store"
	"dvala/study"
)

// metrics counts what a server does, for Prometheus. What it counts by is a
// closed list of words: operations, classes of answers, commands, outcomes. No
// code, name, site, arm or address is among them, and no number here is of one
// group of people.
type metrics struct {
	operations *http.ServeMux // tells which operation a request is
	ids        []string       // of the API's operations
	trial      *store.Trial

	mu       sync.Mutex
	requests map[[2]string]uint64 // operation, class
	took     map[string]*histogram
	commands map[[2]string]uint64 // command, outcome
}

// histogram counts durations by their upper bounds.
type histogram struct {
	counts [len(bounds)]uint64
	n      uint64
	sum    float64
}

// bounds are in seconds.
var bounds = [...]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// newMetrics knows the operations of the API by its own description.
func newMetrics(trial *store.Trial) *metrics {
	m := &metrics{
		operations: http.NewServeMux(), trial: trial,
		requests: map[[2]string]uint64{}, took: map[string]*histogram{}, commands: map[[2]string]uint64{},
	}
	for pattern, id := range api.Operations() {
		m.operations.Handle(pattern, operation(id))
		m.ids = append(m.ids, id)
	}
	for path, name := range map[string]string{"/": "page", "/me/": "person-page", "/sign-in": "sign-in", "/sign-in/": "sign-in", "/static/": "static", "/api/": "api-other"} {
		m.operations.Handle(path, operation(name))
	}
	return m
}

// operation is the handler that stands for an operation; it answers nothing.
type operation string

func (operation) ServeHTTP(http.ResponseWriter, *http.Request) {}

// operationOf gives the name of what a request asks for.
func (m *metrics) operationOf(r *http.Request) string {
	h, _ := m.operations.Handler(r)
	if n, is := h.(operation); is {
		return string(n)
	}
	return "other" // a method that the path does not take, a path to be redirected
}

// count wraps what answers.
func (m *metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op, began := m.operationOf(r), time.Now()
		seen := &statusSeen{ResponseWriter: w, status: http.StatusOK}
		defer func() { m.note(op, seen.status, time.Since(began)) }()
		next.ServeHTTP(seen, r)
	})
}

func (m *metrics) note(op string, status int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[[2]string{op, strconv.Itoa(status/100) + "xx"}]++
	h := m.took[op]
	if h == nil {
		h = &histogram{}
		m.took[op] = h
	}
	h.n++
	h.sum += took.Seconds()
	for i, b := range bounds {
		if took.Seconds() <= b {
			h.counts[i]++
		}
	}
}

// routeOf gives the name of what a request asks for, and the pattern of its path.
func (m *metrics) routeOf(r *http.Request) (op, pattern string) {
	_, pattern = m.operations.Handler(r)
	return m.operationOf(r), pattern
}

// statusSeen remembers what was answered.
type statusSeen struct {
	http.ResponseWriter
	status int
	began  bool  // something was answered
	bytes  int64 // of the body
}

// WriteHeader passes a status on.
func (s *statusSeen) WriteHeader(status int) {
	if status >= http.StatusOK {
		s.status, s.began = status, true
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write passes on what is answered.
func (s *statusSeen) Write(p []byte) (int, error) {
	s.began = true
	n, err := s.ResponseWriter.Write(p)
	s.bytes += int64(n)
	return n, err
}

// Unwrap lets a stream be flushed.
func (s *statusSeen) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Flush lets a stream be flushed by those who ask for it the old way.
func (s *statusSeen) Flush() { _ = http.NewResponseController(s.ResponseWriter).Flush() }

// countedTrial is a trial whose commands are counted.
type countedTrial struct {
	*store.Trial
	m *metrics
}

// Tell gives one command, and counts it by its name and what became of it.
func (t countedTrial) Tell(ctx context.Context, cmd study.Command, meta study.Meta) (desk.Receipt, error) {
	r, err := t.Trial.Tell(ctx, cmd, meta)
	outcome := "done"
	switch {
	case err != nil && fault.CodeOf(err) == "":
		outcome = "failed"
	case err != nil:
		outcome = "refused"
	case r.Repeated:
		outcome = "repeated"
	}
	t.m.mu.Lock()
	t.m.commands[[2]string{study.NameOf(cmd), outcome}]++
	t.m.mu.Unlock()
	return r, err
}

// write writes all of it in Prometheus' text format, always in the same order.
func (m *metrics) write(w io.Writer) error {
	var b strings.Builder
	var entries uint64
	m.trial.View(func(s *study.State) { entries = s.Entries })
	fmt.Fprintf(&b, "# HELP dvala_entries Entries on the ledger, as this process last saw it.\n# TYPE dvala_entries gauge\ndvala_entries %d\n", entries)
	m.mu.Lock()
	defer m.mu.Unlock()
	writeCounts(&b, "dvala_http_requests_total", "Requests answered.", "operation", "class", m.requests)
	writeCounts(&b, "dvala_commands_total", "Commands given to the trial by this process.", "command", "outcome", m.commands)
	b.WriteString("# HELP dvala_http_request_seconds How long answers took.\n# TYPE dvala_http_request_seconds histogram\n")
	for _, op := range slices.Sorted(maps.Keys(m.took)) {
		h := m.took[op]
		for i, bound := range bounds {
			fmt.Fprintf(&b, "dvala_http_request_seconds_bucket{operation=%q,le=\"%g\"} %d\n", op, bound, h.counts[i])
		}
		fmt.Fprintf(&b, "dvala_http_request_seconds_bucket{operation=%q,le=\"+Inf\"} %d\n", op, h.n)
		fmt.Fprintf(&b, "dvala_http_request_seconds_sum{operation=%q} %g\ndvala_http_request_seconds_count{operation=%q} %d\n", op, h.sum, op, h.n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeCounts(b *strings.Builder, name, help, first, second string, counts map[[2]string]uint64) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s counter\n", name, help, name)
	keys := slices.SortedFunc(maps.Keys(counts), func(x, y [2]string) int { return slices.Compare(x[:], y[:]) })
	for _, k := range keys {
		fmt.Fprintf(b, "%s{%s=%q,%s=%q} %d\n", name, first, k[0], second, k[1], counts[k])
	}
}
