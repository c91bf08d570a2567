package estimate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"dvala/protocol"
	"dvala/stats/dist"
)

// ocTrial makes up a trial of the fixture's shape, in memory: 80 people in
// permuted blocks, ISI before and after with a correlation of 0.6, an eighth of
// the people gone before day 21, more of them the worse they sleep; nights with
// a person's own level, a third of them missing at random.
func ocTrial(r *rand.Rand, isiEffect, tstEffect float64) *Data {
	d := &Data{People: make([]Person, 0, 80), Nights: make([]NightValue, 0, 80*28)}
	var block []string
	for i := range 80 {
		if len(block) == 0 {
			block = []string{"drug-x", "pill-y", "drug-x", "pill-y"}
			r.Shuffle(4, func(i, j int) { block[i], block[j] = block[j], block[i] })
		}
		arm := block[0]
		block = block[1:]
		active := 0.0
		if arm == "drug-x" {
			active = 1
		}
		site, sex := [...]string{"site1", "site2", "site3"}[r.IntN(3)], [...]string{"female", "male"}[r.IntN(2)]
		p := Person{
			Subject: fmt.Sprintf("P%04d", i+1), Group: arm, Strata: map[string]string{"site": site, "sex": sex},
			Answers: map[string]protocol.Value{"age": protocol.Int(35 + r.IntN(20))},
		}
		d.People = append(d.People, p)
		level := r.NormFloat64()
		before := 17 + 4*level
		after := 14 + 4.5*(0.6*level+0.8*r.NormFloat64()) + isiEffect*active
		if site == "site2" {
			after += 1.5
		}
		d.Values = append(d.Values, Value{p.Subject, "isi-total", "day0", 1, 0, before})
		if r.Float64() > 0.125*(1+0.5*level) {
			d.Values = append(d.Values, Value{p.Subject, "isi-total", "day21", 1, 21, after})
		}
		own := 380 + 30*r.NormFloat64()
		for day := -6; day <= 21; day++ {
			x := own + 45*r.NormFloat64()
			if day > 0 {
				x += tstEffect * active
			}
			if r.Float64() > 1.0/3 {
				d.Nights = append(d.Nights, NightValue{p.Subject, "ring-tst", 1, day, x})
			}
		}
	}
	return d
}

// bounds is the central 99.9 % of a binomial count.
func bounds(n int, p float64) (low, high int) {
	q := math.Sqrt(float64(n) * p * (1 - p))
	half := dist.NormalQuantile(0.9995)*q + 0.5
	return int(math.Floor(float64(n)*p - half)), int(math.Ceil(float64(n)*p + half))
}

// Of 1,000 trials without an effect one in twenty is called one, and of 1,000
// with a known effect the 95 % interval holds it in 950; within what a binomial
// allows. The whole way from tables to results is walked, not the model alone.
func TestOperatingCharacteristics(t *testing.T) {
	trials := 1000
	if testing.Short() {
		trials = 200
	}
	c := checked(t, "parallel.yaml")
	isi, _ := c.Estimand("isi-d21")
	tst, _ := c.Estimand("tst-nights")
	for stream, truth := range []struct {
		name               string
		isi, tst           float64
		rejected, excluded [2]int // of isi, tst
	}{{name: "no effect"}, {name: "an effect", isi: -3, tst: 20}} {
		r := rand.New(rand.NewPCG(20260201, uint64(stream)))
		for k := range trials {
			d := ocTrial(r, truth.isi, truth.tst)
			for j, e := range []protocol.Estimand{isi, tst} {
				res := Answer(c, d, e)
				if res.Failed != "" {
					t.Fatalf("trial %d, %s: %s", k, e.ID, res.Failed)
				}
				if *res.P <= 0.05 {
					truth.rejected[j]++
				}
				is := []float64{truth.isi, truth.tst}[j]
				if is < *res.Low || is > *res.High {
					truth.excluded[j]++
				}
			}
		}
		low, high := bounds(trials, 0.05)
		for j, name := range []string{"ANCOVA of ISI at day 21", "random intercept over nights"} {
			t.Logf("%s, %s: the interval misses the truth %d times, p ≤ 0.05 %d times, of %d", truth.name, name, truth.excluded[j], truth.rejected[j], trials)
			if truth.excluded[j] < low || truth.excluded[j] > high {
				t.Errorf("%s, %s: the interval misses the truth %d times of %d, outside %d to %d", truth.name, name, truth.excluded[j], trials, low, high)
			}
			if truth.isi == 0 && (truth.rejected[j] < low || truth.rejected[j] > high) {
				t.Errorf("%s, %s: p ≤ 0.05 %d times of %d, outside %d to %d", truth.name, name, truth.rejected[j], trials, low, high)
			}
		}
	}
}
