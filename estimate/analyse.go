package estimate

import (
	"strconv"

	"dvala/fault"
	"dvala/protocol"
)

// run is one analysis on its way: nothing in it outlives Analyse.
type run struct {
	layout
	data  *Data
	index *index
	level float64 // of all intervals
	// quick leaves out what a simulation does not ask: diagnostics and further
	// analyses. bare leaves out all but the estimate, as when people are left out
	// one by one.
	quick, bare bool
	// blind takes everybody together, whatever the group.
	blind bool
}

func newRun(c protocol.Checked, d *Data) *run {
	sorted := *d
	sorted.People = append([]Person(nil), d.People...)
	sorted.Values = append([]Value(nil), d.Values...)
	sorted.Nights = append([]NightValue(nil), d.Nights...)
	sorted.Habits = append([]NightValue(nil), d.Habits...)
	sorted.Absent = append([]Absent(nil), d.Absent...)
	sorted.Staged = append([]StagedNight(nil), d.Staged...)
	sorted.Coverage = append([]Coverage(nil), d.Coverage...)
	sorted.Doses = append([]Dose(nil), d.Doses...)
	sorted.Events = append([]Intercurrent(nil), d.Events...)
	sorted.Adverse = append([]Adverse(nil), d.Adverse...)
	sorted.Unblinded = append([]Unblinded(nil), d.Unblinded...)
	sorted.Deviations = append([]Deviation(nil), d.Deviations...)
	sorted.Guesses = append([]Guess(nil), d.Guesses...)
	sorted.Sort()
	level := 0.95
	if a := c.Protocol().Multiplicity.Alpha; a > 0 && a < 1 {
		level = 1 - a
	}
	return &run{layout: layoutOf(c), data: &sorted, index: indexOf(&sorted), level: level}
}

// Analyse turns tables into all that a report shows. It is a pure function:
// the same protocol and the same rows, in any order, give the same Results.
// People without a group are a fault, since a table of nobody's arm would look
// like an answer. On a dummy allocation the IDs of arms are not in the results.
func Analyse(c protocol.Checked, d *Data, dummy bool, prov Provenance) (Results, error) {
	r := newRun(c, d)
	if err := r.checkGroups(); err != nil {
		return Results{}, err
	}
	arms, sequences := r.groupInfo(r.data.People)
	out := Results{
		Format: 1, Trial: r.trialInfo(), Dummy: dummy, Arms: arms, Sequences: sequences,
		Provenance: prov,
	}
	var primary *set
	var sets []*set
	for _, e := range c.InOrder() {
		s := r.setOf(e)
		if primary == nil && e.Place == protocol.Primary {
			primary = s
		}
		sets = append(sets, s)
		out.Estimands = append(out.Estimands, r.result(s))
	}
	r.claim(out.Estimands)
	for i := range out.Estimands {
		e := &out.Estimands[i]
		e.Sensitivity = r.sensitivity(sets[i], e)
		Speak(e)
	}
	out.Multiplicity = r.multiplicity(out.Estimands)
	out.Habits = r.habits()
	out.Flow = r.flow(primary)
	out.Baseline = r.baseline()
	out.Series = r.series()
	out.Nights = r.averageNights()
	out.Adherence = r.adherence()
	out.Harms = r.harms()
	out.Deviations = r.deviations()
	out.Missing = r.missing()
	out.Guess = r.guesses()
	out.Checks = r.checks()
	if dummy {
		r.withoutIDs(&out)
	}
	return out, nil
}

// Answer gives the result of one estimand alone, without a claim: what a
// simulation asks a thousand times.
func Answer(c protocol.Checked, d *Data, e protocol.Estimand) Result {
	r := newRun(c, d)
	r.quick = true
	return r.result(r.setOf(e))
}

func (r *run) checkGroups() error {
	var l fault.List
	for _, p := range r.data.People {
		if _, ok := r.sequence[p.Group]; !ok {
			l.Addf("person-group", p.Subject, "%q is no arm or sequence of the protocol", p.Group).
				WithHint("before the openings, analyse on a dummy allocation")
		}
	}
	for i := 1; i < len(r.data.People); i++ {
		if p := r.data.People[i].Subject; p == r.data.People[i-1].Subject {
			l.Addf("person-twice", p, "the person is in the table twice")
		}
	}
	return l.Err()
}

func (r *run) trialInfo() TrialInfo {
	f := r.data.Facts
	t := TrialInfo{
		ID: r.p.ID, Version: r.p.Version, Title: r.p.Title, Question: r.p.Question,
		Design: r.p.Design.Kind, Languages: r.p.Languages, Registry: r.p.Registry,
		AsRegistered: f.AsRegistered, Simulated: f.Simulated, External: f.External,
		FirstScreened: f.FirstScreened.String(), LockedAt: f.LockedAt, Methods: Methods(r.checked),
	}
	for _, g := range r.p.Registry {
		if g.Registered.IsZero() || f.FirstScreened.IsZero() {
			continue
		}
		before := !f.FirstScreened.Before(g.Registered)
		if t.RegisteredBefore == nil || before {
			t.RegisteredBefore = &before
		}
	}
	if len(r.p.Registry) == 0 && !f.External {
		no := false
		t.RegisteredBefore = &no
	}
	return t
}

func itoa(n int) string { return strconv.Itoa(n) }
