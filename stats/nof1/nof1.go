// Package nof1 estimates what a treatment does in one person who has tried it
// and its control several times, and what it does across people who each did.
//
// A trial of one person is blocks of two periods, one with the treatment and
// one without, in an order drawn anew for each block, some nights in each
// period. Four things stand between the nights and an effect, and each has its
// place here: nights differ between blocks for reasons of their own (Time),
// neighbouring nights are alike (Errors), a treatment may outlast its last
// dose (Carry), and with few blocks chance is large (ByBlock, and the shrinkage
// of Combine).
//
// See doc/methods/nof1.md.
package nof1

import (
	"fmt"
	"slices"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/dense"
)

// Night is one night of one person.
type Night struct {
	Day    int // whole days from any start; gaps are nights without an outcome
	Block  int
	Active bool // treatment, as against its control
	Y      float64
	// Since is, of a control night, how many days lie between it and the last night
	// with the treatment by the calendar, whether that night has an outcome or not;
	// 0 counts from the last active night that is given.
	Since int
}

// Time says how the level may drift over the trial.
type Time uint8

// The zero value lets every block have a level of its own.
const (
	Blocks Time = iota
	Trend       // a straight line in days
	Steady      // no drift
)

// Errors says how neighbouring nights are taken to hang together.
type Errors uint8

// The zero value takes nights as independent given the model.
const (
	Independent Errors = iota
	Serial             // nights h apart correlate as φʰ, by REML; gaps are honoured
	NeweyWest          // independent estimates, with standard errors that allow for correlation up to Lag
)

// Options of a fit.
type Options struct {
	Time   Time
	Errors Errors
	Lag    int // of Newey–West; 3 if 0
	// Carry is for how many days after its last dose the treatment may still
	// work; control nights within it get a coefficient of their own.
	Carry int
	Level float64
}

// Fit is one person's effect.
type Fit struct {
	Effect stats.Estimate  `json:"effect"`           // active − control
	Carry  *stats.Estimate `json:"carry,omitempty"`  // control nights soon after an active one − later ones
	Phi    *float64        `json:"phi,omitempty"`    // of Serial
	LogLik *float64        `json:"loglik,omitempty"` // of Serial: REML
	Sigma  float64         `json:"sigma"`            // residual standard deviation of a night
	Nights int             `json:"nights"`
	Active int             `json:"active"` // of them
	// Of the least-squares residuals in order of days, gaps closed up.
	DurbinWatson    float64 `json:"durbin_watson"`
	Autocorrelation float64 `json:"autocorrelation"` // at one night
}

// Individual estimates the effect in one person:
//
//	y = level(Time) + τ·active + λ·carry + e
//
// on n − p degrees of freedom. Under Serial those are the customary ones, which
// take φ as known, so that intervals are somewhat too short
// (doc/methods/nof1.md says by how much).
//
// Invariants (TestInvariants): the order of the nights, the labels of the
// blocks and the first day change nothing; to swap the conditions changes the sign.
//
// Faults: stats-not-finite, stats-argument (a day twice), stats-empty-group (one
// condition only), stats-too-few, stats-constant, stats-collinear (blocks that
// hold one condition each, …), stats-no-convergence.
func Individual(nights []Night, o Options) (Fit, error) {
	level, err := stats.CheckLevel(o.Level)
	if err != nil {
		return Fit{}, err
	}
	d, err := arrange(nights, o)
	if err != nil {
		return Fit{}, err
	}
	s, err := d.leastSquares()
	if err != nil {
		return Fit{}, err
	}
	f := Fit{Nights: len(d.y), Active: d.active, Sigma: s.sigma}
	f.DurbinWatson, f.Autocorrelation = neighbours(s.residuals)
	switch o.Errors {
	case Serial:
		var phi float64
		if s, phi, err = d.serial(); err != nil {
			return Fit{}, err
		}
		f.Phi, f.LogLik, f.Sigma = &phi, &s.logLik, s.sigma
	case NeweyWest:
		lag := o.Lag
		if lag == 0 {
			lag = 3
		}
		if lag < 0 || lag >= len(d.y) {
			return Fit{}, fault.New(stats.BadArgument, "lag", "a lag of %d nights with %d nights", lag, len(d.y))
		}
		s.cov = d.neweyWest(s, lag)
	}
	f.Effect = s.estimate("active − control", d.effect, level)
	if d.carry >= 0 {
		c := s.estimate("carry-over", d.carry, level)
		f.Carry = &c
	}
	return f, nil
}

// data is one person's nights in order of days, with the model's columns.
type data struct {
	day           []int
	y             []float64
	x             dense.Matrix
	names         []string
	effect, carry int // columns; carry is −1 if there is none
	active        int
}

func arrange(nights []Night, o Options) (data, error) {
	v := slices.Clone(nights)
	slices.SortStableFunc(v, func(a, b Night) int { return a.Day - b.Day })
	d := data{carry: -1, effect: 1}
	for i, n := range v {
		if i > 0 && n.Day == v[i-1].Day {
			return data{}, fault.New(stats.BadArgument, "days", "day %d occurs twice", n.Day)
		}
		d.day, d.y = append(d.day, n.Day), append(d.y, n.Y)
		if n.Active {
			d.active++
		}
	}
	if err := stats.Finite("outcome", d.y); err != nil {
		return data{}, err
	}
	if d.active == 0 || d.active == len(v) {
		return data{}, fault.New(stats.EmptyGroup, "", "of %d nights %d are active: both conditions must have been tried", len(v), d.active)
	}
	if o.Carry < 0 {
		return data{}, fault.New(stats.BadArgument, "carry", "a carry-over of %d days", o.Carry)
	}
	columns := d.columns(v, o)
	if d.carry >= 0 && !slices.Contains(columns[d.carry], 1) {
		return data{}, fault.New(stats.EmptyGroup, "carry", "no control night lies within %d days after an active one", o.Carry)
	}
	d.x = dense.New(len(v), len(columns))
	for j, c := range columns {
		for i := range c {
			d.x.Set(i, j, c[i])
		}
	}
	return d, nil
}

// columns of the model, and their names and places.
func (d *data) columns(v []Night, o Options) [][]float64 {
	out := [][]float64{column(v, func(Night) float64 { return 1 }), column(v, func(n Night) float64 { return truth(n.Active) })}
	d.names = []string{"(Intercept)", "active"}
	switch o.Time {
	case Blocks:
		var blocks []int
		for _, n := range v {
			blocks = append(blocks, n.Block)
		}
		slices.Sort(blocks)
		for _, b := range slices.Compact(blocks)[1:] {
			out = append(out, column(v, func(n Night) float64 { return truth(n.Block == b) }))
			d.names = append(d.names, fmt.Sprintf("block=%d", b))
		}
	case Trend:
		out = append(out, column(v, func(n Night) float64 { return float64(n.Day - v[0].Day) }))
		d.names = append(d.names, "day")
	}
	if o.Carry > 0 {
		d.carry = len(out)
		out = append(out, carried(v, o.Carry))
		d.names = append(d.names, "carry")
	}
	return out
}

func column(v []Night, f func(Night) float64) []float64 {
	out := make([]float64, len(v))
	for i, n := range v {
		out[i] = f(n)
	}
	return out
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// carried marks the control nights at most days after an active one.
func carried(v []Night, days int) []float64 {
	out := make([]float64, len(v))
	last := -1
	for i, n := range v {
		switch {
		case n.Active:
			last = i
		case n.Since > 0 && n.Since <= days, n.Since == 0 && last >= 0 && n.Day-v[last].Day <= days:
			out[i] = 1
		}
	}
	return out
}

// neighbours gives Durbin and Watson's statistic and the first autocorrelation.
func neighbours(e []float64) (dw, r float64) {
	var ss, steps, products float64
	for i, v := range e {
		ss += v * v
		if i > 0 {
			steps += (v - e[i-1]) * (v - e[i-1])
			products += v * e[i-1]
		}
	}
	return steps / ss, products / ss
}
