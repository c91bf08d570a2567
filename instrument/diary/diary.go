// Package diary turns the morning's answers about a night into times and
// measures: when the person lay down, fell asleep, woke and rose, and from that
// TIB, SOL, WASO, TST, SPT, TASAFA and sleep efficiency. Method and sources are
// in doc/methods/sleep-diary.md.
//
// The answers are those of the instruments csd and csd-dvala. A diary knows how
// long a person was awake in the night, not when; so there is no hypnogram in
// it, and a Night of a diary stays apart from a sleep.Night of a device.
//
// Nothing a person wrote is lost or mended here. Answers that contradict one
// another are told as warnings; what would rest on the contradiction is absent,
// and all else is computed.
package diary

import (
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
)

// The items of the core that make a night.
const (
	IntoBed      instrument.ItemID = "into-bed"
	TriedToSleep instrument.ItemID = "tried-to-sleep"
	SOL          instrument.ItemID = "sol"
	Wakings      instrument.ItemID = "wakings"
	WASO         instrument.ItemID = "waso"
	FinalWaking  instrument.ItemID = "final-waking"
	OutOfBed     instrument.ItemID = "out-of-bed"
	Quality      instrument.ItemID = "quality"
)

// Longest is the longest time in bed that is taken as it stands; a longer one
// is told.
const Longest = 14 * time.Hour

// Night is what a person told of one night, named by the date of waking up.
// What she did not tell, and what cannot be computed from it, is absent.
// Durations are elapsed minutes, so the night of a clock change is an hour
// shorter or longer than its clock times suggest.
type Night struct {
	Date civil.Date `json:"date"`
	Zone string     `json:"zone"`

	IntoBed      *time.Time `json:"into_bed,omitempty"`
	TriedToSleep *time.Time `json:"tried_to_sleep,omitempty"`
	Onset        *time.Time `json:"onset,omitempty"` // TriedToSleep + SOL
	Midsleep     *time.Time `json:"midsleep,omitempty"`
	FinalWaking  *time.Time `json:"final_waking,omitempty"`
	OutOfBed     *time.Time `json:"out_of_bed,omitempty"`

	Wakings *int     `json:"wakings,omitempty"` // without the last
	Quality *int     `json:"quality,omitempty"` // 1 … 5
	SOLMin  *float64 `json:"sol_min,omitempty"`
	WASOMin *float64 `json:"waso_min,omitempty"` // without the time after the last waking
	Measures
}

// Measures are computed from the answers, in minutes and per cent.
type Measures struct {
	TIBMin    *float64 `json:"tib_min,omitempty"`    // into bed to out of bed
	DSEMin    *float64 `json:"dse_min,omitempty"`    // duration of the sleep episode: trying to sleep to out of bed
	SPTMin    *float64 `json:"spt_min,omitempty"`    // onset to final waking
	TSTMin    *float64 `json:"tst_min,omitempty"`    // SPT without WASO
	TASAFAMin *float64 `json:"tasafa_min,omitempty"` // awake in bed after the final waking
	SETIBPct  *float64 `json:"se_tib_pct,omitempty"` // 100 · TST / TIB
	SEDSEPct  *float64 `json:"se_dse_pct,omitempty"` // 100 · TST / DSE
}

// Read gives the night to a date, in a zone, from one morning's answers, and
// what is implausible in them. All problems are warnings:
//
//	answer-kind         the answer is not of the item's kind; read as not given
//	bed-after-rising    got into bed after getting out of it
//	bed-after-trying    got into bed after trying to sleep
//	trying-after-waking tried to sleep after the final waking
//	waking-after-rising woke for the last time after getting up
//	bed-long            more than 14 hours in bed
//	sleep-none          the minutes awake leave none, or fewer than none, to sleep
//	waso-no-waking      minutes awake in the night, but no waking
//	clock-repeated      a time that the clocks showed twice that night
//	clock-skipped       a time that the clocks left out that night
func Read(date civil.Date, zone *time.Location, a instrument.Answers) (Night, fault.List) {
	r := reader{zone: zone, answers: a}
	n := Night{Date: date, Zone: zone.String()}
	n.SOLMin, n.WASOMin = r.number(SOL), r.number(WASO)
	n.Wakings, n.Quality = r.whole(Wakings), r.whole(Quality)
	if n.Wakings != nil && *n.Wakings == 0 {
		switch {
		case n.WASOMin == nil:
			n.WASOMin = new(0.0) // not asked of who did not wake
		case *n.WASOMin > 0:
			r.warn("waso-no-waking", WASO, "%v minutes awake in the night, and no waking", *n.WASOMin)
		}
	}
	times := r.place(date)
	n.IntoBed, n.TriedToSleep, n.FinalWaking, n.OutOfBed = times[0], times[1], times[2], times[3]
	r.order(&n)
	n.measure(&r)
	return n, r.l
}

// reader takes answers and gathers what is wrong with them.
type reader struct {
	zone    *time.Location
	answers instrument.Answers
	l       fault.List
}

func (r *reader) warn(code fault.Code, item instrument.ItemID, format string, args ...any) {
	r.l.Addf(code, string(item), format, args...).AsWarning()
}

func (r *reader) number(id instrument.ItemID) *float64 {
	a := r.answers[id]
	x, ok := a.Number()
	if !a.Given() {
		return nil
	}
	if _, isText := a.Text(); !ok || isText || !(x >= 0 && x <= 24*60) {
		r.warn("answer-kind", id, "no number that fits a night")
		return nil
	}
	return &x
}

func (r *reader) whole(id instrument.ItemID) *int {
	x := r.number(id)
	if x == nil {
		return nil
	}
	if *x != float64(int(*x)) {
		r.warn("answer-kind", id, "not a whole number")
		return nil
	}
	return new(int(*x))
}

func (r *reader) clock(id instrument.ItemID) (civil.Clock, bool) {
	a := r.answers[id]
	if !a.Given() {
		return 0, false
	}
	c, ok := a.Clock()
	if !ok {
		r.warn("answer-kind", id, "not a time of day")
	}
	return c, ok
}
