package pool

import (
	"fmt"
	"slices"
	"strings"

	"dvala/estimate"
	"dvala/fault"
	"dvala/stats/dist"
	"dvala/stats/meta"
)

// Differing is an attribute in which the trials are not alike, and what each
// says of it.
type Differing struct {
	Attribute string   `json:"attribute"`
	Are       []string `json:"are"` // in the order of the trials
}

// attributes that may differ if it is asked for, and how each is told.
var attributes = []struct {
	name string
	of   func(a estimate.Attributes) string
}{
	{"treatment", func(a estimate.Attributes) string { return a.Treatment }},
	{"comparator", func(a estimate.Attributes) string { return a.Comparator }},
	{"population", func(a estimate.Attributes) string { return a.Population }},
	{"variable", func(a estimate.Attributes) string { return a.Variable }},
	{"events", func(a estimate.Attributes) string {
		var out []string
		for _, e := range a.Events {
			out = append(out, e.Event+": "+e.Strategy+" ("+e.Means+")")
		}
		slices.Sort(out)
		return strings.Join(out, "; ")
	}},
}

// alike finds what the trials differ in, and refuses what was not allowed, all
// of it at once.
func alike(studies []Study, despite []string) ([]Differing, error) {
	var l fault.List
	for _, d := range despite {
		if !slices.ContainsFunc(attributes, func(a struct {
			name string
			of   func(a estimate.Attributes) string
		},
		) bool {
			return a.name == d
		}) {
			l.Addf("pool-despite", "despite", "%q is no attribute that may differ", d).WithHint("treatment, comparator, population, variable or events")
		}
	}
	first := studies[0]
	for i, s := range studies[1:] {
		for _, before := range studies[:i+1] {
			if before.Trial.ID == s.Trial.ID {
				l.Addf("pool-twice", s.Source, "%s is the trial of %s too, and its people would count twice", s.Trial.ID, before.Source)
				break
			}
		}
		if s.Simulated != first.Simulated {
			l.Addf("pool-mixed", s.Source, "one of %s and %s has made-up people", first.Trial.ID, s.Trial.ID)
		}
		for _, c := range [][3]string{
			{"summary measure", first.Result.Summary, s.Result.Summary},
			{"unit", first.Result.Unit, s.Result.Unit},
			{"better direction", string(first.Result.Better), string(s.Result.Better)},
		} {
			if c[1] != c[2] {
				l.Addf("pool-differs", s.Source, "the %s is %s, and that of %s is %s", c[0], told(c[2]), first.Trial.ID, told(c[1]))
			}
		}
	}
	var out []Differing
	for _, a := range attributes {
		d := Differing{Attribute: a.name}
		for _, s := range studies {
			d.Are = append(d.Are, a.of(s.Result.Estimand))
		}
		at := slices.IndexFunc(d.Are, func(x string) bool { return x != d.Are[0] })
		switch {
		case at < 0:
		case slices.Contains(despite, a.name):
			out = append(out, d)
		default:
			l.Addf("pool-differs", studies[at].Source, "the %s differs: %s; of %s it is: %s", a.name, told(d.Are[at]), first.Trial.ID, told(d.Are[0])).
				WithHint("their mean would be of neither; if it is wanted all the same, --despite %s says so beside the result", a.name)
		}
	}
	return out, l.Err()
}

func told(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func errorsName(e meta.Errors) string {
	switch e {
	case meta.Normal:
		return "normal"
	case meta.KnappHartungAtLeast:
		return "Knapp and Hartung, held at 1 or more"
	}
	return "Knapp and Hartung"
}

func normalHalf(level float64) float64 { return dist.NormalQuantile(0.5 + level/2) }

// notes say what a reader should know of few trials and of their agreement.
func (p *Pooled) notes(common, r meta.Result, o Options) {
	add := func(format string, args ...any) { p.Notes = append(p.Notes, fmt.Sprintf(format, args...)) }
	for _, d := range p.Despite {
		add("Pooled although the %s differs between the trials.", d.Attribute)
	}
	if p.Simulated {
		add("The people of these trials are made up.")
	}
	if o.Spread != meta.Common && o.Errors == meta.KnappHartung && r.Mean.SE < common.Mean.SE {
		add("The trials agree better than their own errors let one expect, which is luck: Knapp and Hartung’s error is less than that of one common effect. Held at 1 or more it would be wider.")
	}
	if len(p.Trials) < 5 && o.Spread != meta.Common {
		add("How much %d trials differ can hardly be estimated: τ² and where the next trial lies are uncertain beyond what is told.", len(p.Trials))
	}
}
