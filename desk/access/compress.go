package access

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// smallest is the least number of bytes that are worth compressing: with less,
// an answer goes in one packet either way.
const smallest = 1024

// texts are the kinds of answers that are compressed. Streams of events and what
// is packed already are not among them.
var texts = []string{
	"text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/calendar", "application/json", "application/problem+json",
	"application/manifest+json", "application/javascript", "application/yaml", "image/svg+xml",
}

// Compressed lets text answers be sent in gzip to whoever takes it.
//
// How long a compressed answer is tells something of what is in it, and an
// attacker who can make somebody's browser ask, choose a word of the answer, and
// watch its length can find out the rest (BREACH, 2013). So an answer that may
// hold anything of a session's is compressed only if no other site can have made
// the browser ask: where the browser says that this site did or the person herself
// (Sec-Fetch-Site, which a page cannot set), where the session's token came in
// Authorization, which no browser adds by itself, or where there is no session. The
// styles and scripts are the same for everybody, and always compressed. Answers to
// what is sent are not: they may repeat what a person wrote, and are short.
func Compressed(next http.Handler) http.Handler {
	pack, err := gzhttp.NewWrapper(gzhttp.MinSize(smallest), gzhttp.ContentTypes(texts), gzhttp.EnableZstd(false), gzhttp.CompressionLevel(6))
	if err != nil {
		panic(err) // the options are constants
	}
	packed := pack(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tag, weak := strings.CutPrefix(r.Header.Get("If-Match"), "W/"); weak {
			r.Header.Set("If-Match", tag) // the mark was ours, below
		}
		if !mayCompress(r) {
			w.Header().Add("Vary", "Accept-Encoding")
			next.ServeHTTP(w, r)
			return
		}
		packed.ServeHTTP(&weakening{ResponseWriter: w}, r)
	})
}

// mayCompress says whether the length of an answer can tell nothing to anybody
// but who asked.
func mayCompress(r *http.Request) bool {
	if r.Method != http.MethodGet || r.Header.Get("Range") != "" || strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		return false
	}
	if strings.HasPrefix(r.URL.Path, "/me/static/") || strings.HasPrefix(r.URL.Path, "/static/") {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		return !hasCookie(r)
	}
	return false
}

// weakening marks the ETag of an answer that was compressed as weak: it names the
// same content in other bytes. A change that names it by If-Match means the content.
type weakening struct {
	http.ResponseWriter
	told bool
}

func (w *weakening) WriteHeader(status int) {
	w.tell()
	w.ResponseWriter.WriteHeader(status)
}

func (w *weakening) Write(b []byte) (int, error) {
	w.tell()
	return w.ResponseWriter.Write(b)
}

func (w *weakening) tell() {
	if w.told {
		return
	}
	w.told = true
	h := w.Header()
	if tag := h.Get("ETag"); tag != "" && h.Get("Content-Encoding") != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("ETag", "W/"+tag)
	}
}

// Flush sends what there is.
func (w *weakening) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() } // a reader that went away needs no answer

// Unwrap lets a stream reach its connection.
func (w *weakening) Unwrap() http.ResponseWriter { return w.ResponseWriter }
