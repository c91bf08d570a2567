package person

import (
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/report/figure"
	"dvala/sleep"
)

// Pictures of a person's own are as wide as a telephone's page, so that their
// letters are as large there as they are drawn, and speak her language without
// the words of the trade. Their numbers stand beside them.
const (
	pictureWide = 328.0
	pictureLeft = 92.0
)

// depths are the rows of a night, from the top: which stages are told as what.
var depths = []struct {
	word   string
	stages []sleep.Stage
}{
	{"stage.wake", []sleep.Stage{sleep.W}},
	{"stage.dream", []sleep.Stage{sleep.R}},
	{"stage.asleep", []sleep.Stage{sleep.Asleep}},
	{"stage.light", []sleep.Stage{sleep.N1, sleep.Light, sleep.N2}},
	{"stage.deep", []sleep.Stage{sleep.N3}},
}

// drawNight draws a device's night: rows from awake down to deep, over the clock.
func (p *Pages) drawNight(lang, id, title string, h sleep.Hypnogram, zone *time.Location) string {
	start, ok := h.Start()
	end, _ := h.End()
	if !ok || h.IsEmpty() {
		return ""
	}
	const row, top = 22.0, 6.0
	var rows []int
	y := map[sleep.Stage]float64{}
	for i, d := range depths {
		at, n := top+row*float64(len(rows)), 0
		for _, s := range d.stages {
			y[s] = at
			n += h.Count(s)
		}
		if n > 0 || d.word == "stage.wake" {
			rows = append(rows, i)
		}
	}
	bottom := top + row*float64(len(rows))
	c := figure.NewCanvas(id, pictureWide, bottom+22, title, p.describe(lang, h))
	for i, k := range rows {
		at := top + row*float64(i)
		c.Text("dim", 0, at+row/2+4, p.words.say(lang, depths[k].word))
		c.Line("grid", pictureLeft, at+row/2, pictureWide, at+row/2)
	}
	x := figure.Scale{From: 0, To: end.Sub(start).Hours(), A: pictureLeft, B: pictureWide - 2}
	for i := 0; i < h.Len(); {
		j := i
		for j < h.Len() && h.At(j) == h.At(i) {
			j++
		}
		if at, drawn := y[h.At(i)]; drawn {
			from, to := x.At(float64(i)*h.Epoch().Hours()), x.At(float64(j)*h.Epoch().Hours())
			c.Rect(figure.StageClass(h.At(i)), from, at+4, to-from, row-8)
		}
		i = j
	}
	clockAxis(c, x, start, end, zone, bottom)
	return c.Inline()
}

// clockAxis writes every second full hour under a picture.
func clockAxis(c *figure.Canvas, x figure.Scale, start, end time.Time, zone *time.Location, y float64) {
	for t := start.In(zone).Truncate(time.Hour); !t.After(end); t = t.Add(time.Hour) {
		at := x.At(t.Sub(start).Hours())
		if t.Before(start) || t.In(zone).Hour()%2 == 1 || at < pictureLeft+14 || at > pictureWide-18 {
			continue
		}
		c.Line("axis", at, y, at, y+4)
		c.Text("small dim mid", at, y+17, clockTime(t, zone))
	}
}

// describe says a night in a sentence: how long it had of each depth.
func (p *Pages) describe(lang string, h sleep.Hypnogram) string {
	var parts []string
	for _, d := range depths {
		n := 0
		for _, s := range d.stages {
			n += h.Count(s)
		}
		if n > 0 {
			parts = append(parts, p.words.say(lang, d.word)+" "+p.span(lang, (time.Duration(n)*h.Epoch()).Minutes()))
		}
	}
	return strings.Join(parts, ", ")
}

// span says minutes as hours and minutes.
func (p *Pages) span(lang string, minutes float64) string {
	m := int(minutes + 0.5)
	return p.words.say(lang, "past.hours", "h", m/60, "m", m%60)
}

// nightBar is one night in the picture of all: when in bed, and when asleep.
type nightBar struct {
	night  civil.Date
	bed    [2]time.Time // zero: not told
	asleep [][2]time.Time
}

// drawNights draws all nights under each other, the newest first: thin is in
// bed, thick is asleep.
func (p *Pages) drawNights(lang string, bars []nightBar, zone *time.Location) string {
	const row, top = 17.0, 24.0
	low, high := 24.0, -24.0 // hours from midnight before waking
	// By the clock on the wall, so that a change of clocks moves no row.
	hour := func(night civil.Date, t time.Time) float64 {
		local := t.In(zone)
		return float64(24*civil.DateOf(local).Sub(night)) + float64(civil.ClockOf(local))/60
	}
	for _, b := range bars {
		for _, s := range append([][2]time.Time{b.bed}, b.asleep...) {
			if !s[0].IsZero() && !s[1].IsZero() {
				low, high = min(low, hour(b.night, s[0])), max(high, hour(b.night, s[1]))
			}
		}
	}
	if low >= high {
		return ""
	}
	x := figure.Scale{From: low - 0.3, To: high + 0.3, A: dateWide(lang), B: pictureWide - 2}
	c := figure.NewCanvas("all-nights", pictureWide, top+row*float64(len(bars))+4, p.words.say(lang, "past.all"), p.words.say(lang, "past.all.about", "n", len(bars)))
	for h := -8; h <= 14; h += 2 {
		if at := x.At(float64(h)); at > x.A+10 && at < x.B-10 {
			c.Line("grid", at, top-6, at, top+row*float64(len(bars)))
			c.Text("small dim mid", at, 12, civil.Clock((h*60+1440)%1440).String())
		}
	}
	for i, b := range bars {
		y := top + row*float64(i)
		c.Text("small dim", 0, y+10, shortDate(lang, b.night))
		if !b.bed[0].IsZero() && !b.bed[1].IsZero() {
			c.Rect("tail", x.At(hour(b.night, b.bed[0])), y+4, x.At(hour(b.night, b.bed[1]))-x.At(hour(b.night, b.bed[0])), 5)
		}
		for _, s := range b.asleep {
			c.Rect("st-n2", x.At(hour(b.night, s[0])), y+1, x.At(hour(b.night, s[1]))-x.At(hour(b.night, s[0])), 11)
		}
	}
	return c.Inline()
}

// scoreBar is a score at one visit.
type scoreBar struct {
	label string
	value float64
	text  string
}

// drawScores draws a score over the visits, each a bar on the scale's own range.
func drawScores(id, title string, of [2]float64, bars []scoreBar) string {
	const row = 40.0
	var said []string
	for _, b := range bars {
		said = append(said, b.label+": "+b.text)
	}
	c := figure.NewCanvas(id, pictureWide, row*float64(len(bars))+2, title, strings.Join(said, "; "))
	x := figure.Scale{From: of[0], To: of[1], A: 0, B: pictureWide - 64}
	for i, b := range bars {
		y := row * float64(i)
		c.Text("dim", 0, y+12, b.label)
		c.Rect("tail", 0, y+18, x.B, 12)
		c.Rect("est", 0, y+18, max(x.At(b.value), 1), 12)
		c.Text("strong", x.B+8, y+28, b.text)
	}
	return c.Inline()
}

// dateWide is the room that a short date takes.
func dateWide(lang string) float64 {
	if lang == "sv" {
		return pictureLeft - 30
	}
	return pictureLeft - 8
}

// shortDate names a date in a row of a picture: Mon 12 Apr, må 12/4. In English
// the numbers alone would be read in either order.
func shortDate(lang string, d civil.Date) string {
	if lang == "sv" {
		return string([]rune(weekdays[lang][d.Weekday()])[:2]) + " " + strconv.Itoa(d.Day) + "/" + strconv.Itoa(int(d.Month))
	}
	return weekdays[lang][d.Weekday()][:3] + " " + strconv.Itoa(d.Day) + " " + monthNames[lang][d.Month-1][:3]
}
