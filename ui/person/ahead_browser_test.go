package person

import (
	"testing"
	"time"

	"dvala/civil"
	"dvala/study"
)

// In a trial of made-up people the days are not today's, and the device's clock
// is the real one: what is due, which night is open, dark and light, and when an
// entry was made go by the trial's clock, also on a page that was kept.
func TestMadeUpDaysOnARealClock(t *testing.T) {
	w := newWorld(t, example(), Options{Wall: time.Now})
	who := w.enrolled(t)
	w.set(day(7, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	w.set(day(8, 7, 40))
	b := newDevice(t, w.serve(t), 360, 740)
	b.open("/me")
	b.until(`navigator.serviceWorker.controller`, "the service worker")
	b.onePage()
	b.open("/me")
	if got := ask[string](b, `document.querySelector("#due .button").getAttribute("href")`); got != "/me/diary?night=2026-03-10" {
		t.Fatalf("what is due: %q", got)
	}
	if !ask[bool](b, `document.documentElement.classList.contains("dark")`) {
		t.Error("light at twenty to eight")
	}
	b.until(`(async () => (await (await caches.open((await caches.keys())[0])).keys()).length > 8)()`, "the pages to keep")
	w.down.Store(true) // the page that was kept goes by the same clock
	b.open("/me/diary")
	if got := ask[string](b, `document.getElementById("which").textContent`); got != "Natten till tisdag 10 mars" {
		t.Fatalf("the night asked about: %q", got)
	}
	b.fillNight()
	b.saveWhole()
	b.until(`document.querySelector("h1").textContent.startsWith("Sparat på enheten 07:4")`, "the note that it is kept")
	w.set(day(8, 7, 42))
	w.down.Store(false)
	b.open("/me")
	b.until(`document.getElementById("unsent").hidden`, "everything sent")
	w.state(func(s *study.State) {
		r := s.People[who].Diary[civil.On(2026, 3, 10)]
		if r == nil || r.Answered.Late || r.Answered.Retrospective {
			t.Errorf("the diary: %+v", r)
		}
		if d := s.People[who].Deviations; len(d) != 0 {
			t.Errorf("deviations: %+v", d)
		}
	})
}

func (b *browser) fillNight() {
	b.Helper()
	for id, at := range map[string]string{"into-bed": "22:50", "tried-to-sleep": "23:10", "sol": "20", "final-waking": "06:40", "out-of-bed": "07:00"} {
		b.write("f-"+id, at)
	}
}
