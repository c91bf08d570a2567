package person

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// The Keystroke-Level Model of Card, Moran and Newell (Communications of the ACM
// 1980;23:396–410, doi:10.1145/358886.358895), for a thumb: in seconds, what each
// act of somebody who knows the form takes.
const (
	toPoint  = 1.1  // P, to bring the thumb to something
	toPress  = 0.1  // B, to press or to let go (Kieras 2001, as K is 0.2 for both)
	toThink  = 1.35 // M, before each answer
	toRepeat = 0.2  // K, the same button again
	toFollow = 0.2  // R, until the next question stands there
	perWord  = 60.0 / 238
)

// perWord is how long a word takes to read for whoever does not know the form yet:
// 238 a minute (Brysbaert, Journal of Memory and Language 2019;109:104047).

// hand goes through a form by touch, and counts what that would take.
type hand struct {
	*browser
	taps, again, drags, flicks, thoughts, pages, words int
	aimed                                              int
}

// seconds is what the model says of what was done.
func (h *hand) seconds() float64 {
	tap := toPoint + 2*toPress
	return float64(h.taps+h.flicks)*tap + float64(h.again)*toRepeat + float64(h.drags)*(tap+toPoint) + float64(h.thoughts)*toThink + float64(h.pages)*toFollow
}

// reading is what is added by whoever reads every word.
func (h *hand) reading() float64 { return float64(h.words) * perWord }

func (b *browser) touch(kind input.DispatchTouchEventType, at ...*input.TouchPoint) {
	b.Helper()
	if at == nil {
		at = []*input.TouchPoint{}
	}
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: at})
		return err
	}))
}

// box gives where something stands in the window.
func (b *browser) box(selector string) (left, top, width, height float64) {
	b.Helper()
	r := ask[[]float64](b, `(() => { const r = document.querySelector(`+quote(selector)+`).getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`)
	return r[0], r[1], r[2], r[3]
}

// reach scrolls until something is in the window, and counts the flicks: two
// thirds of the window each.
func (h *hand) reach(selector string) {
	h.Helper()
	for range 40 {
		_, top, _, height := h.box(selector)
		if top >= 50 && top+height <= 740 {
			return
		}
		before := ask[float64](h.browser, `scrollY`)
		by := math.Min(490, math.Abs(top-120))
		if top < 50 {
			by = -by
		}
		ask[bool](h.browser, `(scrollBy(0, `+strconv.FormatFloat(by, 'f', 0, 64)+`), true)`)
		if ask[float64](h.browser, `scrollY`) == before {
			return
		}
		h.flicks++
	}
}

// thumb taps something by touch.
func (h *hand) thumb(selector string) {
	h.Helper()
	h.reach(selector)
	left, top, width, height := h.box(selector)
	if width < 44 || height < 44 {
		h.Errorf("%s is %.0f × %.0f", selector, width, height)
	}
	h.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: left + width/2, Y: top + height/2})
	h.touch(input.DispatchTouchEventTypeTouchEnd)
	h.taps++
}

// thumbs taps the same thing several times.
func (h *hand) thumbs(selector string, n int) {
	h.Helper()
	for i := range n {
		h.thumb(selector)
		if i > 0 {
			h.taps, h.again = h.taps-1, h.again+1
		}
	}
}

// misses are how many pixels a thumb lands beside what it aims at, one after
// another: half of them within a quarter of its breadth.
var misses = []float64{6, -9, 3, -4, 11, -6}

// aim sets a time on a lane as a thumb would: beside it, and then by fives.
func (h *hand) aim(item, want string) {
	h.Helper()
	h.thoughts++
	selector := `[data-lane="` + item + `"]`
	h.reach(selector)
	left, top, width, height := h.box(selector)
	at := left + width*share(hourOf(want)) + misses[h.aimed%len(misses)]
	h.aimed++
	h.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: at, Y: top + height/2})
	h.touch(input.DispatchTouchEventTypeTouchEnd)
	h.taps++
	got := h.field(item)
	for range 4 { // and again where a press on a slow machine was taken for a long one
		gh, gm := hourOf(got)
		wh, wm := hourOf(want)
		off := int(math.Round((share(wh, wm) - share(gh, gm)) * 12 * 60 / 5))
		switch {
		case off > 0:
			h.thumbs(`[data-fine="`+item+`"] .nudge + .nudge`, off)
		case off < 0:
			h.thumbs(`[data-fine="`+item+`"] .nudge`, -off)
		}
		if got = h.field(item); got == want {
			return
		}
	}
	h.Errorf("%s stands at %s, and not at %s", item, got, want)
}

func hourOf(clock string) (hour, minute float64) {
	a, b, _ := strings.Cut(clock, ":")
	h, _ := strconv.Atoi(a)
	m, _ := strconv.Atoi(b)
	return float64(h), float64(m)
}

// pick sets a time of day in the telephone's own dial: open it, the hour, the
// minutes, done. The dial is not the page's, so that it is counted and not driven.
func (h *hand) pick(item, want string) {
	h.Helper()
	h.reach("#f-" + item)
	h.taps += 4
	h.write("f-"+item, want)
}

// number answers with a choice that is one tap away, or from the nearest by the
// buttons beside it.
func (h *hand) number(item string, want int) {
	h.Helper()
	n := ask[[]int](h.browser, `((e) => [...e.querySelectorAll(".chip")].map((c) => Number(c.dataset.value)))(document.getElementById("i-`+item+`"))`)
	near := n[0]
	for _, x := range n {
		if math.Abs(float64(x-want)) < math.Abs(float64(near-want)) {
			near = x
		}
	}
	h.thumb(`#i-` + item + ` .chip[data-value="` + strconv.Itoa(near) + `"]`)
	gait := 1
	if ask[int](h.browser, `Number(document.getElementById("f-`+item+`").max)`) > 100 {
		gait = 5
	}
	if off := (want - near) / gait; off > 0 {
		h.thumbs(`#i-`+item+` .stepper button:last-of-type`, off)
	} else if off < 0 {
		h.thumbs(`#i-`+item+` .stepper button`, -off)
	}
}

// read counts the words of a question and its answers.
func (h *hand) read(selector string) {
	h.Helper()
	h.words += ask[int](h.browser, `document.querySelector(`+quote(selector)+`).innerText.split(/\s+/).filter(Boolean).length`)
}

// touchAt taps a point.
func (h *hand) touchAt(x, y float64) {
	h.Helper()
	h.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
	h.touch(input.DispatchTouchEventTypeTouchEnd)
	h.taps++
}

// hasTouch makes the window one that is touched.
func (b *browser) hasTouch() {
	b.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 5})
		return err
	}))
}
