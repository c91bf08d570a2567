package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/api"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/store/blob"
	"dvala/study"
)

// A file goes where its hash says, whatever it is called, and nothing is read by
// a name that is no hash.
func TestFileNamesLeadNowhere(t *testing.T) {
	top := t.TempDir()
	m := desktest.New(t, "../../study/testdata/small.yaml", 4)
	who := m.Person(t, desktest.Start)
	folder := blob.NewFolder(filepath.Join(top, "trial", "blobs"))
	office := desk.NewOffice(m, func() time.Time { return desktest.Start })
	office.Furnish(desk.Parts{Files: folder})
	h := api.New(office, api.Options{})
	c := desk.Caller{Account: "anna", Grants: []desk.Grant{{Role: study.RoleCoordinator}}}
	taken := 0
	for i, name := range []string{"../../evil", "..", "/etc/evil", `..\..\evil`, "a\x00b", "a\r\nSet-Cookie: evil=1", "con", strings.Repeat("a", 5000)} {
		r := httptest.NewRequest(http.MethodPut, "/api/v1/participants/"+string(who)+"/files/"+url.PathEscape(name), strings.NewReader("evil "+name))
		r.Header.Set("Idempotency-Key", "a-hostile-name-"+string(rune('a'+i)))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
		if w.Code == http.StatusOK {
			taken++
		}
		if w.Code >= 500 || len(w.Header().Values("Set-Cookie")) > 0 {
			t.Errorf("%q: %d %v", name, w.Code, w.Header())
		}
	}
	if taken == 0 {
		t.Error("no file was taken: the test tells nothing")
	}
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(folder.Place(), path)
		if strings.HasPrefix(rel, "..") || len(filepath.Base(path)) != 64 {
			t.Errorf("a file lies at %s", rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(top, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sum := range []string{"", "a", "../../secret", secret, "..", strings.Repeat("../", 20) + "etc/passwd", strings.Repeat("0", 63) + "/"} {
		if b, err := folder.Get(t.Context(), sum); err == nil || bytes.Contains(b, []byte("secret")) {
			t.Errorf("%q gave %q", sum, b)
		}
	}
}

// A client that sends its request a letter at a time is cut off.
func TestSlowClientsAreCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seven seconds")
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- answer(ctx, listener, http.NotFoundHandler(), nil, "", "") }()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cut := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, conn) // until the server has had enough
		close(cut)
	}()
	began := time.Now()
	for i := 0; ; i++ {
		_, _ = conn.Write([]byte("GET / HTTP/1.1\r\nX-Slow: a"[i%25 : i%25+1])) // fails once it is cut off
		select {
		case <-cut:
			end()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			return
		case <-time.After(500 * time.Millisecond):
			if time.Since(began) > 30*time.Second {
				t.Fatal("the server waits for ever")
			}
		}
	}
}
