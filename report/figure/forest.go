package figure

import (
	"math"
	"slices"

	"dvala/report/voice"
)

// Forest is a forest plot: one row per difference, all on one axis.
type Forest struct {
	voice.Voice
	ID, Title string
	Width     float64 // user units; below 600 the label stands above its interval
	Axis      string  // what the axis shows, with its unit
	Left      string  // which side a negative difference speaks for
	Right     string
	Span      *[2]float64 // the whole axis, where it has natural ends
	Ratio     bool        // ratios, on a logarithmic axis; 1 is no difference
	Rows      []ForestRow
}

// ForestRow is one difference with its interval.
type ForestRow struct {
	Label string
	Note  string // below the label, smaller
	Value string // the numbers as text, at the end of the row
	// Estimate and interval in the axis' unit; without all three nothing is drawn
	// and Value says why.
	Estimate, Low, High *float64
	Band                float64 // half the width of the band around 0 in which a difference is too small to notice; 0 for none
	Hollow              bool    // exploratory

	ratio bool
}

// places are where the row's numbers stand on the axis.
func (r ForestRow) places() (low, estimate, high float64) {
	if r.ratio {
		return math.Log2(*r.Low), math.Log2(*r.Estimate), math.Log2(*r.High)
	}
	return *r.Low, *r.Estimate, *r.High
}

const (
	step  = 16.0 // between lines of text
	small = 11.0 // size of notes
	bold  = 0.92 // bold letters are wider: less room for them
)

// forestRow is a row laid out.
type forestRow struct {
	ForestRow
	label, note, value []string
	top, height, mid   float64
}

// SVG draws the plot.
func (f Forest) SVG() *Canvas {
	f.Rows = slices.Clone(f.Rows)
	for i := range f.Rows {
		f.Rows[i].ratio = f.Ratio
		if f.Ratio {
			f.Rows[i].Band = 0
		}
	}
	c := NewCanvas(f.ID, f.Width, 0, f.Title, f.Describe())
	wide := f.Width >= 600
	left, right := 14.0, f.Width-14
	labelW, valueW := f.Width-8, f.Width-8
	if wide {
		labelW, valueW = math.Round(f.Width*0.30), math.Round(f.Width*0.25)
		left, right = labelW+24, f.Width-valueW-20
	}
	rows, bottom := f.layout(labelW, valueW, wide)
	x := f.scale(left, right)
	f.ground(c, x, rows, bottom)
	for _, r := range rows {
		f.row(c, x, r, labelW, valueW, wide)
	}
	c.SetHeight(f.axis(c, x, bottom) + 4)
	return c
}

func (f Forest) layout(labelW, valueW float64, wide bool) ([]forestRow, float64) {
	y := 6.0
	rows := make([]forestRow, len(f.Rows))
	for i, r := range f.Rows {
		l := forestRow{ForestRow: r, top: y}
		l.label, l.note = Wrap(r.Label, labelW*bold, FontSize), Wrap(r.Note, labelW, small)
		l.value = Wrap(r.Value, valueW, FontSize)
		text := step * float64(len(l.label)+len(l.note))
		if wide {
			l.height = max(text, step*float64(len(l.value)), 28) + 10
			l.mid = y + l.height/2
		} else {
			above := text + step*float64(len(l.value))
			l.height, l.mid = above+36, y+above+16
			if len(f.Rows) == 1 { // the band of a single row is taller
				l.height, l.mid = above+48, y+above+24
			}
		}
		rows[i] = l
		y += l.height
	}
	return rows, y
}

func (f Forest) scale(left, right float64) Scale {
	var e Extent
	e.Add(0)
	for _, r := range f.Rows {
		if r.drawn() {
			low, at, high := r.places()
			e.Add(low, at, high, -r.Band, r.Band)
		}
	}
	from, to := e.Padded(0.06)
	if f.Span != nil {
		from, to = f.Span[0], f.Span[1]
	}
	return Scale{From: from, To: to, A: left, B: right}
}

func (r ForestRow) drawn() bool {
	_, a := finite(r.Estimate)
	_, b := finite(r.Low)
	_, c := finite(r.High)
	return a && b && c && (!r.ratio || *r.Low > 0 && *r.Estimate > 0 && *r.High > 0)
}

// ground draws what lies behind the rows: bands, grid, and the line of no
// difference.
func (f Forest) ground(c *Canvas, x Scale, rows []forestRow, bottom float64) {
	for _, r := range rows {
		if r.Band > 0 && r.drawn() {
			a, b := x.At(math.Max(-r.Band, x.From)), x.At(math.Min(r.Band, x.To))
			top, height := r.mid-13, 26.0
			if len(rows) == 1 {
				top, height = r.mid-20, bottom-r.mid+20
			}
			c.Rect("band", a, top, b-a, height)
		}
	}
	top := rows0(rows)
	ticks, _ := Ticks(x.From, x.To, tickCount(x))
	for _, t := range ticks {
		if t != 0 {
			c.Line("grid", x.At(t), top, x.At(t), bottom)
		}
	}
	if x.From <= 0 && x.To >= 0 {
		c.Line("zero", x.At(0), top, x.At(0), bottom)
	}
}

// rows0 is where the lines of the ground begin: in the narrow form of a single
// row below its text.
func rows0(rows []forestRow) float64 {
	if len(rows) == 0 {
		return 0
	}
	if len(rows) == 1 {
		return rows[0].mid - 20
	}
	return rows[0].top
}

func tickCount(x Scale) int { return min(max(int((x.B-x.A)/62), 2), 8) }

func (f Forest) row(c *Canvas, x Scale, r forestRow, labelW, valueW float64, wide bool) {
	lx, y := 0.0, r.top+12
	if wide {
		y = r.mid - step*float64(len(r.label)+len(r.note))/2 + 12
	} else if len(f.Rows) > 1 {
		// The grid runs through the text of a narrow plot: lay paper under it.
		c.Rect("paper", 0, r.top-2, f.Width, r.mid-r.top-12)
	}
	y = c.Lines("strong", lx, y, step, r.label)
	y = c.Lines("dim small", lx, y, step-1, r.note)
	if wide {
		c.Lines("end", f.Width, r.mid-step*float64(len(r.value))/2+12, step, r.value)
	} else {
		c.Lines("", lx, y, step, r.value)
	}
	if !r.drawn() {
		return
	}
	low, at, high := r.places()
	a, b, e := x.At(low), x.At(high), x.At(at)
	c.Line("ci", a, r.mid, b, r.mid)
	c.Line("ci", a, r.mid-4, a, r.mid+4)
	c.Line("ci", b, r.mid-4, b, r.mid+4)
	class := "est"
	if r.Hollow {
		class = "est hollow"
	}
	c.Rect(class, e-4.5, r.mid-4.5, 9, 9)
}

func (f Forest) axis(c *Canvas, x Scale, y float64) float64 {
	c.Line("axis", x.A, y, x.B, y)
	ticks, d := Ticks(x.From, x.To, tickCount(x))
	for _, t := range ticks {
		c.Line("axis", x.At(t), y, x.At(t), y+4)
		label := f.Fixed(t, d)
		if f.Ratio {
			label = f.Trim(f.Three(math.Exp2(t)))
		}
		c.Text("mid small", x.At(t), y+17, label)
	}
	y += 33
	half := (x.B-x.A)/2 - 8
	if f.Left != "" || f.Right != "" {
		// Each side has half of the axis, wherever zero stands on it.
		l, r := Wrap("◀\u00a0"+f.Left, half, small), Wrap(f.Right+"\u00a0▶", half, small)
		c.Lines("small dim", x.A, y, step-2, l)
		c.Lines("small dim end", x.B, y, step-2, r)
		y += (step - 2) * float64(max(len(l), len(r)))
	}
	return c.Lines("small mid", (x.A+x.B)/2, y, step-2, Wrap(f.Axis, x.B-x.A, small)) - 8
}

// Describe tells the plot in a sentence or two.
func (f Forest) Describe() string {
	drawn, clear := 0, 0
	for _, r := range f.Rows {
		if r.drawn() {
			drawn++
			if none := map[bool]float64{true: 1}[f.Ratio]; *r.Low > none || *r.High < none {
				clear++
			}
		}
	}
	if len(f.Rows) == 1 && drawn == 1 {
		r := f.Rows[0]
		d := Decimals(*r.Estimate, *r.Low, *r.High)
		s := f.Say("%s: estimate %s, interval %s; axis: %s.", r.Label, f.Fixed(*r.Estimate, d), f.Range(r.Low, r.High, d), f.Axis)
		if r.Band > 0 {
			s += " " + f.Say("The band marks differences smaller than %s.", f.Given(r.Band))
		}
		return s
	}
	return f.Say("%d rows, %d with an estimate and its interval; %d of these intervals leave out no difference. Axis: %s.", len(f.Rows), drawn, clear, f.Axis)
}

// Table gives the plot's numbers.
func (f Forest) Table() Table {
	t := Table{Caption: f.Title, Head: []string{"", f.Say("Estimate"), f.Say("Low"), f.Say("High"), f.Say("As told")}}
	for _, r := range f.Rows {
		row := []string{r.Label, Dash, Dash, Dash, r.Value}
		if r.drawn() {
			d := Decimals(*r.Estimate, *r.Low, *r.High)
			row = []string{r.Label, f.Fixed(*r.Estimate, d), f.Fixed(*r.Low, d), f.Fixed(*r.High, d), r.Value}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
