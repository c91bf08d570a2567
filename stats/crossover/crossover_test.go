package crossover

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
)

// Peak flow after formoterol (A) and salbutamol (B) in 13 children; Senn 1993,
// table 3.1, published as 46.6 with standard error 10.8.
var peakFlow = []struct {
	first  string
	y1, y2 float64
}{
	{"A", 310, 270},
	{"A", 310, 260},
	{"A", 370, 300},
	{"A", 410, 390},
	{"A", 250, 210},
	{"A", 380, 350},
	{"A", 330, 365},
	{"B", 370, 385},
	{"B", 310, 400},
	{"B", 380, 410},
	{"B", 290, 320},
	{"B", 260, 340},
	{"B", 90, 220},
}

func children() []Person {
	var out []Person
	for _, c := range peakFlow {
		out = append(out, Person{First: c.first, Outcomes: [2]*float64{&c.y1, &c.y2}})
	}
	return out
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

func TestPeakFlow(t *testing.T) {
	r, err := Analyse(children(), "A", "B", 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "A − B", r.Treatment.Value, 46.6071428571429, 1e-13)
	near(t, "se", r.Treatment.SE, 10.7765596451754, 1e-13)
	near(t, "p", r.Treatment.P, 0.00120484753982699, 1e-11)
	near(t, "period", r.Period.Value, 15.8928571428571, 1e-13)
	near(t, "sequence t", r.Sequence.Stat, 0.179151911977802, 1e-12)
}

func TestWhatMustNotChange(t *testing.T) {
	base, err := Analyse(children(), "A", "B", 0)
	if err != nil {
		t.Fatal(err)
	}
	p := children()
	rand.New(rand.NewPCG(3, 3)).Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
	one := 7.0
	p = append(p, Person{First: "A", Outcomes: [2]*float64{&one, nil}}, Person{First: "B"})
	got, err := Analyse(p, "A", "B", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got.Treatment.Value != base.Treatment.Value || got.Treatment.SE != base.Treatment.SE || got.Sequence.P != base.Sequence.P {
		t.Error("the order of people, or people without both periods, changed the estimate")
	}
	if got.Partial != 1 || got.Empty != 1 || got.Complete != 13 {
		t.Errorf("counted %d partial, %d empty, %d complete", got.Partial, got.Empty, got.Complete)
	}
	swapped, err := Analyse(children(), "B", "A", 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "swapped", swapped.Treatment.Value, -base.Treatment.Value, 1e-14)
	near(t, "period when swapped", swapped.Period.Value, base.Period.Value, 1e-14)
}

func TestFaults(t *testing.T) {
	full := children()
	nan := math.NaN()
	same := []Person{}
	for _, f := range []string{"A", "B", "A", "B"} {
		x, y := 2.0, 1.0
		same = append(same, Person{First: f, Outcomes: [2]*float64{&x, &y}})
	}
	for _, c := range []struct {
		name   string
		people []Person
		code   fault.Code
	}{
		{"nobody", nil, stats.EmptyGroup},
		{"one sequence", full[:7], stats.EmptyGroup},
		{"two people", []Person{full[0], full[8]}, stats.TooFew},
		{"unknown treatment", []Person{{First: "C"}}, stats.UnknownName},
		{"NaN", []Person{{First: "A", Outcomes: [2]*float64{&nan, &nan}}}, stats.NotFinite},
		{"no variation", same, stats.Constant},
	} {
		_, err := Analyse(c.people, "A", "B", 0)
		var p *fault.Problem
		if !errors.As(err, &p) || p.Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
	if _, err := Paired([]float64{1, 2, 3}, []float64{0, 1, 2}, 0); err == nil {
		t.Error("equal differences gave an answer")
	}
	if _, err := Paired([]float64{1}, []float64{0}, 0); err == nil {
		t.Error("one pair gave an answer")
	}
}
