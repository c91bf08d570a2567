package habits

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/terms"
)

// table is the nights used, in order of person and day.
type table struct {
	y, day []float64
	person []int
	adjust [][]float64 // by name
	names  []string    // of them
	habits []split
}

// split is a habit as people's means and nights' deviations.
type split struct {
	asked               Habit
	per                 float64
	x                   []float64
	mean, deviation     []float64
	withinSD, betweenSD float64
	varies              int
}

// The columns' names, as a fault shows them. A colon would mean an interaction.
func (s split) within(k int) string  { return s.column(k, "within people") }
func (s split) between(k int) string { return s.column(k, "between people") }

func (s split) column(k int, part string) string {
	return fmt.Sprintf("%d %s, %s", k+1, strings.ReplaceAll(s.asked.Name, ":", " "), part)
}

// gather keeps the nights with everything on them, and counts the others.
func gather(nights []Night, habits []Habit, o Options, r *Result) (*table, error) {
	v := slices.Clone(nights)
	slices.SortStableFunc(v, func(a, b Night) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Day, b.Day))
	})
	type key struct {
		person string
		day    int
	}
	at := map[key]int{}
	for i, n := range v {
		k := key{n.Person, n.Day}
		if _, twice := at[k]; twice {
			return nil, fault.New(stats.BadArgument, "nights", "day %d of %s occurs twice", n.Day, n.Person)
		}
		at[k] = i
	}
	t := &table{names: o.Adjust, adjust: make([][]float64, len(o.Adjust)), habits: make([]split, len(habits))}
	for k, h := range habits {
		t.habits[k] = split{asked: h, per: h.Per}
		if h.Per == 0 {
			t.habits[k].per = 1
		}
	}
	last := ""
	for _, n := range v {
		if n.Y == nil {
			r.NoOutcome++
			continue
		}
		row := make([]float64, len(habits))
		missing := -1
		for k, h := range habits {
			i, ok := at[key{n.Person, n.Day - h.Lag}]
			if !ok || v[i].Habits[k] == nil {
				missing = k
				break
			}
			row[k] = *v[i].Habits[k]
		}
		if missing >= 0 {
			r.NoHabit[missing]++
			continue
		}
		if r.People == 0 || n.Person != last {
			r.People++
			last = n.Person
		}
		r.Nights++
		t.person = append(t.person, r.People-1)
		t.y, t.day = append(t.y, *n.Y), append(t.day, float64(n.Day))
		for k, x := range row {
			t.habits[k].x = append(t.habits[k].x, x)
		}
		for j, x := range n.Adjust {
			t.adjust[j] = append(t.adjust[j], x)
		}
	}
	if r.People < 2 {
		return nil, fault.New(stats.TooFew, "", "%d people have nights with the outcome and all habits", r.People)
	}
	for k := range t.habits {
		if err := t.habits[k].part(t.person, r.People); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// part takes a habit apart into people's means, about the mean of those, and
// deviations.
func (s *split) part(person []int, people int) error {
	sum, n := make([]float64, people), make([]float64, people)
	low, high := slices.Min(s.x), slices.Max(s.x)
	for i, p := range person {
		sum[p] += s.x[i] - low // about the least, so that sums stay small
		n[p]++
	}
	if low == high {
		return fault.New(stats.Constant, s.asked.Name, "the habit is %v on all nights", low)
	}
	var grand float64
	for p := range sum {
		sum[p] /= n[p]
		grand += sum[p] / float64(people)
	}
	var ss float64
	varies := make([]bool, people)
	small := 1e-12 * (high - low)
	for i, p := range person {
		d := s.x[i] - low - sum[p]
		if math.Abs(d) <= small {
			d = 0
		} else {
			varies[p] = true
		}
		s.mean, s.deviation = append(s.mean, sum[p]-grand), append(s.deviation, d)
		ss += d * d
	}
	for _, v := range varies {
		if v {
			s.varies++
		}
	}
	if len(person) > people {
		s.withinSD = math.Sqrt(ss / float64(len(person)-people))
	}
	ss = 0
	for p := range sum {
		ss += (sum[p] - grand) * (sum[p] - grand)
	}
	if s.betweenSD = math.Sqrt(ss / float64(people-1)); s.betweenSD <= small {
		s.betweenSD = 0
	}
	return nil
}

// design has the columns that can tell something.
func (t *table) design() (*terms.Design, error) {
	var vars []terms.Variable
	var names []string
	add := func(name string, x []float64) {
		vars, names = append(vars, terms.Numeric(name, x)), append(names, name)
	}
	for k, h := range t.habits {
		if h.varies > 0 {
			add(h.within(k), h.deviation)
		}
		if h.betweenSD > 0 {
			add(h.between(k), h.mean)
		}
	}
	for j, name := range t.names {
		add("adjust "+strings.ReplaceAll(name, ":", " "), t.adjust[j])
	}
	return terms.Build(vars, names...)
}
