package person

import (
	"fmt"
	"strconv"
	"testing"

	"dvala/civil"
	"dvala/instrument"
	"dvala/study"
)

// aMorning is what somebody tells of an ordinary night and the day before it. What
// is not here has nothing to be told.
var aMorning = []struct{ item, says string }{
	{"into-bed", "22:50"},
	{"tried-to-sleep", "23:10"},
	{"sol", "20"},
	{"wakings", "2"},
	{"waso", "25"},
	{"final-waking", "06:35"},
	{"out-of-bed", "06:55"},
	{"quality", "4"},
	{"sleep-aid", "no"},
	{"dose-taken", "yes"},
	{"dose-count", "3"},
	{"dose-time", "21:30"},
	{"naps", "0"},
	{"stress", "3"},
	{"screens-min", "60"},
	{"evening-light", "2"},
	{"winding-down-min", "20"},
	{"caffeine", "3"},
	{"caffeine-last", "15:30"},
	{"alcohol", "0"},
	{"exercise-min", "30"},
	{"exercise-late", "no"},
	{"last-meal", "18:30"},
	{"last-meal-size", "2"},
	{"magnesium-food", "2"},
	{"magnesium-other", "no"},
	{"energy", "6"},
	{"productivity", "7"},
}

// lastNight sets the bar by thumb.
func (h *hand) lastNight() {
	h.Helper()
	h.read("#night")
	h.aim("into-bed", "22:50")
	h.aim("tried-to-sleep", "23:10")
	h.thoughts++
	left, top, width, height := h.box(`[data-lane="sol"]`)
	h.touchAt(left+width*share(23, 30), top+height/2)
	h.thoughts++
	left, top, width, height = h.box(`[data-lane="waso"]`)
	h.touchAt(left+width*25/120+3, top+height/2) // five minutes are 14 pixels here
	h.thoughts++
	h.thumbs(`[data-fine="wakings"] .nudge + .nudge`, 2)
	h.aim("final-waking", "06:35")
	h.aim("out-of-bed", "06:55")
}

// fill answers a question that stands on the page.
func (h *hand) fill(item, says string) {
	h.Helper()
	h.thoughts++
	h.read("#i-" + item)
	h.reach("#i-" + item)
	switch look := ask[string](h.browser, `document.getElementById("i-`+item+`").dataset.look`); look {
	case "clock":
		h.pick(item, says)
	case "count", "minutes":
		n, _ := strconv.Atoi(says)
		h.number(item, n)
	default:
		h.thumb(fmt.Sprintf(`#i-%s .option:has([value="%s"])`, item, says))
	}
}

// The whole diary of the example trial on a telephone, by touch, in both of its
// modes: what is filed is what was told, the bar with the way on fits the window,
// and by the Keystroke-Level Model a morning takes less than two minutes.
func TestMorningUnderTwoMinutes(t *testing.T) {
	for _, mode := range []string{"one", "page"} {
		for _, lang := range languages {
			t.Run(mode+" "+lang, func(t *testing.T) {
				w := newWorld(t, example(), Options{})
				who := w.enrolled(t)
				b := newBrowser(t, w.serve(t), 360, 740)
				b.hasTouch()
				w.set(day(1, 7, 40))
				b.clock(w.clock())
				b.open("/me?lang=" + lang)
				h := &hand{browser: b}
				h.thoughts++
				h.thumb("a.button.big")
				b.until(`location.pathname === "/me/diary"`, "the diary")
				b.ready()
				if mode == "page" {
					h.thoughts++
					h.thumb("#view")
				}
				if bottom := ask[float64](b, `document.getElementById("next").getBoundingClientRect().bottom`); mode == "one" && bottom > 740 {
					t.Errorf("the way on ends at %.0f of 740", bottom)
				}
				h.lastNight()
				b.picture("morning-" + mode + "-" + lang + "-1")
				if bottom := ask[float64](b, `document.getElementById("next").getBoundingClientRect().bottom`); mode == "one" && bottom > 740 {
					t.Errorf("with a row touched, the way on ends at %.0f of 740", bottom)
				}
				h.answerAll(mode == "one")
				h.thumb("#send")
				b.until(`location.pathname === "/me/saved" || !document.getElementById("left").hidden`, "the end")
				b.until(`location.pathname === "/me/saved"`, "the receipt, with nothing left out")
				w.state(func(s *study.State) {
					r := s.People[who].Diary[civil.On(2026, 3, 3)]
					if r == nil {
						t.Fatal("nothing is filed")
					}
					sameMorning(t, r.Answers)
				})
				t.Logf("%s, %s: %d taps, %d repeated, %d flicks, %d answers: %.0f s by the model; %.0f s more for whoever reads all %d words",
					mode, lang, h.taps, h.again, h.flicks, h.thoughts, h.seconds(), h.reading(), h.words)
				if h.seconds() >= 120 {
					t.Errorf("a morning takes %.0f s", h.seconds())
				}
			})
		}
	}
}

// answerAll goes through what follows the night.
func (h *hand) answerAll(one bool) {
	h.Helper()
	stands := func(item string) string {
		return `!document.getElementById("i-` + item + `").classList.contains("aside")`
	}
	last := aMorning[len(aMorning)-1].item
	if one {
		h.thumb("#next")
		h.pages++
	}
	for i, a := range aMorning[7:] {
		h.until(stands(a.item), a.item+", as the next question")
		h.fill(a.item, a.says)
		if i == 7 {
			h.picture("morning-" + strconv.FormatBool(one) + "-minutes-" + ask[string](h.browser, `document.documentElement.lang`))
		}
		if !one {
			continue
		}
		h.pages++ // on one page nobody waits for the next question
		if bySelf := ask[bool](h.browser, `document.querySelector("#i-`+a.item+` .option, #i-`+a.item+` .stepper + .quick [aria-pressed=true]:is([data-value='0'], .count *)") !== null`); !bySelf {
			h.thumb("#next")
		}
		if a.item == last {
			h.until(`!document.getElementById("send").hidden`, "the last question")
		}
	}
}

// sameMorning holds what was filed against what was told.
func sameMorning(t *testing.T, a instrument.Answers) {
	t.Helper()
	for _, want := range aMorning {
		got := a[instrument.ItemID(want.item)]
		if text := asText(got); text != want.says && text != strconv.Quote(want.says) && text != map[string]string{"yes": "true", "no": "false"}[want.says] {
			t.Errorf("%s is filed as %s, want %s", want.item, text, want.says)
		}
	}
	if len(a) != len(aMorning) {
		t.Errorf("%d answers are filed, of %d", len(a), len(aMorning))
	}
}
