package glm

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/terms"
)

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

func trial(seed uint64, n int) (bl []float64, arm []string, y []float64) {
	r := rand.New(rand.NewPCG(seed, 3))
	for i := range n {
		b := r.NormFloat64()
		a := i % 2
		arm = append(arm, []string{"p", "a"}[a])
		bl = append(bl, b)
		v := 0.0
		if r.Float64() < 1/(1+math.Exp(-(-0.3+0.8*float64(a)+0.9*b))) {
			v = 1
		}
		y = append(y, v)
	}
	return bl, arm, y
}

func design(t testing.TB, bl []float64, arm []string, names ...string) *terms.Design {
	t.Helper()
	d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Factor("arm", arm, "p", "a")}, names...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Without covariates, standardisation gives two shares, their difference with
// Wald's error, and their ratio with the usual error of its logarithm; the log
// odds ratio is that of the table.
func TestTwoShares(t *testing.T) {
	bl, arm, y := trial(1, 90)
	f, err := Regress(design(t, bl, arm, "arm"), y, Options{Family: Binomial})
	if err != nil {
		t.Fatal(err)
	}
	var x, n [2]float64
	for i, v := range y {
		k := 0
		if arm[i] == "a" {
			k = 1
		}
		x[k] += v
		n[k]++
	}
	m, err := f.Standardise("arm", "a", "p")
	if err != nil {
		t.Fatal(err)
	}
	p, q := x[1]/n[1], x[0]/n[0]
	near(t, "difference", m.Difference.Value, p-q, 1e-12)
	near(t, "its se", m.Difference.SE, math.Sqrt(p*(1-p)/n[1]+q*(1-q)/n[0]), 1e-12)
	near(t, "ratio", m.Ratio.Value, p/q, 1e-12)
	near(t, "its se", m.Ratio.SE, math.Sqrt((1-p)/x[1]+(1-q)/x[0]), 1e-12)
	near(t, "log odds ratio", f.Coefficients[1].Value, math.Log(p/(1-p)/(q/(1-q))), 1e-12)
	g, err := Regress(design(t, bl, arm, "arm"), y, Options{Family: Binomial, Errors: Model})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Woolf", g.Coefficients[1].SE, math.Sqrt(1/x[1]+1/(n[1]-x[1])+1/x[0]+1/(n[0]-x[0])), 1e-12)
}

// A Poisson model with exposure gives the rate ratio, and its error from the
// events alone.
func TestRates(t *testing.T) {
	var y, off, bl []float64
	var arm []string
	var events, time [2]float64
	r := rand.New(rand.NewPCG(2, 2))
	for i := range 60 {
		e := 5 + 20*r.Float64()
		k := math.Floor(e * (0.1 + 0.1*float64(i%2)))
		y, off, bl = append(y, k), append(off, math.Log(e)), append(bl, 0)
		arm = append(arm, []string{"p", "a"}[i%2])
		events[i%2] += k
		time[i%2] += e
	}
	f, err := Regress(design(t, bl, arm, "arm"), y, Options{Family: Poisson, Offset: off, Errors: Model})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log rate ratio", f.Coefficients[1].Value, math.Log(events[1]/time[1]/(events[0]/time[0])), 1e-12)
	near(t, "its se", f.Coefficients[1].SE, math.Sqrt(1/events[1]+1/events[0]), 1e-11)
}

// Covariates sharpen the comparison and leave its meaning: over many trials the
// adjusted difference has the mean of the crude one and less spread, and its
// interval covers.
func TestStandardisationCovers(t *testing.T) {
	if testing.Short() {
		t.Skip("300 trials")
	}
	truth := 0.0
	for i := range 200000 { // by averaging over the covariate's quantiles
		b := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/200000-1)
		truth += (1/(1+math.Exp(-(0.5+0.9*b))) - 1/(1+math.Exp(-(-0.3+0.9*b)))) / 200000
	}
	var crude, adjusted, covered float64
	for seed := range uint64(300) {
		bl, arm, y := trial(seed+10, 160)
		for k, names := range [][]string{{"arm"}, {"bl", "arm"}} {
			f, err := Regress(design(t, bl, arm, names...), y, Options{Family: Binomial})
			if err != nil {
				t.Fatal(err)
			}
			m, err := f.Standardise("arm", "a", "p")
			if err != nil {
				t.Fatal(err)
			}
			e := m.Difference
			if k == 0 {
				crude += (e.Value - truth) * (e.Value - truth)
				continue
			}
			adjusted += (e.Value - truth) * (e.Value - truth)
			if e.Low <= truth && truth <= e.High {
				covered++
			}
		}
	}
	if adjusted >= crude {
		t.Errorf("mean square error %.3g adjusted, %.3g crude", adjusted/300, crude/300)
	}
	if covered < 270 || covered > 298 { // 285 expected, 3.8 the binomial spread
		t.Errorf("the interval covered %g of 300", covered)
	}
}

func TestWhatMustNotChange(t *testing.T) {
	bl, arm, y := trial(4, 80)
	base, err := Regress(design(t, bl, arm, "bl", "arm"), y, Options{Family: Binomial})
	if err != nil {
		t.Fatal(err)
	}
	a, err := base.Standardise("arm", "a", "p")
	if err != nil {
		t.Fatal(err)
	}
	perm := rand.New(rand.NewPCG(1, 1)).Perm(80)
	b2, a2, y2 := make([]float64, 80), make([]string, 80), make([]float64, 80)
	for i, k := range perm {
		b2[i], a2[i], y2[i] = 50+7*bl[k], arm[k], 1-y[k]
	}
	got, err := Regress(design(t, b2, a2, "bl", "arm"), y2, Options{Family: Binomial})
	if err != nil {
		t.Fatal(err)
	}
	b, err := got.Standardise("arm", "a", "p")
	if err != nil {
		t.Fatal(err)
	}
	near(t, "no for yes", b.Difference.Value, -a.Difference.Value, 1e-10)
	near(t, "its se", b.Difference.SE, a.Difference.SE, 1e-10)
}

// A covariate counted from another origin and in another unit is the same
// covariate: the arm's effect stays as it was, in every family and kind of error,
// in an interaction and in clusters, and the covariate's own is per its unit.
func TestFarFromZero(t *testing.T) {
	bl, arm, yes := trial(6, 120)
	cluster, wave, count := make([]int, 120), make([]float64, 120), make([]float64, 120)
	for i := range bl {
		bl[i] = math.Round(bl[i]*1024) / 1024 // so that adding 10⁹ takes no digit
		cluster[i], wave[i] = i/3, float64(i%3)
		count[i] = math.Floor(3*yes[i] + math.Exp(bl[i]/2))
	}
	for _, o := range []Options{
		{Family: Binomial},
		{Family: Binomial, Errors: Model},
		{Family: Poisson},
		{},
		{Family: Binomial, Cluster: cluster, Working: Exchangeable, Errors: ManclDeRouen},
		{Family: Poisson, Cluster: cluster, Wave: wave, Working: AR1, Errors: KauermannCarroll},
	} {
		y := yes
		if o.Family == Poisson {
			y = count
		}
		for _, names := range [][]string{{"bl", "arm"}, {"bl", "arm", "bl:arm"}} {
			base, err := Regress(design(t, bl, arm, names...), y, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct{ by, scale float64 }{{2026, 1}, {1e6, 1}, {1e6, 1.0 / 4096}, {1e9, 8}} {
				far := make([]float64, len(bl))
				for i, b := range bl {
					far[i] = c.by + c.scale*b
				}
				got, err := Regress(design(t, far, arm, names...), y, o)
				if err != nil {
					t.Fatalf("%v, shifted by %g: %v", o, c.by, err)
				}
				sameFit(t, base, got, c.by, c.scale)
			}
		}
	}
}

func sameFit(t *testing.T, base, got *Fit, by, scale float64) {
	t.Helper()
	near(t, "covariate", got.Coefficients[1].Value*scale, base.Coefficients[1].Value, 1e-9)
	near(t, "its se", got.Coefficients[1].SE*scale, base.Coefficients[1].SE, 1e-9)
	// The arm's effect where the covariate was 0.
	a, b := []float64{0, 0, 1}, []float64{0, 0, 1}
	if len(base.Coefficients) == 4 {
		a, b = append(a, 0), append(b, by)
	}
	x, err := base.Contrast("", a)
	y, err2 := got.Contrast("", b)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	near(t, "arm", y.Value, x.Value, 1e-9)
	near(t, "its se", y.SE, x.SE, 1e-9)
	m, err := base.Standardise("arm", "a", "p")
	n, err2 := got.Standardise("arm", "a", "p")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	near(t, "difference", n.Difference.Value, m.Difference.Value, 1e-9)
	near(t, "its se", n.Difference.SE, m.Difference.SE, 1e-9)
	if (m.Ratio == nil) != (n.Ratio == nil) {
		t.Fatal("one has a ratio")
	}
	if m.Ratio != nil {
		near(t, "ratio", n.Ratio.Value, m.Ratio.Value, 1e-9)
	}
}

func TestFaults(t *testing.T) {
	bl, arm, y := trial(1, 40)
	code := func(name string, err error, want fault.Code) {
		t.Helper()
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	d := design(t, bl, arm, "bl", "arm")
	_, err := Regress(d, make([]float64, 40), Options{Family: Binomial})
	code("nobody", err, stats.Constant)
	half := append([]float64(nil), y...)
	half[3] = 0.5
	_, err = Regress(d, half, Options{Family: Binomial})
	code("half an event", err, stats.BadArgument)
	sep := make([]float64, 40)
	for i, b := range bl {
		if b > 0 {
			sep[i] = 1
		}
	}
	_, err = Regress(d, sep, Options{Family: Binomial})
	code("separation", err, stats.NotEstimable)
	one := make([]float64, 40)
	for i, a := range arm {
		if a == "a" && i%4 == 1 {
			one[i] = 1
		}
	}
	_, err = Regress(d, one, Options{Family: Binomial})
	code("an arm without events", err, stats.NotEstimable)
	_, err = Regress(d, y[1:], Options{Family: Binomial})
	code("short", err, stats.Lengths)
	_, err = Regress(d, y, Options{Family: Binomial, Cluster: make([]int, 40)})
	code("one cluster", err, stats.TooFew)
	_, err = Regress(d, y, Options{Family: Binomial, Working: AR1})
	code("no waves", err, stats.BadArgument)
	twice, err := terms.Build([]terms.Variable{terms.Numeric("a", bl), terms.Numeric("b", bl)}, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Regress(twice, y, Options{Family: Binomial})
	code("the same column twice", err, stats.Collinear)
}

func BenchmarkStandardise200(b *testing.B) {
	bl, arm, y := trial(1, 200)
	d := design(b, bl, arm, "bl", "arm")
	for b.Loop() {
		f, err := Regress(d, y, Options{Family: Binomial})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := f.Standardise("arm", "a", "p"); err != nil {
			b.Fatal(err)
		}
	}
}
