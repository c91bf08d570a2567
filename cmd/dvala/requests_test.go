package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dvala/desk/access"
	"dvala/fault"
)

// logOf gives the lines that a log holds.
func logOf(t *testing.T, b *bytes.Buffer) (out []map[string]any) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSpace(b.String()), "\n") {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, m)
	}
	return out
}

// Every request leaves one line: by the pattern of its path and never the path,
// with what failed by its code and the file's hash, and nothing of what was asked.
// What panics is answered as a refusal of ours, and says where, not what.
func TestRequestsAreWritten(t *testing.T) {
	var b bytes.Buffer
	d := &servedDesk{log: slog.New(access.PlainLog(&b)), counts: newMetrics(nil), real: true}
	sum := strings.Repeat("ab", 32)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /participants/{person}", func(http.ResponseWriter, *http.Request) { panic("P0042 har huvudvärk") })
	mux.HandleFunc("GET /half", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		_ = http.NewResponseController(w).Flush()
		panic(errors.New("P0042"))
	})
	mux.HandleFunc("GET /gone", func(w http.ResponseWriter, r *http.Request) {
		access.Failed(r.Context(), fault.Wrap("blob-damaged", sum, errors.New("/srv/trial/blobs")))
		access.Failed(r.Context(), errors.New("a later one"))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	mux.HandleFunc("/api/v1/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("panic") != "" {
			panic(strings.Repeat("P0042", 9))
		}
		w.WriteHeader(http.StatusNoContent)
	})
	s := httptest.NewUnstartedServer(d.written(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { access.Routed(r.Context(), r.Pattern) }()
		mux.ServeHTTP(w, r)
	})))
	s.Config.ErrorLog = serverLog(d.log)
	s.Start()
	defer s.Close()
	ask := func(path string) (*http.Response, string) {
		r, err := http.Get(s.URL + path) //nolint:noctx // a test's own
		if err != nil {
			return nil, err.Error()
		}
		defer r.Body.Close()
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return r, err.Error()
		}
		return r, string(raw)
	}
	r, body := ask("/participants/P0042?name=Astrid")
	if r.StatusCode != http.StatusInternalServerError || !strings.Contains(body, r.Header.Get(requestHeader)) || !strings.Contains(body, "Något gick fel") || strings.Contains(body, "goroutine") {
		t.Errorf("%v %s", r, body)
	}
	if r, body = ask("/api/v1/participants/P0042?panic=1"); r.StatusCode != http.StatusInternalServerError || r.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(body, `"code":"internal"`) {
		t.Errorf("%v %s", r, body)
	}
	if _, body = ask("/half"); !strings.Contains(body, "EOF") {
		t.Errorf("a half answer passes for a whole one: %q", body)
	}
	ask("/gone")
	ask("/api/v1/participants/P0042/tasks?Astrid")
	lines := logOf(t, &b)
	want := []struct{ msg, route, err string }{
		{"a request panicked", "", ""},
		{"a request failed", "GET /participants/{person}", "errors"},
		{"a request panicked", "", ""},
		{"a request failed", "GET /api/v1/participants/{subject}", "errors"},
		{"a request panicked", "", ""},
		{"a request failed", "GET /half", "errors"},
		{"a request failed", "GET /gone", "blob-damaged " + sum},
		{"a request", "GET /api/v1/participants/{subject}/tasks", ""},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines:\n%s", len(lines), b.String())
	}
	for i, l := range lines {
		route, _ := l["route"].(string)
		err, _ := l["err"].(string)
		if l["msg"] != want[i].msg || route != want[i].route || !strings.Contains(err, want[i].err) || l["request"] == "" {
			t.Errorf("line %d: %v, want %v", i, l, want[i])
		}
	}
	if at, _ := lines[0]["at"].(string); !strings.Contains(at, "requests_test.go:") {
		t.Errorf("nothing says where: %v", lines[0])
	}
	for _, secret := range []string{"P0042", "Astrid", "huvud", "/srv", "127.0.0.1"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("the log says %q:\n%s", secret, b.String())
		}
	}
}

// What package net/http says of a connection is told by its kind, without the
// address that it names.
func TestServerLogNamesNoAddress(t *testing.T) {
	var b bytes.Buffer
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = serverLog(slog.New(access.PlainLog(&b)))
	s.StartTLS()
	c, err := net.Dial("tcp", s.Listener.Addr().String()) //nolint:noctx // a test's own
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
	_, _ = io.ReadAll(c)
	_ = c.Close()
	if tc, err := tls.Dial("tcp", s.Listener.Addr().String(), &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10, InsecureSkipVerify: true}); err == nil { //nolint:gosec,noctx // it is to be refused
		_ = tc.Close()
	}
	s.Close()
	for _, l := range logOf(t, &b) {
		if l["kind"] != "tls-handshake" {
			t.Errorf("%v", l)
		}
	}
	if strings.Contains(b.String(), "127.0.0.1") {
		t.Error(b.String())
	}
}
