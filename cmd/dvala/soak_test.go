//go:build linux

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"dvala/civil"
	"dvala/cmd/dvala-verify/audit"
	"dvala/jobs"
	"dvala/simulate"
	"dvala/store"
)

// virtual is a clock that a test moves; the one that cannot be set goes with it.
type virtual struct {
	mu         sync.Mutex
	began, now time.Time
}

func (v *virtual) set(at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if at.After(v.now) {
		v.now = at
	}
}

func (v *virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

func (v *virtual) running() time.Duration { return v.Now().Sub(v.began) }

// lived is a trial in which made-up people live while it is served: each morning
// of theirs what is done by the clock is done.
type lived struct {
	onStore
	t      *testing.T
	clock  *virtual
	zone   *time.Location
	served *servedDesk
	day    civil.Date
	days   int
	keys   []string
	seen   []sample
}

// sample is what the process holds at a moment.
type sample struct {
	goroutines, files int
	heap, entries     uint64
}

func (l *lived) Do(ctx context.Context, items []simulate.Item) error {
	if day := civil.DateOf(items[0].Meta.At.In(l.zone)); day != l.day {
		l.day, l.days = day, l.days+1
		l.clock.set(items[0].Meta.At)
		l.byTheClock(ctx)
		l.seen = append(l.seen, l.sample())
	}
	l.clock.set(items[len(items)-1].Meta.At)
	for _, i := range items {
		l.keys = append(l.keys, i.Meta.Key)
	}
	return l.onStore.Do(ctx, items)
}

// byTheClock has everything done that is, and the server asked how it is.
func (l *lived) byTheClock(ctx context.Context) {
	l.t.Helper()
	var ids []jobs.ID
	for _, a := range []jobs.Args{jobs.Reminders{}, jobs.CloseTasks{}, jobs.CheckClock{}, jobs.Notices{}, jobs.Sweep{}} {
		id, err := l.served.queue.EnqueueAnew(ctx, a)
		if err != nil {
			l.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	for _, path := range []string{"/readyz", "/", "/me", "/sign-in", "/metrics", "/api/v1/trial"} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		w := httptest.NewRecorder()
		l.served.handler.ServeHTTP(w, r)
		if path == "/readyz" && w.Code != http.StatusOK {
			l.t.Errorf("%s: not ready: %s", l.day, w.Body.String())
		}
	}
	for deadline := time.Now().Add(2 * time.Minute); len(ids) > 0; time.Sleep(10 * time.Millisecond) {
		s, ok, err := l.served.queue.Status(ctx, ids[0])
		switch {
		case err != nil || time.Now().After(deadline):
			l.t.Fatalf("%s: %+v %v", l.day, s, err)
		case !ok || s.State == "completed":
			ids = ids[1:]
		case s.Over() || s.Err != "":
			l.t.Fatalf("%s: %+v", l.day, s)
		}
	}
}

func (l *lived) sample() sample {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		l.t.Fatal(err)
	}
	return sample{goroutines: runtime.NumGoroutine(), files: len(open), heap: m.HeapAlloc, entries: l.State().Entries}
}

// A trial is served and lived through in a moment: reminders, tasks that close,
// sweeps and checks of the clock day by day, over the change to summer time. In
// the end no kit or slot was given twice, all that was acknowledged is on a ledger
// that verifies, no clock was seen to jump, and the process holds no more
// goroutines and files than in the beginning, and memory as its entries ask.
// DVALA_SOAK makes it ninety days.
func TestLivedThrough(t *testing.T) {
	start, people := "2026-03-23", 8
	if n, err := strconv.Atoi(os.Getenv("DVALA_SOAK")); err == nil && n > 0 {
		start, people = "2026-03-02", 420
	}
	at := PlaceFlags{Dir: filepath.Join(t.TempDir(), "trial")}
	begin := sure(time.Parse(time.DateOnly, start)).Add(-24 * time.Hour)
	realTrialAt(t, at, func() time.Time { return begin }, "start: 2026-03-02, end: 2026-06-01", "start: "+start+", end: 2026-12-01",
		"slots_per_cell: 4", fmt.Sprintf("slots_per_cell: %d", people+8), "participants: 8", fmt.Sprintf("participants: %d", people))
	trial, err := store.Open(t.Context(), at.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer trial.Close()
	clock := &virtual{began: begin, now: begin}
	log := slog.New(slog.DiscardHandler)
	port, came := mailServer(t)
	go func() {
		for range came { // read, so that the server goes on
		}
	}()
	d := &servedDesk{
		trial: trial, where: store.In(at.Dir), origin: "http://localhost", log: log, work: WorkFlags{Jobs: 2}, told: t.Output(),
		mail: MailFlags{MailFrom: "Dvala <trial@site.example>", MailHost: "127.0.0.1", MailPort: port, MailPlain: true},
	}
	d.clock = newClockGuard(trial, clock.Now, clock.running, log)
	d.now = d.clock.wall.Now
	if err := d.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer d.close()
	l := &lived{onStore: onStore{trial}, t: t, clock: clock, zone: trial.Protocol().Zone(), served: d}
	model := simulate.Default()
	script := simulate.Script{Model: model, Seed: 5, Protocol: trial.Protocol(), Participants: people, Assigned: func(slot int) string { return []string{"chamomile", "plainwater"}[slot%2] }}
	if err := script.Play(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	clock.set(clock.Now().Add(12 * time.Hour))
	l.byTheClock(t.Context())
	flat(t, l.seen)
	l.whole(t, people)
	t.Logf("%d days, %d entries, %+v to %+v", l.days, l.State().Entries, l.seen[len(l.seen)/3], l.seen[len(l.seen)-1])
}

// flat compares the end with the end of the first third.
func flat(t *testing.T, all []sample) {
	t.Helper()
	if len(all) < 9 {
		t.Fatalf("only %d days", len(all))
	}
	most := func(part []sample) (out sample) {
		for _, s := range part {
			out.goroutines, out.files, out.heap, out.entries = max(out.goroutines, s.goroutines), max(out.files, s.files), max(out.heap, s.heap), max(out.entries, s.entries)
		}
		return out
	}
	first, last := most(all[:len(all)/3]), most(all[2*len(all)/3:])
	const perEntry = 16 << 10 // the state of a trial is in memory
	if last.goroutines > first.goroutines+10 || last.files > first.files+10 || last.heap > first.heap+16<<20+perEntry*(last.entries-first.entries) {
		t.Errorf("at first %+v, in the end %+v", first, last)
	}
}

// whole holds what must hold of any trial, however long it ran.
func (l *lived) whole(t *testing.T, people int) {
	t.Helper()
	s := l.State()
	kits, slots, missed := map[string]bool{}, map[int]bool{}, 0
	for _, who := range s.Order {
		p := s.People[who]
		missed += len(p.Lapsed)
		for _, k := range p.Kits {
			if kits[k.Kit] {
				t.Errorf("kit %s was given twice", k.Kit)
			}
			kits[k.Kit] = true
		}
		if p.Randomised == nil {
			continue
		}
		if slots[p.Randomised.Slot] {
			t.Errorf("slot %d was given twice", p.Randomised.Slot)
		}
		slots[p.Randomised.Slot] = true
	}
	for _, key := range l.keys {
		if _, _, done := s.Done(key); !done {
			t.Errorf("%s was acknowledged and is not on the ledger", key)
		}
	}
	if len(slots) != people || len(kits) < people || missed == 0 || len(s.ClockJumps) > 0 {
		t.Errorf("%d slots, %d kits, %d tasks closed, %d jumps of the clock", len(slots), len(kits), missed, len(s.ClockJumps))
	}
	if !slices.ContainsFunc(l.seen, func(x sample) bool { return x.entries > 0 }) || l.days < 9 {
		t.Error("nothing happened")
	}
	dir := filepath.Join(t.TempDir(), "export")
	if err := l.served.trial.Export(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if r := audit.Check(os.DirFS(dir), audit.Options{}); !r.Sound() {
		t.Error("the export does not verify")
	}
	again, err := store.Read(t.Context(), l.served.trial.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.State().Root() != s.Root() {
		t.Error("read again, it is another trial")
	}
}
