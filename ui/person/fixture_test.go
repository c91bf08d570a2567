package person

import (
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/desk/desktest"
	"dvala/protocol"
	"dvala/study"
)

// world is a trial in memory with the pages before it, on a clock of its own.
type world struct {
	trial   *desktest.Memory
	pages   *Pages
	office  *desk.Office
	handler http.Handler
	now     atomic.Int64 // microseconds
	who     atomic.Value // desk.Caller
	down    atomic.Bool  // the server is not to be reached
	cut     atomic.Bool  // what it answers to what is sent does not arrive
	opt     Options
	parts   desk.Parts
	posts   atomic.Int64
	last    atomic.Int64 // bytes of the last body sent
}

func (w *world) clock() time.Time    { return time.UnixMicro(w.now.Load()).UTC() }
func (w *world) set(at time.Time)    { w.now.Store(at.UnixMicro()) }
func (w *world) as(c desk.Caller)    { w.who.Store(c) }
func (w *world) caller() desk.Caller { c, _ := w.who.Load().(desk.Caller); return c }

func smallTrial() string { return filepath.Join("..", "..", "study", "testdata", "small.yaml") }

func example() string { return filepath.Join("..", "..", "examples", "mgt-2024", "protocol.yaml") }

func newWorld(t testing.TB, path string, opt Options) *world {
	t.Helper()
	w := &world{trial: desktest.New(t, path, 4), opt: opt}
	w.set(desktest.Start)
	w.restart(t)
	return w
}

// restart is the server started anew on the same trial.
func (w *world) restart(t testing.TB) {
	t.Helper()
	w.office = desk.NewOffice(w.trial, w.clock)
	w.office.Furnish(w.parts)
	pages, err := New(w.office, w.opt)
	if err != nil {
		t.Fatal(err)
	}
	w.pages = pages
	mux := http.NewServeMux()
	pages.Routes(mux)
	w.handler = access.Compressed(http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.posts.Add(1)
			w.last.Store(r.ContentLength)
		}
		mux.ServeHTTP(rw, r.WithContext(desk.WithCaller(r.Context(), w.caller())))
	})))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// person makes somebody who has been enrolled, and signs her in.
func (w *world) person(t testing.TB) study.Subject {
	t.Helper()
	who := w.trial.Person(t, w.clock())
	w.as(desk.Participant(who))
	return who
}

// state reads the trial.
func (w *world) state(read func(*study.State)) { w.trial.View(read) }

// day gives a moment n days after the trial's start, by the clock in Stockholm
// in March (UTC+1).
func day(n int, hour, minute int) time.Time {
	return time.Date(2026, 3, 2+n, hour-1, minute, 0, 0, time.UTC)
}

// screening answers the small trial's questions.
func screening(age int) study.Screen {
	return study.Screen{Site: "main", Answers: protocol.Answers{
		"age": protocol.Int(age), "sex": protocol.Choice("female"), "height": protocol.Number(170), "poor_sleep": protocol.Bool(true),
	}}
}

// lastEntry is the number of the newest entry.
func (w *world) lastEntry() (n string) {
	w.state(func(s *study.State) { n = strconv.FormatUint(s.Entries-1, 10) })
	return n
}

// diaryOf is the instrument of the trial's diary.
func (w *world) diaryOf() (id string) {
	w.state(func(s *study.State) { id = s.Protocol.Protocol().Diary.Instrument })
	return id
}
