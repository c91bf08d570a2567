package person

import (
	"fmt"
	"os"
	"strings"
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

var richPages = []string{
	"/me", "/me/diary", "/me/visit/day-7/isi", "/me/visit/day-7/lseq", "/me/visit/day-7/rsq-w", "/me/visit/day-21/guess", "/me/event", "/me/card", "/me/past",
	"/me/settings", "/me/data", "/me/leave", "/me/consent/copy", "/me/install", "/me/ring", "/me/offline", "/me/nowhere",
}

// axe finds nothing serious on any page, light or dark, in either language.
func TestAxeFindsNothingSerious(t *testing.T) {
	path := os.Getenv("DVALA_AXE")
	if path == "" {
		t.Skip("axe-core is not at hand (DVALA_AXE names axe.min.js): accessibility was not checked by it")
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := settled(t)
	b := newBrowser(t, w.serve(t), 360, 740)
	check := func(name string) {
		t.Helper()
		ask[bool](b, string(axe)+";true")
		ask[bool](b, `(globalThis.found = null, axe.run(document, {resultTypes: ["violations"], preload: false}).then(
			r => globalThis.found = r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.failureSummary || "").split("\n")[1]).join(" | ")),
			e => globalThis.found = [String(e)]), true)`)
		b.until(`globalThis.found !== null`, "what axe found")
		found := ask[[]string](b, `globalThis.found`)
		for _, f := range found {
			t.Errorf("%s: %s", name, f)
		}
	}
	for i, dark := range []bool{true, false} {
		w.set(day(14, map[bool]int{true: 7, false: 11}[dark], 30))
		b.clock(w.clock())
		b.scheme(false)
		for _, page := range richPages {
			b.open(page + "?lang=" + languages[i])
			check(fmt.Sprintf("%s (%s, dark %v)", page, languages[i], dark))
		}
	}
	b.open("/me/visit/day-7/rsq-w?lang=en")
	b.tap("#view")
	check("a questionnaire in the other view")
	who := w.caller()
	fresh := newWorld(t, example(), Options{})
	fresh.screened(t)
	w.as(who)
	c := newBrowser(t, fresh.serve(t), 360, 740)
	b = c
	b.clock(fresh.clock())
	for _, page := range []string{"/me/consent", "/me/hours"} {
		b.open(page + "?lang=sv")
		check(page)
		if page == "/me/consent" {
			fresh.trial.Do(t, study.Consent{Version: "1.0", Language: "sv"}, fresh.clock(), fresh.caller().Subject)
		}
	}
}

// With text twice as large nothing is cut off, nothing lies over anything else,
// and the page scrolls one way only.
func TestTextTwiceAsLarge(t *testing.T) {
	w := settled(t)
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	for _, page := range richPages {
		b.open(page + "?lang=sv")
		ask[bool](b, `(document.documentElement.style.fontSize = "200%", true)`)
		name := strings.ReplaceAll(strings.TrimPrefix(page, "/"), "/", "-") + "-double"
		if got := ask[int64](b, `document.documentElement.scrollWidth`); got > 360 {
			t.Errorf("%s is %d wide: %s", page, got, ask[string](b, `Array.from(document.querySelectorAll("body *")).filter(e => e.getBoundingClientRect().right > 361).map(e => e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 20)).slice(0, 4).join("; ")`))
		}
		cut := ask[[]string](b, `Array.from(document.querySelectorAll("main *, header *, footer *")).filter(e => {
			if (e.closest(".hidden, [hidden], .whole") || e.tagName === "TEXTAREA" || e.tagName === "SELECT") return false;
			const s = getComputedStyle(e);
			return s.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && e.tagName !== "INPUT";
		}).map(e => e.tagName + " " + e.textContent.trim().slice(0, 40))`)
		for _, c := range cut {
			t.Errorf("%s cuts off %s", page, c)
		}
		b.picture(name)
	}
}

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
	b.until(`location.pathname === "/me"`, "home")
	b.ready()
	b.open("/me/leave")
	b.tap(`[name="from"][value="follow-up"]`)
	b.tap(`[name="sure"]`)
	b.tap(`main button[type="submit"]`)
	b.until(`location.pathname === "/me" && document.querySelector(".say")`, "home")
	b.ready()
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
