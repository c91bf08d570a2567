package meta

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"dvala/fault"
	"dvala/stats"
)

// Coaching in eight schools; Rubin 1981, as in Gelman's Bayesian Data Analysis,
// whose pooled effect is 7.7 with standard error 4.1.
var (
	schools  = []float64{28, 8, -3, 7, -1, 1, 18, 12}
	schoolSE = []float64{15, 10, 16, 11, 9, 11, 10, 18}
)

func variances(se []float64) []float64 {
	v := make([]float64, len(se))
	for i := range se {
		v[i] = se[i] * se[i]
	}
	return v
}

func TestEightSchools(t *testing.T) {
	for _, s := range []Spread{REML, DerSimonianLaird, PauleMandel, ML, Common} {
		r, err := Combine(schools, variances(schoolSE), Options{Spread: s, Errors: Normal})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.Mean.Value-7.7) > 0.05 || math.Abs(r.Mean.SE-4.1) > 0.05 || r.Tau2 != 0 {
			t.Errorf("%v: %.3f (%.3f), τ² %.3g; published 7.7 (4.1), 0", s, r.Mean.Value, r.Mean.SE, r.Tau2)
		}
	}
}

// With equal variances all is in closed form: the mean is the plain one, and
// every estimate of τ² but ML's is s² − v.
func TestEqualVariancesByHand(t *testing.T) {
	y, v := []float64{1, 4, 7, 12}, []float64{2, 2, 2, 2}
	// mean 6, sum of squares 25+4+1+36 = 66, s² = 22
	for s, want := range map[Spread]float64{REML: 20, DerSimonianLaird: 20, PauleMandel: 20, ML: 66.0/4 - 2, Common: 0} {
		r, err := Combine(y, v, Options{Spread: s})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.Tau2-want) > 1e-12 || math.Abs(r.Mean.Value-6) > 1e-14 {
			t.Errorf("%v: τ² %.15g, want %g; mean %.15g", s, r.Tau2, want, r.Mean.Value)
		}
		// Knapp–Hartung is then the one-sample t, whatever τ² is.
		if math.Abs(r.Mean.SE-math.Sqrt(22.0/4)) > 1e-13 || *r.Mean.DF != 3 {
			t.Errorf("%v: se %.15g on %g", s, r.Mean.SE, *r.Mean.DF)
		}
	}
	r, err := Combine([]float64{5, 5.1}, []float64{2, 2}, Options{Errors: KnappHartungAtLeast})
	if err != nil || math.Abs(r.Mean.SE-1) > 1e-12 {
		t.Errorf("held scale: %v, %v", r.Mean.SE, err)
	}
}

func drawn(t *rapid.T) (y, v []float64) {
	k := rapid.IntRange(2, 12).Draw(t, "k")
	for range k {
		y = append(y, rapid.Float64Range(-50, 50).Draw(t, "y"))
		v = append(v, rapid.Float64Range(0.01, 100).Draw(t, "v"))
	}
	return y, v
}

func same(t *rapid.T, what string, got, want, tol float64) {
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Fatalf("%s: %.15g, want %.15g", what, got, want)
	}
}

func moved(y, v []float64, add, times float64) ([]float64, []float64) {
	var a, b []float64
	for i := range y { // backwards, so that the order changes too
		j := len(y) - 1 - i
		a, b = append(a, (y[j]+add)*times), append(b, v[j]*times*times)
	}
	return a, b
}

func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, v := drawn(t)
		s := Spread(rapid.IntRange(0, 4).Draw(t, "spread"))
		add, times := rapid.Float64Range(-100, 100).Draw(t, "add"), rapid.Float64Range(0.1, 60).Draw(t, "times")
		o := Options{Spread: s, Errors: Normal}
		r, err := Combine(y, v, o)
		if err != nil {
			t.Fatal(err)
		}
		y2, v2 := moved(y, v, add, times)
		q, err := Combine(y2, v2, o)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "mean", q.Mean.Value, (r.Mean.Value+add)*times, 1e-7)
		same(t, "τ²", q.Tau2, r.Tau2*times*times, 1e-7)
		same(t, "Q", q.Q, r.Q, 1e-8)
		for i, e := range r.Shrunk {
			lo, hi := math.Min(y[i], r.Mean.Value), math.Max(y[i], r.Mean.Value)
			if e.Value < lo-1e-9 || e.Value > hi+1e-9 {
				t.Fatalf("%g is drawn to %g, away from the mean %g", y[i], e.Value, r.Mean.Value)
			}
		}
	})
}

func TestPosteriorInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, v := drawn(t)
		add, times := rapid.Float64Range(-20, 20).Draw(t, "add"), rapid.Float64Range(0.1, 60).Draw(t, "times")
		prior := Prior{Mean: 1, SD: 30, Tau: 8}
		p, err := NormalNormal(y, v, prior, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		y2, v2 := moved(y, v, add, times)
		q, err := NormalNormal(y2, v2, Prior{Mean: (1 + add) * times, SD: 30 * times, Tau: 8 * times}, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "μ", q.Mu.Mean, (p.Mu.Mean+add)*times, 1e-8)
		same(t, "μ low", q.Mu.Low, (p.Mu.Low+add)*times, 1e-7)
		same(t, "τ", q.Tau.Mean, p.Tau.Mean*times, 1e-8)
		same(t, "τ high", q.Tau.High, p.Tau.High*times, 1e-6)
		same(t, "θ", q.Theta[0].Mean, (p.Theta[len(y)-1].Mean+add)*times, 1e-8)
		if p.Next.SD < p.Mu.SD || p.Tau.Low > p.Tau.Mean || p.Tau.High < p.Tau.Mean {
			t.Fatalf("one more is less sure than the mean, and τ lies within its interval: %+v", p)
		}
	})
}

// Where the prior settles τ near 0 and one estimate is given, the model is the
// textbook's product of two normals.
func TestOneEstimateByHand(t *testing.T) {
	p, err := NormalNormal([]float64{10}, []float64{4}, Prior{Mean: 0, SD: 2, Tau: 1e-6}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(p.Mu.Mean-5) > 1e-9 || math.Abs(p.Mu.SD-math.Sqrt2) > 1e-9 {
		t.Errorf("N(5, 2) expected, got %+v", p.Mu)
	}
	if math.Abs(p.Mu.High-(5+1.959963984540054*math.Sqrt2)) > 1e-8 {
		t.Errorf("interval to %.12g", p.Mu.High)
	}
	// τ keeps its prior: a half-normal of scale 1e-6 has mean √(2/π)·1e-6.
	if math.Abs(p.Tau.Mean/(1e-6*math.Sqrt(2/math.Pi))-1) > 1e-6 {
		t.Errorf("τ has mean %g", p.Tau.Mean)
	}
	if math.Abs(p.Tau.High/(1e-6*2.241402727604947)-1) > 1e-6 { // 0.975 point of |N(0,1)|
		t.Errorf("τ reaches %g", p.Tau.High)
	}
}

// Many precise estimates leave a posterior of τ far narrower than the first
// step of the quadrature.
func TestManyEstimates(t *testing.T) {
	var y, v []float64
	for i := range 400 {
		y, v = append(y, float64(i%2)*6-3), append(v, 1)
	}
	p, err := NormalNormal(y, v, Prior{SD: 100, Tau: 10}, 0)
	if err != nil {
		t.Fatal(err)
	}
	// s² − v = 9·400/399 − 1
	if math.Abs(p.Tau.Mean-math.Sqrt(8)) > 0.03 || math.Abs(p.Mu.Mean) > 1e-9 {
		t.Errorf("τ %g, μ %g", p.Tau.Mean, p.Mu.Mean)
	}
}

func TestFaults(t *testing.T) {
	one := []float64{1, 2}
	for _, c := range []struct {
		what string
		y, v []float64
		o    Options
		want fault.Code
	}{
		{"lengths", one, []float64{1}, Options{}, stats.Lengths},
		{"infinite", []float64{1, math.Inf(1)}, one, Options{}, stats.NotFinite},
		{"missing variance", one, []float64{1, math.NaN()}, Options{}, stats.NotFinite},
		{"variance 0", one, []float64{1, 0}, Options{}, stats.BadArgument},
		{"beyond squaring", []float64{1, 1e200}, one, Options{}, stats.NotFinite},
		{"variances beyond inverting", one, []float64{1, 1e-300}, Options{}, stats.NotFinite},
		{"one estimate", []float64{1}, []float64{1}, Options{}, stats.TooFew},
		{"none", nil, nil, Options{}, stats.TooFew},
		{"equal", []float64{3, 3, 3}, []float64{1, 2, 3}, Options{}, stats.Constant},
		{"level", one, one, Options{Level: 95}, stats.BadArgument},
	} {
		_, err := Combine(c.y, c.v, c.o)
		var p *fault.Problem
		if !errors.As(err, &p) || p.Code != c.want {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
	for _, prior := range []Prior{{}, {SD: 1}, {SD: -1, Tau: 1}, {SD: 1, Tau: math.Inf(1)}} {
		if _, err := NormalNormal(one, one, prior, 0); err == nil {
			t.Errorf("%v was accepted", prior)
		}
	}
	if _, err := NormalNormal(nil, nil, Prior{SD: 1, Tau: 1}, 0); err == nil {
		t.Error("no estimate was accepted")
	}
}

func BenchmarkNormalNormal(b *testing.B) {
	v := variances(schoolSE)
	for b.Loop() {
		if _, err := NormalNormal(schools, v, Prior{SD: 50, Tau: 20}, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func TestFalling(t *testing.T) {
	n := 0
	f := func(x float64) float64 { n++; return math.Exp(-x * x * x) }
	got := falling(f, 1e-3, 0, 1) // the bracket must widen
	if want := math.Cbrt(math.Log(1000)); math.Abs(got-want) > 1e-14*want || n > 25 {
		t.Errorf("%.16g after %d evaluations, want %.16g", got, n, want)
	}
}
