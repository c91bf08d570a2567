// Package watch looks at a running trial: enrolment against the plan, who
// complies and on which days, what is missing, and whether the data look as
// data of living people do. Everything is a pure function of the state and a
// moment; no arm is known here, and nothing is told by groups of people other
// than sites.
//
//	Enrolment   screened and randomised by week, beside the plan
//	Compliance  what was due and what came, by person and by day
//	Missing     instruments and items that are not there, by visit
//	Digits      whether the last digits of minutes and clock times fall as others' do
//	Repeats     days and forms that are answered alike
//	Wearers     nights that hardly can be of the person who wears the ring
//
// A sign is a reason to ask, never a verdict. doc/methods/data-quality.md says how
// each is computed.
package watch

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/schedule"
	"dvala/study"
)

// Week is what one week brought, and the sums up to its end.
type Week struct {
	Begins               civil.Date // a Monday
	Screened, Randomised int        // in the week
	SoFar                int        // randomised up to its end
	Planned              float64    // that should have been randomised by then; 0 without a planned end
}

// Recruited is enrolment against the plan.
type Recruited struct {
	Weeks   []Week
	Target  int
	SoFar   int
	PerWeek float64 // over the last four whole weeks
	// Through is when the target is reached if it goes on like that; no date
	// where nobody was randomised in those weeks.
	Through civil.Date
}

// Enrolment counts people by the week of screening and of randomisation. The
// plan is a straight line from the protocol's start to its end less the length of
// one person's participation.
func Enrolment(s *study.State, now time.Time) Recruited { return EnrolmentAt(s, now, nil) }

// EnrolmentAt counts the people of the sites for which yes is said; nil: of all. The
// plan is the whole trial's.
func EnrolmentAt(s *study.State, now time.Time, sees func(site string) bool) Recruited {
	zone := s.Protocol.Zone()
	today := civil.DateOf(now.In(zone))
	came := map[civil.Date]arrivals{}
	for _, who := range s.Order {
		person := s.People[who]
		if sees != nil && !sees(person.Site) {
			continue
		}
		note(came, monday(civil.DateOf(person.ScreenedAt.In(zone))), arrivals{screened: 1})
		if r := person.Randomised; r != nil {
			note(came, monday(r.Date), arrivals{randomised: 1})
		}
	}
	return enrolment(s, today, came)
}

// arrivals are who came in a week.
type arrivals struct{ screened, randomised int }

func note(came map[civil.Date]arrivals, week civil.Date, more arrivals) {
	n := came[week]
	came[week] = arrivals{n.screened + more.screened, n.randomised + more.randomised}
}

// enrolment lays out who came, by the Monday of the week. Who is said to have been
// randomised before the first week, or later than today, is in none.
func enrolment(s *study.State, today civil.Date, came map[civil.Date]arrivals) Recruited {
	p := s.Latest().Protocol()
	out := Recruited{Target: p.Design.Participants}
	begins := monday(p.Dates.Start)
	for week, n := range came {
		if n.screened > 0 && week.Before(begins) {
			begins = week
		}
	}
	for d := begins; !today.Before(d); d = d.Add(7) {
		out.Weeks = append(out.Weeks, Week{Begins: d, Screened: came[d].screened, Randomised: came[d].randomised})
	}
	last := p.Dates.End.Add(-s.Latest().LastDay())
	for i := range out.Weeks {
		w := &out.Weeks[i]
		out.SoFar += w.Randomised
		w.SoFar = out.SoFar
		if !p.Dates.End.IsZero() && p.Dates.Start.Before(last) {
			share := float64(w.Begins.Add(7).Sub(p.Dates.Start)) / float64(last.Sub(p.Dates.Start))
			w.Planned = float64(out.Target) * min(max(share, 0), 1)
		}
	}
	out.pace(today)
	return out
}

// pace looks ahead from the last four whole weeks.
func (r *Recruited) pace(today civil.Date) {
	const weeks = 4
	n := len(r.Weeks) - 1 // the last is not over
	if n < weeks {
		return
	}
	sum := 0
	for _, w := range r.Weeks[n-weeks : n] {
		sum += w.Randomised
	}
	r.PerWeek = float64(sum) / weeks
	if left := r.Target - r.SoFar; sum > 0 && left > 0 {
		r.Through = today.Add(int(float64(left) / r.PerWeek * 7))
	}
}

func monday(d civil.Date) civil.Date { return d.Add(-(int(d.Weekday()) + 6) % 7) }

// Kept counts tasks that were due.
type Kept struct {
	Due     int // their time in which they are not late is over, and nobody was let off
	Done    int // of these, all has arrived
	Tardy   int // of these done, after the time
	Missed  int // of these, it is too late
	Partial int
}

// Share gives what was done of what was due, and false where nothing was.
func (k Kept) Share() (float64, bool) {
	if k.Due == 0 {
		return 0, false
	}
	return float64(k.Done) / float64(k.Due), true
}

func (k *Kept) add(t schedule.Task, now time.Time) {
	if t.State == schedule.Excused || now.Before(t.Due) && t.State != schedule.Complete {
		return
	}
	k.Due++
	switch t.State {
	case schedule.Complete:
		k.Done++
		if t.Tardy {
			k.Tardy++
		}
	case schedule.Missed:
		k.Missed++
	case schedule.Partial:
		k.Partial++
	}
}

// Person is how one person complies, by kind of task.
type Person struct {
	Subject study.Subject
	Site    string
	ByKind  map[schedule.Kind]Kept
	// Silent is how many days nothing at all has come that was due.
	Silent int
}

// Day is how all comply on one day from randomisation.
type Day struct {
	Day    int
	ByKind map[schedule.Kind]Kept
}

// Compliance gives what was due and what came: by person in the order of
// screening, and by day of the trial.
func Compliance(s *study.State, now time.Time) ([]Person, []Day) { return ComplianceAt(s, now, nil) }

// ComplianceAt is that of the people of the sites for which yes is said; nil: of all.
func ComplianceAt(s *study.State, now time.Time, sees func(site string) bool) ([]Person, []Day) {
	var people []Person
	days := map[int]map[schedule.Kind]Kept{}
	for _, who := range s.Order {
		p := s.People[who]
		if p.Enrolled == nil || sees != nil && !sees(p.Site) {
			continue
		}
		tasks := append(s.Tasks(p, now), s.Evenings(p, now)...)
		for _, t := range tasks {
			if days[t.Day] == nil {
				days[t.Day] = map[schedule.Kind]Kept{}
			}
			k := days[t.Day][t.Kind]
			k.add(t, now)
			days[t.Day][t.Kind] = k
		}
		people = append(people, complies(p, tasks, now))
	}
	var out []Day
	for d, of := range days {
		out = append(out, Day{d, of})
	}
	slices.SortFunc(out, func(a, b Day) int { return a.Day - b.Day })
	return people, out
}

// complies gives how one person complies.
func complies(p *study.Participant, tasks []schedule.Task, now time.Time) Person {
	one := Person{Subject: p.Subject, Site: p.Site, ByKind: map[schedule.Kind]Kept{}, Silent: silent(tasks, p, now)}
	for _, t := range tasks {
		k := one.ByKind[t.Kind]
		k.add(t, now)
		one.ByKind[t.Kind] = k
	}
	return one
}

// silent counts the days of what silentTasks gives.
func silent(tasks []schedule.Task, p *study.Participant, now time.Time) int {
	days := map[civil.Date]bool{}
	for _, t := range silentTasks(tasks, p, now) {
		days[t.On] = true
	}
	return len(days)
}

// SilentTasks gives what was due on the days that a person counts as silent.
func SilentTasks(s *study.State, p *study.Participant, now time.Time) []schedule.Task {
	return silentTasks(append(s.Tasks(p, now), s.Evenings(p, now)...), p, now)
}

// silentTasks are those after the last that was done which were due and did not
// come, of a person of whom something is still expected.
func silentTasks(tasks []schedule.Task, p *study.Participant, now time.Time) (out []schedule.Task) {
	if p.Enrolled == nil || p.Stopped() {
		return nil
	}
	var last civil.Date
	for _, t := range tasks {
		if (t.State == schedule.Complete || t.State == schedule.Partial) && (last.IsZero() || last.Before(t.On)) {
			last = t.On
		}
	}
	for _, t := range tasks {
		if (t.State == schedule.Late || t.State == schedule.Missed) && (last.IsZero() || last.Before(t.On)) && now.After(t.Due) {
			out = append(out, t)
		}
	}
	return out
}
