package person

import (
	"testing"

	"dvala/civil"
	"dvala/study"
)

// settled is a world in which every page has something to show.
func settled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, example(), Options{})
	who := w.enrolled(t)
	w.set(day(7, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	w.trial.Do(t, study.Dispense{Visit: "day-0"}, w.clock(), who)
	for n := 5; n <= 6; n++ {
		w.set(day(n+3, 7, 30))
		w.post(t, "/me/diary", diaryOf(w, civil.DateOf(w.clock()).String()))
	}
	w.set(day(14, 7, 30))
	return w
}

func diaryOf(_ *world, date string) map[string][]string { return night(date) }

// A whole trial afterwards: something happens, the treatment is left, and then
// everything; the rest of the pages say so.
func TestTellingAndLeaving(t *testing.T) {
	w := settled(t)
	who := w.caller().Subject
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	b.open("/me/card?lang=sv")
	kit := ""
	w.state(func(s *study.State) { kit = s.People[who].Kits[0].Kit })
	if !ask[bool](b, `document.querySelector(".kit b").textContent === `+quote(kit)) {
		t.Error("the card does not show the kit", kit)
	}
	b.picture("whole-1-card")
	b.open("/me/event")
	ask[bool](b, `(document.getElementById("words").value = "Huvudvärk <b>hela dagen</b>", true)`)
	b.tap(`[name="severity"][value="moderate"]`)
	b.tap(`[name="outcome"][value="ongoing"]`)
	b.picture("whole-2-event")
	b.tap("#send")
	b.until(`location.pathname === "/me/saved"`, "the receipt")
	w.state(func(s *study.State) {
		if a := s.People[who].Adverse; len(a) != 1 || a[0].Severity != "moderate" || a[0].Words != "Huvudvärk <b>hela dagen</b>" || a[0].Related != "unassessed" {
			t.Errorf("told: %+v", a)
		}
	})
	b.open("/me/leave")
	b.picture("whole-3-leave")
	b.tap(`[name="from"][value="treatment"]`)
	b.tap(`main button[type="submit"]`)
	b.until(`document.querySelector(".problem")`, "the question whether it is meant")
	b.ready()
	b.tap(`[name="from"][value="treatment"]`)
	b.tap(`[name="sure"]`)
	b.tap(`main button[type="submit"]`)
	b.until(`location.pathname === "/me/saved" && document.body.innerText.includes("Du har slutat ta det")`, "the receipt")
	b.ready()
	b.open("/me/leave")
	b.tap(`[name="from"][value="follow-up"]`)
	b.tap(`[name="sure"]`)
	b.tap(`main button[type="submit"]`)
	b.until(`location.pathname === "/me/saved" && document.body.innerText.includes("Du har lämnat studien")`, "the receipt")
	b.ready()
	b.open("/me")
	b.picture("whole-4-left")
	w.state(func(s *study.State) {
		p := s.People[who]
		_, one := p.WithdrewFrom("treatment")
		_, all := p.WithdrewFrom("follow-up")
		if !one || !all {
			t.Errorf("left: %+v", p.Withdrawn)
		}
	})
	if status, _, _ := w.post(t, "/me/diary", night("2026-03-12")); status == 303 {
		t.Error("a diary is taken after leaving")
	}
	b.open("/me/past")
	b.picture("whole-5-past")
}
