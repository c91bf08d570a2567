package desk

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"dvala/civil"
	"dvala/protocol"
	"dvala/schedule"
	"dvala/study"
)

// SilentDays is after how many days without a word somebody counts as silent: a
// choice of ours.
const SilentDays = 3

// qualityDays is how many days up to yesterday the day's quality looks at.
const qualityDays = 7

// Day is what a desk has before it today: whose visit it is, whom nobody has
// heard from, which clocks are running, and how the data are coming in.
type Day struct {
	Date    civil.Date
	Visits  []Due
	Silent  []Silence
	Clocks  []Clock
	Rings   []Ring
	Quality []Quality
	Diaries Share // how many of the diaries due today are in
}

// Due is a visit that can be held today.
type Due struct {
	Subject study.Subject
	Visit   string // its ID
	Label   protocol.Text
	On      civil.Date
	Last    civil.Date // day on which it still counts
	State   schedule.State
	Missing []string // instruments
}

// Silence is somebody who takes part and has not been heard from.
type Silence struct {
	Subject study.Subject
	Since   civil.Date
	Days    int
}

// Clock is an event that has to be passed on within the protocol's hours.
type Clock struct {
	Subject study.Subject
	Entry   uint64
	Term    string
	Known   time.Time // when the site came to know
	By      time.Time
	Over    bool
}

// Ring is somebody whose device should have sent something and has not.
type Ring struct {
	Subject study.Subject
	Vendor  string
	Last    civil.Date // the latest night that came; none: never
	Days    int        // nights missing at the end
	Status  string     // what the device said of itself last
}

// Quality is how much came of what was due in the seven days up to yesterday.
type Quality struct {
	What schedule.Kind
	Share
	Tardy int // came late
}

// NewDay looks at everybody for whom yes is said.
func NewDay(s *study.State, now time.Time, yes func(*study.Participant) bool) Day {
	d := Day{Date: civil.DateOf(now.In(s.Protocol.Zone()))}
	if s.Locked != nil {
		return d
	}
	quality := map[schedule.Kind]*Quality{}
	for _, who := range s.Order {
		if p := s.People[who]; yes(p) {
			d.add(s, p, now, s.Tasks(p, now), quality)
		}
	}
	d.finish(quality)
	return d
}

// add looks at one person, whose tasks are at hand.
func (d *Day) add(s *study.State, p *study.Participant, now time.Time, tasks []schedule.Task, quality map[schedule.Kind]*Quality) {
	d.clocks(s, p, now)
	if !expected(p) {
		return
	}
	today := civil.DateOf(now.In(p.Anchor().Zone))
	d.visits(s, p, tasks, today)
	d.silence(p, today)
	d.rings(p, tasks, now)
	for _, t := range tasks {
		count(quality, t, today, now)
		if ofToday(t, today) {
			d.Diaries.Due++
			if t.State == schedule.Complete {
				d.Diaries.Got++
			}
		}
	}
}

// expected says whether anything is expected of a person: she takes part, and is
// not through.
func expected(p *study.Participant) bool { return p.Enrolled != nil && p.Completed == nil && !left(p) }

// finish puts a day in order.
func (d *Day) finish(quality map[schedule.Kind]*Quality) {
	for _, k := range []schedule.Kind{schedule.Diary, schedule.Device, schedule.Visit} {
		if q := quality[k]; q != nil {
			d.Quality = append(d.Quality, *q)
		}
	}
	slices.SortStableFunc(d.Visits, func(a, b Due) int { return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.Subject, b.Subject)) })
	d.Silent = longestFirst(d.Silent)
	slices.SortStableFunc(d.Rings, func(a, b Ring) int { return b.Days - a.Days })
	slices.SortStableFunc(d.Clocks, func(a, b Clock) int { return a.By.Compare(b.By) })
}

// longestFirst sorts by days, which many people share; those of a day stay in
// their order.
func longestFirst(silent []Silence) []Silence {
	if len(silent) == 0 {
		return nil
	}
	of := map[int][]Silence{}
	for _, s := range silent {
		of[s.Days] = append(of[s.Days], s)
	}
	out := silent[:0]
	for _, days := range slices.Backward(slices.Sorted(maps.Keys(of))) {
		out = append(out, of[days]...)
	}
	return out
}

func left(p *study.Participant) bool {
	_, gone := p.WithdrewFrom("follow-up")
	return gone
}

func (d *Day) clocks(s *study.State, p *study.Participant, now time.Time) {
	for _, c := range s.SeriousClocks(p, now) {
		if c.Reported.IsZero() {
			d.Clocks = append(d.Clocks, Clock{Subject: p.Subject, Entry: c.Record.Entry, Term: c.Record.Now().Term, Known: c.Aware, By: c.Due, Over: c.Overdue})
		}
	}
}

func (d *Day) visits(s *study.State, p *study.Participant, tasks []schedule.Task, today civil.Date) {
	for _, t := range tasks {
		v, _ := s.Visit(p, t.Name)
		open := t.State == schedule.Open || t.State == schedule.Partial || t.State == schedule.Late
		if t.Kind == schedule.Visit && open && !today.Before(t.First) && !t.Last.Before(today) && !t.Planned {
			d.Visits = append(d.Visits, Due{p.Subject, t.Name, v.Label, t.On, t.Last, t.State, t.Missing})
		}
	}
}

func (d *Day) silence(p *study.Participant, today civil.Date) {
	if last := lastHeard(p); today.Sub(last) >= SilentDays {
		d.Silent = append(d.Silent, Silence{p.Subject, last, today.Sub(last)})
	}
}

// lastHeard gives the last day on which a person who is enrolled said anything.
func lastHeard(p *study.Participant) civil.Date {
	last, zone := p.EnrolledOn, p.Anchor().Zone
	hear := func(at time.Time) {
		if on := civil.DateOf(at.In(zone)); last.Before(on) {
			last = on
		}
	}
	for _, r := range p.Diary {
		hear(r.At)
	}
	for _, of := range p.Visits {
		for _, r := range of {
			hear(r.At)
		}
	}
	return last
}

func (d *Day) rings(p *study.Participant, tasks []schedule.Task, now time.Time) {
	of := missingNights(tasks, now)
	for _, vendor := range slices.Sorted(maps.Keys(of)) {
		missing := of[vendor]
		if missing < SilentDays {
			continue
		}
		r := Ring{Subject: p.Subject, Vendor: vendor, Days: missing}
		for night, n := range p.Nights[vendor] {
			if r.Last.Before(night) {
				r.Last, r.Status = night, string(n.Night.Status)
			}
		}
		d.Rings = append(d.Rings, r)
	}
}

// missingNights counts, by vendor, the nights at the end of what is due that
// have not come.
func missingNights(tasks []schedule.Task, now time.Time) map[string]int {
	out := map[string]int{}
	for _, t := range tasks {
		if t.Kind != schedule.Device || now.Before(t.Due) || t.State == schedule.Excused {
			continue
		}
		out[t.Name]++
		if t.State == schedule.Complete || t.State == schedule.Partial {
			out[t.Name] = 0
		}
	}
	return out
}

// recent says whether a task is one of those whose quality the day looks at.
func recent(t schedule.Task, today civil.Date, now time.Time) bool {
	age := today.Sub(t.On)
	return age >= 1 && age <= qualityDays && !now.Before(t.Due) && t.State != schedule.Excused
}

// ofToday says whether a task is the diary that is due today: about the night to
// this day where the person is, whether or not its hours have come.
func ofToday(t schedule.Task, today civil.Date) bool {
	return t.Kind == schedule.Diary && t.On == today && t.State != schedule.Excused
}

// DiaryToday gives a person's diary that is due today, which is at most one.
func DiaryToday(s *study.State, p *study.Participant, now time.Time) []schedule.Task {
	if s.Locked != nil || !expected(p) {
		return nil
	}
	today := civil.DateOf(now.In(p.Anchor().Zone))
	return slices.DeleteFunc(s.Tasks(p, now), func(t schedule.Task) bool { return !ofToday(t, today) })
}

// RecentTasks gives a person's tasks that the day's quality counts as due.
func RecentTasks(s *study.State, p *study.Participant, now time.Time) []schedule.Task {
	if !expected(p) {
		return nil
	}
	today := civil.DateOf(now.In(p.Anchor().Zone))
	return slices.DeleteFunc(s.Tasks(p, now), func(t schedule.Task) bool { return !recent(t, today, now) })
}

func count(quality map[schedule.Kind]*Quality, t schedule.Task, today civil.Date, now time.Time) {
	if !recent(t, today, now) {
		return
	}
	q := quality[t.Kind]
	if q == nil {
		q = &Quality{What: t.Kind}
		quality[t.Kind] = q
	}
	q.Due++
	if t.State == schedule.Complete {
		q.Got++
		if t.Tardy {
			q.Tardy++
		}
	}
}
