package missing

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/mmrm"
	"dvala/stats/terms"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

func simulate(seed uint64, n int, drop float64) Trial {
	r := rand.New(rand.NewPCG(seed, 31))
	t := Trial{Visits: []string{"D07", "D14", "D21"}}
	var bl []float64
	for i := range n {
		b, u := 17+3*r.NormFloat64(), 2*r.NormFloat64()
		bl, t.Arm = append(bl, b), append(t.Arm, i%2)
		row := make([]*float64, 3)
		for v := range row {
			if v > 0 && r.Float64() < drop {
				break
			}
			y := 5 + 0.6*b + u - 1.2*float64(i%2)*float64(v+1) + 2*r.NormFloat64()
			row[v] = &y
		}
		t.Y = append(t.Y, row)
	}
	t.Covariates = []terms.Variable{terms.Numeric("bl", bl)}
	return t
}

// With nothing missing all strategies are the same, and tipping has nothing to
// tip. With outcomes missing only in the reference arm they are the same too.
func TestNothingToImpute(t *testing.T) {
	full := simulate(1, 30, 0)
	base, err := ConditionalMean(full, AtRandom, 0)
	if err != nil {
		t.Fatal(err)
	}
	half := simulate(1, 30, 0)
	for i := range half.Y {
		if half.Arm[i] == 0 && i%6 == 0 {
			half.Y[i][2] = nil
		}
	}
	mar, err := ConditionalMean(half, AtRandom, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Strategy{Jump, Copy, Increments} {
		r, err := ConditionalMean(full, s, 0)
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(s), r.Value, base.Value, 1e-12)
		near(t, string(s)+" se", r.SE, base.SE, 1e-10)
		r, err = ConditionalMean(half, s, 0)
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(s)+" with a whole active arm", r.Value, mar.Value, 1e-12)
	}
	if _, ok := base.Tipping(50); ok {
		t.Error("complete data were tipped")
	}
}

// When people leave at random the conditional means give what the MMRM gives
// at the last visit, for a model in which the covariate acts alike at all
// visits; and jumping to the reference draws the effect towards zero.
func TestAgainstMMRM(t *testing.T) {
	tr := simulate(3, 60, 0.15)
	r, err := ConditionalMean(tr, AtRandom, 0)
	if err != nil {
		t.Fatal(err)
	}
	j, err := ConditionalMean(tr, Jump, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !(math.Abs(j.Value) < math.Abs(r.Value)) || !(j.SE < r.SE) {
		t.Errorf("jump to reference gives %g ± %g, at random %g ± %g", j.Value, j.SE, r.Value, r.SE)
	}
	f, err := layOut(tr)
	if err != nil {
		t.Fatal(err)
	}
	in := mmrm.Rows{Visits: tr.Visits}
	var rows []int
	for i, row := range tr.Y {
		for v, y := range row {
			if y != nil {
				rows = append(rows, i*3+v)
				in.Y, in.Person, in.Visit = append(in.Y, *y), append(in.Person, i), append(in.Visit, v)
			}
		}
	}
	d := &terms.Design{Columns: f.x.Columns}
	for _, k := range rows {
		d.X.A = append(d.X.A, f.x.X.Row(k)...)
	}
	d.X.R, d.X.C = len(rows), f.x.X.C
	m, err := mmrm.Repeated(d, in, mmrm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := make([]float64, len(d.Columns))
	for k, c := range d.Columns {
		if c == "arm=1" || c == "arm=1:visit=D21" {
			l[k] = 1
		}
	}
	e, err := m.Contrast("", l, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Two models of the covariate: close, and not the same number.
	if math.Abs(e.Value-r.Value) > 0.25*e.SE || math.Abs(e.SE-r.SE) > 0.25*e.SE {
		t.Errorf("MMRM %g ± %g, conditional means %g ± %g", e.Value, e.SE, r.Value, r.SE)
	}
}

// At the tipping point p is 1 − level, just before it is below.
func TestTipping(t *testing.T) {
	tr := simulate(8, 80, 0.12)
	r, err := ConditionalMean(tr, AtRandom, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	d, ok := r.Tipping(100)
	if !ok || r.Value >= 0 || d <= 0 {
		t.Fatalf("effect %g (p %g) tips at %g, %v", r.Value, r.P, d, ok)
	}
	near(t, "p at the tipping point", r.Delta(d).P, 0.05, 1e-9)
	if p := r.Delta(0.99 * d).P; p >= 0.05 {
		t.Errorf("before it p is %g", p)
	}
	// The same by shifting the data: impute, add, and analyse.
	f, err := layOut(tr)
	if err != nil {
		t.Fatal(err)
	}
	last, all := make([]float64, 80), make([]int, 80)
	for i := range last {
		all[i], last[i] = i, r.Means[i][2]
		if tr.Arm[i] == 1 && tr.Y[i][2] == nil {
			last[i] += d
		}
	}
	a, err := f.final(all, last)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "estimate there", r.Delta(d).Value, a.Coefficients[1].Value, 1e-10)
}

func TestImputeIsReproducible(t *testing.T) {
	tr := simulate(4, 50, 0.12)
	a, err := Impute(tr, Jump, 10, 0, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Impute(tr, Jump, 10, 0, 3, 0)
	if err != nil || a.Value != b.Value || a.SE != b.SE {
		t.Errorf("%v and %v, %v", a, b, err)
	}
	c, err := Impute(tr, Jump, 10, 2, 3, 0)
	if err != nil || !(c.Value > a.Value) {
		t.Errorf("delta of 2 took %g to %g, %v", a.Value, c.Value, err)
	}
}

// By hand: Rubin 1987. Two imputations of 1 and 3 with variance 4: within 4,
// between 2, total 7.
func TestRubinByHand(t *testing.T) {
	p, err := Rubin("", []float64{1, 3}, []float64{4, 4}, math.Inf(1), 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "se", p.SE, math.Sqrt(7), 1e-15)
	near(t, "df", *p.DF, 49.0/9, 1e-14)
	q, err := Rubin("", []float64{2, 2}, []float64{4, 4}, 30, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "se without spread", q.SE, 2, 1e-15)
	near(t, "df without spread", *q.DF, 31.0/33*30, 1e-14)
}

func TestFaults(t *testing.T) {
	code := func(name string, err error, want fault.Code) {
		t.Helper()
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	tr := simulate(1, 30, 0.1)
	_, err := ConditionalMean(tr, "LOCF", 0)
	code("unknown strategy", err, stats.UnknownName)
	short := tr
	short.Arm = tr.Arm[1:]
	_, err = ConditionalMean(short, Jump, 0)
	code("short", err, stats.Lengths)
	one := tr
	one.Arm = make([]int, 30)
	_, err = ConditionalMean(one, Jump, 0)
	code("one arm", err, stats.EmptyGroup)
	inf := simulate(1, 30, 0.1)
	*inf.Y[0][0] = math.Inf(1)
	_, err = ConditionalMean(inf, Jump, 0)
	code("infinite", err, stats.NotFinite)
	gone := simulate(1, 30, 0)
	for i := range gone.Y {
		gone.Y[i][2] = nil
	}
	_, err = ConditionalMean(gone, Jump, 0)
	if err == nil {
		t.Error("a visit that nobody came to was imputed")
	}
	_, err = Impute(tr, Jump, 1, 0, 1, 0)
	code("one imputation", err, stats.BadArgument)
	_, err = Rubin("", []float64{1}, []float64{1}, 9, 0)
	code("one estimate", err, stats.TooFew)
	_, err = Rubin("", []float64{1, math.NaN()}, []float64{1, 1}, 9, 0)
	code("NaN", err, stats.NotFinite)
}

func BenchmarkConditionalMean80(b *testing.B) {
	tr := simulate(1, 80, 0.1)
	for b.Loop() {
		if _, err := ConditionalMean(tr, Jump, 0); err != nil {
			b.Fatal(err)
		}
	}
}
