package survival

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
)

// Remission of leukaemia under 6-mercaptopurine and placebo (Freireich 1963, as
// in Cox and Oakes): published log-rank chi-squared 16.79, log hazard ratio of
// placebo by Efron's method 1.57, survival under 6-MP at 10 weeks 0.753.
var mp = []Time{{6, true}, {6, true}, {6, true}, {7, true}, {10, true}, {13, true}, {16, true}, {22, true}, {23, true}, {6, false}, {9, false}, {10, false}, {11, false}, {17, false}, {19, false}, {20, false}, {25, false}, {32, false}, {32, false}, {34, false}, {35, false}}

var placebo = []float64{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23}

func leukaemia() (ts []Time, group []int) {
	ts = append(ts, mp...)
	group = make([]int, len(mp))
	for _, t := range placebo {
		ts, group = append(ts, Time{t, true}), append(group, 1)
	}
	return ts, group
}

func TestLeukaemia(t *testing.T) {
	c, err := KaplanMeier(mp, 0)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := c.At(10); !ok || math.Abs(s.S-0.753) > 5e-4 {
		t.Errorf("S(10) = %v", s)
	}
	if m, ok := c.Median(); !ok || m != 23 {
		t.Errorf("median %v", m)
	}
	ts, g := leukaemia()
	r, err := Compare(ts, g, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.ChiSquared-16.79) > 5e-3 {
		t.Errorf("log-rank %v", r.ChiSquared)
	}
	h, err := HazardRatio(ts, g, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(math.Log(h.Value)-1.57) > 5e-3 {
		t.Errorf("log hazard ratio %v", math.Log(h.Value))
	}
}

// Without censoring the curve is the empirical distribution and the restricted
// mean the mean of the times cut off, with its error; order, units and names of
// groups do not matter.
func TestWhatMustNotChange(t *testing.T) {
	var ts []Time
	var sum, ss float64
	for _, x := range placebo {
		ts = append(ts, Time{x, true})
		v := math.Min(x, 15)
		sum += v
		ss += v * v
	}
	n := float64(len(placebo))
	c, err := KaplanMeier(ts, 0)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.RestrictedMean(15)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(m.Value-sum/n) > 1e-12 || math.Abs(m.SE-math.Sqrt((ss/n-sum/n*sum/n)/n)) > 1e-12 {
		t.Errorf("restricted mean %v ± %v, want %v ± %v", m.Value, m.SE, sum/n, math.Sqrt((ss/n-sum/n*sum/n)/n))
	}
	all, g := leukaemia()
	a, _ := Compare(all, g, nil)
	h, _ := HazardRatio(all, g, nil, 0)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j], g[i], g[j] = all[j], all[i], g[j], g[i] })
	for i := range all {
		all[i].T *= 7
		g[i] = 1 - g[i]
	}
	b, _ := Compare(all, g, nil)
	k, _ := HazardRatio(all, g, nil, 0)
	if math.Abs(a.ChiSquared-b.ChiSquared) > 1e-11 || math.Abs(h.Value*k.Value-1) > 1e-10 {
		t.Errorf("log-rank %v and %v, hazard ratios %v and %v", a.ChiSquared, b.ChiSquared, h.Value, k.Value)
	}
}

func TestFaults(t *testing.T) {
	all, g := leukaemia()
	code := func(name string, err error, want fault.Code) {
		t.Helper()
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	_, err := KaplanMeier(nil, 0)
	code("nobody", err, stats.EmptyGroup)
	_, err = KaplanMeier([]Time{{math.NaN(), true}}, 0)
	code("NaN", err, stats.NotFinite)
	_, err = Compare(all, make([]int, len(all)), nil)
	code("one group", err, stats.EmptyGroup)
	_, err = Compare(all, g[1:], nil)
	code("short", err, stats.Lengths)
	_, err = Compare([]Time{{1, false}, {2, false}}, []int{0, 1}, nil)
	code("no events", err, stats.Constant)
	_, err = HazardRatio([]Time{{1, true}, {2, true}, {5, false}, {6, false}}, []int{0, 0, 1, 1}, nil, 0)
	code("events in one group", err, stats.NotEstimable)
	c, _ := KaplanMeier(mp, 0)
	_, err = c.RestrictedMean(40)
	code("beyond the last", err, stats.BadArgument)
	if _, ok := c.At(36); ok {
		t.Error("the curve goes on beyond the last person")
	}
}
