package figure

import (
	"fmt"
	"slices"
	"time"

	"dvala/civil"
	"dvala/sleep"
)

// Raster shows many nights of one person under each other, double-plotted: each
// row is the 24 hours from 15:00 to 15:00 of one night and, beside them, those of
// the next, so that a drift reads as a slant. Nights to Saturday and Sunday are
// marked; a night that is not known is hatched.
type Raster struct {
	ID, Title string
	Width     float64 // 720 if 0
	Nights    []sleep.Night
}

const (
	rasterRow  = 11.0
	rasterLeft = 96.0
	rasterTop  = 8.0
)

// SVG draws the nights.
func (r Raster) SVG() *Canvas {
	width := r.Width
	if !(width > 0) {
		width = 720
	}
	nights := slices.Clone(r.Nights)
	slices.SortStableFunc(nights, func(a, b sleep.Night) int { return a.Date.Compare(b.Date) })
	c := NewCanvas(r.ID, width, 60, r.Title, r.Describe())
	if len(nights) == 0 {
		c.Text("dim mid", width/2, 30, "no nights")
		return c
	}
	first := nights[0].Date
	rows := nights[len(nights)-1].Date.Sub(first) + 1
	bottom := rasterTop + float64(rows)*rasterRow
	c.SetHeight(bottom + 38)
	x := Scale{0, 48, rasterLeft, width - 20}
	byDate := map[civil.Date]sleep.Night{}
	for _, n := range nights {
		byDate[n.Date] = n
	}
	hatch := c.Hatch("hatch")
	for i := range rows {
		date := first.Add(i)
		y := rasterTop + float64(i)*rasterRow
		day := date.Weekday()
		if day == time.Saturday || day == time.Sunday {
			c.Rect("wash", x.A, y, x.B-x.A, rasterRow)
		}
		if rows <= 40 || day == time.Monday {
			c.Text("small dim end", rasterLeft-8, y+rasterRow-2, day.String()[:3]+" "+date.String())
		}
		for half := range 2 {
			n, ok := byDate[date.Add(half)]
			r.window(c, x, y, float64(24*half), n, ok, hatch)
		}
	}
	for h := 0; h <= 48; h += 6 {
		c.Line("grid", x.At(float64(h)), rasterTop, x.At(float64(h)), bottom)
		c.Text("small dim mid", x.At(float64(h)), bottom+14, civil.Clock((15+h)%24*60).String())
	}
	c.Text("small dim mid", (x.A+x.B)/2, bottom+31, "clock time; each row is the night to its date and the one after")
	return c
}

// window draws one night's 24 hours from an hour of the picture on.
func (r Raster) window(c *Canvas, x Scale, y, from float64, n sleep.Night, ok bool, hatch string) {
	if !ok || n.Status == sleep.NotWorn || n.Status == sleep.NoData || n.Status == sleep.Declined || n.Status == sleep.Battery {
		c.Empty("rect", Class("st-none"), At("fill", hatch), Num("x", x.At(from)), Num("y", y+2), Num("width", x.At(from+24)-x.At(from)), Num("height", rasterRow-4))
		return
	}
	for _, h := range append([]sleep.Hypnogram{n.Main}, n.Naps...) {
		start, known := h.Start()
		if !known || h.IsEmpty() {
			continue
		}
		// Hours on the wall since 15:00, so that a change of clocks does not move a row.
		at := float64((start.Hour()+9)%24) + float64(start.Minute())/60 + float64(start.Second())/3600
		for _, s := range asleep(h) {
			a, b := at+s[0], min(at+s[1], 24)
			if a < b {
				c.Rect("st-n2", x.At(from+a), y+2, x.At(from+b)-x.At(from+a), rasterRow-4)
			}
		}
	}
}

// asleep gives the stretches of sleep of a hypnogram in hours from its start.
func asleep(h sleep.Hypnogram) [][2]float64 {
	var out [][2]float64
	e := h.Epoch().Hours()
	for i := 0; i < h.Len(); {
		j := i
		for j < h.Len() && h.At(j).IsSleep() == h.At(i).IsSleep() {
			j++
		}
		if h.At(i).IsSleep() {
			out = append(out, [2]float64{float64(i) * e, float64(j) * e})
		}
		i = j
	}
	return out
}

// Describe tells the nights in a sentence.
func (r Raster) Describe() string {
	t, err := sleep.TimingOf(r.Nights, nil)
	if err != nil || t.Nights == 0 || t.MidsleepH == nil {
		return "No nights with sleep."
	}
	m := int(*t.MidsleepH*60+0.5) % 1440
	s := fmt.Sprintf("%d nights, midsleep on average at %v", t.Nights, civil.Clock(m))
	if t.SRI != nil {
		s += ", sleep regularity index " + Fixed(*t.SRI, 0)
	}
	return s + "."
}
