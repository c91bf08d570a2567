package estimate

import (
	"slices"

	"dvala/protocol"
)

// flow counts the CONSORT 2025 flow. The columns are arms, or sequences in a
// crossover, in the protocol's order.
func (r *run) flow(primary *set) Flow {
	f := Flow{Screened: r.data.Screened, Excluded: sortCounts(append([]Count{}, r.data.Excluded...)), Randomised: len(r.data.People)}
	dosed := map[string]bool{}
	for _, d := range r.data.Doses {
		if d.Units > 0 && d.Day >= 0 {
			dosed[d.Subject] = true
		}
	}
	told := map[string]bool{}
	for _, u := range r.data.Unblinded {
		told[u.Subject] = true
	}
	analysed := map[string]bool{}
	if primary != nil {
		for _, m := range primary.members {
			analysed[m.person.Subject] = true
		}
	}
	for _, g := range r.groups {
		a := ArmFlow{Arm: g, Stopped: []Count{}, Lost: []Count{}, NotAnalysed: []Count{}}
		for i := range r.data.People {
			p := &r.data.People[i]
			if r.column(p.Group) != g {
				continue
			}
			a.Randomised++
			if dosed[p.Subject] || r.p.Dose == nil && r.hasAnything(p.Subject) {
				a.Received++
			}
			if p.Stopped != nil {
				a.Stopped = addCount(a.Stopped, p.Stopped.Why)
			}
			if p.Left != nil {
				a.Lost = addCount(a.Lost, p.Left.Why)
			}
			if told[p.Subject] {
				a.Unblinded++
			}
			if p.Completed {
				a.Completed++
			}
			switch {
			case primary == nil:
			case analysed[p.Subject]:
				a.Analysed++
			default:
				a.NotAnalysed = addCount(a.NotAnalysed, r.leftOut(primary, p))
			}
		}
		sortCounts(a.Stopped)
		sortCounts(a.Lost)
		sortCounts(a.NotAnalysed)
		f.Arms = append(f.Arms, a)
	}
	return f
}

// leftOut gives the reason for which a person is not in a set.
func (r *run) leftOut(s *set, p *Person) string {
	if !r.compares(p.Group, s.arms) {
		return "in no arm of the primary comparison"
	}
	m := member{person: p, periods: map[int][]float64{}}
	counted := *s
	counted.removed = slices.Clone(s.removed)
	r.fillValues(&counted, &m)
	why, _ := r.whyNot(s, &m)
	return why
}

// hasAnything says whether a person has a value after randomisation: where no
// doses are recorded, that is all that is known of receiving the treatment.
func (r *run) hasAnything(subject string) bool {
	for _, o := range r.p.Outcomes {
		key := [2]string{subject, o.ID}
		if slices.ContainsFunc(r.index.values[key], func(v Value) bool { return v.Day >= 0 }) {
			return true
		}
		if slices.ContainsFunc(r.index.nights[key], func(n NightValue) bool { return n.Period > 0 && (n.Day > 0 || !r.parallel()) }) {
			return true
		}
	}
	return false
}

// adherence counts doses, diary days and device nights by arm. Doses are those
// planned from the day of randomisation until treatment ended, was stopped, or
// the person left; a day without a record counts as not taken. In a crossover
// the columns are sequences.
func (r *run) adherence() []AdherenceRow {
	if r.p.Dose == nil && r.p.Diary == nil && len(r.p.Devices) == 0 {
		return nil
	}
	taken := map[string]int{}
	for _, d := range r.data.Doses {
		if planned(r, d.Day) {
			taken[d.Subject] += d.Units
		}
	}
	cover := map[string]Coverage{}
	for _, c := range r.data.Coverage {
		cover[c.Subject] = c
	}
	var out []AdherenceRow
	for _, g := range r.groups {
		row := AdherenceRow{Arm: g}
		var shares, diary, ring []float64
		for _, p := range r.data.People {
			if r.column(p.Group) != g {
				continue
			}
			row.People++
			if share, ok := r.doseShare(p, taken[p.Subject]); ok {
				shares = append(shares, share)
				if share >= r.p.Dose.AdherentAt {
					row.Adherent++
				}
			}
			if c, ok := cover[p.Subject]; ok && c.DiaryOf > 0 {
				diary = append(diary, float64(c.DiaryDays))
			}
			if c, ok := cover[p.Subject]; ok && c.DeviceOf > 0 {
				ring = append(ring, float64(c.DeviceNights))
			}
		}
		row.MeanShare, _ = meanSD(shares)
		row.DiaryDays, row.RingNights = numbers(diary), numbers(ring)
		out = append(out, row)
	}
	return out
}

// planned says whether a dose is planned on a day: from the first of each
// period, as many days as the treatment lasts.
func planned(r *run, day int) bool {
	if day < 0 {
		return false
	}
	within := day
	if !r.parallel() {
		within = day - r.checked.PeriodStart(r.periodOf(day))
	}
	return within < r.p.Design.TreatmentDays
}

// doseShare gives the share of the planned units that a person took.
func (r *run) doseShare(p Person, taken int) (float64, bool) {
	if r.p.Dose == nil {
		return 0, false
	}
	until := r.checked.PeriodStart(max(r.p.Design.Periods, 1)) + r.p.Design.TreatmentDays
	for _, e := range []*Exit{p.Stopped, p.Left} {
		if e != nil {
			until = min(until, e.Day)
		}
	}
	days := 0
	for day := range until {
		if planned(r, day) {
			days++
		}
	}
	if days == 0 {
		return 0, false
	}
	return float64(taken) / float64(days*r.p.Dose.PerDay), true
}

// deviations counts kinds of deviation by group.
func (r *run) deviations() []DeviationRow {
	group := r.groupOf()
	var out []DeviationRow
	for _, d := range r.data.Deviations {
		g := slices.Index(r.groups, r.column(group[d.Subject]))
		if g < 0 {
			continue
		}
		i := slices.IndexFunc(out, func(x DeviationRow) bool { return x.Code == d.Code })
		if i < 0 {
			out = append(out, DeviationRow{Code: d.Code, Arms: make([]int, len(r.groups))})
			i = len(out) - 1
		}
		out[i].Arms[g]++
	}
	slices.SortFunc(out, func(a, b DeviationRow) int {
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
	return out
}

func (r *run) groupOf() map[string]string {
	out := make(map[string]string, len(r.data.People))
	for _, p := range r.data.People {
		out[p.Subject] = p.Group
	}
	return out
}

// missing counts, for every outcome that an estimand speaks of, planned and
// present values by group after randomisation, and why the others are not
// there.
func (r *run) missing() []MissingRow {
	group := r.groupOf()
	var out []MissingRow
	for _, o := range r.estimated() {
		for _, g := range r.groups {
			row := MissingRow{Outcome: o.ID, Label: o.Label.In("en"), Arm: g}
			for _, v := range r.data.Values {
				if v.Outcome == o.ID && r.column(group[v.Subject]) == g && r.afterStart(v.Visit) {
					row.Got++
				}
			}
			for _, n := range r.data.Nights {
				if n.Outcome == o.ID && r.column(group[n.Subject]) == g && n.Period > 0 && n.Day > 0 {
					row.Got++
				}
			}
			for _, a := range r.data.Absent {
				after := a.Visit != "" && r.afterStart(a.Visit) || a.Visit == "" && a.Period > 0 && a.Day > 0
				if a.Outcome == o.ID && r.column(group[a.Subject]) == g && after {
					row.Why = addCount(row.Why, a.Why)
				}
			}
			row.Planned = row.Got
			for _, c := range row.Why {
				row.Planned += c.N
			}
			sortCounts(row.Why)
			out = append(out, row)
		}
	}
	return out
}

// afterStart says whether a visit comes after the treatment began.
func (r *run) afterStart(visit string) bool {
	v, ok := r.checked.Visit(visit)
	return ok && v.Day > 0
}

// estimated gives the outcomes that estimands speak of, in their order.
func (r *run) estimated() []protocol.Outcome {
	var out []protocol.Outcome
	for _, e := range r.checked.InOrder() {
		o, ok := r.checked.Outcome(e.Variable.Outcome)
		if ok && o.Responder == nil && o.Source.Event == "" && !slices.ContainsFunc(out, func(x protocol.Outcome) bool { return x.ID == o.ID }) {
			out = append(out, o)
		}
	}
	return out
}
