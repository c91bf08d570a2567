package figure

import (
	"math"
	"strings"
	"testing"
	"time"

	"dvala/civil"
	"dvala/sleep"
	"pgregory.net/rapid"
)

// 20 min W, 110 min N2, 10 min R, 60 min N2, 20 min R, 40 min N2: two complete
// cycles, the first REM period shorter than the second, and the beginning of a
// third.
const twoCycles = "20W 110N2 10R 60N2 20R 40N2"

// By hand: 260 minutes from x = 52 to x = 700 are 648/260 units each. The first
// non-REM period begins at 20 min, its REM period at 130 min.
func TestCyclePlaces(t *testing.T) {
	h := Hypnogram{ID: "h", Night: night(t, "2026-11-22 23:30", twoCycles), Cycles: true}
	svg := h.SVG().Inline()
	at := func(min float64) string { return Coord(52 + min*648/260) }
	width := func(from, to float64) string { return Coord((to - from) * 648 / 260) }
	for _, want := range []string{
		`<rect class="cycle" x="` + at(20) + `" y="6" width="` + width(20, 130) + `" height="11"/>`,
		`<rect class="st-r" x="` + at(130) + `" y="6" width="` + width(130, 140) + `" height="11"/>`,
		`<rect class="st-r" x="` + at(200) + `" y="6" width="` + width(200, 220) + `" height="11"/>`,
		`>(3)</text>`, `(n) not complete`, `night to Monday 23 November 2026`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("lacks %s\n%s", want, svg)
		}
	}
	tb := CyclesTable(h.Night, h.Lights)
	want := [][]string{
		{"1", "23:50", "120", "110", "10", "0", "0", "complete"},
		{"2", "01:50", "80", "60", "20", "0", "0", "complete"},
		{"3", "03:10", "40", "40", "0", "0", "0", "not complete"},
	}
	for i, row := range want {
		if i >= len(tb.Rows) || strings.Join(tb.Rows[i], "|") != strings.Join(row, "|") {
			t.Fatalf("%q", tb.Rows)
		}
	}
	// 26 columns of ten minutes after four of labels: a cycle ends in the column of its last
	// minute, and its bracket covers a REM period of one column.
	if got, want := CyclesText(h.Night, h.Lights, 31), "      ├────1─────┤├──2──━┤├(3)\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// The cycles drawn are those that the architecture counts, with lights as without.
func TestCyclesAreThoseOfTheArchitecture(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		stages := rapid.SliceOfN(rapid.SampledFrom([]sleep.Stage{sleep.W, sleep.N1, sleep.N2, sleep.N3, sleep.R, sleep.Unscored}), 1, 30).Draw(rt, "stages")
		var all []sleep.Stage
		for _, s := range stages {
			for range rapid.IntRange(1, 60).Draw(rt, "run") {
				all = append(all, s)
			}
		}
		start := time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)
		h, err := sleep.NewHypnogram(start, time.Minute, all)
		if err != nil {
			rt.Fatal(err)
		}
		var lights sleep.Lights
		if rapid.Bool().Draw(rt, "lights") {
			lights = sleep.Lights{Off: start.Add(7 * time.Minute), On: start.Add(h.Duration() - 9*time.Minute)}
		}
		a, ok := sleep.ArchitectureOf(h, lights)
		if !ok || a.Cycles == nil {
			return
		}
		cycles := cyclesOf(h, lights)
		if len(cycles) != len(a.Cycles.List) {
			rt.Fatalf("%d drawn, %d counted", len(cycles), len(a.Cycles.List))
		}
		for i, k := range cycles {
			if float64(k.End-k.Start) != a.Cycles.List[i].LengthMin {
				rt.Fatalf("cycle %d: %v drawn, %v counted", i+1, k.End-k.Start, a.Cycles.List[i].LengthMin)
			}
		}
	})
}

func TestLegendSaysWhatWasNotTold(t *testing.T) {
	for runs, want := range map[string]string{
		"20W 60L 50N3":    "light: N1 or N2",
		"20W 60S":         "asleep, stage unknown",
		"20W 60N2 5? 5N2": "not scored",
	} {
		if svg := (Hypnogram{ID: "h", Night: night(t, "", runs)}).SVG().Inline(); !strings.Contains(svg, want) {
			t.Errorf("%s: lacks %q", runs, want)
		}
	}
	start := time.Date(2026, 11, 22, 23, 30, 0, 0, time.FixedZone("", 3600))
	n := night(t, "2026-11-22 23:30", "20W 60N2")
	svg := Hypnogram{ID: "h", Night: n, Lights: sleep.Lights{Off: start.Add(5 * time.Minute)}}.SVG().Inline()
	if !strings.Contains(svg, "lights off 23:35") || strings.Contains(svg, "lights on") {
		t.Errorf("%s", svg)
	}
}

// Spectrogram and hypnogram stand on one axis, and no id is there twice.
func TestPanel(t *testing.T) {
	s := Spectrogram{Channel: "C4", Seconds: 1800, Step: 1, Density: [][]float64{{1, 10, 100}, {10, 1, 0.1}}}
	p := Panel{ID: "p", Title: "Night", Spectrograms: []Spectrogram{s, s}, Night: Hypnogram{Night: night(t, "2026-11-22 23:30", "20W 60S 20? 20R"), Title: "Stages"}}
	svg := p.SVG().Inline()
	names := wellFormed(t, svg)
	if svg != p.SVG().Inline() {
		t.Error("two drawings differ")
	}
	ids := map[string]bool{}
	for _, part := range strings.Split(svg, ` id="`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		if ids[id] {
			t.Errorf("the id %s is there twice", id)
		}
		ids[id] = true
	}
	if strings.Count(strings.Join(names, " "), "image") != 2 || strings.Count(svg, "<svg") != 1 {
		t.Errorf("%v", names)
	}
	// Two columns of half an hour are half of the hypnogram's 2 hours: 324 of the 648 units from 52.
	if strings.Count(svg, `<image x="52"`) != 2 || strings.Count(svg, `width="324"`) != 2 {
		t.Errorf("the spectrogram is not on the axis: %s", svg)
	}
	if empty := (Panel{ID: "p"}).SVG().Inline(); !strings.Contains(empty, "no sleep recorded") {
		t.Errorf("%s", empty)
	}
}

func rasterNight(t testing.TB, start, runs string, naps ...sleep.Hypnogram) sleep.Night {
	t.Helper()
	h := night(t, start, runs)
	date, _ := sleep.DateOf(h)
	n, err := sleep.NewNight(sleep.Night{Date: date, Zone: "Europe/Stockholm", Status: sleep.Worn, Main: h, Naps: naps, Source: sleep.Provenance{Vendor: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Sleep from 23:00 to 07:00 is 8 to 16 hours after 15:00: by hand 48 columns of
// half an hour, 16 of them empty, 16 full. Midsleep 03:00 and 03:30: the mean, 03:15, is
// in column 24.
func TestRasterText(t *testing.T) {
	r := Raster{Nights: []sleep.Night{
		rasterNight(t, "2026-11-19 23:00", "480N2"),
		rasterNight(t, "2026-11-21 23:00", "60W 420N2", night(t, "2026-11-21 17:00", "60N2")),
	}}
	want := strings.Join([]string{
		"                  18          00          06          12",
		"                                    ▾",
		"Fri 20 Nov  " + strings.Repeat(" ", 16) + strings.Repeat("█", 16),
		"Sat 21 Nov* " + strings.Repeat("╱", 48),
		"Sun 22 Nov* " + strings.Repeat(" ", 4) + "▄▄" + strings.Repeat(" ", 10) + "░░" + strings.Repeat("█", 14),
		"",
	}, "\n")
	if got := r.Text(80, false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	double := strings.Split(r.Text(120, false), "\n")
	if got := double[3]; got != "Sat 21 Nov* "+strings.Repeat("╱", 48)+strings.Repeat(" ", 4)+"▄▄"+strings.Repeat(" ", 10)+"░░"+strings.Repeat("█", 14) {
		t.Errorf("double-plotted %q", got)
	}
	if !strings.Contains(r.Text(80, true), "\x1b[38;2;95;163;214m█") || r.Text(10, false) == "" {
		t.Error("no colour, or nothing for a narrow terminal")
	}
	tb := r.Table()
	if got := strings.Join(tb.Rows[2], "|"); got != "Sun 2026-11-22|00:00|03:30|07:00|420|60" {
		t.Errorf("%s", got)
	}
	if got := strings.Join(tb.Rows[1], "|"); got != "Sat 2026-11-21|–|–|–|–|–" {
		t.Errorf("%s", got)
	}
}

// A change of clocks does not move a row, and neither do years without a night stop
// the picture.
func TestRasterRows(t *testing.T) {
	r := Raster{Nights: []sleep.Night{rasterNight(t, "2026-10-24 23:00", "420N2"), rasterNight(t, "2026-10-23 23:00", "420N2")}}
	rows := r.rows()
	if len(rows) != 2 || rows[0].date != civil.On(2026, 10, 24) || rows[0].main[0] != rows[1].main[0] {
		t.Errorf("%+v", rows)
	}
	far := Raster{ID: "r", Nights: []sleep.Night{rasterNight(t, "2020-01-01 23:00", "420N2"), rasterNight(t, "2026-01-01 23:00", "420N2")}}
	if n := len(far.rows()); n != 6*365+2+1 { // two leap days
		t.Errorf("%d rows", n)
	}
	wellFormed(t, far.SVG().Inline())
}

func flat(bias, low, high float64) BlandAltman {
	return BlandAltman{
		ID: "b", Title: "TST", Unit: "min", Width: 392, Height: 148, Size: []float64{0, 50, 100}, Difference: []float64{-10, 0, 10},
		Bias: func(float64) float64 { return bias }, Limits: func(float64) (float64, float64) { return low, high },
	}
}

// By hand: sizes 0 … 100 padded by 4 on either side over 300 units from 52; differences
// −10 … 10 padded by 1.2 over 100 units from 108 up.
func TestBlandAltmanPlaces(t *testing.T) {
	p := flat(0, -10, 10)
	svg := p.SVG().Inline()
	wellFormed(t, svg)
	x := func(v float64) string { return Coord(52 + (v+4)/108*300) }
	y := func(v float64) string { return Coord(108 - (v+11.2)/22.4*100) }
	for _, v := range [][2]float64{{0, -10}, {50, 0}, {100, 10}} {
		if want := `<circle class="dot" cx="` + x(v[0]) + `" cy="` + y(v[1]) + `" r="2.25"/>`; !strings.Contains(svg, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if want := `<path class="ci line dash" d="M52 ` + y(10) + `L352 ` + y(10) + `"/>`; !strings.Contains(svg, want) {
		t.Errorf("lacks %s\n%s", want, svg)
	}
	if strings.Contains(svg, `class="soft"`) {
		t.Error("a ribbon without an interval")
	}
	p.BiasInterval = func(v float64) (float64, float64) { return -1 - v/100, 1 + v/100 }
	p.LimitIntervals = func(float64) (lower, upper [2]float64) { return [2]float64{-12, -8}, [2]float64{8, 12} }
	if svg := p.SVG().Inline(); strings.Count(svg, `class="soft"`) != 3 {
		t.Errorf("%s", svg)
	}
	if got, want := p.Describe(), "3 nights: the device differs from the reference by 0.0 min, limits of agreement −10.0 to 10.0."; got != want {
		t.Errorf("%s", got)
	}
	if got := strings.Join(p.Table().Rows[4], "|"); got != "100.0|0.0 (−2.0 to 2.0)|−10.0 (−12.0 to −8.0)|10.0 (8.0 to 12.0)" {
		t.Errorf("%s", got)
	}
	p.Bias = func(v float64) float64 { return v / 10 }
	if got := p.Describe(); !strings.Contains(got, "where it says 100.0 min, by 10.0 min") {
		t.Errorf("%s", got)
	}
	wellFormed(t, p.SVG().Inline())
	for _, bad := range []BlandAltman{{ID: "b"}, {Size: []float64{math.NaN()}, Difference: []float64{1}, Bias: p.Bias, Limits: p.Limits}} {
		if !strings.Contains(bad.SVG().Inline(), "no nights") || bad.Describe() != "No nights." || bad.Text(60, 9) != "no nights\n" {
			t.Error("a picture of nothing")
		}
	}
}

// Three nights on a grid of 31 columns and 5 lines, by hand.
func TestBlandAltmanText(t *testing.T) {
	got := flat(0, -10, 10).Text(40, 5)
	want := strings.Join([]string{
		"   10.0 ┤╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌·",
		"        ┤",
		"      0 ┤━━━━━━━━━━━━━━━·━━━━━━━━━━━━━━",
		"        ┤",
		"  −10.0 ┤·╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌",
		"        └──────────────────────────────",
		"         0.0     reference, min    100.0",
		"",
	}, "\n")
	if strings.Count(got, "\n") != strings.Count(want, "\n") {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range w[:6] {
		if g[i] != w[i] {
			t.Errorf("line %d:\n%q, want\n%q", i, g[i], w[i])
		}
	}
	if !strings.Contains(g[6], "reference, min") || !strings.HasSuffix(g[6], "100.0") {
		t.Errorf("%q", g[6])
	}
}

// Two nights, of 10 and of 5 minutes: the second is over after the first step.
func TestSharesOfNights(t *testing.T) {
	start := time.Date(2026, 11, 22, 23, 30, 0, 0, time.FixedZone("", 3600))
	a, b := night(t, "2026-11-22 23:30", "5W 10N2"), night(t, "2026-11-22 23:30", "3? 5N3")
	n := SharesOf([]Hypnogram{{Night: a}, {Night: b}})
	// a: W, N2, N2 at 2.5, 7.5 and 12.5 min; b begins with its first scored epoch.
	if len(n.Nights) != 3 || n.Nights[0] != 2 || n.Nights[1] != 1 || n.Nights[2] != 1 {
		t.Fatalf("%v", n.Nights)
	}
	if n.Shares[sleep.W][0] != 0.5 || n.Shares[sleep.N3][0] != 0.5 || n.Shares[sleep.N2][1] != 1 || n.From == "lights off" {
		t.Errorf("%v", n.Shares)
	}
	lit := SharesOf([]Hypnogram{{Night: a, Lights: sleep.Lights{Off: start.Add(-10 * time.Minute)}}})
	if len(lit.Nights) != 5 || lit.Nights[0] != 0 || lit.Nights[2] != 1 || lit.From != "lights off" {
		t.Errorf("%v from %s", lit.Nights, lit.From)
	}
	if none := SharesOf(nil); len(none.Nights) != 0 {
		t.Errorf("%v", none.Nights)
	}
}
