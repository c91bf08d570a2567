package person

import (
	"fmt"
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

// answer answers one item with keys alone, as it looks.
func (b *browser) answer(id, look string) {
	b.Helper()
	switch look {
	case "list", "words", "scale", "yes-no":
		b.tabTo(`[name="a.` + id + `"]`)
		b.key(" ", kb.ArrowDown)
	case "line":
		b.tabTo(`#i-` + id + ` .track`)
		b.key(kb.ArrowRight, kb.ArrowRight)
	case "clock":
		b.typed(`#f-`+id, "0700")
	case "", "text":
	default:
		b.typed(`#f-`+id, "1")
	}
}

// goThrough answers a form to its end with keys alone: one question at a time
// where it is shown so, as on a telephone, and else down the page.
func (b *browser) goThrough() {
	b.Helper()
	const now = `.item:not(.aside):not([data-night]):not([hidden])`
	for range 60 {
		item := ask[[]string](b, `((e) => e ? [e.dataset.item, e.dataset.look] : ["", ""])(document.querySelector('`+now+`:not([data-told])'))`)
		if item[0] == "" {
			break
		}
		b.answer(item[0], item[1])
		whole := ask[bool](b, `document.getElementById("next").hidden && document.querySelectorAll('`+now+`').length > 1`)
		if whole {
			ask[bool](b, `(document.getElementById("i-`+item[0]+`").dataset.told = "yes", true)`)
			continue
		}
		if ask[bool](b, `document.getElementById("next").hidden`) {
			break
		}
		b.press("#next")
	}
	b.press("#send")
	b.until(saved+` || !document.getElementById("left").hidden`, "the end of the form")
	if !ask[bool](b, saved) {
		b.press("#send")
	}
	b.until(saved, "the receipt")
	if ask[bool](b, `location.pathname === "/me/saved"`) {
		b.ready()
	}
}

// saved asks the page whether it shows a receipt, or that the entry is kept on the
// device.
const saved = `(location.pathname === "/me/saved" || /^(Saved on this device|Sparat på enheten)/.test(document.querySelector("h1")?.textContent))`

// look is how somebody goes through the trial: on what, in which language, and in
// which light.
type look struct {
	width, height int64
	lang          string
	dark          bool
}

func (l look) String() string {
	return fmt.Sprintf("%d-%s-%s", l.width, l.lang, map[bool]string{true: "dark", false: "light"}[l.dark])
}

// hour is when she fills in her diary: before nine pages are dark by themselves.
func (l look) hour() int { return map[bool]int{true: 7, false: 9}[l.dark] }

// everyLook gives all of them.
func everyLook() (out []look) {
	for _, size := range sizes {
		for _, lang := range languages {
			for _, dark := range []bool{true, false} {
				out = append(out, look{size.width, size.height, lang, dark})
			}
		}
	}
	return out
}

// journey is somebody's way through the small trial, in a browser.
type journey struct {
	*browser
	w    *world
	look look
}

// see holds the page that is open against its light and its window, and keeps a
// picture of it.
func (j *journey) see(what string) {
	j.Helper()
	want := map[bool]string{true: "rgb(14, 19, 32)", false: "rgb(255, 255, 255)"}[j.look.dark]
	if got := ask[string](j.browser, `getComputedStyle(document.body).backgroundColor`); got != want {
		j.Errorf("%s is %s, want %s", what, got, want)
	}
	if got := ask[string](j.browser, `document.documentElement.lang`); got != j.look.lang {
		j.Errorf("%s is in %q", what, got)
	}
	if got := ask[int64](j.browser, `document.documentElement.scrollWidth`); got > j.look.width {
		j.Errorf("%s is %d wide", what, got)
	}
	j.picture("whole-" + j.look.String() + "-" + what)
}

// comeIn is the way from a code to the first page: whether the trial fits her, the
// consent with its questions, the home screen, her hours, the ring.
func (j *journey) comeIn() {
	j.Helper()
	next := func(path, what string) {
		j.until(`location.pathname === `+quote(path), what)
		j.ready()
		j.see(what)
	}
	j.open("/me/join?lang=" + j.look.lang)
	j.typed("#code", "ABCD-EFGH-JKLM")
	j.see("code")
	j.press(`button[type="submit"]`)
	next("/me/eligible", "eligible")
	j.typed(`[name="q.age"]`, "41")
	j.choose("q.sex", "female")
	j.typed(`[name="q.height"]`, "170")
	j.choose("q.poor_sleep", "true")
	j.press(`button[type="submit"]`)
	next("/me/consent", "consent")
	for _, name := range ask[[]string](j.browser, `[...new Set(Array.from(document.querySelectorAll('[name^="ask."]'), e => e.name))]`) {
		j.choose(name, "right")
	}
	j.tabTo(`[name="agree"]`)
	j.key(" ")
	j.press(`button[type="submit"]`)
	next("/me/consent/copy", "copy")
	j.press(`a.button`)
	next("/me/install", "install")
	j.press(`button[type="submit"]`)
	next("/me/hours", "hours")
	j.press(`button[type="submit"]`)
	next("/me/ring", "ring")
}

// morning fills in the diary of a morning with keys alone: last night by the
// arrows on its bar, the rest one question at a time.
func (j *journey) morning(n int) {
	j.Helper()
	j.w.set(day(n, j.look.hour(), 30))
	j.clock(j.w.clock())
	j.open("/me")
	j.press(`a.button.big`)
	j.until(`location.pathname === "/me/diary"`, "the diary")
	j.ready()
	j.until(`!document.getElementById("answers").hidden`, "a night that is open")
	for _, lane := range []struct {
		item string
		more int // steps of the grid
	}{{"into-bed", -3}, {"tried-to-sleep", 0}, {"final-waking", -2}, {"out-of-bed", 0}} {
		j.tabTo(`[data-lane="` + lane.item + `"]`)
		j.key(kb.ArrowRight)
		for range -lane.more {
			j.key(kb.ArrowLeft)
		}
	}
	for _, id := range []string{"sol", "wakings", "waso"} {
		if ask[bool](j.browser, `(e => e !== null && !e.closest("[hidden]"))(document.getElementById("f-`+id+`"))`) {
			j.typed("#f-"+id, "1")
		}
	}
	j.see("diary")
	if !ask[bool](j.browser, `document.getElementById("next").hidden`) {
		j.press("#next")
	}
	j.goThrough()
	j.see("saved")
}

// withoutANetwork is a morning on which the server is not to be reached: the diary
// opens and is kept, the number that waits is in sight, and when the network is
// back it is delivered by itself.
func (j *journey) withoutANetwork(n int) {
	j.Helper()
	j.until(`navigator.serviceWorker.getRegistration().then((r) => r?.active)`, "the service worker")
	j.open("/me")
	j.until(`navigator.serviceWorker.controller !== null && (async () => (await (await caches.open((await caches.keys())[0])).keys()).some((r) => r.url.includes("/me/diary")))()`, "the diary to keep")
	j.w.down.Store(true)
	j.morning(n)
	j.open("/me/data")
	j.open("/me")
	j.until(`!document.getElementById("unsent").hidden && document.getElementById("unsent").textContent.startsWith("1 ")`, "the number that waits")
	j.see("unsent")
	j.w.down.Store(false)
	j.open("/me")
	j.until(`document.getElementById("unsent").hidden`, "everything sent")
}

// forms answers the questionnaires of a visit.
func (j *journey) forms(visit string, at int) {
	j.Helper()
	j.w.set(day(at, 10, 0))
	j.clock(j.w.clock())
	for _, id := range []string{"isi", "kss"} {
		j.open("/me/visit/" + visit + "/" + id)
		j.see(id)
		j.goThrough()
	}
}

// tell tells that something has happened.
func (j *journey) tell() {
	j.Helper()
	j.open("/me/event")
	j.typed("#words", "A headache")
	j.choose("severity", "moderate")
	j.choose("outcome", "ongoing")
	j.see("event")
	j.press("#send")
	j.until(`location.pathname === "/me/saved"`, "the receipt")
	j.ready()
}

// A participant's whole trial in a browser, from the invitation to what she is
// shown after her last visit, with a keyboard and nothing else: on a telephone and
// at a desk, in both languages, dark and light. One of her mornings is without a
// network. What the staff do in between is done for them.
func TestAWholeTrialByKeyboardAlone(t *testing.T) {
	chromium(t)
	for _, l := range everyLook() {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, smallTrial(), Options{})
			w.pages.opt.Entrance = invited{t, w}
			w.as(desk.Caller{})
			j := &journey{newBrowser(t, w.serve(t), l.width, l.height), w, l}
			w.set(day(0, 10, 0))
			j.scheme(l.dark)
			j.clock(w.clock())
			j.comeIn()
			who := w.caller().Subject
			j.morning(1) // of the run-in
			w.set(day(3, 10, 0))
			w.trial.Do(t, study.Randomise{}, w.clock(), who)
			j.forms("day-0", 3)
			j.morning(6)
			j.tell()
			j.withoutANetwork(8)
			j.morning(10)
			j.forms("day-7", 10)
			w.set(day(11, 10, 0))
			w.trial.Do(t, study.Complete{}, w.clock(), who)
			j.clock(w.clock())
			j.open("/me")
			j.see("after")
			j.filed(who)
		})
	}
}

// filed holds what stands on the ledger against what she did.
func (j *journey) filed(who study.Subject) {
	j.Helper()
	j.w.state(func(s *study.State) {
		p := s.People[who]
		if len(p.Diary) != 4 || len(p.Consents) != 1 || p.Enrolled == nil || p.Randomised == nil || len(p.Adverse) != 1 {
			j.Errorf("%d diaries, %d consents, %d events", len(p.Diary), len(p.Consents), len(p.Adverse))
		}
		if c := p.Consents; len(c) > 0 && string(c[0].Language) != j.look.lang {
			j.Errorf("she consented in %s", c[0].Language)
		}
		for _, n := range []int{1, 6, 8, 10} {
			if r := p.Diary[civil.On(2026, 3, 2+n)]; r == nil || r.Answered.Late || len(r.Answers) < 7 {
				j.Errorf("the night to March %d: %+v", 2+n, r)
			}
		}
		for _, visit := range []string{"day-0", "day-7"} {
			for _, id := range []string{"isi", "kss"} {
				if p.Visits[visit][id] == nil {
					j.Errorf("%s of %s is not there", id, visit)
				}
			}
		}
	})
	if got := ask[bool](j.browser, `document.querySelector("a.button.big") === null`); !got {
		j.Errorf("after her last visit something is due: %s", ask[string](j.browser, `document.body.innerText`))
	}
}
