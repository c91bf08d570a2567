package person

import (
	"fmt"
	"testing"
	"time"

	"dvala/study"
)

// resumes is an app that lay in the background until a time, and comes to the
// front as it was left.
func (b *browser) resumes(at time.Time) {
	b.Helper()
	b.clock(at) // of the pages that follow
	ask[bool](b, fmt.Sprintf(`(() => {
		const Real = globalThis.RealDate ?? Date, begun = Real.now();
		const at = () => %d + (Real.now() - begun);
		globalThis.Date = class extends Real {
			constructor(...a) { if (a.length) super(...a); else super(at()); }
			static now() { return at(); }
		};
		globalThis.left = true; // a page that is made anew knows nothing of it
		document.dispatchEvent(new Event("visibilitychange"));
		return true;
	})()`, at.UnixMilli()))
}

// An app that was left open in the evening tells in the morning what is due then,
// with and without a network; a diary that nobody began makes room for today's,
// and one that somebody began stays as it is.
func TestResumedInTheMorning(t *testing.T) {
	w := newWorld(t, example(), Options{})
	who := w.enrolled(t)
	w.set(day(7, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	b := newDevice(t, w.serve(t), 360, 740)
	at := func(n, hour, minute int) time.Time {
		w.set(day(n, hour, minute))
		return w.clock()
	}
	b.clock(at(8, 10, 0))
	b.open("/me")
	b.until(`navigator.serviceWorker.controller`, "the service worker")
	b.onePage()
	b.open("/me")
	b.until(`(async () => (await (await caches.open((await caches.keys())[0])).keys()).length > 8)()`, "the pages to keep")
	if ask[bool](b, `document.documentElement.classList.contains("dark")`) {
		t.Error("dark at ten in the morning")
	}
	const first = `!globalThis.left && document.documentElement.classList.contains("ready") && document.documentElement.classList.contains("dark") && document.querySelector(".say").textContent.includes(`
	b.resumes(at(9, 7, 40))
	b.until(first+`"onsdag 11 mars")`, "the diary of the ninth morning")
	w.down.Store(true)
	b.resumes(at(10, 7, 40))
	b.until(first+`"torsdag 12 mars")`, "the diary of the tenth morning, without a network")
	w.down.Store(false)

	b.open("/me/diary")
	b.write("f-into-bed", "22:50")
	b.wait(200 * time.Millisecond)
	b.resumes(at(11, 7, 40))
	b.wait(300 * time.Millisecond)
	if !ask[bool](b, `globalThis.left === true && document.getElementById("f-into-bed").value === "22:50"`) {
		t.Error("what she had begun was taken from her")
	}
	b.open("/me/diary") // of the eleventh day, and not begun
	b.resumes(at(12, 7, 40))
	b.until(first+`"lördag 14 mars")`, "the diary of the twelfth morning in the place of yesterday's")
}

// Without a network, and on a page that was kept for long, whoever has completed
// the trial is told so still, and finds her results.
func TestCompletedIsToldWithoutANetwork(t *testing.T) {
	w := newWorld(t, example(), Options{})
	w.enrolled(t)
	w.trial.Do(t, study.Withdraw{From: study.FromFollowUp, Why: "no-time"}, w.clock(), w.caller().Subject)
	b := newDevice(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	b.open("/me")
	b.until(`navigator.serviceWorker.controller`, "the service worker")
	b.open("/me")
	b.until(`(async () => !!(await (await caches.open((await caches.keys())[0])).match("/me")))()`, "the page to keep")
	told := ask[string](b, `document.querySelector(".say").textContent`)
	w.down.Store(true)
	b.clock(w.clock().AddDate(0, 0, 3))
	b.open("/me")
	if got := ask[string](b, `document.querySelector(".say").textContent`); got != told || got == "" {
		t.Errorf("%q, and with a network %q", got, told)
	}
}
