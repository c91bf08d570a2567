package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// tagged gives every whole answer to a GET an ETag, the hash of its bytes where
// it has no other, and answers 304 to whoever has them already. Streams pass
// through. A browser keeps nothing of a person on its disk: only what is the same
// for all, and about nobody, may be stored at all, and is asked for anew each
// time. A program may hold an answer in its memory, and ask with If-None-Match.
func tagged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if aboutNobody(r.URL.Path) {
			w.Header().Set("Cache-Control", "private, no-cache")
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet || streamed(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		b := &buffered{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(b, r)
		if b.status == http.StatusOK {
			tag := w.Header().Get("ETag")
			if tag == "" {
				sum := sha256.Sum256(b.body.Bytes())
				tag = `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
				w.Header().Set("ETag", tag)
			}
			if has(r.Header.Get("If-None-Match"), tag) {
				w.Header().Del("Content-Type")
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		w.Header().Set("Content-Length", strconv.Itoa(b.body.Len()))
		w.WriteHeader(b.status)
		_, _ = w.Write(b.body.Bytes()) // a reader that went away needs no answer
	})
}

// streamed says which paths are not held back to be hashed.
func streamed(path string) bool {
	return path == base+"/changes" || strings.Contains(path, "/files/") || strings.HasPrefix(path, base+"/jobs/")
}

// aboutNobody are the paths of what is the same for everybody in the trial.
func aboutNobody(path string) bool {
	return path == base+"/protocol" || path == base+"/ledger/checkpoint" || strings.HasPrefix(path, base+"/openapi")
}

func has(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if t := strings.TrimSpace(one); t == "*" || strings.TrimPrefix(t, "W/") == tag {
			return true
		}
	}
	return false
}

// buffered holds an answer back until it is whole.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffered) Header() http.Header         { return b.header }
func (b *buffered) WriteHeader(status int)      { b.status = status }
func (b *buffered) Write(p []byte) (int, error) { return b.body.Write(p) }

// write sends a refusal outside the framework.
func (s *server) write(w http.ResponseWriter, r *http.Request, p *Problem) {
	s.logged(r.Context(), p)
	raw, err := json.Marshal(p)
	if err != nil {
		http.Error(w, "the refusal could not be written", http.StatusInternalServerError)
		return
	}
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_, _ = w.Write(raw)
}
