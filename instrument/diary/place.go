package diary

import (
	"time"

	"dvala/civil"
	"dvala/instrument"
)

// inOrder names the times of a night in the order in which they come.
var inOrder = [4]instrument.ItemID{IntoBed, TriedToSleep, FinalWaking, OutOfBed}

// reading is one instant that a clock time may stand for.
type reading struct {
	at   time.Time
	cost int // 0: in the window, first showing; 1: second showing; 10: a day across the window's edge
}

// place finds the instants of the four clock times. A time stands in the
// night's window, 15:00 to 15:00 (civil.Date.Window). Where the four are then
// out of order or more than Longest apart, other readings are tried: the other
// side of the window's edge, for a sleep that reaches over 15:00, and the
// second showing of an hour that an autumn change repeats. Those are taken only
// if they bring all in order within Longest, the fewest moves first and then
// the shortest night; else the first reading stands and the order is told.
func (r *reader) place(date civil.Date) [4]*time.Time {
	var choices [4][]reading
	for i, id := range inOrder {
		if c, ok := r.clock(id); ok {
			choices[i] = r.readings(date, c, id)
		}
	}
	best, found := pick(choices)
	if !found {
		for i, c := range choices {
			if len(c) > 0 {
				best[i] = &c[0].at
			}
		}
	}
	return best
}

// readings lists what a clock time may mean, the plain meaning first.
func (r *reader) readings(date civil.Date, c civil.Clock, id instrument.ItemID) []reading {
	plain, other := date, date.Add(-1)
	if c >= civil.WindowStart {
		plain, other = other, plain
	}
	t := plain.At(c, r.zone)
	if got := civil.ClockOf(t.In(r.zone)); got != c {
		r.warn("clock-skipped", id, "the clocks left %v out that night; %v is taken", c, got)
	}
	out := []reading{{t, 0}}
	// Changes are of an hour nearly everywhere, of half an hour on Lord Howe. The
	// first showing is the plain one.
	for _, shift := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		twin := t.Add(shift).In(r.zone)
		if civil.ClockOf(twin) != c || civil.DateOf(twin) != plain {
			continue
		}
		r.warn("clock-repeated", id, "the clocks showed %v twice that night", c)
		if shift < 0 {
			out = []reading{{twin, 0}, {t, 1}}
		} else {
			out = append(out, reading{twin, 1})
		}
	}
	return append(out, reading{other.At(c, r.zone), 10})
}

// pick tries all readings of all times that were told.
func pick(choices [4][]reading) (best [4]*time.Time, found bool) {
	var now [4]*time.Time
	bestCost, bestSpan := 0, time.Duration(0)
	var try func(i, cost int)
	try = func(i, cost int) {
		if i == len(choices) {
			span, ok := spanOf(now)
			if ok && (!found || cost < bestCost || cost == bestCost && span < bestSpan) {
				best, bestCost, bestSpan, found = now, cost, span, true
			}
			return
		}
		if len(choices[i]) == 0 {
			now[i] = nil
			try(i+1, cost)
			return
		}
		for k := range choices[i] {
			now[i] = &choices[i][k].at
			try(i+1, cost+choices[i][k].cost)
		}
	}
	try(0, 0)
	return best, found
}

// spanOf gives the time from the first to the last, and whether they are in
// order and within Longest.
func spanOf(ts [4]*time.Time) (time.Duration, bool) {
	var first, last *time.Time
	for _, t := range ts {
		if t == nil {
			continue
		}
		if first == nil {
			first = t
		}
		if last != nil && t.Before(*last) {
			return 0, false
		}
		last = t
	}
	if first == nil {
		return 0, true
	}
	return last.Sub(*first), last.Sub(*first) <= Longest
}

// order tells which times are out of order.
func (r *reader) order(n *Night) {
	after := func(a, b *time.Time) bool { return a != nil && b != nil && a.After(*b) }
	switch {
	case after(n.IntoBed, n.OutOfBed):
		r.warn("bed-after-rising", IntoBed, "got into bed at %s and out of it before, at %s", r.show(n.IntoBed), r.show(n.OutOfBed))
	case after(n.IntoBed, n.TriedToSleep):
		r.warn("bed-after-trying", IntoBed, "got into bed at %s and tried to sleep before, at %s", r.show(n.IntoBed), r.show(n.TriedToSleep))
	case n.IntoBed != nil && n.OutOfBed != nil && n.OutOfBed.Sub(*n.IntoBed) > Longest:
		r.warn("bed-long", IntoBed, "in bed from %s to %s, more than %v hours", r.show(n.IntoBed), r.show(n.OutOfBed), Longest.Hours())
	}
	if after(n.TriedToSleep, n.FinalWaking) {
		r.warn("trying-after-waking", TriedToSleep, "tried to sleep at %s and woke for the last time before, at %s", r.show(n.TriedToSleep), r.show(n.FinalWaking))
	}
	if after(n.FinalWaking, n.OutOfBed) {
		r.warn("waking-after-rising", FinalWaking, "woke for the last time at %s and got up before, at %s", r.show(n.FinalWaking), r.show(n.OutOfBed))
	}
}

func (r *reader) show(t *time.Time) string { return t.In(r.zone).Format("Mon 15:04") }
