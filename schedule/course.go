package schedule

import (
	"cmp"
	"slices"
	"time"

	"dvala/civil"
	"dvala/protocol"
)

// Version is a protocol and the date from which a person is in the trial by it.
type Version struct {
	From     civil.Date // no date: from the beginning
	Protocol protocol.Checked
}

// Course is the versions of the protocol that a person is in the trial by, each
// from its date until the next one's: the first has no date, and the dates of
// the others rise. A trial that was never amended has a course of one.
//
// A task belongs to the version that is in force on its own date: the morning of
// a diary, the date of waking up of a device's night, the day for which a visit
// is planned. So what is planned for a day before an amendment stays as it was,
// its window too, although that may end after it; and from the amendment's date
// on all is as the new version has it.
//
// A visit is one task by its name, and an amendment can move it. It belongs to
// the first version that plans it for a day, or under which it was begun, before
// the next version's date. A visit that a version brings for a day before its own
// date is not asked of whom that day has passed.
type Course []Version

// CourseOf is that of a trial which was never amended.
func CourseOf(c protocol.Checked) Course { return Course{{Protocol: c}} }

// On gives the version in force on a date.
func (c Course) On(d civil.Date) protocol.Checked {
	for _, v := range slices.Backward(c[1:]) {
		if !d.Before(v.From) {
			return v.Protocol
		}
	}
	return c[0].Protocol
}

// until gives the date from which the version after k is in force, if there is
// one.
func (c Course) until(k int) (civil.Date, bool) {
	if k+1 == len(c) {
		return civil.Date{}, false
	}
	return c[k+1].From, true
}

// Visit gives a visit as a person has it, and the version it belongs to; false
// where she has none of that name. Before enrolment it is as the last version has
// it.
func (c Course) Visit(a Anchor, id string) (protocol.Visit, protocol.Checked, bool) {
	planned := true // by the version before, and not for a day before this one
	for k, version := range c {
		v, ok := version.Protocol.Visit(id)
		if !ok {
			planned = false
			continue
		}
		next, more := c.until(k)
		day0, ok := DayZero(version.Protocol, a)
		if !ok {
			if !more {
				return v, version.Protocol, true
			}
			continue
		}
		on := day0.Add(v.Day)
		if !planned && on.Before(version.From) {
			continue
		}
		begun, ok := a.Begun[id]
		if !more || on.Before(next) || ok && begun.Before(next) {
			return v, version.Protocol, true
		}
		planned = true
	}
	return protocol.Visit{}, c[0].Protocol, false
}

// visits gives the names of the visits of all versions, each once.
func (c Course) visits() []string {
	var out []string
	for _, version := range c {
		for _, v := range version.Protocol.Protocol().Visits {
			if !slices.Contains(out, v.ID) {
				out = append(out, v.ID)
			}
		}
	}
	return out
}

// Visits gives the visits that a person has, in the order of the first version
// that has each.
func (c Course) Visits(a Anchor) []protocol.Visit {
	var out []protocol.Visit
	for _, id := range c.visits() {
		if v, _, ok := c.Visit(a, id); ok {
			out = append(out, v)
		}
	}
	return out
}

// Plan gives everything that is planned for a participant, in order of opening,
// without looking at what has arrived: every state is scheduled. Before enrolment
// there is nothing.
func (c Course) Plan(a Anchor) []Task {
	if _, ok := DayZero(c[0].Protocol, a); !ok {
		return nil
	}
	var out []Task
	for _, id := range c.visits() {
		if v, by, ok := c.Visit(a, id); ok {
			day0, _ := DayZero(by, a)
			out = append(out, visit(v, a, by, day0).in(by))
		}
	}
	for k, version := range c {
		out = append(out, c.mornings(k, version.Protocol, a)...)
	}
	for i := range out {
		out[i].Planned, out[i].State = a.Randomised.IsZero(), Scheduled
	}
	slices.SortStableFunc(out, func(x, y Task) int {
		return cmp.Or(x.Opens.Compare(y.Opens), cmp.Compare(rank[x.Kind], rank[y.Kind]), cmp.Compare(x.Day, y.Day), cmp.Compare(x.Name, y.Name))
	})
	return out
}

// mornings gives the diaries and nights of the days on which a version is in
// force.
func (c Course) mornings(k int, of protocol.Checked, a Anchor) []Task {
	day0, _ := DayZero(of, a)
	p := of.Protocol()
	var out []Task
	if d := p.Diary; d != nil {
		for day := d.FromDay; day <= d.ToDay; day++ {
			if c.covers(k, day0.Add(day)) {
				out = append(out, diary(*d, a, of, day0, day).in(of))
			}
		}
	}
	for _, d := range p.Devices {
		for day := d.FromDay; day <= d.ToDay; day++ {
			if c.covers(k, day0.Add(day)) {
				out = append(out, device(d, a, of, day0, day).in(of))
			}
		}
	}
	return out
}

// covers says whether a date is one on which version k is in force.
func (c Course) covers(k int, d civil.Date) bool {
	next, more := c.until(k)
	return (k == 0 || !d.Before(c[k].From)) && (!more || d.Before(next))
}

// in sets the period of the design that a task falls in.
func (t Task) in(c protocol.Checked) Task {
	t.Period = periodOf(c, t)
	return t
}

// Tasks gives the plan and how each of it stands at an instant.
func (c Course) Tasks(a Anchor, now time.Time, done Done) []Task {
	tasks := c.Plan(a)
	for i := range tasks {
		tasks[i].stand(a, now, done)
	}
	return tasks
}

// Evenings gives the doses of a participant as tasks of their own, one for each
// day of treatment, and how each stands at an instant. They are apart from Tasks
// because nothing is asked in them but what was taken. A dose is open from
// eight hours after getting up until she is up the next morning, and can be told
// for as many days after as the diary can be filled in, or one.
func (c Course) Evenings(a Anchor, now time.Time, done Done) []Task {
	var out []Task
	for k, version := range c {
		of := version.Protocol
		day0, ok := DayZero(of, a)
		p := of.Protocol()
		if !ok || p.Dose == nil {
			continue
		}
		back := 1
		if p.Diary != nil {
			back = max(back, p.Diary.BackfillDays)
		}
		for period := 1; period <= max(p.Design.Periods, 1); period++ {
			first := of.PeriodStart(period)
			for day := first; day < first+p.Design.TreatmentDays; day++ {
				if !c.covers(k, day0.Add(day)) {
					continue
				}
				t := evening(of, a, day0, day, back)
				t.Period, t.Planned = period, a.Randomised.IsZero()
				t.stand(a, now, done)
				out = append(out, t)
			}
		}
	}
	return out
}
