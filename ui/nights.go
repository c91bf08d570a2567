package ui

import (
	"cmp"
	"html/template"
	"strconv"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/instrument/diary"
	"dvala/report/figure"
	"dvala/sleep"
	"dvala/study"
)

// nightView is one night as the desk sees it: what the person told and what the
// device measured, on one axis of time, and their numbers side by side.
type nightView struct {
	desk.Night
	Picture template.HTML
	Rows    []nightRow
	Doubts  []string // what is implausible in the diary
	Events  []study.EventOccurred
	Beside  []beside // what else happened about it
}

// beside is something that happened about a night and may explain it: an adverse
// event, a deviation, or a medicine taken.
type beside struct {
	Entry uint64
	Term  string // in words; empty of a deviation
	Code  string // of a deviation
	Grave bool
}

// nightRow is a measure, of the diary and of the device.
type nightRow struct{ Name, Diary, Device string }

// nightViews draws somebody's nights, all on the same axis.
func (a *ask) nightViews(st *study.State, p *study.Participant, nights []desk.Night) []nightView {
	zone := zoneOf(st, p.Subject)
	out := make([]nightView, len(nights))
	told := make([]*diary.Night, len(nights))
	ax := axis{from: 20, to: 33} // 20:00 to 09:00
	for i, n := range nights {
		out[i] = nightView{Night: n}
		if n.Diary != nil {
			d, doubts := diary.Read(n.Date, zone, n.Diary.Answers)
			told[i] = &d
			for _, x := range doubts {
				out[i].Doubts = append(out[i].Doubts, a.said(x))
			}
		}
		for _, e := range p.Events {
			if !n.Evening.Before(e.From) && (e.To.IsZero() || !e.To.Before(n.Evening)) {
				out[i].Events = append(out[i].Events, e)
			}
		}
		out[i].Beside = besideNight(p, n)
		ax.fit(n, told[i], zone)
	}
	for i, n := range nights {
		out[i].Rows = a.nightRows(n, told[i])
		if picture := a.drawNight(ax, n, told[i], zone); picture != nil {
			out[i].Picture = template.HTML(picture.Inline()) //nolint:gosec // made by our own writer, which escapes its texts
		}
	}
	return out
}

// besideNight gives what happened about a night: in the evening before it, in it, or
// on the day that it led to. What has no end is told of the night it began about,
// and not of every night since.
func besideNight(p *study.Participant, n desk.Night) []beside {
	about := func(from, to civil.Date) bool {
		if to.IsZero() {
			to = from
		}
		return !n.Date.Before(from) && !to.Before(n.Evening)
	}
	var out []beside
	for _, r := range p.AdverseLog {
		if now := r.Now(); about(now.Onset, now.End) {
			out = append(out, beside{Entry: r.Entry, Term: cmp.Or(now.Term, now.Coded), Grave: now.Serious})
		}
	}
	for i, e := range p.DeviationEntries() {
		if d := p.Deviations[i]; d.Date == n.Evening {
			out = append(out, beside{Entry: e, Code: d.Code})
		}
	}
	for _, m := range p.Medications {
		if what := m.What; !what.Start.IsZero() && about(what.Start, what.Stop) {
			out = append(out, beside{Entry: m.Entry, Term: what.Name})
		}
	}
	return out
}

// axis is the span of the night that is drawn, in hours after the midnight that
// the evening begins with.
type axis struct{ from, to float64 }

func (x *axis) fit(n desk.Night, d *diary.Night, zone *time.Location) {
	take := func(t time.Time) {
		h := hoursOn(n.Evening, t, zone)
		if h > 6 && h < 54 { // a slip of the clock does not stretch everybody's axis
			x.from, x.to = min(x.from, float64(int(h))), max(x.to, float64(int(h)+1))
		}
	}
	if d != nil {
		for _, t := range []*time.Time{d.IntoBed, d.OutOfBed} {
			if t != nil {
				take(*t)
			}
		}
	}
	if n.Device != nil {
		h := n.Device.Night.Main
		if start, ok := h.Start(); ok {
			take(start)
			take(start.Add(h.Duration()))
		}
	}
}

// hoursOn gives elapsed hours from a date's midnight on.
func hoursOn(d civil.Date, t time.Time, zone *time.Location) float64 {
	return t.Sub(d.At(0, zone)).Hours()
}

const (
	nightWidth = 640.0
	nightLeft  = 84.0
	nightRight = nightWidth - 18 // room for half of the last hour
	hourHalf   = 30.0            // half of an hour written as large as on a telephone, where what does not fit is left out
	laneTold   = 18.0
	laneStage  = 14.0
)

func (a *ask) drawNight(ax axis, n desk.Night, d *diary.Night, zone *time.Location) *figure.Canvas {
	if d == nil && n.Dose == nil && (n.Device == nil || n.Device.Night.Main.IsEmpty()) {
		return nil
	}
	measured := n.Device != nil && !n.Device.Night.Main.IsEmpty()
	foot := 8 + laneTold + 6
	if measured {
		foot += 2 + 5*laneStage + 4
	}
	c := figure.NewCanvas("n"+n.Date.String(), nightWidth, foot+16, a.t("Night to %s", longDate(a.lang, n.Date)), a.describe(n, d))
	x := figure.Scale{From: ax.from, To: ax.to, A: nightLeft, B: nightWidth - 8}
	for h := int(ax.from); h <= int(ax.to); h++ {
		at := x.At(float64(h))
		c.Line("grid", at, 4, at, foot)
		if h%2 == 0 {
			class := "tiny dim mid"
			if h%4 != 0 || at > nightWidth-hourHalf {
				class += " between"
			}
			c.Text(class, at, foot+12, clockHour(h))
		}
	}
	c.Text("tiny dim end", nightLeft-6, 8+laneTold-5, a.t("diary"))
	put := func(t time.Time) float64 {
		return min(max(x.At(hoursOn(n.Evening, t, zone)), nightLeft), nightRight)
	}
	drawTold(c, d, put)
	if n.Dose != nil {
		// A dose is known by when it was told; one told the next day has no place here.
		if h := hoursOn(n.Evening, n.Dose.At, zone); h >= ax.from && h <= ax.to {
			c.Circle("dose", put(n.Dose.At), 8+laneTold/2, 4)
		}
	}
	if measured {
		c.Text("tiny dim end", nightLeft-6, 8+laneTold+8+2.5*laneStage+4, a.t("ring"))
		drawMeasured(c, n.Device.Night.Main, 8+laneTold+8, put)
	}
	return c
}

func clockHour(h int) string {
	s := strconv.Itoa(h % 24)
	if len(s) == 1 {
		s = "0" + s
	}
	return s + ":00"
}

// drawTold draws the diary's bar: in bed as a frame, asleep as a band, with the
// mark of when she began trying.
func drawTold(c *figure.Canvas, d *diary.Night, put func(time.Time) float64) {
	if d == nil {
		return
	}
	const y = 8.0
	if d.IntoBed != nil && d.OutOfBed != nil && d.IntoBed.Before(*d.OutOfBed) {
		c.Rect("box", put(*d.IntoBed), y, put(*d.OutOfBed)-put(*d.IntoBed), laneTold)
	}
	if d.Onset != nil && d.FinalWaking != nil && d.Onset.Before(*d.FinalWaking) {
		c.Rect("st-s", put(*d.Onset), y+4, put(*d.FinalWaking)-put(*d.Onset), laneTold-8)
	}
	if d.TriedToSleep != nil {
		at := put(*d.TriedToSleep)
		c.Line("est", at, y-2, at, y+laneTold+2)
	}
}

// stageRow is the row of a stage, from the top, and how many rows it fills.
func stageRow(s sleep.Stage) (row, rows float64, ok bool) {
	switch s {
	case sleep.W:
		return 0, 1, true
	case sleep.R:
		return 1, 1, true
	case sleep.N1:
		return 2, 1, true
	case sleep.Light:
		return 2, 2, true
	case sleep.N2:
		return 3, 1, true
	case sleep.N3:
		return 4, 1, true
	case sleep.Asleep:
		return 1, 4, true
	}
	return 0, 0, false
}

func drawMeasured(c *figure.Canvas, h sleep.Hypnogram, top float64, put func(time.Time) float64) {
	start, ok := h.Start()
	if !ok {
		return
	}
	stages, epoch, hatch := h.Stages(), h.Epoch(), ""
	for i := 0; i < len(stages); {
		j := i
		for j < len(stages) && stages[j] == stages[i] {
			j++
		}
		from, to := put(start.Add(time.Duration(i)*epoch)), put(start.Add(time.Duration(j)*epoch))
		row, rows, staged := stageRow(stages[i])
		if staged {
			c.Rect(figure.StageClass(stages[i]), from, top+row*laneStage, max(to-from, 0.8), rows*laneStage)
		} else {
			row, rows = 0, 5
		}
		// What is not known is a pattern: of an epoch without a score over all rows,
		// of sleep without a stage over its colour.
		if !staged || stages[i] == sleep.Asleep {
			if hatch == "" {
				hatch = c.Hatch("hatch")
			}
			c.Empty("rect", figure.Class("st-none"), figure.At("fill", hatch), figure.Num("x", from), figure.Num("y", top+row*laneStage), figure.Num("width", max(to-from, 0.8)), figure.Num("height", rows*laneStage))
		}
		i = j
	}
}

// describe tells a night's picture in a sentence.
func (a *ask) describe(n desk.Night, d *diary.Night) string {
	text := a.t("Diary: %s. Ring: %s.", a.asleep(d), a.measured(n))
	return text
}

func (a *ask) asleep(d *diary.Night) string {
	if d == nil || d.TSTMin == nil {
		return a.t("not told")
	}
	return a.t("asleep %s", hours(*d.TSTMin))
}

func (a *ask) measured(n desk.Night) string {
	if n.Device == nil {
		return a.t("nothing came")
	}
	if x, ok := n.Device.Night.Architecture(); ok && x.TSTMin != nil {
		return a.t("asleep %s", hours(*x.TSTMin))
	}
	return a.words.tell(a.lang, string(n.Device.Night.Status))
}

// nightRows puts what both tell side by side.
func (a *ask) nightRows(n desk.Night, d *diary.Night) []nightRow {
	var told diary.Night
	if d != nil {
		told = *d
	}
	var x sleep.Architecture
	if n.Device != nil {
		x, _ = n.Device.Night.Architecture()
	}
	rows := []nightRow{
		{a.t("Asleep"), hoursOr(told.TSTMin), hoursOr(x.TSTMin)},
		{a.t("To fall asleep"), minutesOr(told.SOLMin), minutesOr(x.SOLMin)},
		{a.t("Awake after"), minutesOr(told.WASOMin), minutesOr(x.WASOSPTMin)},
		{a.t("Efficiency"), percentOr(told.SETIBPct), percentOr(x.SETIBPct)},
		{a.t("Deep"), "", minutesOr(x.N3Min)},
		{a.t("REM"), "", minutesOr(x.REMMin)},
	}
	return rows
}

func hoursOr(v *float64) string {
	if v == nil {
		return "–"
	}
	return hours(*v)
}

func minutesOr(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.Itoa(int(*v+0.5)) + " min"
}

func percentOr(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.Itoa(int(*v+0.5)) + " %"
}

func hours(min float64) string {
	m := int(min + 0.5)
	return strconv.Itoa(m/60) + " h " + strconv.Itoa(m%60) + " min"
}
