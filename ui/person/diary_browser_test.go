package person

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"pgregory.net/rapid"

	"dvala/civil"
	"dvala/instrument"
	"dvala/study"
)

// drag presses at a share of an element's width and lets go at another.
func (b *browser) drag(selector string, from, to float64) {
	b.Helper()
	ask[bool](b, `document.querySelector(`+quote(selector)+`).scrollIntoView({block: "center"}), true`)
	r := ask[[]float64](b, `(() => { const r = document.querySelector(`+quote(selector)+`).getBoundingClientRect(); return [r.left, r.top + r.height / 2, r.width]; })()`)
	at := func(kind input.DispatchMouseEventType, share float64, buttons int64) {
		b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, input.DispatchMouseEvent, input.DispatchMouseEventParams{
				Type: kind, X: r[0] + r[2]*share, Y: r[1], Button: input.MouseButtonLeft, Buttons: buttons, ClickCount: 1,
			})
			return err
		}))
	}
	at(input.DispatchMouseEventTypeMousePressed, from, 1)
	for i := 1; i <= 5; i++ {
		at(input.DispatchMouseEventTypeMouseMoved, from+(to-from)*float64(i)/5, 1)
	}
	at(input.DispatchMouseEventTypeMouseReleased, to, 0)
}

// share gives where a time of day stands on the bar of somebody who wakes at
// seven, which runs from 21:00 to 09:00 until a time is near one of its ends.
func share(hour, minute float64) float64 {
	m := hour*60 + minute
	if m > 15*60 {
		m -= 1440
	}
	return (m + 3*60) / (12 * 60)
}

// Last night dragged on the bar, one question at a time: the bar and the fields
// hold the same, nothing is set that was not touched, and the whole diary is
// filed with its receipt. The time that a thumb needs is counted: taps, and the
// bytes that go over the network.
func TestDiaryByThumb(t *testing.T) {
	w := newWorld(t, example(), Options{})
	who := w.enrolled(t)
	b := newBrowser(t, w.serve(t), 360, 740)
	w.set(day(1, 7, 40))
	b.clock(w.clock())
	b.open("/me/diary")
	if n := ask[int](b, `document.querySelectorAll("#bar .handle:not([hidden])").length`); n != 0 {
		t.Errorf("%d handles stand on a bar that nobody touched", n)
	}
	b.drag(`[data-lane="into-bed"]`, share(21, 0), share(22, 30))
	b.drag(`[data-lane="tried-to-sleep"]`, share(23, 0), share(23, 0))
	b.drag(`[data-lane="sol"]`, share(23, 20), share(23, 20))
	b.drag(`[data-lane="final-waking"]`, share(6, 0), share(6, 30))
	b.drag(`[data-lane="out-of-bed"]`, share(7, 0), share(7, 0))
	for id, want := range map[string]string{"into-bed": "22:30", "tried-to-sleep": "23:00", "sol": "20", "final-waking": "06:30", "out-of-bed": "07:00", "waso": "", "wakings": ""} {
		if got := ask[string](b, `document.getElementById("f-`+id+`").value`); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	b.picture("diary-1-bar")
	// How long can be dragged before how often is said, and counts once it is.
	b.drag(`[data-lane="waso"]`, 0.05, 40.0/120)
	told := func() string { return ask[string](b, `document.querySelector('[data-lane="waso"] .told').textContent`) }
	if got := ask[string](b, `document.getElementById("f-waso").value`); got != "40" || told() != "hur ofta?, 40 min" {
		t.Errorf("awake in the night, dragged: %q, told as %q", got, told())
	}
	if n := ask[int](b, `document.querySelectorAll(".whole .awake").length`); n != 0 {
		t.Error("a night without a waking is drawn with one")
	}
	b.tap(`[data-fine="wakings"] .nudge + .nudge`)
	b.until(`!document.getElementById("i-waso").hidden`, "the question that hangs on another")
	if n := ask[int](b, `document.querySelectorAll(".whole .awake").length`); n != 1 || told() != "1 gång, 40 min" {
		t.Errorf("%d wakings are drawn in the night; it is told as %q", n, told())
	}
	b.picture("diary-1-waking")
	b.tap(`[data-fine="waso"] .chip:last-child`)
	if now := ask[string](b, `document.querySelector('[data-lane="sol"]').getAttribute("aria-valuetext")`); now != "20 min" {
		t.Errorf("the lane is read as %q", now)
	}
	// The arrow keys move by five minutes, with shift by an hour.
	ask[bool](b, `document.querySelector('[data-lane="out-of-bed"]').focus(), true`)
	b.key(kb.ArrowRight, kb.ArrowRight, kb.ArrowLeft)
	if got := ask[string](b, `document.getElementById("f-out-of-bed").value`); got != "07:05" {
		t.Errorf("after the arrow keys: %s", got)
	}
	taps := 7
	b.tap("#next")
	for i := 0; ; i++ {
		taps++
		if !ask[bool](b, `document.getElementById("next").hidden`) {
			option := ask[string](b, `document.querySelector("fieldset.item:not(.aside):not([hidden]):not([data-night]) .option input")?.id || (document.querySelector("fieldset.item:not(.aside):not([hidden]):not([data-night]) .option") ? "radio" : "")`)
			before := ask[string](b, `document.getElementById("progress").textContent`)
			if option == "radio" {
				if i == 0 {
					b.picture("diary-2-quality")
				}
				b.tap(`fieldset.item:not(.aside):not([hidden]):not([data-night]) .option:nth-child(2)`)
				b.until(`document.getElementById("progress").textContent !== `+quote(before)+` || document.getElementById("next").hidden`, "the next question by itself")
			} else {
				if ask[bool](b, `!!document.querySelector("fieldset.item:not(.aside):not([hidden]):not([data-night]) .stepper")`) && i < 12 {
					b.tap(`fieldset.item:not(.aside):not([hidden]):not([data-night]) button.step:last-of-type`)
					taps++
				}
				b.tap("#next")
			}
			continue
		}
		break
	}
	b.picture("diary-3-last")
	b.tap("#send")
	b.until(`location.pathname === "/me/saved" || !document.getElementById("left").hidden`, "the end")
	if ask[bool](b, `location.pathname !== "/me/saved"`) {
		b.picture("diary-4-left")
		b.tap("#send")
	}
	b.until(`location.pathname === "/me/saved"`, "the receipt")
	b.ready()
	b.picture("diary-5-saved")
	if !ask[bool](b, `document.querySelector("h1").textContent === "Sparat 07:40"`) {
		t.Error("the receipt says", ask[string](b, `document.querySelector("h1").textContent`))
	}
	w.state(func(s *study.State) {
		r := s.People[who].Diary[civil.On(2026, 3, 3)]
		if r == nil {
			t.Fatal("no diary")
		}
		if c, _ := r.Answers["out-of-bed"].Clock(); c != 7*60+5 || !r.Answers["waso"].IsNotSure() {
			t.Errorf("filed: %v", r.Answers)
		}
	})
	if n := w.last.Load(); n <= 0 || n > 10<<10 {
		t.Errorf("a diary of %d bytes is sent; 10 kB are the most", n)
	}
	t.Logf("a whole diary by thumb: %d taps, %d bytes sent", taps, w.last.Load())
}

// A line has no handle until it is touched, takes a tap anywhere, moves by 1 and
// 10, and can be cleared; one that is not touched is missing.
func TestAnalogueLines(t *testing.T) {
	w := newWorld(t, example(), Options{})
	who := w.enrolled(t)
	w.set(day(7, 9, 0))
	w.trial.Do(t, study.Randomise{}, w.clock(), who)
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	b.open("/me/visit/day-0/lseq")
	b.tap("#view")
	if n := ask[int](b, `document.querySelectorAll(".track .handle:not([hidden])").length`); n != 0 {
		t.Errorf("%d handles before anything is touched", n)
	}
	if ask[bool](b, `/[0-9]/.test(document.querySelector(".vas").innerText)`) {
		t.Error("there is a number on a line")
	}
	b.picture("line-1-untouched")
	wide := ask[int](b, `Math.round(document.querySelector("#i-lseq1 .track").getBoundingClientRect().width)`)
	b.drag("#i-lseq1 .track", 0.25, 0.25)
	b.drag("#i-lseq2 .track", 0.1, 0.75)
	value := func(id string) string { return ask[string](b, `document.querySelector('[name="a.`+id+`"]').value`) }
	if value("lseq1") != "25" || value("lseq2") != "75" || value("lseq3") != "" {
		t.Errorf("lines at %s, %s and %q", value("lseq1"), value("lseq2"), value("lseq3"))
	}
	ask[bool](b, `document.querySelector("#i-lseq1 .track").focus(), true`)
	b.key(kb.ArrowRight, kb.PageUp, kb.ArrowLeft, kb.ArrowLeft)
	if value("lseq1") != "34" {
		t.Errorf("by keys: %s, want 25 + 1 + 10 − 2", value("lseq1"))
	}
	b.tap("#i-lseq2 .clear")
	if value("lseq2") != "" {
		t.Error("a mark cannot be taken away")
	}
	b.picture("line-2-touched")
	b.tap("#send")
	b.until(`!document.getElementById("left").hidden`, "what is left")
	b.tap("#send")
	b.until(`location.pathname === "/me/saved"`, "the receipt")
	w.state(func(s *study.State) {
		r := s.People[who].Visits["day-0"]["lseq"]
		if x, _ := r.Answers["lseq1"].Number(); x != 34 || len(r.Answers) != 1 {
			t.Errorf("filed: %v", r.Answers)
		}
		d := r.Answered.Paradata
		if d == nil || d.Width != 360 || d.Ratio != 1 || d.View != study.ViewPage || d.Seconds < 1 || len(d.Lines) != 1 {
			t.Fatalf("the page told %+v", d)
		}
		if l := d.Lines["lseq1"]; l.Px != wide || l.By != "keys" || l.Marks != 5 { // a tap and four keys
			t.Errorf("of the line it told %+v; it is %d wide", l, wide)
		}
	})
}

// The scripts' second look at a night says the same as the server's, on nights
// without a change of clocks, whatever was written.
func TestSecondLooksAgree(t *testing.T) {
	w := newWorld(t, smallTrial(), Options{})
	w.person(t)
	w.set(day(1, 7, 30))
	b := newBrowser(t, w.serve(t), 360, 740)
	b.clock(w.clock())
	b.open("/me")
	zone, _ := civil.Zone("Europe/Stockholm")
	type night struct {
		Bed     string `json:"bed,omitempty"`
		Tried   string `json:"tried,omitempty"`
		Final   string `json:"final,omitempty"`
		Up      string `json:"up,omitempty"`
		Sol     *int   `json:"sol,omitempty"`
		Wakings *int   `json:"wakings,omitempty"`
		Waso    *int   `json:"waso,omitempty"`
	}
	nights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) night {
		clock := func(name string) string {
			if rapid.IntRange(0, 9).Draw(t, name+" told") == 0 {
				return ""
			}
			return civil.Clock(rapid.IntRange(0, 287).Draw(t, name) * 5).String()
		}
		number := func(name string, most int) *int {
			if rapid.IntRange(0, 4).Draw(t, name+" told") == 0 {
				return nil
			}
			return new(rapid.IntRange(0, most).Draw(t, name))
		}
		return night{clock("bed"), clock("tried"), clock("final"), clock("up"), number("sol", 300), number("wakings", 2), number("waso", 200)}
	}), 400, 400).Example(7)
	nights = append(nights, night{"11:00", "23:30", "07:00", "07:30", new(20), new(0), nil}, night{"20:00", "20:30", "10:30", "11:00", new(20), new(0), nil})
	type said struct {
		Codes []string
		Which string
		Time  string
	}
	raw, _ := json.Marshal(nights)
	got := ask[[]said](b, `(`+string(raw)+`).map(n => { const m = dvala.meant(n), d = dvala.doubts(n); return {Codes: d.map(x => x.code), Which: d.length && m ? m.which : "", Time: d.length && m ? m.time : ""}; })`)
	names := map[string]string{"into-bed": "bed", "tried-to-sleep": "tried", "final-waking": "final", "out-of-bed": "up", "": ""}
	seen := map[string]bool{}
	for i, n := range nights {
		a := instrument.Answers{}
		for id, s := range map[instrument.ItemID]string{"into-bed": n.Bed, "tried-to-sleep": n.Tried, "final-waking": n.Final, "out-of-bed": n.Up} {
			if s != "" {
				a[id] = instrument.Said(s)
			}
		}
		for id, x := range map[instrument.ItemID]*int{"sol": n.Sol, "wakings": n.Wakings, "waso": n.Waso} {
			if x != nil {
				a[id] = instrument.Number(float64(*x))
			}
		}
		want := said{Codes: []string{}}
		for k, d := range w.pages.doubts("sv", civil.On(2026, 3, 3), zone, a) {
			want.Codes = append(want.Codes, d.Code)
			seen[d.Code] = true
			if k == 0 {
				want.Which, want.Time = names[d.Item], d.Time
			}
		}
		if fmt.Sprint(want) != fmt.Sprint(got[i]) {
			t.Errorf("%s: the server says %v, the scripts %v", asJSON(n), want, got[i])
		}
	}
	if len(seen) < 6 {
		t.Errorf("the nights tried only %v", seen)
	}
}
