package estimate

import (
	"cmp"
	"slices"
	"strconv"

	"dvala/protocol"
	"dvala/stats/summary"
)

// baseline is Table 1: the screening answers that the protocol marks, then each
// outcome's baseline. The columns are arms, or sequences in a crossover. The
// standardised difference is the first group minus the second, where there are
// two; it has no p-value beside it, since in a randomised trial that would test
// what is known to be true.
func (r *run) baseline() []BaselineRow {
	out := []BaselineRow{}
	for _, q := range r.p.Population.Screening {
		if !q.Baseline {
			continue
		}
		if q.Type == "int" || q.Type == "number" {
			out = append(out, r.numberRow(q.Label.In("en"), q.Unit, func(p Person) (float64, bool) {
				return p.Answers[q.Name].Number()
			}))
			continue
		}
		out = append(out, r.shareRows(q)...)
	}
	done := map[string]bool{}
	for _, e := range r.checked.InOrder() {
		o, ok := r.checked.Outcome(e.Variable.Outcome)
		s := &set{estimand: e, outcome: o}
		if !ok || !s.hasBaseline() || o.Responder != nil || done[o.ID] {
			continue
		}
		done[o.ID] = true
		out = append(out, r.numberRow(o.Label.In("en"), o.Unit, func(p Person) (float64, bool) {
			if b := r.baselineOf(s, [2]string{p.Subject, o.ID}); b != nil {
				return *b, true
			}
			return 0, false
		}))
	}
	return out
}

// numberRow describes a number in each group.
func (r *run) numberRow(label, unit string, of func(Person) (float64, bool)) BaselineRow {
	row := BaselineRow{Label: label, Unit: unit, Kind: "number"}
	var all [][]float64
	for _, g := range r.groups {
		var x []float64
		for _, p := range r.data.People {
			if r.column(p.Group) == g {
				if v, ok := of(p); ok {
					x = append(x, v)
				}
			}
		}
		row.Arms = append(row.Arms, numbers(x))
		all = append(all, x)
	}
	if len(all) == 2 {
		if d, err := summary.SMD(all[0], all[1]); err == nil {
			row.SMD = &d
		}
	}
	return row
}

// numbers describes values: mean, SD, and quartiles of R's type 2.
func numbers(x []float64) BaselineArm {
	s, ok, err := summary.Describe(x, 0)
	if !ok || err != nil {
		return BaselineArm{N: len(x)}
	}
	return BaselineArm{N: s.N, Mean: &s.Mean, SD: s.SD, Median: &s.Median, Q1: &s.Q1, Q3: &s.Q3}
}

// shareRows describes a choice or a yes-or-no: one row per level, each with the
// standardised difference of its share.
func (r *run) shareRows(q protocol.Question) []BaselineRow {
	levels := q.Levels
	if q.Type == "bool" {
		levels = []string{strconv.FormatBool(true)}
	}
	var out []BaselineRow
	for _, level := range levels {
		row := BaselineRow{Label: q.Label.In("en"), Level: level, Kind: "share"}
		if q.Type == "bool" {
			row.Level = "yes"
		}
		for _, g := range r.groups {
			n, count := 0, 0
			for _, p := range r.data.People {
				if v, ok := p.Answers[q.Name]; ok && r.column(p.Group) == g {
					n++
					if v.String() == level {
						count++
					}
				}
			}
			row.Arms = append(row.Arms, BaselineArm{N: n, Count: &count})
		}
		if a := row.Arms; len(a) == 2 && a[0].N > 0 && a[1].N > 0 {
			if d, err := summary.SMDBinary(*a[0].Count, a[0].N, *a[1].Count, a[1].N); err == nil {
				row.SMD = &d
			}
		}
		out = append(out, row)
	}
	return out
}

// harms counts adverse events by treatment, among all who were randomised to
// it, with the exact intervals of the shares. In a crossover an event is of the
// treatment of the period it began in.
func (r *run) harms() Harms {
	group := r.groupOf()
	var arms []string
	h := Harms{Terms: []HarmRow{}}
	for _, a := range r.p.Arms {
		n := 0
		for _, p := range r.data.People {
			if slices.Contains(r.sequence[p.Group], a.ID) {
				n++
			}
		}
		arms = append(arms, a.ID)
		h.Arms = append(h.Arms, HarmArm{Arm: a.ID, People: n})
	}
	r.affected(h.Arms, arms, group)
	if r.data.Facts.External {
		h.NotRecorded = "the tables of this trial hold no adverse events"
	}
	h.Unblinded = r.unblinded(arms, h.Arms, group)
	h.Terms = r.harmRows(arms, h.Arms, group, func(Adverse) bool { return true })
	h.Serious = r.harmRows(arms, h.Arms, group, func(a Adverse) bool { return a.Serious })
	h.Other = r.harmRows(arms, h.Arms, group, func(a Adverse) bool { return !a.Serious })
	return h
}

// affected counts events, the people with at least one, of any sort, serious and
// other, and those who died.
func (r *run) affected(info []HarmArm, arms []string, group map[string]string) {
	seen := map[[3]string]bool{}
	once := func(n *int, sort, subject, arm string) {
		if k := [3]string{sort, subject, arm}; !seen[k] {
			seen[k] = true
			*n++
		}
	}
	for _, e := range r.data.Adverse {
		i := slices.Index(arms, r.armAt(group[e.Subject], e.Day))
		if i < 0 {
			continue
		}
		info[i].Events++
		once(&info[i].AtLeastOne, "any", e.Subject, arms[i])
		if e.Serious {
			once(&info[i].Serious, "serious", e.Subject, arms[i])
		} else {
			once(&info[i].Other, "other", e.Subject, arms[i])
		}
	}
	for _, p := range r.data.People {
		if p.Died == nil {
			continue
		}
		if i := slices.Index(arms, r.armAt(p.Group, max(*p.Died, 0))); i >= 0 {
			info[i].Died++
		}
	}
}

// unblinded counts people unblinded in an emergency, by the adverse events that
// led to it and by the treatment of the day on which they were. The totals of the
// arms are put into info.
func (r *run) unblinded(arms []string, info []HarmArm, group map[string]string) []UnblindedRow {
	var rows []UnblindedRow
	seen := map[[3]string]bool{} // a person, an arm, a term
	in := map[[2]string]bool{}
	for _, u := range r.data.Unblinded {
		i := slices.Index(arms, r.armAt(group[u.Subject], u.Day))
		if i < 0 {
			continue
		}
		if k := [2]string{u.Subject, arms[i]}; !in[k] {
			in[k] = true
			info[i].Unblinded++
		}
		terms := u.Terms
		if len(terms) == 0 {
			terms = []string{""}
		}
		for _, term := range terms {
			k := slices.IndexFunc(rows, func(x UnblindedRow) bool { return x.Term == term })
			if k < 0 {
				rows = append(rows, UnblindedRow{Term: term, People: make([]int, len(arms))})
				k = len(rows) - 1
			}
			if at := [3]string{u.Subject, arms[i], term}; !seen[at] {
				seen[at] = true
				rows[k].People[i]++
			}
		}
	}
	slices.SortFunc(rows, func(a, b UnblindedRow) int {
		return cmp.Or(cmp.Compare(total(b.People), total(a.People)), cmp.Compare(a.Term, b.Term))
	})
	return rows
}

func (r *run) harmRows(arms []string, info []HarmArm, group map[string]string, take func(Adverse) bool) []HarmRow {
	rows := []HarmRow{}
	seen := map[[3]string]bool{}
	for _, e := range r.data.Adverse {
		i := slices.Index(arms, r.armAt(group[e.Subject], e.Day))
		if i < 0 || !take(e) {
			continue
		}
		k := slices.IndexFunc(rows, func(h HarmRow) bool { return h.Term == e.Term })
		if k < 0 {
			n := len(arms)
			rows = append(rows, HarmRow{Term: e.Term, People: make([]int, n), Events: make([]int, n), Low: make([]float64, n), High: make([]float64, n)})
			k = len(rows) - 1
		}
		rows[k].Events[i]++
		if at := [3]string{e.Term, e.Subject, arms[i]}; !seen[at] {
			seen[at] = true
			rows[k].People[i]++
		}
	}
	for k := range rows {
		for i := range arms {
			if s, err := summary.ExactShare(rows[k].People[i], info[i].People, r.level); err == nil {
				rows[k].Low[i], rows[k].High[i] = s.Low, s.High
			} else {
				rows[k].High[i] = 1 // of nobody, nothing is known
			}
		}
	}
	slices.SortFunc(rows, func(a, b HarmRow) int {
		na, nb := total(a.People), total(b.People)
		switch {
		case na != nb:
			return nb - na
		case a.Term < b.Term:
			return -1
		}
		return 1
	})
	return rows
}

func total(n []int) int {
	sum := 0
	for _, v := range n {
		sum += v
	}
	return sum
}
