package wearable

import (
	"cmp"
	"slices"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/sleep"
)

// Kind is what the vendor takes a period for.
type Kind uint8

// The kinds.
const (
	Short    Kind = iota // of any time of day; main only if the night has nothing better
	Long                 // a night's sleep, or a part of one
	NapOnly              // the vendor says nap
	Rejected             // the person deleted or rejected it
)

// Period is one stretch that a device reports as sleep.
type Period struct {
	Record    string // the vendor's name of it
	Kind      Kind
	Hypnogram sleep.Hypnogram // with a start; empty if the vendor told totals only
	Start     time.Time       // of time in bed
	End       time.Time
	Algorithm int  // rank of the algorithm: the higher, the newer
	Edited    bool // by the person
	Index     int  // where the reader finds its own record again
}

func (p Period) length() time.Duration { return p.End.Sub(p.Start) }

// middle gives the instant half way.
func (p Period) middle() time.Time { return p.Start.Add(p.length() / 2) }

// noSleep says that there is a hypnogram and no sleep in it.
func (p Period) noSleep() bool {
	if p.Hypnogram.IsEmpty() {
		return false
	}
	for _, s := range p.Hypnogram.Stages() {
		if s.IsSleep() {
			return false
		}
	}
	return true
}

// Joining rules.
const (
	joinGap   = time.Hour
	nightFrom = civil.Clock(20 * 60) // a short period whose middle is between
	nightTo   = civil.Clock(10 * 60) // these may be the main sleep
)

// Assembled is one night's periods, sorted out.
type Assembled struct {
	Date civil.Date
	Main []Period // in order of time; empty if there was none
	Naps []Period
}

// Assemble sorts periods into nights by the rules of the package, and says what
// became of each. Its times must be in the zone whose clock decides. The order
// of the periods is the order of reading; apart from which of two reports was
// read later it does not matter.
func Assemble(periods []Period) ([]Assembled, []Decision) {
	var decisions []Decision
	say := func(p Period, a Action, why string) {
		decisions = append(decisions, Decision{civil.NightOf(p.middle()), p.Record, a, why})
	}
	var usable []Period
	for _, p := range lastOfEach(periods, say) {
		switch {
		case p.Kind == Rejected:
			say(p, Dropped, "deleted or rejected by the person")
		case p.noSleep():
			say(p, Dropped, "no sleep in it")
		default:
			usable = append(usable, p)
		}
	}
	byNight := map[civil.Date][]Period{}
	for _, p := range withoutOverlaps(usable, say) {
		date := civil.NightOf(p.middle())
		byNight[date] = append(byNight[date], p)
	}
	var out []Assembled
	for date, ps := range byNight {
		slices.SortStableFunc(ps, func(a, b Period) int {
			return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Record, b.Record))
		})
		out = append(out, sortOut(date, ps))
	}
	slices.SortFunc(out, func(a, b Assembled) int { return a.Date.Compare(b.Date) })
	for _, a := range out {
		for _, p := range a.Main {
			if len(a.Main) == 1 {
				say(p, Kept, "the main sleep")
			} else {
				say(p, Merged, "part of the main sleep")
			}
		}
		for _, p := range a.Naps {
			say(p, Nap, "apart from the main sleep")
		}
	}
	slices.SortStableFunc(decisions, func(a, b Decision) int { return a.Night.Compare(b.Night) })
	return out, decisions
}

// lastOfEach keeps of periods with one name the one read last.
func lastOfEach(periods []Period, say func(Period, Action, string)) []Period {
	last := map[string]int{}
	for i, p := range periods {
		last[p.Record] = i
	}
	var out []Period
	for i, p := range periods {
		if last[p.Record] == i {
			out = append(out, p)
			continue
		}
		say(p, Superseded, "a later revision has the same name")
	}
	return out
}

// withoutOverlaps drops, of every two that overlap by more than half of the
// shorter, the one that counts less. Those that count most are taken first, so
// that the result does not depend on which pairs are looked at first.
func withoutOverlaps(periods []Period, say func(Period, Action, string)) []Period {
	order := make([]int, len(periods))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(periods[j].length(), periods[i].length())
	})
	dropped := make([]bool, len(periods))
	for a, i := range order {
		for _, j := range order[a+1:] {
			if dropped[i] || dropped[j] || !overlap(periods[i], periods[j]) {
				continue
			}
			lose, win := j, i
			why := "a longer report of the same time counts"
			if periods[i].length() <= 2*periods[j].length() {
				lose, win, why = weaker(periods, i, j)
			}
			dropped[lose] = true
			say(periods[lose], Superseded, why+": "+periods[win].Record)
		}
	}
	var out []Period
	for i, p := range periods {
		if !dropped[i] {
			out = append(out, p)
		}
	}
	return out
}

// weaker chooses between two reports of about one length.
func weaker(ps []Period, i, j int) (lose, win int, why string) {
	a, b := ps[i], ps[j]
	switch {
	case a.Algorithm != b.Algorithm:
		why = "a newer algorithm's report of the same time counts"
		if a.Algorithm < b.Algorithm {
			return i, j, why
		}
		return j, i, why
	case a.Edited != b.Edited:
		why = "the report that the person edited counts"
		if b.Edited {
			return i, j, why
		}
		return j, i, why
	}
	return min(i, j), max(i, j), "a later report of the same time counts"
}

func overlap(a, b Period) bool {
	from, to := a.Start, a.End
	if b.Start.After(from) {
		from = b.Start
	}
	if b.End.Before(to) {
		to = b.End
	}
	return to.Sub(from) > min(a.length(), b.length())/2
}

// sortOut applies rules 4 to 6 to one night's periods in order of time.
func sortOut(date civil.Date, ps []Period) Assembled {
	main := make([]bool, len(ps))
	any := false
	for i, p := range ps {
		if p.Kind == Long {
			main[i], any = true, true
		}
	}
	if !any {
		best := -1
		for i, p := range ps {
			if p.Kind == Short && atNight(p) && (best < 0 || p.length() > ps[best].length()) {
				best = i
			}
		}
		if best >= 0 {
			main[best], any = true, true
		}
	}
	for again := any; again; {
		again = false
		for i, p := range ps {
			if main[i] || p.Kind != Short {
				continue
			}
			for j, q := range ps {
				if main[j] && !main[i] && gap(p, q) <= joinGap {
					main[i], again = true, true
				}
			}
		}
	}
	out := Assembled{Date: date}
	for i, p := range ps {
		if main[i] {
			out.Main = append(out.Main, p)
		} else {
			out.Naps = append(out.Naps, p)
		}
	}
	return out
}

func atNight(p Period) bool {
	c := civil.ClockOf(p.middle())
	return c >= nightFrom || c < nightTo
}

// gap gives the time between two periods; negative if they overlap.
func gap(a, b Period) time.Duration {
	if b.Start.Before(a.Start) {
		a, b = b, a
	}
	return b.Start.Sub(a.End)
}

// fine is the epoch in which periods are joined: a start that lies off a coarser
// grid would move by minutes.
const fine = 30 * time.Second

// Join makes one hypnogram of the periods of a main sleep. A single period stays
// as it is; several are laid on epochs of at most 30 s from the first one's start, what lies
// between them unscored, each moved by no more than half an epoch. Where two
// overlap the earlier counts. Periods without a hypnogram are left out.
func Join(periods []Period) (sleep.Hypnogram, error) {
	var hs []sleep.Hypnogram
	for _, p := range periods {
		if !p.Hypnogram.IsEmpty() {
			hs = append(hs, p.Hypnogram)
		}
	}
	switch len(hs) {
	case 0:
		return sleep.Hypnogram{}, nil
	case 1:
		return hs[0], nil
	}
	start, _ := hs[0].Start()
	var stages []sleep.Stage
	for _, h := range hs {
		if h.Epoch()%fine != 0 {
			return sleep.Hypnogram{}, fault.New("join-epoch", "", "epochs of %v do not divide into %v", h.Epoch(), fine)
		}
		h, err := h.Refine(int(h.Epoch() / fine))
		if err != nil {
			return sleep.Hypnogram{}, err
		}
		from, _ := h.Start()
		at := int(from.Sub(start).Round(fine) / fine)
		if at > int(sleep.MaxLength/fine) {
			return sleep.Hypnogram{}, fault.New("hypnogram-long", "", "periods of one night are more than %v apart", sleep.MaxLength)
		}
		for len(stages) < at {
			stages = append(stages, sleep.Unscored)
		}
		if skip := len(stages) - at; skip < h.Len() {
			stages = append(stages, h.Stages()[skip:]...)
		}
	}
	return sleep.NewHypnogram(start, fine, stages)
}
