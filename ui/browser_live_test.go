package ui

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dvala/civil"
	"dvala/study"
)

// lines are the streams by which pages are told that something was written.
type lines struct {
	m     *memory
	open  atomic.Int64
	asked atomic.Int64
	away  atomic.Bool
}

func (l *lines) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.asked.Add(1)
	if l.away.Load() {
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	l.open.Add(1)
	defer l.open.Add(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	last := ^uint64(0)
	for r.Context().Err() == nil && !l.away.Load() {
		var n uint64
		l.m.View(func(s *study.State) { n = s.Entries })
		if n != last {
			last = n
			fmt.Fprintf(w, "event: entries\nid: %d\ndata: %d\n\n", n, n)
			if http.NewResponseController(w).Flush() != nil {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// The first page shows by itself what somebody else has written: its numbers and
// its lists, without being loaded again, with the reader where she was, and told to
// whoever listens to it. A tab that is hidden asks for nothing; a line that broke is
// taken up again.
func TestTodayIsLive(t *testing.T) {
	m := playground(t)
	l := &lines{m: m}
	h, _ := furnish(t, m, func(c *Config) {
		c.Beside = func(mux *http.ServeMux) { mux.Handle("GET /api/v1/changes", l) }
	})
	b := newBrowser(t, h)
	t.Cleanup(func() { l.away.Store(true) }) // the server waits for its lines to end
	b.be("investigator", "en", "light")
	b.open("/")
	b.until(`document.readyState === "complete"`, "the page")
	ask1[bool](b, `(globalThis.kept = true, document.querySelector('main a[href="/safety"]').focus(), true)`)
	who := m.state.Order[slices.IndexFunc(m.state.Order, func(who study.Subject) bool {
		p := m.state.People[who]
		return len(p.Consents) > 0 && len(p.Adverse) == 0
	})]
	serious := func(n int) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.do(study.ReportAdverseEvent{AdverseEvent: study.AdverseEvent{
			Term: fmt.Sprintf("fall number %d", n), Severity: "severe", Serious: true, Criteria: study.SeriousCriteria()[2:3], Related: "possible", Onset: civil.DateOf(clock()), Outcome: "ongoing",
		}}, clock(), who)
	}
	there := func(n int) {
		t.Helper()
		b.until(fmt.Sprintf(`document.querySelector("main").textContent.includes("fall number %d")`, n), "what was written")
	}
	serious(1)
	there(1)
	if !ask1[bool](b, `globalThis.kept === true && document.activeElement.getAttribute("href") === "/safety"`) {
		t.Error("the page was loaded again, or its reader was moved")
	}
	if said := ask1[string](b, `document.querySelector("[data-changes]").textContent`); !strings.Contains(said, "What needs a person has changed: ") || !strings.Contains(said, "serious") {
		t.Errorf("told: %q", said)
	}
	hide := func(hidden bool) {
		ask1[bool](b, fmt.Sprintf(`(Object.defineProperty(document, "hidden", { value: %v, configurable: true }), document.dispatchEvent(new Event("visibilitychange")))`, hidden))
	}
	eventually := func(what string, yes func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !yes(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal(what)
			}
		}
	}
	hide(true)
	eventually("a hidden tab listens", func() bool { return l.open.Load() == 0 })
	asked := l.asked.Load()
	serious(2)
	hide(false)
	there(2)
	if l.asked.Load() != asked+1 {
		t.Errorf("%d lines were asked for", l.asked.Load()-asked)
	}
	l.away.Store(true)
	asked = l.asked.Load()
	eventually("the line does not break", func() bool { return l.asked.Load() > asked })
	serious(3)
	l.away.Store(false)
	there(3)
	for n := 4; n <= 8; n++ {
		serious(n)
	}
	there(8)
	b.looksAndIsLeft(serious, there)
	if !ask1[bool](b, `globalThis.kept === true`) {
		t.Error("the page was loaded again")
	}
}

// looksAndIsLeft looks for something in a list of the first page: nothing moves while
// she does, though something is written, and once she has done the list goes on, and
// what comes to it can be looked through as what was there.
func (b *browser) looksAndIsLeft(serious, there func(int)) {
	b.t.Helper()
	narrow := func(text string) int {
		return ask1[int](b, `((box) => { box.focus(); box.value = "`+text+`"; box.dispatchEvent(new Event("input", {bubbles: true}));
			return [...document.querySelectorAll("#t-clocks tbody tr")].filter((r) => !r.hidden).length; })(document.getElementById("q-clocks"))`)
	}
	if n := narrow("number 7"); n != 1 {
		b.t.Errorf("%d rows hold it", n)
	}
	serious(9)
	time.Sleep(2500 * time.Millisecond) // longer than a page takes to look again
	if ask1[bool](b, `document.querySelector("main").textContent.includes("fall number 9")`) || narrow("number 7") != 1 {
		b.t.Error("the list moved while somebody looked for something in it")
	}
	if n := narrow(""); n != 9 { // the eight, and that of the playground
		b.t.Errorf("%d rows once she is done", n)
	}
	serious(10)
	there(10)
	if !ask1[bool](b, `document.activeElement.id === "q-clocks"`) {
		b.t.Error("she was moved away from where she types")
	}
	if n := narrow("number 10"); n != 1 {
		b.t.Errorf("%d rows of the new list hold it", n)
	}
	narrow("")
}
