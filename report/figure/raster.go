package figure

import (
	"fmt"
	"math"
	"slices"
	"time"

	"dvala/civil"
	"dvala/sleep"
)

// Raster shows many nights of one person under each other, double-plotted: each
// row is the 24 hours from 15:00 to 15:00 of one night and, beside them, those of
// the next, so that a drift reads as a slant. Sleep is a full bar on the thin bar
// of the time in bed, a nap is hollow; a line joins the middles of the sleeps,
// and a broken one marks their mean. Saturdays and Sundays are shaded; a night
// within the record that is not known is hatched.
type Raster struct {
	ID, Title string
	Width     float64 // 720 if 0
	Nights    []sleep.Night
}

const (
	rasterLeft = 76.0
	rasterTop  = 20.0
)

// rasterRow is one date of the record with what is known of it, in hours after
// 15:00 by the clock on the wall, so that a change of clocks moves no row.
type rasterRow struct {
	date  civil.Date
	known bool
	bed   [][2]float64 // in bed for the main sleep
	main  [][2]float64 // asleep
	naps  [][2]float64 // from the first sleep of a nap to its last
	mid   *float64     // half way between falling asleep and waking up
}

// weekend says whether the morning of a date is free for most: what sleep.TimingOf takes
// as free nights.
func (r rasterRow) weekend() bool {
	d := r.date.Weekday()
	return d == time.Saturday || d == time.Sunday
}

// label names the row shortly.
func (r rasterRow) label() string {
	return fmt.Sprintf("%s %d %s", r.date.Weekday().String()[:3], r.date.Day, r.date.Month.String()[:3])
}

// rows gives a row for every date from the first night to the last; of two nights
// of one date the first stands.
func (r Raster) rows() []rasterRow {
	nights := slices.Clone(r.Nights)
	slices.SortStableFunc(nights, func(a, b sleep.Night) int { return a.Date.Compare(b.Date) })
	var out []rasterRow
	for _, n := range nights {
		for k := len(out); k > 0 && out[k-1].date.Before(n.Date.Add(-1)); k++ {
			out = append(out, rasterRow{date: out[k-1].date.Add(1)})
		}
		if k := len(out); k > 0 && out[k-1].date == n.Date {
			continue
		}
		out = append(out, rowOf(n))
	}
	return out
}

func rowOf(n sleep.Night) rasterRow {
	row := rasterRow{date: n.Date}
	switch n.Status {
	case sleep.NotWorn, sleep.NoData, sleep.Declined, sleep.Battery:
		return row
	}
	row.known = true
	if at, ok := sinceWindow(n.Main); ok {
		row.bed = append(row.bed, [2]float64{at, math.Min(at+n.Main.Duration().Hours(), 24)})
		row.main = asleep(n.Main, at)
		if k := len(row.main); k > 0 {
			mid := (row.main[0][0] + row.main[k-1][1]) / 2
			row.mid = &mid
		}
	}
	for _, nap := range n.Naps {
		at, ok := sinceWindow(nap)
		if parts := asleep(nap, at); ok && len(parts) > 0 {
			row.naps = append(row.naps, [2]float64{parts[0][0], parts[len(parts)-1][1]})
		}
	}
	return row
}

// sinceWindow gives where a sleep begins in hours after 15:00.
func sinceWindow(h sleep.Hypnogram) (float64, bool) {
	start, ok := h.Start()
	if !ok || h.IsEmpty() {
		return 0, false
	}
	return float64((start.Hour()+9)%24) + float64(start.Minute())/60 + float64(start.Second())/3600, true
}

// asleep gives the stretches of sleep of a hypnogram that begins at an hour, up
// to the window's end.
func asleep(h sleep.Hypnogram, at float64) [][2]float64 {
	var out [][2]float64
	e := h.Epoch().Hours()
	for i := 0; i < h.Len(); {
		j := i
		for j < h.Len() && h.At(j).IsSleep() == h.At(i).IsSleep() {
			j++
		}
		if a, b := at+float64(i)*e, math.Min(at+float64(j)*e, 24); h.At(i).IsSleep() && a < b {
			out = append(out, [2]float64{a, b})
		}
		i = j
	}
	return out
}

// SVG draws the nights.
func (r Raster) SVG() *Canvas {
	width := r.Width
	if !(width > 0) {
		width = 720
	}
	rows := r.rows()
	c := NewCanvas(r.ID, width, 60, r.Title, r.Describe())
	if len(rows) == 0 {
		c.Text("dim mid", width/2, 30, "no nights")
		return c
	}
	row := math.Min(math.Max(math.Round(560/float64(len(rows))), 3), 15)
	bottom := rasterTop + float64(len(rows))*row
	x := Scale{0, 48, rasterLeft, width - 14}
	hatch := c.Hatch("hatch")
	for i, v := range rows {
		y := rasterTop + float64(i)*row
		r.label(c, rows, i, y, row)
		v.half(c, x, y, row, 0, hatch)
		if i+1 < len(rows) {
			rows[i+1].half(c, x, y, row, 24, hatch)
		}
	}
	r.hours(c, x, bottom)
	r.middles(c, x, rows, row)
	c.SetHeight(r.legend(c, rows, width, bottom+32, hatch))
	return c
}

// label names a row: all where there is room, else Mondays, else the firsts of
// months.
func (r Raster) label(c *Canvas, rows []rasterRow, i int, y, height float64) {
	d := rows[i].date
	switch {
	case height >= 11:
		c.Text("small dim end", rasterLeft-7, y+height/2+4, rows[i].label())
	case len(rows) <= 140 && d.Weekday() == time.Monday, len(rows) > 140 && d.Day == 1:
		c.Text("small dim end", rasterLeft-7, y+height/2+4, rows[i].label())
	}
	if i == 0 {
		c.Text("small dim end", rasterLeft-7, rasterTop-7, Given(float64(d.Year)))
	}
}

// half draws one night's 24 hours from an hour of the picture on.
func (v rasterRow) half(c *Canvas, x Scale, y, height, from float64, hatch string) {
	gap := math.Min(2, height/6)
	if v.weekend() {
		c.Rect("weekend", x.At(from), y, x.At(from+24)-x.At(from), height)
	}
	if !v.known {
		c.Empty("rect", Class("st-none faint"), At("fill", hatch), Num("x", x.At(from)), Num("y", y+gap), Num("width", x.At(from+24)-x.At(from)), Num("height", height-2*gap))
		return
	}
	bars := func(class string, parts [][2]float64, top, tall float64) {
		p := new(Path)
		for _, s := range parts {
			p.Bar(x.At(from+s[0]), top, x.At(from+s[1])-x.At(from+s[0]), tall)
		}
		c.Path(class, p)
	}
	bars("head", v.bed, y+height/2-gap/2, gap)
	bars("st-n2", v.main, y+gap, height-2*gap)
	bars("nap", v.naps, y+gap+0.6, height-2*gap-1.2)
}

// hours draws the clock at head and foot.
func (r Raster) hours(c *Canvas, x Scale, bottom float64) {
	every := 6
	if x.B-x.A < 330 {
		every = 12
	}
	for h := 3; h <= 48; h += 6 {
		at := x.At(float64(h))
		clock := (15 + h) % 24
		class := "grid"
		if clock == 0 {
			class = "axis"
		}
		c.Line(class, at, rasterTop, at, bottom)
		if clock%every == 0 {
			c.Text("small dim mid", at, bottom+14, civil.Clock(clock*60).String())
			c.Text("small dim mid", at, rasterTop-7, civil.Clock(clock*60).String())
		}
	}
}

// middles joins the middles of the sleeps of one night and the next, and marks
// their mean. Two that lie more than 12 hours apart are not joined: the shorter
// way between them leads over the edge.
func (r Raster) middles(c *Canvas, x Scale, rows []rasterRow, height float64) {
	p := new(Path)
	joined := false
	for i, v := range rows {
		if v.mid == nil {
			joined = false
			continue
		}
		px, py := x.At(*v.mid), rasterTop+(float64(i)+0.5)*height
		if joined && math.Abs(*v.mid-*rows[i-1].mid) <= 12 {
			p.Line(px, py)
		} else {
			p.Move(px, py)
		}
		joined = true
		if height >= 6 {
			c.Circle("middle", px, py, 2)
		}
	}
	c.Path("trend", p)
	if t, ok := r.timing(); ok {
		at := math.Mod(*t.MidsleepH+9, 24)
		for half := range 2 {
			c.Line("trend dash", x.At(at+float64(24*half)), rasterTop, x.At(at+float64(24*half)), rasterTop+float64(len(rows))*height)
		}
	}
}

// legend says in words what is drawn and gives the picture's height.
func (r Raster) legend(c *Canvas, rows []rasterRow, width, y float64, hatch string) float64 {
	naps, gaps := false, false
	for _, v := range rows {
		naps, gaps = naps || len(v.naps) > 0, gaps || !v.known
	}
	left, line := 8.0, y+4
	next := func(text string) float64 {
		if left > 8 && left+20+Width(text, small) > width-4 {
			left, line = 8, line+15
		}
		at := left
		c.Text("small dim", at+20, line, text)
		left += 20 + Width(text, small) + 14
		return at
	}
	at := next("asleep; thin: in bed")
	c.Rect("head", at, line-5, 14, 2)
	c.Rect("st-n2", at+3, line-9, 8, 9)
	if naps {
		at = next("nap")
		c.Rect("nap", at+1, line-8, 12, 7)
	}
	at = next("midsleep")
	c.Line("trend", at, line-4, at+14, line-4)
	c.Circle("middle", at+7, line-4, 2)
	at = next("its mean")
	c.Line("trend dash", at, line-4, at+14, line-4)
	at = next("to Saturday or Sunday")
	c.Rect("weekend", at, line-9, 14, 10)
	if gaps {
		at = next("not known")
		c.Empty("rect", Class("st-none faint"), At("fill", hatch), Num("x", at), Num("y", line-8), Num("width", 14), Num("height", 8))
	}
	return line + 8
}

// timing gives when the nights were slept; ok is false where no midsleep is
// known.
func (r Raster) timing() (t sleep.Timing, ok bool) {
	t, err := sleep.TimingOf(r.Nights, nil)
	return t, err == nil && t.MidsleepH != nil
}

// Describe tells the nights in a sentence.
func (r Raster) Describe() string {
	t, ok := r.timing()
	if !ok {
		return "No nights with sleep."
	}
	rows := r.rows()
	s := fmt.Sprintf("%s of %s, %s to %s: midsleep on average at %s", count(t.Nights, "night"), count(len(rows), "date"),
		longDate(rows[0].date), longDate(rows[len(rows)-1].date), clockOf(*t.MidsleepH))
	if t.MidsleepSD != nil {
		s += fmt.Sprintf(" (standard deviation %s)", minutes(*t.MidsleepSD*60))
	}
	if t.SRI != nil {
		s += fmt.Sprintf(", sleep regularity index %s over %s", Fixed(*t.SRI, 0), count(t.Days, "day"))
	}
	return s + "."
}

// clockOf writes hours after midnight as a clock does.
func clockOf(h float64) string {
	return civil.Clock((int(math.Floor(h*60+0.5))%1440 + 1440) % 1440).String()
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Int(n) + " " + noun + "s"
}

// Table gives each date with its times.
func (r Raster) Table() Table {
	t := Table{Caption: "Night by night, clock times", Head: []string{"Night to", "Falls asleep", "Midsleep", "Wakes", "Asleep, min", "Naps, min"}}
	for _, v := range r.rows() {
		row := []string{v.date.Weekday().String()[:3] + " " + v.date.String(), Dash, Dash, Dash, Dash, Dash}
		if k := len(v.main); k > 0 {
			sum := 0.0
			for _, s := range v.main {
				sum += s[1] - s[0]
			}
			row[1], row[2], row[3], row[4] = clockOf(v.main[0][0]+15), clockOf(*v.mid+15), clockOf(v.main[k-1][1]+15), Fixed(sum*60, 0)
		}
		nap := 0.0
		for _, s := range v.naps {
			nap += s[1] - s[0]
		}
		if nap > 0 {
			row[5] = Fixed(nap*60, 0)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
