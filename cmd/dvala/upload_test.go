package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/desk/desktest"
	"dvala/identity"
	"dvala/jobs"
	"dvala/sleep"
	"dvala/store/blob"
	"dvala/store/people"
	"dvala/study"
	"dvala/ui/person"
	"dvala/wearable/oura"
)

// mornings writes nights up to some mornings in March as the ring's cloud would.
func mornings(t *testing.T, stages string, days ...int) []byte {
	t.Helper()
	var docs oura.Documents
	for _, d := range days {
		parsed, err := sleep.ParseStages(stages, 5760)
		if err != nil {
			t.Fatal(err)
		}
		morning := civil.On(2026, 3, d)
		h, err := sleep.NewHypnogram(morning.Add(-1).At(23*60, time.FixedZone("", 3600)), 30*time.Second, parsed)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := oura.FromHypnogram("s-"+morning.String(), h)
		if err != nil {
			t.Fatal(err)
		}
		docs.Sleep = append(docs.Sleep, doc)
	}
	b, err := json.Marshal(docs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sent is a trial in memory whose participant sends files.
type sent struct {
	trial *desktest.Memory
	mux   *http.ServeMux
	who   study.Subject
	lang  string
}

func newSent(t *testing.T, opt func(office *desk.Office, now func() time.Time) person.Options) *sent {
	t.Helper()
	s := &sent{trial: desktest.New(t, filepath.Join("..", "..", "study", "testdata", "small.yaml"), 4), mux: http.NewServeMux(), lang: "en"}
	now := func() time.Time { return desktest.Start.Add(6 * 24 * time.Hour) } // the 8th of March
	office := desk.NewOffice(s.trial, now)
	s.who = s.trial.Person(t, desktest.Start)
	pages, err := person.New(office, opt(office, now))
	if err != nil {
		t.Fatal(err)
	}
	pages.Routes(s.mux)
	return s
}

func (s *sent) do(r *http.Request) (int, string, http.Header) {
	c := desk.Participant(s.who)
	c.Lang = s.lang
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r.WithContext(desk.WithCaller(r.Context(), c)))
	return w.Code, w.Body.String(), w.Header()
}

func (s *sent) upload(t *testing.T, name string, content []byte) (int, string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	form.Close()
	r := httptest.NewRequest(http.MethodPost, "/me/ring", &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	code, body, _ := s.do(r)
	return code, body
}

func (s *sent) nights() (out map[civil.Date]study.RecordedNight) {
	out = map[civil.Date]study.RecordedNight{}
	s.trial.View(func(st *study.State) {
		for d, r := range st.People[s.who].Nights["oura"] {
			out[d] = *r
		}
	})
	return out
}

func contains(t *testing.T, body string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(body, want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func (s *sent) size(t *testing.T) int {
	t.Helper()
	all, err := s.trial.Entries(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

const night = "20W 300N2 100N3 80R 9W 300N2 90R 1W"

func uploading(office *desk.Office, now func() time.Time) person.Options {
	return person.Options{Upload: newUploads(office, now)}
}

// A ring's file becomes the nights that the trial asks for, once; a corrected
// one becomes new versions of them; and the page says what became of each.
func TestUpload(t *testing.T) {
	s := newSent(t, uploading)
	// She consented on the 2nd; it is the 8th; the 9th is still to come.
	first := mornings(t, night, 1, 2, 3, 4, 5, 9)
	code, body := s.upload(t, "oura.json", first)
	if code != http.StatusOK {
		t.Fatal(code, body)
	}
	contains(t, body, "3 nights were kept.", "3 nights were left out")
	got := s.nights()
	if len(got) != 3 {
		t.Fatalf("%d nights", len(got))
	}
	for d, r := range got {
		if tst, ok := r.Night.Architecture(); !ok || tst.TSTMin == nil || *tst.TSTMin != 435 { // 870 epochs of sleep of 30 s
			t.Errorf("%v: %v", d, tst)
		}
		if stored, err := s.trial.Blob(r.Source.SHA256); err != nil || !bytes.Equal(stored, first) || r.Night.Source.SHA256 != r.Source.SHA256 {
			t.Errorf("%v: the file is not the one she sent: %v", d, err)
		}
	}
	before := s.size(t)
	_, body = s.upload(t, "oura.json", first)
	contains(t, body, "3 nights had come already")
	if after := s.size(t); after != before {
		t.Errorf("the same file again made %d entries", after-before)
	}
	// The vendor's algorithm ran again over one night, and a new one came.
	changed := mornings(t, "20W 300N2 100N3 80R 19W 290N2 90R 1W", 5)
	_, body = s.upload(t, "oura.json", changed)
	contains(t, body, "1 night differs from what we had")
	if r := s.nights()[civil.On(2026, 3, 5)]; r.Superseded != 1 {
		t.Errorf("%+v", r)
	}
	s.lang = "sv"
	_, body = s.upload(t, "oura.json", mornings(t, night, 5, 6))
	contains(t, body, "1 natt sparades.", "1 natt skiljer sig")
	if r := s.nights()[civil.On(2026, 3, 5)]; r.Superseded != 2 {
		t.Errorf("going back to an earlier version is a version: %+v", r)
	}
}

// A zip is read, however it is called; and what is no night leaves no trace.
func TestUploadOfOther(t *testing.T) {
	s := newSent(t, uploading)
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	f, err := w.Create("My export/oura sleep.json")
	if err == nil {
		_, err = f.Write(mornings(t, night, 4))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	_, body := s.upload(t, `C:\Users\Eva\Eva.zip`, z.Bytes())
	contains(t, body, "1 night was kept.")
	for _, r := range s.nights() {
		if r.Source.Name != "export.zip" {
			t.Errorf("%q may hold a person's name", r.Source.Name)
		}
	}
	for name, content := range map[string]string{"holiday.jpg": "\xff\xd8\xff", "": "x", "empty.json": ""} {
		code, body := s.upload(t, name, []byte(content))
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, `role="alert"`) {
			t.Errorf("%q: %d", name, code)
		}
	}
	if n := len(s.nights()); n != 1 {
		t.Errorf("%d nights", n)
	}
}

// A large file is read by a job: its sender sees how far it is, and what came of
// it when she comes again, and nobody else does; on the way it lies sealed, and
// afterwards it is gone from there.
func TestLargeFileIsReadLater(t *testing.T) {
	_, b := bench(t)
	dir := t.TempDir()
	store, err := people.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	master, err := identity.GenerateMaster(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shelf := filepath.Join(t.TempDir(), "blobs")
	s := newSent(t, func(office *desk.Office, now func() time.Time) person.Options {
		b.uploads = newUploads(office, now)
		b.uploads.later = &later{above: 100, shelf: blob.NewFolder(shelf), vault: identity.New(store, master, rand.Reader, now)}
		return person.Options{Upload: b.uploads}
	})
	q, err := jobs.Open(t.Context(), b.trial.Database(), jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.lend(q)
	if code, body := s.upload(t, "evas-ring.json", mornings(t, night, 4, 5)); code != http.StatusSeeOther {
		t.Fatal(code, body)
	}
	look := func() string {
		_, body, _ := s.do(httptest.NewRequest(http.MethodGet, "/me/ring", nil))
		return body
	}
	contains(t, look(), "Your file has come and is being read", "Look again")
	laid, err := filepath.Glob(filepath.Join(shelf, "made", "sent-*"))
	if err != nil || len(laid) != 1 {
		t.Fatal(laid, err)
	}
	raw, err := os.ReadFile(laid[0])
	if err != nil || bytes.Contains(raw, []byte("sleep")) || !bytes.HasPrefix(raw, []byte("age-encryption.org")) {
		t.Errorf("it lies there in the clear: %.60q %v", raw, err)
	}
	all, err := q.Recent(t.Context(), 10, "ingest")
	if err != nil || len(all) != 1 || bytes.Contains(all[0].Args, []byte("evas")) {
		t.Errorf("%+v %v", all, err)
	}
	if _, other, err := b.uploads.Reading(t.Context(), desk.Participant("P0777")); other || err != nil {
		t.Error("another sees it", err)
	}
	works, err := b.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stopJobs(context.Background(), works); err != nil {
			t.Error(err)
		}
	}()
	over := func() string {
		for {
			if body := look(); !strings.Contains(body, "is being read") {
				return body
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	contains(t, over(), "2 nights were kept.")
	if left, _ := filepath.Glob(filepath.Join(shelf, "made", "*")); len(left) != 0 {
		t.Error("left behind:", left)
	}
	if code, _ := s.upload(t, "x.json", bytes.Repeat([]byte("no night at all "), 20)); code != http.StatusSeeOther {
		t.Error(code)
	}
	contains(t, over(), `class="problem"`)
}
