package watch

import (
	"maps"
	"slices"
	"time"

	"dvala/civil"
	"dvala/desk/tally"
	"dvala/schedule"
	"dvala/study"
)

// Board answers what this package's functions answer, from what was worked out of
// each person before; a question costs the people who have changed, and a sum.
// The tests hold the two against each other. Its zero value is ready.
type Board struct {
	kept  keptBoard
	signs signBoard
}

// kept is what goes by the time, of one person.
type kept struct {
	enrolled bool
	person   Person
	days     []keptOn
	gaps     []Gap // in the order in which they were met

	screened, randomised civil.Date // the Monday of the week; no date
}

// keptOn is one task.
type keptOn struct {
	day  int
	kind schedule.Kind
	Kept
}

type keptBoard struct {
	book tally.Book[kept]
	days map[int]map[schedule.Kind]*daySum
	gaps map[gapKey]*gapSum
	came map[civil.Date]arrivals
}

type daySum struct {
	Kept
	tasks int
}

type gapSum struct {
	Gap
	people int
}

// Clear forgets all sums.
func (b *keptBoard) Clear() {
	b.days, b.gaps, b.came = map[int]map[schedule.Kind]*daySum{}, map[gapKey]*gapSum{}, map[civil.Date]arrivals{}
}

// Make works out what came of one person.
func (b *keptBoard) Make(s *study.State, p *study.Participant, now time.Time) (kept, time.Time) {
	x := kept{screened: monday(civil.DateOf(p.ScreenedAt.In(s.Protocol.Zone())))}
	if p.Randomised != nil {
		x.randomised = monday(p.Randomised.Date)
	}
	var edges []time.Time
	if next, ok := s.NextProtocol(p.Site, now); ok {
		edges = append(edges, next)
	}
	if p.Enrolled == nil {
		return x, tally.Soonest(now, edges...) // nothing is planned
	}
	tasks := s.Tasks(p, now)
	g := gaps{of: map[gapKey]*Gap{}}
	missing(s, p, now, tasks, g.at)
	for _, of := range g.order {
		x.gaps = append(x.gaps, *of)
	}
	tasks = append(tasks, s.Evenings(p, now)...)
	x.enrolled, x.person = true, complies(p, tasks, now)
	for _, t := range tasks {
		one := keptOn{day: t.Day, kind: t.Kind}
		one.add(t, now)
		x.days = append(x.days, one)
		edges = append(edges, t.Due, t.Due.Add(1), t.Closes) // silent is who is past Due, not at it
	}
	return x, tally.Soonest(now, edges...)
}

// Swap takes one value out of the sums and puts another in.
func (b *keptBoard) Swap(_ *study.Participant, old, now *kept) {
	if old != nil {
		b.add(old, -1)
	}
	b.add(now, 1)
}

func (b *keptBoard) add(x *kept, sign int) {
	note(b.came, x.screened, arrivals{screened: sign})
	if !x.randomised.IsZero() {
		note(b.came, x.randomised, arrivals{randomised: sign})
	}
	for _, t := range x.days {
		of := b.days[t.day]
		if of == nil {
			of = map[schedule.Kind]*daySum{}
			b.days[t.day] = of
		}
		if of[t.kind] == nil {
			of[t.kind] = &daySum{}
		}
		of[t.kind].tasks += sign
		of[t.kind].plus(t.Kept, sign)
		if of[t.kind].tasks == 0 {
			delete(of, t.kind)
		}
		if len(of) == 0 {
			delete(b.days, t.day)
		}
	}
	for _, g := range x.gaps {
		key := gapKey{g.Visit, g.Instrument}
		if b.gaps[key] == nil {
			b.gaps[key] = &gapSum{Gap: Gap{Visit: g.Visit, Instrument: g.Instrument}}
		}
		b.gaps[key].people += sign
		b.gaps[key].plus(g, sign)
		if b.gaps[key].people == 0 {
			delete(b.gaps, key)
		}
	}
}

func (k *Kept) plus(more Kept, sign int) {
	k.Due += sign * more.Due
	k.Done += sign * more.Done
	k.Tardy += sign * more.Tardy
	k.Missed += sign * more.Missed
	k.Partial += sign * more.Partial
}

func (g *Gap) plus(more Gap, sign int) {
	g.Due += sign * more.Due
	g.Answered += sign * more.Answered
	g.Items += sign * more.Items
	g.Blank += sign * more.Blank
	g.NotSure += sign * more.NotSure
}

// Enrolment counts people as the function of that name does.
func (b *Board) Enrolment(s *study.State, now time.Time) (out Recruited) {
	b.kept.book.Look(&b.kept, s, now, func(func(int) *kept) {
		out = enrolment(s, civil.DateOf(now.In(s.Protocol.Zone())), b.kept.came)
	})
	return out
}

// Compliance gives what the function of that name gives.
func (b *Board) Compliance(s *study.State, now time.Time) (people []Person, days []Day) {
	b.kept.book.Look(&b.kept, s, now, func(at func(int) *kept) {
		for place := range s.Order {
			if x := at(place); x.enrolled {
				people = append(people, x.person)
			}
		}
		for _, d := range slices.Sorted(maps.Keys(b.kept.days)) {
			day := Day{d, map[schedule.Kind]Kept{}}
			for kind, sum := range b.kept.days[d] {
				day.ByKind[kind] = sum.Kept
			}
			days = append(days, day)
		}
	})
	return people, days
}

// Missing counts what the function of that name counts.
func (b *Board) Missing(s *study.State, now time.Time) (out []Gap) {
	b.kept.book.Look(&b.kept, s, now, func(at func(int) *kept) {
		g := newGaps(s)
		left := len(b.kept.gaps)
		for key := range g.of {
			if b.kept.gaps[key] != nil {
				left--
			}
		}
		// What the protocol as last approved does not have comes in the order in
		// which it is met.
		for place := 0; left > 0 && place < len(s.Order); place++ {
			for _, x := range at(place).gaps {
				if g.of[gapKey{x.Visit, x.Instrument}] == nil {
					g.at(x.Visit, x.Instrument)
					left--
				}
			}
		}
		for key, x := range g.of {
			if sum := b.kept.gaps[key]; sum != nil {
				*x = sum.Gap
			}
		}
		out = g.list()
	})
	return out
}
