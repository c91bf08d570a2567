package sleep

import (
	"math"
	"slices"
	"time"

	"dvala/civil"
)

// Spread is a measure over nights.
type Spread struct {
	Name  string   `json:"name"`
	Label string   `json:"label"`
	Unit  string   `json:"unit,omitempty"`
	N     int      `json:"n"` // nights that define it
	Mean  float64  `json:"mean"`
	SD    *float64 `json:"sd,omitempty"` // wants two nights
}

// Spreads gives mean and standard deviation of each measure over the nights that
// define it, in the order of Table; measures that no night defines are left out.
func Spreads(all []Architecture) []Spread {
	var out []Spread
	values := map[string][]float64{}
	for _, a := range all {
		for _, r := range a.Table() {
			if r.Value != nil {
				values[r.Name] = append(values[r.Name], *r.Value)
			}
		}
	}
	for _, r := range (Architecture{}).Table() {
		v := values[r.Name]
		if len(v) == 0 {
			continue
		}
		s := Spread{Name: r.Name, Label: r.Label, Unit: r.Unit, N: len(v)}
		for _, x := range v {
			s.Mean += x / float64(len(v))
		}
		if len(v) > 1 {
			ss := 0.0
			for _, x := range v {
				ss += (x - s.Mean) * (x - s.Mean)
			}
			s.SD = some(math.Sqrt(ss / float64(len(v)-1)))
		}
		out = append(out, s)
	}
	return out
}

// Timing is when a person sleeps over nights. Clock times are hours after
// midnight, 0 … 24, by the clock of each night's zone; means of them are
// circular.
type Timing struct {
	Nights int `json:"nights"` // with a main sleep in which there is sleep

	OnsetH     *float64 `json:"onset_h,omitempty"`
	MidsleepH  *float64 `json:"midsleep_h,omitempty"`
	EndH       *float64 `json:"end_h,omitempty"`
	MidsleepSD *float64 `json:"midsleep_sd_h,omitempty"`

	WorkNights int      `json:"work_nights"` // nights to a day of work
	FreeNights int      `json:"free_nights"`
	MSWH       *float64 `json:"msw_h,omitempty"`    // midsleep of work nights
	MSFH       *float64 `json:"msf_h,omitempty"`    // of free nights
	MSFscH     *float64 `json:"msf_sc_h,omitempty"` // corrected for oversleep on free nights

	JetlagH   *float64 `json:"social_jetlag_h,omitempty"`    // MSF − MSW, the shorter way round; positive is later
	JetlagScH *float64 `json:"social_jetlag_sc_h,omitempty"` // onset of free − onset of work nights (Jankowski)

	CPDH *float64 `json:"cpd_h,omitempty"` // composite phase deviation
	CPDN int      `json:"cpd_nights"`

	SRI      *float64 `json:"sri,omitempty"` // by Windred's rule for gaps
	SRIPairs int      `json:"sri_pairs"`
	Days     int      `json:"days"` // with at most 6 h unknown
	Rhythm   *Rhythm  `json:"rhythm,omitempty"`
}

// clockNight is one night's clock times.
type clockNight struct {
	date            civil.Date
	onset, mid, end float64
	hours           float64 // asleep
	free            bool
}

// TimingOf gives the timing of one person's nights.
//
//	nights  in any order, one a date.
//	free    says of a date whether one wakes to it without having to; nil takes
//	        Saturday and Sunday.
//
// Midsleep lies half way from sleep onset to the end of the last sleep. MSFsc =
// MSF − (SD_f − SD_week)/2 where sleep on free nights SD_f is longer than on work
// nights, SD_week = (5 SD_w + 2 SD_f)/7; else MSF. Social jetlag = MSF − MSW.
//
// Composite phase deviation is the mean over nights i that follow a night of √(x_i² + y_i²),
// x_i from the mean midsleep, y_i from the midsleep of the night before.
//
// Source: Roenneberg 2012, doi:10.1016/j.cub.2012.03.038; Jankowski 2017,
// doi:10.1080/07420528.2017.1299162; Fischer 2016, doi:10.1038/srep38601. Differs:
// doc/methods/regularity.md.
func TimingOf(nights []Night, free func(civil.Date) bool) (Timing, error) {
	if free == nil {
		free = func(d civil.Date) bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }
	}
	clocks := clocksOf(nights, free)
	t := Timing{Nights: len(clocks)}
	pick := func(of func(clockNight) float64, which func(clockNight) bool) []float64 {
		var out []float64
		for _, c := range clocks {
			if which(c) {
				out = append(out, of(c))
			}
		}
		return out
	}
	any := func(clockNight) bool { return true }
	onFree := func(c clockNight) bool { return c.free }
	onWork := func(c clockNight) bool { return !c.free }
	onset, mid, end := func(c clockNight) float64 { return c.onset }, func(c clockNight) float64 { return c.mid }, func(c clockNight) float64 { return c.end }
	t.OnsetH, t.EndH = circularMean(pick(onset, any)), circularMean(pick(end, any))
	if m, sd, ok := circular(pick(mid, any)); ok {
		t.MidsleepH = &m
		if len(clocks) > 1 {
			t.MidsleepSD = &sd
		}
	}
	t.MSWH, t.MSFH = circularMean(pick(mid, onWork)), circularMean(pick(mid, onFree))
	t.WorkNights, t.FreeNights = len(pick(mid, onWork)), len(pick(mid, onFree))
	if t.MSWH != nil && t.MSFH != nil {
		t.JetlagH = some(arc(*t.MSWH, *t.MSFH))
		hours := func(c clockNight) float64 { return c.hours }
		sdw, sdf := average(pick(hours, onWork)), average(pick(hours, onFree))
		sc := *t.MSFH
		if sdf > sdw {
			sc -= (sdf - (5*sdw+2*sdf)/7) / 2
		}
		t.MSFscH = some(math.Mod(sc+24, 24))
		if a, b := circularMean(pick(onset, onWork)), circularMean(pick(onset, onFree)); a != nil && b != nil {
			t.JetlagScH = some(arc(*a, *b))
		}
	}
	t.phase(clocks)
	return t, t.regularity(nights)
}

// clocksOf gives the nights that have sleep, in order of date.
func clocksOf(nights []Night, free func(civil.Date) bool) []clockNight {
	var out []clockNight
	for _, n := range nights {
		a, ok := n.Architecture()
		start, known := n.Main.Start()
		if !ok || !known || a.SPTMin == nil {
			continue
		}
		first, last := 0, n.Main.Len()-1
		for !n.Main.At(first).IsSleep() {
			first++
		}
		for !n.Main.At(last).IsSleep() {
			last--
		}
		onset := start.Add(time.Duration(first) * n.Main.Epoch())
		end := start.Add(time.Duration(last+1) * n.Main.Epoch())
		clock := func(t time.Time) float64 {
			return float64(t.Hour()) + float64(t.Minute())/60 + float64(t.Second())/3600
		}
		out = append(out, clockNight{
			date: n.Date, onset: clock(onset), mid: clock(onset.Add(end.Sub(onset) / 2)), end: clock(end), hours: *a.TSTMin / 60, free: free(n.Date),
		})
	}
	slices.SortStableFunc(out, func(a, b clockNight) int { return a.date.Compare(b.date) })
	return out
}

// phase fills the composite phase deviation.
func (t *Timing) phase(clocks []clockNight) {
	if t.MidsleepH == nil {
		return
	}
	sum := 0.0
	for i := 1; i < len(clocks); i++ {
		if clocks[i].date.Sub(clocks[i-1].date) != 1 {
			continue
		}
		x, y := arc(*t.MidsleepH, clocks[i].mid), arc(clocks[i-1].mid, clocks[i].mid)
		sum += math.Hypot(x, y)
		t.CPDN++
	}
	if t.CPDN > 0 {
		t.CPDH = some(sum / float64(t.CPDN))
	}
}

// regularity fills SRI and rhythm from one-minute states.
func (t *Timing) regularity(nights []Night) error {
	if len(nights) == 0 {
		return nil
	}
	series, err := SeriesOf(nights, time.Minute)
	if err != nil {
		return err
	}
	whole, days := series.WholeDays(WindredUnknown)
	t.Days = days
	sri, pairs, err := SRI(whole.States, whole.Epoch)
	if err != nil {
		return err
	}
	t.SRIPairs = pairs
	if days >= WindredDays && pairs > 0 {
		t.SRI = &sri
	}
	if r, ok := RhythmOf(series.hourly()); ok {
		t.Rhythm = &r
	}
	return nil
}

func circularMean(hours []float64) *float64 {
	m, _, ok := circular(hours)
	if !ok {
		return nil
	}
	return &m
}

func average(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
