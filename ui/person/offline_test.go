package person

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/store/people"
	"dvala/study"
)

// quarantine gives a world a place for what cannot be filed.
func (w *world) quarantine(t testing.TB) *people.Store {
	t.Helper()
	store, err := people.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w.parts = desk.Parts{Pending: store}
	w.restart(t)
	return store
}

// deaf does what is asked, and cuts the connection before it is answered.
func (w *world) deaf(rw http.ResponseWriter, r *http.Request) {
	w.handler.ServeHTTP(httptest.NewRecorder(), r)
	if c, _, err := http.NewResponseController(rw).Hijack(); err == nil {
		c.Close()
	}
}

const keptPages = `(async () => { const out = []; for (const n of await caches.keys()) for (const r of await (await caches.open(n)).keys()) out.push(new URL(r.url).pathname); return out; })()`

// onePage shows forms whole, from the next page on.
func (b *browser) onePage() {
	b.Helper()
	ask[bool](b, `(localStorage.setItem("dvala-view", "page"), true)`)
}

// saveWhole sends a form as it stands, with what is not answered left as it is.
func (b *browser) saveWhole() {
	b.Helper()
	b.until(`!document.getElementById("answers").hidden`, "a form that is open")
	for range 2 { // it is asked once whether the rest is to be left
		ask[bool](b, `(document.getElementById("answers").requestSubmit(), true)`)
		b.wait(60 * time.Millisecond)
		if ask[bool](b, `document.getElementById("left") === null || document.getElementById("left").hidden`) {
			return
		}
	}
}

func (b *browser) wait(d time.Duration) { time.Sleep(d) }

// dies kills the browser, as a telephone does that is switched off, and opens it
// again on what it kept.
func (b *browser) dies(now time.Time) {
	b.Helper()
	b.cancel()
	b.start()
	b.clock(now)
}

// Fourteen days without a network: every morning the diary opens and says which
// night it is of, a form half filled in outlives the app, and the number that
// waits is in sight. When the network is back everything is delivered with the
// time at which it was made, and once, although the first answer is lost on its
// way and the server is started anew; what cannot be filed is kept for the staff.
func TestFourteenDaysWithoutANetwork(t *testing.T) {
	w := newWorld(t, example(), Options{})
	held := w.quarantine(t)
	who := w.enrolled(t)
	w.set(day(7, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	b := newDevice(t, w.serve(t), 360, 740)
	w.set(day(7, 20, 0))
	b.clock(w.clock())
	b.open("/me")
	b.until(`navigator.serviceWorker.controller`, "the service worker")
	b.onePage()
	b.open("/me")
	b.until(`(async () => (await (await caches.open((await caches.keys())[0])).keys()).length > 8)()`, "the pages to keep")
	if kept := ask[[]string](b, keptPages); len(kept) < 8 {
		t.Fatalf("the device keeps %q", kept)
	}

	w.down.Store(true)
	for n := 8; n <= 21; n++ {
		b.offlineDay(n)
	}
	ask[bool](b, unfileable)
	b.open("/me/data")
	b.open("/me")
	b.until(`document.getElementById("unsent").textContent.startsWith("17 ")`, "the number that waits")
	b.picture("offline-3-unsent")

	w.set(day(21, 18, 0))
	b.clock(w.clock())
	w.cut.Store(true)
	w.down.Store(false)
	b.open("/me")
	b.until(`document.getElementById("unsent").textContent.startsWith("17 ")`, "all that waits, for nothing was answered")
	w.cut.Store(false)
	w.restart(t)
	b.open("/me")
	b.until(`document.getElementById("unsent").hidden && !document.getElementById("news").hidden`, "everything sent")
	b.until(`document.querySelectorAll("#delivered p").length === 4`, "the receipts of what was sent")
	b.picture("offline-4-sent")
	if got := ask[[]string](b, `[...document.querySelectorAll("#delivered p")].map((p) => p.textContent)`); len(got) != 4 || !strings.HasPrefix(got[0], "Skickat: Morgondagbok, Natten till måndag 23 mars. Kvitto nr ") || got[3] != "Alla kvitton" {
		t.Errorf("of what was delivered she is told %q", got)
	}
	if news := ask[string](b, `document.getElementById("news").textContent`); strings.Contains(news, "[") || news == "" {
		t.Errorf("of what cannot be filed she is told %q", news)
	}
	w.delivered(t, who)
	all, err := held.HeldAll(t.Context(), false)
	if err != nil || len(all) != 1 || all[0].Key != "dev-unfileable" || all[0].Subject != who || !strings.Contains(all[0].Body, `"fly"`) {
		t.Errorf("held for the staff: %+v, %v", all, err)
	}
	before := w.posts.Load()
	b.open("/me")
	b.wait(300 * time.Millisecond)
	if w.posts.Load() != before {
		t.Error("what was delivered is sent again")
	}
}

// offlineDay is a morning without a network: on some the app is killed halfway,
// on some the telephone is switched off afterwards, and on three there is more to
// tell than the night.
func (b *browser) offlineDay(n int) {
	b.Helper()
	now := day(n, 7, 42)
	b.clock(now)
	if n == 8 {
		b.open("/me")
		b.until(`document.querySelector(".say").textContent.includes("tisdag 10 mars")`, "the diary on the first page")
		b.picture("offline-1-home")
	}
	b.open("/me/diary")
	if n == 10 {
		b.write("f-into-bed", "22:51")
		b.wait(200 * time.Millisecond)
		b.dies(now)
		b.open("/me/diary")
		if got := ask[string](b, `document.getElementById("f-into-bed").value`); got != "22:51" {
			b.Errorf("what was half filled in is gone: %q", got)
		}
	}
	for id, at := range map[string]string{"into-bed": "22:50", "tried-to-sleep": "23:10", "sol": strconv.Itoa(n), "final-waking": "06:40", "out-of-bed": "07:00"} {
		b.write("f-"+id, at)
	}
	b.saveWhole()
	b.until(`document.querySelector("h1").textContent.startsWith("Sparat på enheten")`, "the note that it is kept")
	switch n {
	case 8:
		b.picture("offline-2-kept")
	case 12:
		b.open("/me/event")
		b.write("words", "Huvudvärk")
		b.tap(`[name="severity"][value="mild"]`)
		ask[bool](b, `(document.getElementById("answers").requestSubmit(), true)`)
		b.until(`document.querySelector("h1").textContent.startsWith("Sparat på enheten")`, "the event, kept")
	case 14:
		b.open("/me/visit/day-7/isi")
		ask[bool](b, `(document.querySelectorAll("fieldset.item").forEach(f => f.querySelector("input[type=radio]").click()), true)`)
		b.saveWhole()
		b.until(`document.querySelector("h1").textContent.startsWith("Sparat på enheten")`, "the questionnaire, kept")
	}
	if n%5 == 0 {
		b.dies(now)
	}
}

// unfileable puts an entry into the queue that no server can read, as an app of
// another version might.
const unfileable = `new Promise((done, fail) => { const r = indexedDB.open("dvala"); r.onerror = () => fail(r.error); r.onsuccess = () => {
	const tx = r.result.transaction(["queue"], "readwrite");
	tx.objectStore("queue").put({key: "dev-unfileable", made: new Date().toISOString(), zone: "Europe/Stockholm", do: "fly", data: {to: "the moon"}, code: document.body.dataset.code, what: "Något"});
	tx.oncomplete = () => done(true);
}; })`

// delivered holds what stands on the ledger against what was told.
func (w *world) delivered(t *testing.T, who study.Subject) {
	t.Helper()
	w.state(func(s *study.State) {
		p := s.People[who]
		if len(p.Diary) != 14 || len(p.Adverse) != 1 || p.Adverse[0].Words != "Huvudvärk" || p.Visits["day-7"]["isi"] == nil || p.Visits["day-7"]["isi"].Answered.Late {
			t.Fatalf("%d diaries, %d events, %v", len(p.Diary), len(p.Adverse), p.Visits)
		}
		for n := 8; n <= 21; n++ {
			r := p.Diary[civil.On(2026, 3, 2+n)]
			if r == nil || r.Answered.Late || r.Answered.Retrospective || r.Answered.Date != civil.On(2026, 3, 2+n) {
				t.Errorf("the night to March %d: %+v", 2+n, r)
				continue
			}
			if sol, _ := r.Answers["sol"].Number(); sol != float64(n) || r.At.Before(day(n, 7, 42)) || r.At.After(day(n, 8, 0)) {
				t.Errorf("the night to March %d says %v, made at %v", 2+n, sol, r.At)
			}
		}
		for _, d := range p.Deviations {
			if d.Code == "device-clock-doubted" {
				t.Errorf("%+v", d)
			}
		}
	})
	seen, noted, all := 0, 0, must(w.trial.Entries(t.Context(), 0, 1000))
	for _, e := range all {
		switch fromDevice := strings.Contains(string(e.Bytes), `"dev-`); {
		case fromDevice && strings.Contains(string(e.Bytes), `"kind":"held"`):
			noted++ // that the seventeenth could not be filed
		case fromDevice:
			seen++
		}
	}
	if seen != 16 || noted != 1 {
		t.Errorf("%d entries came from the device, of 16 that were made, and %d are told to be held, of 1", seen, noted)
	}
}
