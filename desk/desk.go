// Package desk holds what pages ask of a trial: how it stands, who is in it,
// what is due and late, and all that is known of one person. Every answer is a
// plain value made from a study.State and a moment; nothing here writes, and
// nothing here knows an arm, because the state does not.
package desk

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"dvala/civil"
	"dvala/schedule"
	"dvala/study"
)

// Phase is how far a trial has come.
type Phase string

// The phases.
const (
	Empty      Phase = "not begun"
	Collecting Phase = "collecting"
	Rehearsed  Phase = "dry run made"
	Locked     Phase = "locked"
	Opened     Phase = "allocations open"
	Reported   Phase = "reported"
)

// PhaseOf gives a trial's phase.
func PhaseOf(s *study.State) Phase {
	switch {
	case s.Reported != nil:
		return Reported
	case s.Openings != nil:
		return Opened
	case s.Locked != nil:
		return Locked
	case len(s.DryRuns) > 0:
		return Rehearsed
	case s.Opened != nil:
		return Collecting
	}
	return Empty
}

// Overview is a trial at a glance.
type Overview struct {
	Trial, Title, Question string
	Phase                  Phase
	Simulated, Seeded      bool
	AsOf                   time.Time // the moment it is told for
	Entries                uint64
	Planned                int // participants
	Flow                   Flow
	Months                 []Month
	Today                  []Count // what needs a person today; each leads to the people
	Serious, Adverse       int
	Deviations             []Count // by code
	Corrections            int
	Signatures             []study.SigningNow // of the trial as a whole
}

// Flow counts people as CONSORT does up to the analysis, all groups together.
type Flow struct {
	Screened, NotEligible, NotConsented, Enrolled, NotRandomised int
	Randomised, LeftTreatment, LeftTrial, Completed, Ongoing     int
	Excluded                                                     []Count // not eligible, by criterion; a person may fail several
	Left                                                         []Count // left treatment or trial after randomisation, by reason
}

// Count is how many there are of something, and the word or code for it.
type Count struct {
	What string
	N    int
}

// Month is how many had been randomised by the end of a month, and how many
// the plan has by then, if people had come evenly between its two dates.
type Month struct {
	Month             string // 2026-03
	New, Total        int
	Expected          int
	HasExpected, Last bool
}

// AsOf gives the moment for which a trial is told: the clock's, or that of the
// last entry if it is later, as in a trial on a virtual clock.
func AsOf(s *study.State, clock time.Time) time.Time {
	last := s.OpenedAt
	if at, ok := s.LastAt(); ok {
		last = at
	}
	if last.After(clock) {
		return last
	}
	return clock
}

// NewOverview tells how a trial stands.
func NewOverview(s *study.State, clock time.Time) Overview {
	o := overviewHead(s, clock)
	o.Flow = NewFlow(s)
	deviations := map[string]int{}
	for _, who := range s.Order {
		person := s.People[who]
		o.Corrections += len(person.Corrections)
		o.Adverse += len(person.Adverse)
		for _, a := range person.Adverse {
			if a.Serious {
				o.Serious++
			}
		}
		for _, d := range person.Deviations {
			deviations[d.Code]++
		}
	}
	o.Deviations = counts(deviations)
	o.Months = months(s)
	if s.Locked == nil {
		o.Today = today(s, o.AsOf)
	}
	return o
}

// overviewHead is what of an overview is not about people.
func overviewHead(s *study.State, clock time.Time) Overview {
	p := s.Protocol.Protocol()
	o := Overview{
		Trial: p.ID, Title: p.Title, Question: p.Question, Phase: PhaseOf(s), AsOf: AsOf(s, clock),
		Entries: s.Entries, Planned: p.Design.Participants, Signatures: s.SignaturesOf(""),
	}
	if s.Opened != nil {
		o.Simulated, o.Seeded = s.Opened.Simulated, s.Opened.Sealing == "seed"
	}
	return o
}

// NewFlow counts people.
func NewFlow(s *study.State) Flow {
	var f Flow
	excluded, left := map[string]int{}, map[string]int{}
	for _, who := range s.Order {
		f.add(s.People[who], excluded, left)
	}
	f.Excluded, f.Left = counts(excluded), counts(left)
	return f
}

// add counts one person, and why she was excluded or left.
func (f *Flow) add(p *study.Participant, excluded, left map[string]int) {
	f.Screened++
	switch {
	case !p.Screening.Eligible && p.Enrolled == nil:
		f.NotEligible++
		for _, id := range p.Screening.Failed {
			excluded[id]++
		}
		return
	case len(p.Consents) == 0:
		f.NotConsented++
		return
	}
	if p.Enrolled != nil {
		f.Enrolled++
	}
	if p.Randomised == nil {
		f.NotRandomised++
		return
	}
	f.Randomised++
	for _, w := range p.Leavings() {
		left[w.From+": "+strings.ReplaceAll(w.Why, "-", " ")]++
	}
	_, treatment := p.WithdrewFrom("treatment")
	_, trial := p.WithdrewFrom("follow-up")
	switch {
	case trial:
		f.LeftTrial++
	case p.Completed != nil:
		f.Completed++
	default:
		f.Ongoing++
	}
	if treatment {
		f.LeftTreatment++
	}
}

// counts gives a tally, the largest first.
func counts(of map[string]int) []Count {
	var out []Count
	for what, n := range of {
		out = append(out, Count{what, n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(b.N-a.N, cmp.Compare(a.What, b.What)) })
	return out
}

func months(s *study.State) []Month {
	byMonth := map[civil.Date]int{}
	for _, who := range s.Order {
		if r := s.People[who].Randomised; r != nil {
			byMonth[monthOf(r.Date)]++
		}
	}
	return monthsOf(s, byMonth)
}

// monthOf gives the first day of a date's month.
func monthOf(d civil.Date) civil.Date { return civil.On(d.Year, d.Month, 1) }

// monthsOf lays out how many were randomised, by the first day of the month.
func monthsOf(s *study.State, byMonth map[civil.Date]int) []Month {
	p := s.Protocol.Protocol()
	var first, last civil.Date
	for d := range byMonth {
		if first.IsZero() || d.Before(first) {
			first = d
		}
		if last.Before(d) {
			last = d
		}
	}
	if first.IsZero() {
		return nil
	}
	// The last person has to come in time to be followed up to the last day.
	begin, end := p.Dates.Start, p.Dates.End
	if !end.IsZero() {
		end = end.Add(-s.Protocol.LastDay())
	}
	var out []Month
	total := 0
	for d := first; !last.Before(d); d = nextMonth(d) {
		total += byMonth[d]
		m := Month{Month: d.String()[:7], New: byMonth[d], Total: total}
		if days := end.Sub(begin); !p.Dates.End.IsZero() && days > 0 {
			m.HasExpected = true
			m.Expected = min(max(nextMonth(d).Sub(begin), 0)*p.Design.Participants/days, p.Design.Participants)
		}
		out = append(out, m)
	}
	out[len(out)-1].Last = true
	return out
}

func nextMonth(d civil.Date) civil.Date {
	return monthOf(monthOf(d).Add(31))
}

// today counts what needs a person: the people with something late or open,
// those to be randomised, those who should have completed.
func today(s *study.State, now time.Time) []Count {
	n := map[string]int{}
	for _, line := range People(s, now) {
		for _, need := range line.Needs {
			n[need]++
		}
	}
	return counts(n)
}

// Line is one person in the table of all.
type Line struct {
	Subject    study.Subject
	Site, Cell string
	Stage      string // where the person is: screened, not eligible, run-in, in treatment, completed, left, …
	Day        int    // from randomisation, while the person is in the trial
	HasDay     bool
	Randomised civil.Date
	Diaries    Share
	Nights     Share
	Doses      int
	Late       int
	Missed     int
	Adverse    int
	Serious    bool
	Deviations int
	Queries    int // that are not closed
	Needs      []string
}

// Share is how much has come of what was due so far.
type Share struct{ Got, Due int }

// Left gives how much has not come.
func (s Share) Left() int { return s.Due - s.Got }

// Percent gives the share in per cent, and whether anything was due.
func (s Share) Percent() (int, bool) {
	if s.Due == 0 {
		return 0, false
	}
	return (200*s.Got + s.Due) / (2 * s.Due), true
}

// Needs that People finds.
const (
	NeedVisit     = "visit late"
	NeedDiary     = "diary late"
	NeedRandomise = "to be randomised"
	NeedCustodian = "waits for the custodian's program"
	NeedSerious   = "serious adverse event not over"
	NeedKit       = "no kit handed out"
	NeedConsent   = "to consent anew"
	NeedQuery     = "query open"
	NeedReading   = "answer to a query to be read"
)

// NeedsInOrder gives all needs, the most urgent first.
func NeedsInOrder() []string {
	return []string{NeedSerious, NeedConsent, NeedVisit, NeedRandomise, NeedCustodian, NeedKit, NeedDiary, NeedQuery, NeedReading}
}

// People gives a line for everyone screened, in that order.
func People(s *study.State, now time.Time) []Line {
	out := make([]Line, 0, len(s.Order))
	for _, who := range s.Order {
		out = append(out, NewLine(s, s.People[who], now))
	}
	return out
}

// NewLine tells one person in a line.
func NewLine(s *study.State, p *study.Participant, now time.Time) Line {
	return newLine(s, p, now, s.Tasks(p, now))
}

func newLine(s *study.State, p *study.Participant, now time.Time, tasks []schedule.Task) Line {
	l := Line{
		Subject: p.Subject, Site: p.Site, Stage: StageOf(p), Doses: len(p.Doses),
		Adverse: len(p.Adverse), Deviations: len(p.Deviations),
	}
	today := civil.DateOf(now.In(zoneOf(s, p)))
	if r := p.Randomised; r != nil {
		l.Cell, l.Randomised = Stratum(r.Cell), r.Date
	}
	_, left := p.WithdrewFrom("follow-up")
	running := !left && p.Completed == nil && s.Locked == nil
	if p.Randomised != nil && running {
		l.Day, l.HasDay = today.Sub(p.Randomised.Date), true
	}
	need := map[string]bool{}
	for _, t := range tasks {
		l.count(t, now)
		if t.State == schedule.Late && running {
			l.Late++
			switch t.Kind {
			case schedule.Visit:
				need[NeedVisit] = true
			case schedule.Diary:
				need[NeedDiary] = true
			}
		}
	}
	if _, waits := p.WaitsForSlot(); waits {
		need[NeedCustodian] = running
	} else if running && p.Enrolled != nil && p.Randomised == nil && !today.Before(p.Enrolled.Planned) {
		need[NeedRandomise] = true
	}
	if running && p.Randomised != nil && len(p.Kits) == 0 && s.Protocol.Protocol().Dose != nil {
		need[NeedKit] = true
	}
	if _, again := s.NeedsConsent(p, now); again && running {
		need[NeedConsent] = true
	}
	for _, a := range p.Adverse {
		l.Serious = l.Serious || a.Serious
		if a.Serious && s.Locked == nil && (a.Outcome == "ongoing" || a.Outcome == "recovering" || a.Outcome == "unknown") {
			need[NeedSerious] = true
		}
	}
	for _, q := range p.OpenQueries() {
		l.Queries++
		if s.Locked == nil {
			need[map[bool]string{true: NeedReading, false: NeedQuery}[q.State == study.QueryIsAnswered]] = true
		}
	}
	for _, n := range NeedsInOrder() {
		if need[n] {
			l.Needs = append(l.Needs, n)
		}
	}
	return l
}

// zoneOf gives the zone in which a person's days are counted.
func zoneOf(s *study.State, p *study.Participant) *time.Location {
	if a := p.Anchor(); a.Zone != nil {
		return a.Zone
	}
	return s.Protocol.Zone()
}

// Stratum tells a stratum cell in words: "sex female, isi <15".
func Stratum(key string) string {
	levels := strings.Split(key, ",")
	for i, l := range levels {
		name, level, _ := strings.Cut(l, "=")
		levels[i] = strings.TrimSpace(name + " " + strings.Replace(level, ">=", "≥", 1))
	}
	return strings.Join(levels, ", ")
}

func (l *Line) count(t schedule.Task, now time.Time) {
	if t.State == schedule.Missed {
		l.Missed++
	}
	if now.Before(t.Due) || t.State == schedule.Excused {
		return
	}
	of := &l.Diaries
	switch t.Kind {
	case schedule.Device:
		of = &l.Nights
	case schedule.Visit:
		return
	}
	of.Due++
	if t.State == schedule.Complete {
		of.Got++
	}
}

// StageOf says in words where a person is.
func StageOf(p *study.Participant) string {
	if w, ok := p.WithdrewFrom("follow-up"); ok {
		if w.Why == study.WhyDied {
			return "died"
		}
		return "left the trial"
	}
	switch {
	case p.Completed != nil:
		return "completed"
	case p.Randomised != nil:
		if _, ok := p.WithdrewFrom("treatment"); ok {
			return "follow-up without treatment"
		}
		return "randomised"
	case p.Enrolled != nil:
		return "run-in"
	case len(p.Consents) > 0:
		return "consented"
	case !p.Screening.Eligible:
		return "not eligible"
	}
	return "screened"
}
