package watch

import (
	"slices"

	"dvala/instrument"
	"dvala/stats/dist"
	"dvala/study"
)

// Digits compares the last digits of what one person, or all of one site, told in
// minutes and clock times with those of everybody else. People round: most tell
// fives and tens, and that is no sign of anything. Who rounds otherwise than
// the others may be another person filling in the form.
type Digits struct {
	Subject study.Subject // empty of a site
	Site    string
	Counts  [10]int // of the last digit
	N       int
	// Chi2 is Pearson's statistic of the two rows (these, the others) by ten
	// digits, on DF degrees of freedom; P its upper tail, and Adjusted that
	// after Holm over all that were tested together. Tested is false where an
	// expected count is under 5 once rare digits are taken together.
	Chi2     float64
	DF       int
	P        float64
	Adjusted float64
	Tested   bool
}

// LastDigits gives the test for every person and every site, the least likely
// first. What is told by nobody else is not tested.
func LastDigits(s *study.State) []Digits {
	var people []Digits
	sites := map[string]*Digits{}
	var all [10]int
	for _, who := range s.Order {
		p := s.People[who]
		d := digitsOf(s, p)
		if d.N == 0 {
			continue
		}
		people = append(people, d)
		if sites[p.Site] == nil {
			sites[p.Site] = &Digits{Site: p.Site}
		}
		for i, n := range d.Counts {
			all[i] += n
			sites[p.Site].Counts[i] += n
		}
		sites[p.Site].N += d.N
	}
	var bySite []Digits
	for _, site := range s.Protocol.Protocol().Sites {
		if d := sites[site.ID]; d != nil {
			bySite = append(bySite, *d)
		}
	}
	for _, of := range [][]Digits{people, bySite} {
		for i := range of {
			of[i].test(all)
		}
		holm(of)
	}
	return inOrder(append(bySite, people...))
}

// inOrder puts the least likely first.
func inOrder(out []Digits) []Digits {
	slices.SortStableFunc(out, func(a, b Digits) int {
		switch {
		case a.Tested != b.Tested:
			return map[bool]int{true: -1, false: 1}[a.Tested]
		case a.Adjusted < b.Adjusted || a.Adjusted == b.Adjusted && a.P < b.P:
			return -1
		case a.Adjusted == b.Adjusted && a.P == b.P:
			return 0
		}
		return 1
	})
	return out
}

// digitsOf counts the last digits of one person.
func digitsOf(s *study.State, p *study.Participant) Digits {
	d := Digits{Subject: p.Subject, Site: p.Site}
	for _, r := range p.Diary {
		d.count(s, r)
	}
	for _, of := range p.Visits {
		for _, r := range of {
			d.count(s, r)
		}
	}
	return d
}

// count takes the minutes and clock times of a form.
func (d *Digits) count(s *study.State, r *study.Response) {
	def, ok := s.Instrument(instrument.ID(r.Answered.Instrument), r.Answered.Version)
	if !ok {
		return
	}
	for i := range def.Items {
		it := &def.Items[i]
		a, there := r.Answers[it.ID]
		if !there {
			continue
		}
		var last int
		switch it.Kind {
		case instrument.Clock:
			c, ok := a.Clock()
			if !ok {
				continue
			}
			last = int(c) % 10
		case instrument.Minutes:
			x, ok := a.Number()
			if !ok || x == 0 {
				continue // nothing is not rounded
			}
			last = int(x) % 10
		default:
			continue
		}
		d.Counts[last]++
		d.N++
	}
}

// test is Pearson's test of homogeneity.
func (d *Digits) test(all [10]int) {
	if d.Chi2, d.DF, d.Tested = d.compare(&all); d.Tested {
		d.P = dist.ChiSquaredUpper(d.Chi2, float64(d.DF))
	}
}

// compare gives Pearson's statistic and its degrees of freedom. Digits are taken together with the
// next until every expected count of the column is 5 or more.
func (d *Digits) compare(all *[10]int) (chi2 float64, df int, ok bool) {
	total := 0
	for _, n := range all {
		total += n
	}
	rest := total - d.N
	if d.N == 0 || rest == 0 {
		return 0, 0, false
	}
	smaller := float64(min(d.N, rest)) / float64(total)
	columns := make([][2]float64, 0, 10) // these, and all
	var here, both float64
	for i := range 10 {
		here, both = here+float64(d.Counts[i]), both+float64(all[i])
		if both*smaller >= 5 {
			columns = append(columns, [2]float64{here, both})
			here, both = 0, 0
		}
	}
	if n := len(columns); n > 0 {
		columns[n-1][0] += here
		columns[n-1][1] += both
	}
	if len(columns) < 2 {
		return 0, 0, false
	}
	for _, c := range columns {
		for _, row := range [2][2]float64{{c[0], float64(d.N)}, {c[1] - c[0], float64(rest)}} {
			expected := c[1] * row[1] / float64(total)
			chi2 += (row[0] - expected) * (row[0] - expected) / expected
		}
	}
	return chi2, len(columns) - 1, true
}

// holm adjusts the p-values of those that were tested.
func holm(of []Digits) {
	tested := 0
	for _, d := range of {
		if d.Tested {
			tested++
		}
	}
	holmOf(of, tested)
}

// holmOf adjusts the smallest p-values of some that were tested.
func holmOf(of []Digits, tested int) {
	var order []int
	for i := range of {
		if of[i].Tested {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case of[a].P < of[b].P:
			return -1
		case of[a].P > of[b].P:
			return 1
		}
		return 0
	})
	worst := 0.0
	for rank, i := range order {
		worst = max(worst, min(1, of[i].P*float64(tested-rank)))
		of[i].Adjusted = worst
	}
}
