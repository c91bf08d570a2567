package desk

import (
	"maps"
	"slices"
	"time"

	"dvala/civil"
	"dvala/desk/tally"
	"dvala/schedule"
	"dvala/study"
)

// board answers what NewOverview, NewFlow, NewDay and People answer, from what was
// worked out before: a question costs the people who have changed, and a sum. The
// tests hold the two against each other.
type board struct {
	book  tally.Book[standing]
	total sums
	sites map[string]*sums
}

// sums are over everybody, or over the people of a site.
type sums struct {
	flow                          Flow
	excluded, left, deviations    map[string]int
	months                        map[civil.Date]int
	corrections, adverse, serious int
	needs                         map[string]int
	quality                       map[schedule.Kind]Quality
	diaries                       Share // of today
	calls                         []int // places of whoever stands on a list of the day, in order
}

func newSums() sums {
	return sums{
		excluded: map[string]int{}, left: map[string]int{}, deviations: map[string]int{}, months: map[civil.Date]int{},
		needs: map[string]int{}, quality: map[schedule.Kind]Quality{},
	}
}

// Clear forgets all sums.
func (b *board) Clear() { b.total, b.sites = newSums(), map[string]*sums{} }

// Swap takes a person's old standing out of the sums and puts the new one in.
func (b *board) Swap(p *study.Participant, old, now *standing) {
	of := b.sites[p.Site]
	if of == nil {
		fresh := newSums()
		of = &fresh
		b.sites[p.Site] = of
	}
	for _, s := range []*sums{&b.total, of} {
		if old != nil {
			s.add(old, -1)
		}
		s.add(now, 1)
	}
	d := &now.day
	calls := len(d.Visits)+len(d.Silent)+len(d.Rings)+len(d.Clocks) > 0
	switch i, listed := slices.BinarySearch(of.calls, p.Place()); {
	case calls && !listed:
		of.calls = slices.Insert(of.calls, i, p.Place())
	case !calls && listed:
		of.calls = slices.Delete(of.calls, i, i+1)
	}
}

func (s *sums) add(x *standing, sign int) {
	s.flow.plus(x.flow, sign)
	plus(s.excluded, x.excluded, sign)
	plus(s.left, x.left, sign)
	plus(s.deviations, x.deviations, sign)
	if !x.month.IsZero() {
		plus(s.months, map[civil.Date]int{x.month: 1}, sign)
	}
	s.corrections += sign * x.corrections
	s.adverse += sign * x.line.Adverse
	s.serious += sign * x.serious
	for _, need := range x.line.Needs {
		plus(s.needs, map[string]int{need: 1}, sign)
	}
	s.diaries.Got, s.diaries.Due = s.diaries.Got+sign*x.day.Diaries.Got, s.diaries.Due+sign*x.day.Diaries.Due
	for kind, q := range x.quality {
		of := s.quality[kind]
		of.What = kind
		of.Due, of.Got, of.Tardy = of.Due+sign*q.Due, of.Got+sign*q.Got, of.Tardy+sign*q.Tardy
		s.quality[kind] = of
	}
}

// plus adds one tally to another; what comes to nothing is not in it.
func plus[K comparable](to, more map[K]int, sign int) {
	for what, n := range more {
		if to[what] += sign * n; to[what] == 0 {
			delete(to, what)
		}
	}
}

// plus adds the counts of another flow, but not its reasons.
func (f *Flow) plus(g Flow, sign int) {
	f.Screened += sign * g.Screened
	f.NotEligible += sign * g.NotEligible
	f.NotConsented += sign * g.NotConsented
	f.Enrolled += sign * g.Enrolled
	f.NotRandomised += sign * g.NotRandomised
	f.Randomised += sign * g.Randomised
	f.LeftTreatment += sign * g.LeftTreatment
	f.LeftTrial += sign * g.LeftTrial
	f.Completed += sign * g.Completed
	f.Ongoing += sign * g.Ongoing
}

func (b *board) overview(s *study.State, clock time.Time) Overview {
	o := overviewHead(s, clock)
	b.book.Look(b, s, o.AsOf, func(func(int) *standing) { o.sum(s, &b.total) })
	return o
}

// sum fills in what is counted of people.
func (o *Overview) sum(s *study.State, of *sums) {
	o.Flow = of.flowOf()
	o.Corrections, o.Adverse, o.Serious = of.corrections, of.adverse, of.serious
	o.Deviations, o.Months = counts(of.deviations), monthsOf(s, of.months)
	if s.Locked == nil {
		o.Today = counts(of.needs)
	}
}

func (s *sums) flowOf() Flow {
	f := s.flow
	f.Excluded, f.Left = counts(s.excluded), counts(s.left)
	return f
}

func (b *board) flow(s *study.State, now time.Time) (f Flow) {
	b.book.Look(b, s, now, func(func(int) *standing) { f = b.total.flowOf() })
	return f
}

// needs counts the people of some sites who need something, by what it is.
func (b *board) needs(s *study.State, now time.Time, sees func(site string) bool) map[string]int {
	out := map[string]int{}
	b.book.Look(b, s, now, func(func(int) *standing) {
		for site, of := range b.sites {
			if sees(site) {
				plus(out, of.needs, 1)
			}
		}
	})
	return out
}

func (b *board) dayOf(s *study.State, now time.Time, sees func(site string) bool) Day {
	d := Day{Date: civil.DateOf(now.In(s.Protocol.Zone()))}
	if s.Locked != nil {
		return d
	}
	quality := map[schedule.Kind]*Quality{}
	days := calendar{}
	b.book.Look(b, s, now, func(at func(int) *standing) {
		var calls []int
		for site, of := range b.sites {
			if !sees(site) {
				continue
			}
			calls = append(calls, of.calls...)
			d.Diaries.Got, d.Diaries.Due = d.Diaries.Got+of.diaries.Got, d.Diaries.Due+of.diaries.Due
			for kind, q := range of.quality {
				if quality[kind] == nil {
					quality[kind] = &Quality{What: kind}
				}
				quality[kind].Due, quality[kind].Got, quality[kind].Tardy = quality[kind].Due+q.Due, quality[kind].Got+q.Got, quality[kind].Tardy+q.Tardy
			}
		}
		slices.Sort(calls)
		for _, place := range calls {
			x := at(place)
			d.Visits, d.Rings, d.Clocks = append(d.Visits, x.day.Visits...), append(d.Rings, x.day.Rings...), append(d.Clocks, x.day.Clocks...)
			for _, q := range x.day.Silent {
				q.Days = days.in(x.zone, now).Sub(q.Since)
				d.Silent = append(d.Silent, q)
			}
		}
	})
	maps.DeleteFunc(quality, func(_ schedule.Kind, q *Quality) bool { return q.Due == 0 })
	d.finish(quality)
	return d
}

// lines gives the lines of those who stand at some places in Order.
func (b *board) lines(s *study.State, now time.Time, each func(line func(place int) Line)) {
	days := calendar{}
	b.book.Look(b, s, now, func(at func(int) *standing) {
		each(func(place int) Line {
			x := at(place)
			l := x.line
			if l.HasDay {
				l.Day = days.in(x.zone, now).Sub(l.Randomised)
			}
			return l
		})
	})
}

// calendar is what date it is in each zone.
type calendar map[*time.Location]civil.Date

func (c calendar) in(zone *time.Location, now time.Time) civil.Date {
	d, ok := c[zone]
	if !ok {
		d = civil.DateOf(now.In(zone))
		c[zone] = d
	}
	return d
}

// Overview tells how a trial stands, as NewOverview does.
func (o *Office) Overview(s *study.State) Overview { return o.board.overview(s, o.now()) }

// Flow counts people, as NewFlow does.
func (o *Office) Flow(s *study.State) Flow { return o.board.flow(s, AsOf(s, o.now())) }

// Day looks at the people of the sites for which yes is said, as NewDay does.
func (o *Office) Day(s *study.State, now time.Time, sees func(site string) bool) Day {
	return o.board.dayOf(s, now, sees)
}

// Needs counts the people of the sites for which yes is said who need something,
// by what it is.
func (o *Office) Needs(s *study.State, now time.Time, sees func(site string) bool) map[string]int {
	return o.board.needs(s, now, sees)
}

// Lines lets a function read the lines of people by their place in s.Order, each
// as NewLine gives it. The function must not ask the office for anything else of
// this kind.
func (o *Office) Lines(s *study.State, now time.Time, read func(line func(place int) Line)) {
	o.board.lines(s, now, read)
}

// Worked gives how many people have been looked at since the office opened, to
// answer questions about everybody: what they have cost.
func (o *Office) Worked() uint64 { return o.board.book.Made() }
