package diary

import (
	"time"

	"dvala/civil"
	"dvala/instrument"
	"dvala/sleep"
)

// measure computes
//
//	TIB    = out of bed − into bed
//	DSE    = out of bed − tried to sleep = SOL + TST + WASO + TASAFA
//	onset  = tried to sleep + SOL
//	SPT    = final waking − onset
//	TST    = SPT − WASO
//	TASAFA = out of bed − final waking
//	SE     = 100 · TST / TIB, and 100 · TST / DSE
//	midsleep = onset + SPT / 2
//
// A measure is absent where an answer it needs is, or where it would be below
// zero; SE also where TST would be longer than what it is divided by.
//
// Source: DSE and its efficiency Reed & Sacco 2016, PMC4751425; the items
// Carney 2012, PMC3250369. SPT, TST and midsleep are our arithmetic.
func (n *Night) measure(r *reader) {
	n.TIBMin = between(n.IntoBed, n.OutOfBed)
	n.DSEMin = between(n.TriedToSleep, n.OutOfBed)
	n.TASAFAMin = between(n.FinalWaking, n.OutOfBed)
	if n.TriedToSleep == nil || n.SOLMin == nil {
		return
	}
	onset := n.TriedToSleep.Add(minutes(*n.SOLMin))
	n.Onset = &onset
	if n.FinalWaking == nil || n.TriedToSleep.After(*n.FinalWaking) {
		return
	}
	spt := n.FinalWaking.Sub(onset).Minutes()
	if spt <= 0 || n.WASOMin != nil && spt <= *n.WASOMin {
		r.warn("sleep-none", SOL, "the minutes awake leave no time to sleep between %s and %s", r.show(n.TriedToSleep), r.show(n.FinalWaking))
	}
	if spt < 0 {
		return
	}
	n.SPTMin = &spt
	n.Midsleep = new(onset.Add(minutes(spt / 2)))
	if n.WASOMin == nil || spt < *n.WASOMin {
		return
	}
	tst := spt - *n.WASOMin
	n.TSTMin = &tst
	n.SETIBPct, n.SEDSEPct = share(tst, n.TIBMin), share(tst, n.DSEMin)
}

func minutes(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }

func between(from, to *time.Time) *float64 {
	if from == nil || to == nil || to.Before(*from) {
		return nil
	}
	return new(to.Sub(*from).Minutes())
}

func share(tst float64, of *float64) *float64 {
	if of == nil || *of <= 0 || tst > *of {
		return nil
	}
	return new(100 * tst / *of)
}

// measures lists name, label, unit, bounds and direction of every measure, in
// the order in which people read them.
var measures = []struct {
	name     string
	en, sv   string
	unit     string
	min, max float64
	better   instrument.Better
	of       func(*Night) *float64
}{
	{"tib_min", "time in bed", "tid i säng", "min", 0, 1500, "", func(n *Night) *float64 { return n.TIBMin }},
	{"dse_min", "duration of the sleep episode", "sömnepisodens längd", "min", 0, 1500, "", func(n *Night) *float64 { return n.DSEMin }},
	{"spt_min", "sleep period time", "sömnperiod", "min", 0, 1500, "", func(n *Night) *float64 { return n.SPTMin }},
	{"tst_min", "total sleep time", "total sömntid", "min", 0, 1500, "", func(n *Night) *float64 { return n.TSTMin }},
	{"sol_min", "sleep onset latency", "insomningstid", "min", 0, 1440, instrument.LowerBetter, func(n *Night) *float64 { return n.SOLMin }},
	{"wakings", "awakenings, without the last", "uppvaknanden, utom det sista", "times", 0, 50, instrument.LowerBetter, func(n *Night) *float64 { return float(n.Wakings) }},
	{"waso_min", "wake after sleep onset, to the final waking", "vaken tid efter insomning, till sista uppvaknandet", "min", 0, 1440, instrument.LowerBetter, func(n *Night) *float64 { return n.WASOMin }},
	{"tasafa_min", "awake in bed after the final waking", "vaken i sängen efter sista uppvaknandet", "min", 0, 1500, instrument.LowerBetter, func(n *Night) *float64 { return n.TASAFAMin }},
	{"se_tib_pct", "sleep efficiency (of TIB)", "sömneffektivitet (av tid i säng)", "%", 0, 100, instrument.HigherBetter, func(n *Night) *float64 { return n.SETIBPct }},
	{"se_dse_pct", "sleep efficiency (of DSE)", "sömneffektivitet (av sömnepisoden)", "%", 0, 100, instrument.HigherBetter, func(n *Night) *float64 { return n.SEDSEPct }},
	{"midsleep_min", "midsleep, minutes after midnight", "sömnens mitt, minuter efter midnatt", "min", -540, 900, "", (*Night).midsleepMin},
	{"quality", "how good the sleep was", "hur bra sömnen var", "points", 1, 5, instrument.HigherBetter, func(n *Night) *float64 { return float(n.Quality) }},
}

func float(n *int) *float64 {
	if n == nil {
		return nil
	}
	return new(float64(*n))
}

// midsleepMin gives midsleep by the clock of its zone, in minutes after the
// midnight that the date of waking begins with; before it, negative.
func (n *Night) midsleepMin() *float64 {
	if n.Midsleep == nil {
		return nil
	}
	t := *n.Midsleep
	h, m, s := t.Clock()
	day := civil.DateOf(t).Sub(n.Date)
	return new(float64(day*24*60+h*60+m) + float64(s)/60)
}

// Table lists the measures; absent ones are listed with no value.
func (n Night) Table() []sleep.Row {
	out := make([]sleep.Row, len(measures))
	for i, m := range measures {
		out[i] = sleep.Row{Name: m.name, Label: m.en, Unit: m.unit, Value: m.of(&n)}
	}
	return out
}

// Variables gives the columns of a diary's nights for the data dictionary.
func Variables() []instrument.Variable {
	out := make([]instrument.Variable, len(measures))
	for i, m := range measures {
		out[i] = instrument.Variable{
			Instrument: "csd", Version: "1", Name: m.name, Label: instrument.Text{EN: m.en, SV: m.sv},
			Role: instrument.DerivedRole, Unit: m.unit, Min: &m.min, Max: &m.max, Better: m.better, Certainty: instrument.Derived,
		}
	}
	return out
}
