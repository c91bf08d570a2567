package effect

import (
	"math"
	"testing"

	"dvala/stats/dist"
	"pgregory.net/rapid"
)

// By R: metafor's escalc for g, and inversion of pt(t, df, ncp) for the interval.
func TestHedges(t *testing.T) {
	s, err := Hedges(Group{25, 102, 15}, Group{24, 95, 14}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want, tol float64 }{
		{s.J, 0.983942855405497, 1e-13},
		{s.G, 0.474377242872516, 1e-13},
		{s.Low, -0.0874182327818261, 1e-7},
		{s.High, 1.03128115819638, 1e-7},
		{s.Variance, 0.0839629296111088, 1e-12},
	} {
		if math.Abs(c.got-c.want) > c.tol {
			t.Errorf("got %.15g, want %.15g", c.got, c.want)
		}
	}
}

// The ends of the interval are the noncentralities at which the observed t sits
// at the edge of its central area; swapping groups mirrors everything.
func TestIntervalMeansWhatItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Group{rapid.IntRange(2, 200).Draw(t, "n1"), rapid.Float64Range(-20, 20).Draw(t, "m1"), rapid.Float64Range(1, 9).Draw(t, "s1")}
		b := Group{rapid.IntRange(2, 200).Draw(t, "n2"), rapid.Float64Range(-20, 20).Draw(t, "m2"), rapid.Float64Range(1, 9).Draw(t, "s2")}
		s, err := Hedges(a, b, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		k := math.Sqrt(1/float64(a.N) + 1/float64(b.N))
		if e := math.Abs(dist.NoncentralTCDF(s.D/k, s.DF, s.DLow/k) - 0.95); e > 1e-9 {
			t.Fatalf("low end is off by %g", e)
		}
		if e := math.Abs(dist.NoncentralTCDF(s.D/k, s.DF, s.DHigh/k) - 0.05); e > 1e-9 {
			t.Fatalf("high end is off by %g", e)
		}
		r, err := Hedges(b, a, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(r.G+s.G) > 1e-12 || math.Abs(r.Low+s.High) > 1e-8*(1+math.Abs(s.High)) {
			t.Fatal("swapping the groups does not mirror the result")
		}
	})
}

func TestFaults(t *testing.T) {
	if _, err := Hedges(Group{1, 1, 1}, Group{5, 1, 1}, 0); err == nil {
		t.Error("a group of one gave an answer")
	}
	if _, err := Hedges(Group{5, 1, 0}, Group{5, 2, 0}, 0); err == nil {
		t.Error("no variation gave an answer")
	}
	if _, err := Hedges(Group{5, math.NaN(), 1}, Group{5, 2, 1}, 0); err == nil {
		t.Error("NaN gave an answer")
	}
	if _, err := Paired([]float64{2, 2, 2}, 0); err == nil {
		t.Error("equal differences gave an answer")
	}
	if _, err := Hedges(Group{5, 1, 1}, Group{5, 2, 1}, 1.5); err == nil {
		t.Error("a level of 1.5 gave an answer")
	}
}
