package person

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// press holds something down by touch for a while.
func (h *hand) press(selector string, long time.Duration) {
	h.Helper()
	h.reach(selector)
	left, top, width, height := h.box(selector)
	h.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: left + width/2, Y: top + height/2})
	time.Sleep(long)
	h.touch(input.DispatchTouchEventTypeTouchEnd)
}

func (b *browser) field(id string) string {
	b.Helper()
	return ask[string](b, `document.getElementById("f-`+id+`").value`)
}

// None is one tap, and an answer that an empty box is not; a button goes on while
// it is held, and does nothing for a finger that scrolls over it.
func TestNumbersByThumb(t *testing.T) {
	w := newWorld(t, example(), Options{})
	w.enrolled(t)
	b := newBrowser(t, w.serve(t), 360, 740)
	b.hasTouch()
	w.set(day(1, 7, 40))
	b.clock(w.clock())
	b.onePageFrom(b.url)
	h := &hand{browser: b}
	if n := ask[int](b, `document.querySelectorAll(".chip[aria-pressed=true]").length`); n != 0 {
		t.Errorf("%d answers are chosen before anything is touched", n)
	}
	h.thumb(`#i-caffeine .chip`)
	if got := b.field("caffeine"); got != "0" || ask[string](b, `document.querySelector("#i-caffeine .chip[aria-pressed=true]").textContent`) != "Inga" {
		t.Errorf("none is %q", got)
	}
	h.thumb(`#i-caffeine .unsure`)
	if got := b.field("caffeine"); got != "" || ask[int](b, `document.querySelectorAll("#i-caffeine .chip[aria-pressed=true]").length`) != 0 {
		t.Errorf("not sure leaves %q", got)
	}
	h.press(`#i-exercise-min .stepper button:last-of-type`, 2200*time.Millisecond)
	if got := b.field("exercise-min"); len(got) < 2 || (len(got) == 2 && got < "60") {
		t.Errorf("held for two seconds, + comes to %q", got)
	}
	had := b.field("exercise-min")
	time.Sleep(300 * time.Millisecond)
	if got := b.field("exercise-min"); got != had {
		t.Errorf("it goes on after it is let go: %s, %s", had, got)
	}
	h.thumb(`#i-naps .stepper button`)
	if got := b.field("naps"); got != "0" {
		t.Errorf("− on an empty box comes to %q", got)
	}
	h.reach(`#i-winding-down-min .stepper button:last-of-type`)
	left, top, width, height := b.box(`#i-winding-down-min .stepper button:last-of-type`)
	h.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: left + width/2, Y: top + height/2})
	for i := range 6 {
		h.touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: left + width/2, Y: top + height/2 - 20*float64(i)})
	}
	h.touch(input.DispatchTouchEventTypeTouchEnd)
	if got := b.field("winding-down-min"); got != "" {
		t.Errorf("a finger that scrolled set %q", got)
	}
}

// The bar's clock is short around the person's hours and widens when a time is
// left near one of its ends or typed beyond it; what is touched is what the buttons
// under the bar move.
func TestBarWidens(t *testing.T) {
	w := newWorld(t, example(), Options{})
	w.enrolled(t)
	b := newBrowser(t, w.serve(t), 360, 740)
	b.hasTouch()
	w.set(day(1, 7, 40))
	b.clock(w.clock())
	b.open("/me/diary")
	h := &hand{browser: b}
	scale := func() string {
		return strings.Join(strings.Fields(ask[string](b, `[...document.querySelectorAll(".hours span")].map((s) => s.textContent).join(" ")`)), " ")
	}
	if got := scale(); got != "22 00 02 04 06 08" {
		t.Errorf("the clock of somebody who wakes at seven: %s", got)
	}
	left, top, width, height := b.box(`[data-lane="into-bed"]`)
	h.touchAt(left+width*share(21, 15), top+height/2)
	if got := b.field("into-bed"); got != "21:15" || scale() != "20 22 00 02 04 06 08" && scale() != "22 00 02 04 06 08" {
		t.Errorf("%s, on %s", got, scale())
	}
	if ask[float64](b, `parseFloat(document.querySelector('[data-lane="into-bed"] .handle').style.left)`) < 3 {
		t.Error("the handle has no room before the end")
	}
	h.thumbs(`[data-fine="into-bed"] .nudge`, 2)
	if got := b.field("into-bed"); got != "21:05" {
		t.Errorf("ten minutes earlier is %s", got)
	}
	// Held at the end, a handle goes on beyond what was in sight.
	left, top, width, height = b.box(`[data-lane="out-of-bed"]`)
	h.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: left + width*0.9, Y: top + height/2})
	for _, x := range []float64{0.93, 0.96, 0.99} {
		h.touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: left + width*x, Y: top + height/2})
	}
	time.Sleep(1000 * time.Millisecond)
	h.touch(input.DispatchTouchEventTypeTouchEnd)
	if got := b.field("out-of-bed"); got < "10:00" || got > "15:00" {
		t.Errorf("held at the end for a second it stands at %s", got)
	}
	b.write("f-final-waking", "13:20")
	if ask[float64](b, `parseFloat(document.querySelector('[data-lane="final-waking"] .handle').style.left)`) > 98 {
		t.Errorf("a time that was typed stands beyond %s", scale())
	}
}

// The fields are folded beside the bar on a telephone, open for a keyboard, and as
// the person last had them.
func TestTimesFolded(t *testing.T) {
	w := newWorld(t, example(), Options{})
	w.enrolled(t)
	b := newBrowser(t, w.serve(t), 360, 740)
	w.set(day(1, 7, 40))
	b.clock(w.clock())
	open := func(want bool, when string) {
		t.Helper()
		if got := ask[bool](b, `!document.getElementById("times").hidden && document.querySelector(".fold").getAttribute("aria-expanded") === "true"`); got != want {
			t.Errorf("%s the times are open: %v", when, got)
		}
	}
	b.open("/me/diary")
	open(false, "at first")
	b.key(kb.Tab)
	open(false, "before the keyboard comes to the diary")
	b.tabTo(`[data-lane="into-bed"]`)
	b.key(kb.Tab)
	open(true, "by keyboard")
	b.open("/me/diary")
	open(false, "afterwards, by thumb")
	b.tap(".fold")
	open(true, "after a tap")
	b.write("f-into-bed", "22:45")
	if got := ask[string](b, `document.querySelector('[data-lane="into-bed"] .told').textContent`); got != "22:45" {
		t.Errorf("the lane says %s", got)
	}
	b.open("/me/diary")
	open(true, "as she left them")
	b.tap(".fold")
	b.tabTo(`[data-lane="into-bed"]`)
	b.key(kb.Tab)
	open(false, "where she closed them")
}
