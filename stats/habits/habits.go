// Package habits asks what disturbs and helps sleep: stress, screens, evening
// light, irregular hours, caffeine, winding down, a dose. Each habit enters one
// nightly mixed model twice,
//
//	y_it = β₀ + Σ_k β_B,k·(x̄_ki − x̄_k) + Σ_k β_W,k·(x_kit − x̄_ki) + adjustment + u_i + e_it
//
// as a person's mean and as the night's deviation from it, because the two
// answer different questions: β_W whether somebody sleeps worse after more of it
// than is usual for them, β_B whether people with more of it sleep worse than
// others. Left in one column they would be blended in proportions nobody chose.
//
// Nobody drew the habits by lot. All this is exploration: effects come with
// intervals and with p-values adjusted by Benjamini and Hochberg over all that
// was asked, and nothing here can confirm. See doc/methods/habits.md.
package habits

import (
	"dvala/fault"
	"dvala/stats"
	"dvala/stats/lmm"
	"dvala/stats/multiple"
	"dvala/stats/reml"
)

// Exploratory is the sentence that stands over every table of habits.
const Exploratory = "Exploration, not test: habits were not assigned, so other things that go with them may be the cause."

// Habit is one thing that people did more on some days than on others.
type Habit struct {
	Name string
	// Per is the step that effects are given for, in the habit's unit: 30 for
	// half an hour in minutes. 0 means 1, as for yes and no.
	Per float64
	// Lag is how many days before the night's own the habit is taken from: 0
	// where it precedes the night it is recorded with, 1 where what is recorded
	// with a night could be its consequence.
	Lag int
	// Vary lets the effect of the night's deviation differ between people.
	Vary bool
}

// Night is one night of one person. What was not recorded is nil.
type Night struct {
	Person string
	Day    int
	Y      *float64
	Habits []*float64 // in the order of the habits asked about
	// Adjust holds numbers to adjust for, such as the night's number, weekend
	// or the arm, in the order of Options.Adjust. They must be known.
	Adjust []float64
}

// Options of Explore.
type Options struct {
	Adjust []string    // names of Night.Adjust
	Serial bool        // residuals of nights h apart correlate as φʰ
	Method reml.Method // of the degrees of freedom
	Level  float64
}

// Effect is what one habit goes with.
type Effect struct {
	Habit string  `json:"habit"`
	Per   float64 `json:"per"`
	Lag   int     `json:"lag"`
	// Within is the difference in the outcome on a night with Per more than
	// is usual for the person; absent if the habit varied in nobody.
	Within *stats.Estimate `json:"within,omitempty"`
	// Between is the difference between people whose usual is Per apart;
	// absent if all had the same usual.
	Between *stats.Estimate `json:"between,omitempty"`
	// Contrast is Between − Within: how far it is from not mattering whether
	// nights or people are compared.
	Contrast *stats.Estimate `json:"contrast,omitempty"`
	// Adjusted p-values, over all within and between effects together.
	WithinAdjusted  *float64 `json:"within_p_adjusted,omitempty"`
	BetweenAdjusted *float64 `json:"between_p_adjusted,omitempty"`
	WithinSD        float64  `json:"within_sd"`  // of nights about people's means
	BetweenSD       float64  `json:"between_sd"` // of people's means
	Varies          int      `json:"varies"`     // people in whom it varied
}

// Result of an exploration.
type Result struct {
	Note    string   `json:"note"` // Exploratory
	Effects []Effect `json:"effects"`
	People  int      `json:"people"`
	Nights  int      `json:"nights"`
	// Nights left out: without the outcome, and else without this habit (the
	// first that was missing, by its place).
	NoOutcome int      `json:"no_outcome"`
	NoHabit   []int    `json:"no_habit"`
	Asked     int      `json:"asked"` // p-values adjusted together
	Fit       *lmm.Fit `json:"-"`
}

// Explore fits the model to the nights that have the outcome and every habit.
//
// Means are of the nights used, so that without adjustment β_W is exactly the
// estimate that compares each person with nobody but themselves.
//
// Invariants (TestInvariants): the order of nights, the names of people and the
// first day change nothing; without Vary, to add a constant to one
// person's habit moves no Within; a habit in other units gives the same for the same step.
//
// Faults: stats-argument (a day twice, no habit, a name twice), stats-lengths,
// stats-not-finite, stats-constant (a habit that is the same on all nights),
// stats-too-few, stats-collinear and what else lmm.Random refuses.
func Explore(nights []Night, habits []Habit, o Options) (Result, error) {
	level, err := stats.CheckLevel(o.Level)
	if err != nil {
		return Result{}, err
	}
	if err := check(nights, habits, o); err != nil {
		return Result{}, err
	}
	r := Result{Note: Exploratory, NoHabit: make([]int, len(habits))}
	t, err := gather(nights, habits, o, &r)
	if err != nil {
		return r, err
	}
	d, err := t.design()
	if err != nil {
		return r, err
	}
	l := lmm.Options{Level: level, Method: o.Method}
	for k, h := range t.habits {
		if h.asked.Vary && h.varies > 0 {
			l.Slopes = append(l.Slopes, lmm.Slope{Name: h.within(k), X: h.deviation})
		}
	}
	if o.Serial {
		l.Nights = t.day
	}
	r.Fit, err = lmm.Random(d, t.y, t.person, l)
	if err != nil {
		return r, err
	}
	for k, h := range t.habits {
		e, err := r.effect(h, k, d.Columns, o.Method)
		if err != nil {
			return r, err
		}
		r.Effects = append(r.Effects, e)
	}
	return r, r.adjust()
}

// effect reads a habit's coefficients from the fit.
func (r *Result) effect(h split, k int, columns []string, m reml.Method) (Effect, error) {
	e := Effect{Habit: h.asked.Name, Per: h.per, Lag: h.asked.Lag, WithinSD: h.withinSD, BetweenSD: h.betweenSD, Varies: h.varies}
	var plus, minus []float64 // what Within and Between are of the coefficients
	for j, c := range columns {
		l := make([]float64, len(columns))
		l[j] = h.per
		switch c {
		case h.within(k):
			plus = l
		case h.between(k):
			minus = l
		}
	}
	contrast := func(what string, l []float64) (*stats.Estimate, error) {
		c, err := r.Fit.Contrast(h.asked.Name+", "+what, l, m)
		return &c, err
	}
	var err error
	if plus != nil {
		if e.Within, err = contrast("within people", plus); err != nil {
			return e, err
		}
	}
	if minus != nil {
		if e.Between, err = contrast("between people", minus); err != nil {
			return e, err
		}
	}
	if plus != nil && minus != nil {
		for j, v := range plus {
			minus[j] -= v
		}
		e.Contrast, err = contrast("between − within", minus)
	}
	return e, err
}

// adjust controls the false discovery rate over everything asked.
func (r *Result) adjust() error {
	var p []float64
	var to []**float64
	for i := range r.Effects {
		e := &r.Effects[i]
		if e.Within != nil {
			p, to = append(p, e.Within.P), append(to, &e.WithinAdjusted)
		}
		if e.Between != nil {
			p, to = append(p, e.Between.P), append(to, &e.BetweenAdjusted)
		}
	}
	r.Asked = len(p)
	q, err := multiple.BenjaminiHochberg(p)
	if err != nil {
		return err
	}
	for i := range q {
		*to[i] = &q[i]
	}
	return nil
}

func check(nights []Night, habits []Habit, o Options) error {
	if len(habits) == 0 {
		return fault.New(stats.BadArgument, "habits", "no habit was asked about")
	}
	seen := map[[2]any]bool{}
	for _, h := range habits {
		key := [2]any{h.Name, h.Lag}
		if h.Name == "" || seen[key] {
			return fault.New(stats.BadArgument, "habits", "%q occurs twice with one lag, or is empty", h.Name)
		}
		seen[key] = true
		if h.Lag < 0 || !(h.Per >= 0) {
			return fault.New(stats.BadArgument, h.Name, "a step of %v and a lag of %d", h.Per, h.Lag)
		}
	}
	for i, n := range nights {
		if len(n.Habits) != len(habits) || len(n.Adjust) != len(o.Adjust) {
			return fault.New(stats.Lengths, "nights", "night %d has %d habits and %d numbers to adjust for, not %d and %d", i+1, len(n.Habits), len(n.Adjust), len(habits), len(o.Adjust))
		}
		v := append([]float64(nil), n.Adjust...)
		if n.Y != nil {
			v = append(v, *n.Y)
		}
		for _, x := range n.Habits {
			if x != nil {
				v = append(v, *x)
			}
		}
		if stats.Finite("", v) != nil {
			return fault.New(stats.NotFinite, "nights", "the night of %s on day %d holds a number that is not finite", n.Person, n.Day)
		}
	}
	return nil
}
