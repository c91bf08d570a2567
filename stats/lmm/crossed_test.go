package lmm

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/stats"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// crossover makes people who each have nights in several periods.
func crossover(seed uint64, people, periods, n int, su, sw, sp float64) (arm, y []float64, person, period []int) {
	r := rand.New(rand.NewPCG(seed, 31))
	shared := make([]float64, periods)
	for k := range shared {
		shared[k] = sp * r.NormFloat64()
	}
	for i := range people {
		u := su * r.NormFloat64()
		for k := range periods {
			w := sw * r.NormFloat64()
			for range n {
				if r.Float64() < 0.1 {
					continue
				}
				a := float64((i + k) % 2)
				arm, person, period = append(arm, a), append(person, i), append(period, k)
				y = append(y, 380+u+w+shared[k]+6*a+14*r.NormFloat64())
			}
		}
	}
	return arm, y, person, period
}

func crossedDesign(t testing.TB, arm []float64) *terms.Design {
	t.Helper()
	d, err := terms.Build([]terms.Variable{terms.Numeric("arm", arm)}, "arm")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Rows shuffled, people and periods renumbered: nothing changes. With neither
// person × period nor shared periods it is the random intercept of Random.
func TestCrossedDoesNotChange(t *testing.T) {
	arm, y, person, period := crossover(1, 14, 4, 5, 20, 8, 6)
	in := Periods{Period: period, Within: true, Shared: true, Method: reml.KenwardRoger}
	base, err := Crossed(crossedDesign(t, arm), y, person, in)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(2, 2))
	ids, ks := r.Perm(14), r.Perm(4)
	var a2, y2 []float64
	var p2, k2 []int
	for _, i := range r.Perm(len(y)) {
		a2, y2, p2, k2 = append(a2, arm[i]), append(y2, 60*y[i]+1e5), append(p2, ids[person[i]]), append(k2, ks[period[i]])
	}
	in.Period = k2
	got, err := Crossed(crossedDesign(t, a2), y2, p2, in)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "effect", got.Coefficients[1].Value, 60*base.Coefficients[1].Value, 1e-8)
	near(t, "se", got.Coefficients[1].SE, 60*base.Coefficients[1].SE, 1e-9)
	near(t, "df", *got.Coefficients[1].DF, *base.Coefficients[1].DF, 1e-7)
	near(t, "within", got.Within, 3600*base.Within, 1e-7)

	plain, err := Crossed(crossedDesign(t, arm), y, person, Periods{Period: period})
	if err != nil {
		t.Fatal(err)
	}
	old, err := Random(crossedDesign(t, arm), y, person, Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "likelihood", plain.LogLik, old.LogLik, 1e-11)
	near(t, "random intercept", plain.Person, old.G.At(0, 0), 1e-8)
	near(t, "its df", *plain.Coefficients[1].DF, *old.Coefficients[1].DF, 1e-7)
}

// Periods that do not differ have no variance: a result, and flagged.
func TestCrossedBoundary(t *testing.T) {
	flagged := 0
	for seed := range uint64(12) {
		arm, y, person, period := crossover(seed, 12, 4, 4, 20, 0, 0)
		f, err := Crossed(crossedDesign(t, arm), y, person, Periods{Period: period, Within: true, Shared: true, Method: reml.KenwardRoger})
		if err != nil {
			t.Fatal(seed, err)
		}
		if f.Singular {
			flagged++
			if f.Within*f.Shared != 0 {
				t.Errorf("%d: singular with %g and %g", seed, f.Within, f.Shared)
			}
		}
		if !(f.Coefficients[1].SE > 0) || math.IsNaN(*f.Coefficients[1].DF) {
			t.Errorf("%d: %+v", seed, f.Coefficients[1])
		}
	}
	if flagged < 6 {
		t.Errorf("only %d of 12 on the boundary", flagged)
	}
}

func TestCrossedFaults(t *testing.T) {
	arm, y, person, period := crossover(3, 10, 3, 3, 20, 5, 5)
	d := crossedDesign(t, arm)
	_, err := Crossed(d, y, person, Periods{Period: period[1:]})
	expectCode(t, "short", err, stats.Lengths)
	bad := append([]int(nil), period...)
	bad[0] = -1
	_, err = Crossed(d, y, person, Periods{Period: bad})
	expectCode(t, "negative", err, stats.BadArgument)
	one := make([]int, len(period))
	_, err = Crossed(d, y, person, Periods{Period: one, Within: true})
	expectCode(t, "one period each", err, stats.NotEstimable)
	names := make([]string, len(period))
	for i, k := range period {
		names[i] = string(rune('a' + k))
	}
	e, err := terms.Build([]terms.Variable{terms.Numeric("arm", arm), terms.FactorOf("period", names)}, "arm", "period")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Crossed(e, y, person, Periods{Period: period, Shared: true})
	expectCode(t, "fixed and random", err, stats.NotEstimable)
	_, err = Crossed(d, y, person, Periods{Period: period, ML: true, Method: reml.KenwardRoger})
	expectCode(t, "Kenward–Roger by ML", err, stats.BadArgument)
}

func BenchmarkCrossed1000x4x21(b *testing.B) {
	arm, y, person, period := crossover(5, 1000, 4, 21, 20, 8, 6)
	d := crossedDesign(b, arm)
	b.ResetTimer()
	for b.Loop() {
		if _, err := Crossed(d, y, person, Periods{Period: period, Within: true, Shared: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(y)), "rows")
}
