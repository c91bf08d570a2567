package person

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"dvala/civil"
	"dvala/desk"
	"dvala/protocol"
	"dvala/study"
)

// invited lets whoever followed an invitation screen herself; from then on the
// world's browser is hers.
type invited struct {
	t testing.TB
	w *world
}

func (i invited) Enter(http.ResponseWriter, *http.Request, string) error {
	i.w.as(desk.Caller{Account: "invited-1", Grants: []desk.Grant{{Role: study.RoleParticipant, Site: "main"}}})
	return nil
}

func (i invited) Screen(_ http.ResponseWriter, r *http.Request, c desk.Caller, _ string, answers protocol.Answers) (study.Subject, error) {
	who, err := i.w.office.ScreenOneself(r.Context(), c, answers, "screening-1")
	if err == nil {
		i.w.as(desk.Participant(who))
	}
	return who, err
}

// press moves to what a selector names with the tab key, and presses enter.
func (b *browser) press(selector string) {
	b.Helper()
	b.tabTo(selector)
	b.key(kb.Enter)
}

func (b *browser) typed(selector, text string) {
	b.Helper()
	b.tabTo(selector)
	for _, r := range text {
		b.key(string(r))
	}
}

// choose moves through a group of radio buttons with the arrows.
func (b *browser) choose(name, value string) {
	b.Helper()
	b.tabTo(`[name="` + name + `"]`)
	b.key(" ")
	for range 12 {
		if ask[string](b, `document.activeElement.value`) == value {
			return
		}
		b.key(kb.ArrowDown)
	}
	b.Fatalf("no arrow leads to %s of %s", value, name)
}

// goThrough answers a form to its end, one question at a time, with keys alone.
func (b *browser) goThrough() {
	b.Helper()
	const now = `.item:not(.aside):not([data-night]):not([hidden])`
	for range 60 {
		look := ask[string](b, `(document.querySelector("`+now+`") || {dataset: {}}).dataset.look || ""`)
		id := ask[string](b, `(document.querySelector("`+now+`") || {dataset: {}}).dataset.item || ""`)
		switch look {
		case "list", "words", "scale", "yes-no":
			b.tabTo(`[name="a.` + id + `"]`)
			b.key(" ", kb.ArrowDown)
		case "line":
			b.tabTo(`#i-` + id + ` .track`)
			b.key(kb.ArrowRight, kb.ArrowRight)
		case "number", "count", "minutes", "stepper":
			b.typed(`#f-`+id, "1")
		case "clock":
			b.typed(`#f-`+id, "0700")
		case "", "text":
		default:
			b.typed(`#f-`+id, "1")
		}
		if ask[bool](b, `document.getElementById("next").hidden`) {
			break
		}
		b.press("#next")
	}
	b.press("#send")
	b.until(`location.pathname === "/me/saved" || !document.getElementById("left").hidden`, "the end of the form")
	if ask[bool](b, `location.pathname !== "/me/saved"`) {
		b.press("#send")
	}
	b.until(`location.pathname === "/me/saved"`, "the receipt")
	b.ready()
}

// morning fills in the diary of a morning with keys alone: last night by the
// arrows on its bar, the rest one question at a time.
func (b *browser) morning(w *world, n int) {
	b.Helper()
	w.set(day(n, 7, 30))
	b.clock(w.clock())
	b.open("/me")
	b.press(`a.button.big`)
	b.until(`location.pathname === "/me/diary"`, "the diary")
	b.ready()
	b.until(`!document.getElementById("answers").hidden`, "a night that is open")
	for _, lane := range []struct {
		item string
		more int // steps of the grid
	}{{"into-bed", -3}, {"tried-to-sleep", 0}, {"final-waking", -2}, {"out-of-bed", 0}} {
		b.tabTo(`[data-lane="` + lane.item + `"]`)
		b.key(kb.ArrowRight)
		for range -lane.more {
			b.key(kb.ArrowLeft)
		}
	}
	for _, id := range []string{"sol", "wakings", "waso"} {
		if ask[bool](b, `(e => e !== null && !e.closest("[hidden]"))(document.getElementById("f-`+id+`"))`) {
			b.typed("#f-"+id, "1")
		}
	}
	b.press("#next")
	b.goThrough()
}

// A participant's whole trial in one browser, from the invitation to what she is
// shown after her last visit, with a keyboard and nothing else. What the staff
// do in between is done for them.
func TestAWholeTrialByKeyboardAlone(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	w.pages.opt.Entrance = invited{t, w}
	w.as(desk.Caller{})
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	b.open("/me/join?lang=en")
	b.typed("#code", "ABCD-EFGH-JKLM")
	b.picture("whole-code")
	b.press(`button[type="submit"]`)
	b.until(`location.pathname === "/me/eligible"`, "the questions")
	b.ready()
	b.picture("whole-eligible")
	b.typed(`[name="q.age"]`, "41")
	b.choose("q.sex", "female")
	b.typed(`[name="q.height"]`, "170")
	b.choose("q.poor_sleep", "true")
	b.press(`button[type="submit"]`)
	b.until(`location.pathname === "/me/consent"`, "the consent")
	b.ready()
	for _, name := range ask[[]string](b, `[...new Set(Array.from(document.querySelectorAll('[name^="ask."]'), e => e.name))]`) {
		b.choose(name, "right")
	}
	b.tabTo(`[name="agree"]`)
	b.key(" ")
	b.press(`button[type="submit"]`)
	b.until(`location.pathname === "/me/consent/copy"`, "the copy")
	b.ready()
	b.press(`a.button`)
	b.until(`location.pathname === "/me/install"`, "the home screen")
	b.ready()
	b.press(`button[type="submit"]`)
	b.until(`location.pathname === "/me/hours"`, "her hours")
	b.ready()
	b.press(`button[type="submit"]`)
	b.until(`location.pathname === "/me/ring"`, "the ring")
	who := w.caller().Subject

	b.morning(w, 1) // of the run-in
	w.set(day(3, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	forms := func(visit string, at int) {
		w.set(day(at, 10, 0))
		b.clock(w.clock())
		for _, id := range []string{"isi", "kss"} {
			b.open("/me/visit/" + visit + "/" + id)
			b.goThrough()
		}
	}
	forms("day-0", 3)
	b.morning(w, 6)
	b.morning(w, 10)
	forms("day-7", 10)
	b.picture("whole-last")
	w.set(day(11, 9, 0))
	w.trial.Do(t, study.Complete{}, w.clock(), who)
	b.clock(w.clock())
	b.open("/me")
	b.picture("whole-after")
	w.state(func(s *study.State) {
		p := s.People[who]
		if len(p.Diary) != 3 || len(p.Consents) != 1 || p.Enrolled == nil || p.Randomised == nil {
			t.Errorf("%d diaries, %d consents", len(p.Diary), len(p.Consents))
		}
		for _, n := range []int{1, 6, 10} {
			if r := p.Diary[civil.On(2026, 3, 2+n)]; r == nil || r.Answered.Late || len(r.Answers) < 7 {
				t.Errorf("the night to March %d: %+v", 2+n, r)
			}
		}
		for _, visit := range []string{"day-0", "day-7"} {
			for _, id := range []string{"isi", "kss"} {
				if p.Visits[visit][id] == nil {
					t.Errorf("%s of %s is not there", id, visit)
				}
			}
		}
	})
	if got := ask[bool](b, `document.querySelector("a.button.big") === null`); !got {
		t.Errorf("after her last visit something is due: %s", ask[string](b, `document.body.innerText`))
	}
}
