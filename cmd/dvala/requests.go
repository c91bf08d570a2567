package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"dvala/desk/access"
)

// requestHeader tells whoever asked by which name the log knows her request.
const requestHeader = "Dvala-Request"

// written wraps all that answers: every request leaves one line, with the pattern
// of its path, what was answered, how long it took and, of what failed, why by
// its code; never the path itself, for it may hold a person's code, nor what was
// asked or answered. What panics is answered with 500 and leaves a line, too. Of
// a demonstration on this machine only failures are told.
func (d *servedDesk) written(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &access.Trace{ID: requestID()}
		began := time.Now()
		seen := &statusSeen{ResponseWriter: w, status: http.StatusOK}
		w.Header().Set(requestHeader, t.ID)
		r = r.WithContext(access.Traced(r.Context(), t))
		defer func() {
			v := recover()
			if v != nil && v != http.ErrAbortHandler { //nolint:errorlint // it is that very value
				access.Failed(r.Context(), errPanic)
				d.log.Error("a request panicked", "request", t.ID, "at", panickedAt(), "kind", fmt.Sprintf("%T", v))
				if !seen.began {
					sorry(seen, r, t.ID)
					v = nil
				} else {
					v = http.ErrAbortHandler // the half answer must not pass for a whole one
					seen.status = http.StatusInternalServerError
				}
			}
			d.line(r, t, seen, time.Since(began))
			if v != nil {
				panic(v)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

var errPanic = errors.New("panicked")

func (d *servedDesk) line(r *http.Request, t *access.Trace, seen *statusSeen, took time.Duration) {
	route, err := t.Said()
	op, pattern := d.counts.routeOf(r)
	if strings.Contains(pattern, "/api/") || route == "" {
		route = pattern
	}
	all := []any{"request", t.ID, "method", methodOf(r), "route", route, "operation", op, "status", seen.status, "duration", took.Round(time.Microsecond).String(), "bytes", seen.bytes}
	switch {
	case seen.status >= http.StatusInternalServerError:
		if err != nil {
			all = append(all, "err", err)
		}
		d.log.Error("a request failed", all...)
	case d.real || d.anywhere:
		d.log.Info("a request", all...)
	}
}

// methodOf gives a method that is one, and not whatever somebody wrote there.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

func requestID() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// panickedAt names the places of this program on the stack of a panic, the
// innermost first: names of functions and lines of the source, and no values.
func panickedAt() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	var at []string
	for len(at) < 4 {
		f, more := frames.Next()
		if name, ours := strings.CutPrefix(f.Function, "dvala/"); ours || strings.HasPrefix(f.Function, "main.") {
			at = append(at, fmt.Sprintf("%s %s:%d", name, filepath.Base(f.File), f.Line))
		}
		if !more {
			break
		}
	}
	return strings.Join(at, " < ")
}

// sorry answers a request that panicked.
func sorry(w http.ResponseWriter, r *http.Request, id string) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "ETag", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if strings.HasPrefix(r.URL.Path, "/api/") {
		h.Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusInternalServerError)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"type": "urn:dvala:problem:internal", "title": http.StatusText(http.StatusInternalServerError), "status": http.StatusInternalServerError,
			"code": "internal", "detail": "something failed here; the log knows this request as " + id, "hint": "give the command again with the same key",
		})
		return
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = fmt.Fprintf(w, "Something went wrong here. What you entered may not have been saved: go back and send it again.\n"+
		"Något gick fel här. Det du skrev kanske inte sparades: gå tillbaka och skicka det igen.\n\n%s\n", id)
}

// serverLog gives package net/http a log that says what kind of thing happened,
// and none of its words: they hold addresses, and what panicked.
func serverLog(l *slog.Logger) *log.Logger { return log.New(httpLines{l}, "", 0) }

type httpLines struct{ log *slog.Logger }

// httpKinds are what package net/http writes of, by how the lines begin.
var httpKinds = []struct{ begins, kind string }{
	{"http: TLS handshake error", "tls-handshake"},
	{"http: panic serving", "panic"},
	{"http: Accept error", "accept"},
	{"http: superfluous response.WriteHeader", "answered-twice"},
	{"http: response.Write on hijacked", "hijacked"},
	{"http2:", "http2"},
	{"http: URL query contains semicolon", "semicolon"},
}

// Write takes one line.
func (h httpLines) Write(p []byte) (int, error) {
	kind, text := "other", string(p)
	for _, k := range httpKinds {
		if strings.HasPrefix(text, k.begins) {
			kind = k.kind
		}
	}
	if strings.Contains(text, "too many open files") {
		kind = "too-many-files"
	}
	h.log.Warn("the HTTP server says", "kind", kind)
	return len(p), nil
}

var _ io.Writer = httpLines{}
