package estimate

import (
	"cmp"
	"slices"

	"dvala/civil"
	"dvala/protocol"
	"dvala/sleep"
)

// Data is a trial as plain tables, whatever it came from. FromState makes it
// of a trial run here, FromTables of one run elsewhere; after either, all that
// follows is the same.
//
// Days count from randomisation, which is day 0. Only nights count anew in each
// period of a crossover: day 1 is the first morning of the period, and nights
// before randomisation are of period 0. In a parallel trial all is of period 1.
// Rows are in the order that Sort gives.
type Data struct {
	Facts    Facts
	Screened int     // people
	Excluded []Count // screened and not randomised, by reason

	People     []Person
	Values     []Value        // outcomes at visits
	Nights     []NightValue   // outcomes by night
	Absent     []Absent       // planned and not there
	Habits     []NightValue   // what the diary says of the day before a night, by item
	Staged     []StagedNight  // device nights with stages
	Coverage   []Coverage     // diary days and device nights that came
	Doses      []Dose         //
	Events     []Intercurrent //
	Adverse    []Adverse      //
	Unblinded  []Unblinded    // in an emergency
	Deviations []Deviation    //
	Guesses    []Guess        //
	// GuessOptions are the answers to the guess, in order: an arm's ID first
	// where the answer names one, and what it is called.
	GuessOptions []GuessOption
	// Checks holds what the source itself could verify of the data.
	Checks []Check
}

// Facts are what is known of the trial beside its people.
type Facts struct {
	Simulated     bool
	External      bool
	FirstScreened civil.Date // zero where unknown
	LockedAt      string     // RFC 3339
	// AsRegistered says that the analysis is by the protocol opened at the
	// start; nil where that cannot be known.
	AsRegistered *bool
}

// Person is someone randomised.
type Person struct {
	Subject string
	Site    string
	Strata  map[string]string // level of each factor of the randomisation
	Answers map[string]protocol.Value
	// Group is the arm, or the sequence in a crossover; "" while unknown.
	Group      string
	Randomised civil.Date // zero where only days are known
	// Order is the place in the order of randomisation, from 1; within a stratum
	// it is the order in which its list was used. 0 where it is not known.
	Order     int
	Stopped   *Exit // the treatment
	Left      *Exit // the trial
	Completed bool
	Died      *int // the day of her death, if she died
}

// Exit is when and why someone stopped or left.
type Exit struct {
	Day int // counted from randomisation, also in a crossover
	Why string
}

// Value is an outcome of a person at a visit.
type Value struct {
	Subject, Outcome, Visit string
	Period, Day             int
	X                       float64
}

// NightValue is an outcome of a person in a night, by the day of waking up.
type NightValue struct {
	Subject, Outcome string
	Period, Day      int
	X                float64
}

// Absent is a planned value that is not there, with the reason as far as known.
type Absent struct {
	Subject, Outcome string
	Visit            string // "" for a night
	Period, Day      int
	Why              string
}

// StagedNight is a device's main sleep and how long before its first epoch the
// lights went off.
type StagedNight struct {
	Subject     string
	Period, Day int
	LeadMin     float64 // lights off to first epoch; 0 where unknown
	Main        sleep.Hypnogram
}

// Coverage counts what came of the daily measures of a person after
// randomisation.
type Coverage struct {
	Subject      string
	DiaryDays    int
	DiaryOf      int
	DeviceNights int
	DeviceOf     int
}

// Dose is what a person took of a day's dose.
type Dose struct {
	Subject string
	Day     int
	Units   int
}

// Intercurrent is an event that a strategy may speak of, on days counted from
// randomisation. To is nil for "until the end".
type Intercurrent struct {
	Subject, Event string
	From           int
	To             *int
}

// Adverse is an adverse event that began on or after randomisation.
type Adverse struct {
	Subject, Term, Severity, Related, Outcome string
	Serious                                   bool
	Day                                       int
}

// Unblinded is a person whose treatment was told to a physician in an emergency,
// on or after randomisation, and what the adverse events are called that led to it.
type Unblinded struct {
	Subject string
	Day     int
	Terms   []string
}

// Deviation is a departure from the protocol.
type Deviation struct {
	Subject, Code string
	Day           int
}

// Guess is which option a person chose.
type Guess struct {
	Subject string
	Period  int // whose treatment is guessed; 1 in a parallel trial
	Option  int // index into GuessOptions
}

// GuessOption is one answer: Arm is "" for "do not know".
type GuessOption struct{ Arm, Label string }

// Sort puts every table into its stated order: by subject, then outcome,
// period, day. Doing so makes all results independent of the order of rows.
func (d *Data) Sort() {
	inOrderBy(d.People, func(a, b Person) int { return cmp.Compare(a.Subject, b.Subject) })
	inOrderBy(d.Values, func(a, b Value) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Outcome, b.Outcome),
			cmp.Compare(a.Period, b.Period), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Visit, b.Visit), cmp.Compare(a.X, b.X))
	})
	inOrderBy(d.Nights, func(a, b NightValue) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Outcome, b.Outcome),
			cmp.Compare(a.Period, b.Period), cmp.Compare(a.Day, b.Day), cmp.Compare(a.X, b.X))
	})
	inOrderBy(d.Habits, func(a, b NightValue) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Outcome, b.Outcome),
			cmp.Compare(a.Period, b.Period), cmp.Compare(a.Day, b.Day), cmp.Compare(a.X, b.X))
	})
	inOrderBy(d.Absent, func(a, b Absent) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Outcome, b.Outcome),
			cmp.Compare(a.Period, b.Period), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Visit, b.Visit), cmp.Compare(a.Why, b.Why))
	})
	inOrderBy(d.Staged, func(a, b StagedNight) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Period, b.Period), cmp.Compare(a.Day, b.Day))
	})
	inOrderBy(d.Coverage, func(a, b Coverage) int { return cmp.Compare(a.Subject, b.Subject) })
	inOrderBy(d.Doses, func(a, b Dose) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Day, b.Day))
	})
	inOrderBy(d.Events, func(a, b Intercurrent) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.From, b.From), cmp.Compare(a.Event, b.Event))
	})
	inOrderBy(d.Adverse, func(a, b Adverse) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Term, b.Term))
	})
	inOrderBy(d.Unblinded, func(a, b Unblinded) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Day, b.Day), slices.Compare(a.Terms, b.Terms))
	})
	inOrderBy(d.Deviations, func(a, b Deviation) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Code, b.Code))
	})
	inOrderBy(d.Guesses, func(a, b Guess) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Period, b.Period))
	})
}

// inOrderBy sorts rows that are not in order yet; most come in order.
func inOrderBy[T any](rows []T, compare func(a, b T) int) {
	if !slices.IsSortedFunc(rows, compare) {
		slices.SortStableFunc(rows, compare)
	}
}

// layout is what a protocol says of groups and treatments, looked up often.
type layout struct {
	checked protocol.Checked
	p       protocol.Protocol
	// arms by group and period: the arm itself in a parallel trial.
	sequence map[string][]string
	groups   []string // arms, or sequences, in the protocol's order; everyone of an n-of-1 trial
}

func layoutOf(c protocol.Checked) layout {
	l := layout{checked: c, p: c.Protocol(), sequence: map[string][]string{}}
	for _, a := range c.Assignments() {
		l.sequence[a.ID] = a.Arms
		l.groups = append(l.groups, a.ID)
	}
	if l.p.Design.Kind == protocol.NOf1 {
		l.groups = []string{everyone}
	}
	return l
}

// column gives the column of tables that a group is in.
func (l layout) column(group string) string {
	if l.p.Design.Kind == protocol.NOf1 && group != "" {
		return everyone
	}
	return group
}

func (l layout) parallel() bool { return l.p.Design.Kind == protocol.Parallel }

// arm gives the treatment of a group in a period, or "" where there is none.
func (l layout) arm(group string, period int) string {
	arms := l.sequence[group]
	if l.parallel() {
		period = 1
	}
	if period < 1 || period > len(arms) {
		return ""
	}
	return arms[period-1]
}

// armAt gives the treatment on a day counted from randomisation; a washout
// belongs to the period before it.
func (l layout) armAt(group string, day int) string { return l.arm(group, l.periodOf(day)) }

// periodOf gives the period of a day counted from randomisation, and 0 before.
func (l layout) periodOf(day int) int {
	if l.parallel() {
		return 1
	}
	if day < 0 {
		return 0
	}
	period := 1
	for period < l.p.Design.Periods && day >= l.checked.PeriodStart(period+1) {
		period++
	}
	return period
}

// nightOf gives period and day within it of a night, by the day of waking up
// counted from randomisation. The night that ends on the first day of a later
// period is still of the one before.
func (l layout) nightOf(day int) (period, within int) {
	if l.parallel() {
		return 1, day
	}
	if day <= 0 {
		return 0, day
	}
	period = l.periodOf(day - 1)
	return period, day - l.checked.PeriodStart(period)
}

// label gives an arm's or a sequence's name in English.
func (l layout) label(id string) string {
	if a, ok := l.checked.Arm(id); ok {
		return a.Label.In("en")
	}
	if id == everyone {
		return "Everyone, each in an order of their own"
	}
	if s, ok := l.checked.Sequence(id); ok {
		out := ""
		for i, a := range s.Arms {
			if i > 0 {
				out += ", then "
			}
			out += l.label(a)
		}
		return out
	}
	return id
}

// groupInfo gives the columns of tables by group.
func (l layout) groupInfo(people []Person) (arms, sequences []ArmInfo) {
	n := map[string]int{}
	for _, p := range people {
		n[p.Group]++
		if c := l.column(p.Group); c != p.Group {
			n[c]++
		}
	}
	for _, a := range l.p.Arms {
		info := ArmInfo{ID: a.ID, Label: a.Label.In("en"), Role: a.Role, N: n[a.ID]}
		if !l.parallel() {
			info.N = 0
			for g, arms := range l.sequence {
				if slices.Contains(arms, a.ID) {
					info.N += n[g]
				}
			}
		}
		arms = append(arms, info)
	}
	if !l.parallel() {
		for _, g := range l.groups {
			sequences = append(sequences, ArmInfo{ID: g, Label: l.label(g), N: n[g]})
		}
	}
	return arms, sequences
}
