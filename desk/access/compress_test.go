package access

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Text is compressed for whoever takes it, unless another site may have asked for
// somebody who is signed in; what comes out is what went in.
func TestCompressed(t *testing.T) {
	long := strings.Repeat("A morning like any other. ", 200)
	handler := Compressed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := r.URL.Query().Get("kind")
		if kind == "" {
			kind = "text/html; charset=utf-8"
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("ETag", `"abc"`)
		body := long
		if r.URL.Query().Get("short") != "" {
			body = "short"
		}
		_, _ = io.WriteString(w, body)
	}))
	signedIn := map[string]string{"Cookie": Cookie + "=token"}
	with := func(more ...string) map[string]string {
		h := map[string]string{"Cookie": Cookie + "=token"}
		for i := 0; i < len(more); i += 2 {
			h[more[i]] = more[i+1]
		}
		return h
	}
	for _, c := range []struct {
		what, method, path string
		headers            map[string]string
		want               bool
	}{
		{"a page asked for by ours", "GET", "/me", with("Sec-Fetch-Site", "same-origin"), true},
		{"a page typed in", "GET", "/me", with("Sec-Fetch-Site", "none"), true},
		{"a page asked for by another site", "GET", "/me", with("Sec-Fetch-Site", "cross-site"), false},
		{"a page asked for by a sister site", "GET", "/me", with("Sec-Fetch-Site", "same-site"), false},
		{"a page of a browser that says nothing", "GET", "/me", signedIn, false},
		{"a program with a token", "GET", "/api/v1/overview", map[string]string{"Authorization": "Bearer x"}, true},
		{"nobody", "GET", "/sign-in", nil, true},
		{"a style, asked for by anybody", "GET", "/me/static/person.css", signedIn, true},
		{"what is sent", "POST", "/me/diary", with("Sec-Fetch-Site", "same-origin"), false},
		{"a part of a file", "GET", "/me", with("Sec-Fetch-Site", "same-origin", "Range", "bytes=0-9"), false},
		{"a stream of events", "GET", "/changes?kind=text/event-stream", with("Sec-Fetch-Site", "same-origin"), false},
		{"a picture", "GET", "/me?kind=image/png", with("Sec-Fetch-Site", "same-origin"), false},
		{"a short answer", "GET", "/me?short=yes", with("Sec-Fetch-Site", "same-origin"), false},
		{"whoever takes no gzip", "GET", "/me", with("Sec-Fetch-Site", "same-origin", "Accept-Encoding", "identity"), false},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Header.Set("Accept-Encoding", "gzip, br")
		for k, v := range c.headers {
			r.Header.Set(k, v)
		}
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		got := rec.Header().Get("Content-Encoding") == "gzip"
		if got != c.want {
			t.Errorf("%s: compressed %v", c.what, got)
		}
		if !strings.Contains(strings.Join(rec.Header().Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: nothing is said to caches: %v", c.what, rec.Header())
		}
		body, tag := io.Reader(rec.Body), `"abc"`
		if got {
			tag = `W/"abc"`
			z, err := gzip.NewReader(rec.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		all, err := io.ReadAll(body)
		if err != nil || string(all) != long && string(all) != "short" || rec.Header().Get("ETag") != tag {
			t.Errorf("%s: %d bytes, %v, ETag %s", c.what, len(all), err, rec.Header().Get("ETag"))
		}
	}
}

// A change that names what it changes by the ETag of a compressed answer reaches the
// handler with the tag as it was given.
func TestCompressedIfMatch(t *testing.T) {
	var got string
	handler := Compressed(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("If-Match") }))
	for _, tag := range []string{`W/"abc"`, `"abc"`} {
		r := httptest.NewRequest("PUT", "/api/v1/participants/P0001/contact", nil)
		r.Header.Set("If-Match", tag)
		handler.ServeHTTP(httptest.NewRecorder(), r)
		if got != `"abc"` {
			t.Errorf("%s arrives as %s", tag, got)
		}
	}
}

// A stream is not held back, and reaches its connection.
func TestCompressedStreams(t *testing.T) {
	gone := make(chan bool)
	server := httptest.NewServer(Compressed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: 1\n\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-gone
	})))
	defer server.Close()
	defer close(gone)
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b := make([]byte, 9)
	if _, err := io.ReadFull(res.Body, b); err != nil || string(b) != "data: 1\n\n" {
		t.Errorf("%q, %v", b, err)
	}
}
