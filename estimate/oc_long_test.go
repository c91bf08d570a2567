package estimate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dvala/protocol"
)

// ocVisits makes up a trial of the example's size and shape: 80 people in
// permuted blocks within sex and severity, ISI at four visits with a spread of
// 4.8 points at the end and correlations that fall with time, people leaving by
// then (one in eight, the more the worse they slept at the visit before) and
// single visits missing (one in fifty); nights with a person's own level and
// slope, one in eight missing.
func ocVisits(r *rand.Rand, isi, tst float64) *Data {
	d := &Data{}
	cell := map[string][]string{}
	for i := range 80 {
		level := r.NormFloat64()
		before := 15.5 + 4.5*level
		sex := [...]string{"female", "male"}[r.IntN(2)]
		site := "site" + itoa(1+r.IntN(3))
		at := sex + site
		if len(cell[at]) == 0 {
			n := [...]int{4, 6}[r.IntN(2)]
			for k := range n {
				cell[at] = append(cell[at], [...]string{"drug-x", "pill-y"}[k%2])
			}
			r.Shuffle(n, func(i, j int) { cell[at][i], cell[at][j] = cell[at][j], cell[at][i] })
		}
		arm := cell[at][0]
		cell[at] = cell[at][1:]
		id := fmt.Sprintf("P%04d", i+1)
		d.People = append(d.People, Person{Subject: id, Group: arm, Order: i + 1, Strata: map[string]string{"site": site, "sex": sex}, Answers: map[string]protocol.Value{"age": protocol.Int(35 + r.IntN(20))}})
		d.Values = append(d.Values, Value{id, "isi-total", "day0", 1, 0, before})
		active := float64(b2i(arm == "drug-x"))
		gone := 22
		last, drift := before, 0.0
		for k, visit := range []string{"day7", "day14", "day21"} {
			// People who leave do so after the visit before, the more the worse it was.
			if p := 0.04 * math.Exp(0.08*(last-15)); r.Float64() < p {
				gone = 7*k + 1 + r.IntN(7)
				break
			}
			drift += 1.6 * r.NormFloat64()
			y := 14.5 - 0.6*float64(k) + 0.6*4.5*level + drift + 2.6*r.NormFloat64() + isi*active*float64(k+1)/3
			last = y
			if r.Float64() > 0.02 {
				d.Values = append(d.Values, Value{id, "isi-total", visit, 1, 7 * (k + 1), y})
			}
		}
		own, slope := 380+32*r.NormFloat64(), 0.8*r.NormFloat64()
		for day := -6; day <= 21; day++ {
			x := own + 45*r.NormFloat64()
			if day > 0 {
				x += slope*float64(day) + tst*active*min(float64(day)/15, 1)
			}
			if day < gone && r.Float64() > 0.125 {
				d.Nights = append(d.Nights, NightValue{id, "ring-tst", 1, day, x})
			}
		}
	}
	return d
}

// ocCase is an analysis whose operating characteristics are counted.
type ocCase struct {
	name     string
	estimand protocol.Estimand
	checked  protocol.Checked
	nightly  bool
	// primary are those that must hold their level; of the others the table says
	// what it is.
	primary bool
}

func ocCases(t testing.TB) []ocCase {
	visits := changed(t, "model: {kind: mmrm, "+threeVisits+", strata: true}",
		"variable: {outcome: ring-tst, nights: {from: 1, to: 21}", "variable: {outcome: ring-tst, nights: {from: 15, to: 21}",
		"model: {kind: random-intercept}", "model: {kind: random-slope, nights: {from: 1, to: 21}, df: kenward-roger, strata: true}")
	isi, _ := visits.Primary()
	tst, _ := visits.Estimand("tst-nights")
	with := func(e protocol.Estimand, change func(*protocol.Model)) protocol.Estimand {
		change(&e.Model)
		return e
	}
	return []ocCase{
		{"ANCOVA at day 21, those seen then", with(isi, func(m *protocol.Model) { *m = protocol.Model{Kind: "ancova", Strata: true} }), visits, false, true},
		{"MMRM, unstructured, Kenward–Roger", isi, visits, false, true},
		{"MMRM, unstructured, Satterthwaite", with(isi, func(m *protocol.Model) { m.DF = "satterthwaite" }), visits, false, false},
		{"MMRM, compound symmetry, Kenward–Roger", with(isi, func(m *protocol.Model) { m.Covariance = "cs" }), visits, false, false},
		{"nights 1 to 21 by week, random slope, Kenward–Roger", tst, visits, true, true},
		{"nights 1 to 21 by week, random intercept, Kenward–Roger", with(tst, func(m *protocol.Model) { m.Kind = "random-intercept" }), visits, true, false},
		{"nights 15 to 21, random intercept, Kenward–Roger", with(tst, func(m *protocol.Model) { m.Kind, m.Nights = "random-intercept", nil }), visits, true, true},
	}
}

// ocCount is what came of many trials.
type ocCount struct {
	failed, rejected, missed int
	sum, square, se          float64
}

// ocRun walks the whole way from tables to results, trial by trial; each trial
// has a generator of its own, so the workers' order does not matter.
func ocRun(t testing.TB, cases []ocCase, trials int, isi, tst float64) []ocCount {
	type one struct {
		ok        bool
		p, e, se  float64
		low, high float64
	}
	all := make([][]one, trials)
	next := make(chan int)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for k := range next {
				d := ocVisits(rand.New(rand.NewPCG(20260201, uint64(k)*2+uint64(b2i(isi != 0)))), isi, tst)
				all[k] = make([]one, len(cases))
				for j, c := range cases {
					if r := Answer(c.checked, d, c.estimand); r.Failed == "" {
						all[k][j] = one{ok: true, p: *r.P, e: *r.Estimate, se: *r.SE, low: *r.Low, high: *r.High}
					}
				}
			}
		})
	}
	for k := range trials {
		next <- k
	}
	close(next)
	wait.Wait()
	out := make([]ocCount, len(cases))
	for _, trial := range all {
		for j, o := range trial {
			c := &out[j]
			if !o.ok {
				c.failed++
				continue
			}
			truth := isi
			if cases[j].nightly {
				truth = tst
			}
			c.rejected += b2i(o.p <= 0.05)
			c.missed += b2i(truth < o.low || truth > o.high)
			c.sum += o.e - truth
			c.square += (o.e - truth) * (o.e - truth)
			c.se += o.se
		}
	}
	return out
}

// Type I error and coverage of the primary analyses at the example's size, with
// people who leave and nights that are missing, within what a binomial allows.
// The long form (make oc) writes the table of the methods page.
func TestOperatingCharacteristicsOfVisitsAndNights(t *testing.T) {
	trials := 200
	if testing.Short() {
		trials = 60
	}
	if s := os.Getenv("DVALA_OC"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("DVALA_OC is %q, not a number of trials", s)
		}
		trials = n
	}
	cases := ocCases(t)
	var table strings.Builder
	for _, truth := range []struct {
		name     string
		isi, tst float64
	}{{"no effect", 0, 0}, {"ISI −3 points, sleep +15 min", -3, 15}} {
		low, high := bounds(trials, 0.05)
		for j, c := range ocRun(t, cases, trials, truth.isi, truth.tst) {
			n := float64(trials - c.failed)
			if n == 0 {
				t.Fatalf("%s: no trial was estimated", cases[j].name)
			}
			bias := c.sum / n
			fmt.Fprintf(&table, "| %s | %s | %.1f | %.1f | %s | %s | %s | %d |\n", truth.name, cases[j].name, 100*float64(c.rejected)/n, 100-100*float64(c.missed)/n,
				decimals(bias, 2), decimals(math.Sqrt(c.square/n-bias*bias), 2), decimals(c.se/n, 2), c.failed)
			if !cases[j].primary {
				continue
			}
			if c.failed > 0 {
				t.Errorf("%s, %s: %d trials of %d could not be estimated", truth.name, cases[j].name, c.failed, trials)
			}
			if c.missed < low || c.missed > high {
				t.Errorf("%s, %s: the interval misses the truth %d times of %d, outside %d to %d", truth.name, cases[j].name, c.missed, trials, low, high)
			}
			if truth.isi == 0 && (c.rejected < low || c.rejected > high) {
				t.Errorf("%s, %s: p ≤ 0.05 %d times of %d, outside %d to %d", truth.name, cases[j].name, c.rejected, trials, low, high)
			}
		}
	}
	t.Logf("%d trials\n%s", trials, table.String())
}
