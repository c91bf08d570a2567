package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"dvala/stats"
	"dvala/stats/glm"
	"dvala/stats/linear"
	"dvala/stats/lmm"
	"dvala/stats/missing"
	"dvala/stats/mmrm"
	"dvala/stats/reml"
	"dvala/stats/resample"
	"dvala/stats/terms"
)

// Operating characteristics at the size of the example trial (80 people, three
// visits or 21 nights, one in five gone by the end at random given what was
// seen). A few hundred trials run with the suite; DVALA_OC=10000 runs as many,
// and prints the table of doc/methods/operating-characteristics.md.

type madeTrial struct {
	bl    []float64
	arm   []int
	y     [][]*float64 // visits
	night [][]*float64
}

// make80 makes one trial in which the active arm differs by effect at the last
// visit, and by effect/21 per night in the slope of nights.
func make80(r *rand.Rand, effect float64) madeTrial { return makeTrial(r, 80, effect) }

func makeTrial(r *rand.Rand, n int, effect float64) madeTrial {
	t := madeTrial{}
	for i := 0; i < n; i += 4 {
		b := []int{0, 0, 1, 1}
		r.Shuffle(4, func(i, j int) { b[i], b[j] = b[j], b[i] })
		t.arm = append(t.arm, b...)
	}
	for i := range n {
		b := 17 + 3.5*r.NormFloat64()
		t.bl = append(t.bl, b)
		e, before := r.NormFloat64(), b
		row := make([]*float64, 3)
		gone := false
		for v := range row {
			if v > 0 {
				e = 0.65*e + math.Sqrt(1-0.65*0.65)*r.NormFloat64()
			}
			y := 3.5 - 1.1*float64(v) + 0.7*b + effect*float64(t.arm[i])*float64(v+1)/3 + (4+0.4*float64(v))*e
			if v > 0 && r.Float64() < 0.1*math.Exp(0.1*(before-12)) {
				gone = true
			}
			if !gone {
				row[v] = &y
				before = y
			}
		}
		t.y = append(t.y, row)
		u, s := 30*r.NormFloat64(), 1.5*r.NormFloat64()
		last := 21
		if r.Float64() < 0.15 {
			last = 3 + r.IntN(18)
		}
		nights := make([]*float64, 21)
		for d := range 21 {
			if d < last && r.Float64() > 0.08 {
				y := 380 + 5*(b-17) + u + (s+effect/21*float64(t.arm[i]))*float64(d+1) + 28*r.NormFloat64()
				nights[d] = &y
			}
		}
		t.night = append(t.night, nights)
	}
	return t
}

func (t madeTrial) last(link func(float64) float64) (bl, y []float64, arm []string, codes []int) {
	for i, row := range t.y {
		if row[2] != nil {
			bl, y, arm = append(bl, t.bl[i]), append(y, link(*row[2])), append(arm, fmt.Sprint(t.arm[i]))
			codes = append(codes, t.arm[i])
		}
	}
	return bl, y, arm, codes
}

// visits lays out every value seen, with effects of arm and baseline at each visit.
func (t madeTrial) visits() (*terms.Design, mmrm.Rows, error) {
	in := mmrm.Rows{Visits: []string{"D07", "D14", "D21"}}
	var bl []float64
	var arm, visit []string
	k := 0
	for i, row := range t.y {
		for v, y := range row {
			if y != nil {
				bl, arm, visit = append(bl, t.bl[i]), append(arm, fmt.Sprint(t.arm[i])), append(visit, in.Visits[v])
				in.Y, in.Person, in.Visit = append(in.Y, *y), append(in.Person, k), append(in.Visit, v)
			}
		}
		k++ // everybody is seen at the first visit
	}
	d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Factor("arm", arm, "0", "1"), terms.Factor("visit", visit, in.Visits...)}, "bl", "arm", "visit", "bl:visit", "arm:visit")
	return d, in, err
}

// nights lays out every night, with a course of each arm.
func (t madeTrial) nights() (d *terms.Design, y, night []float64, person []int, err error) {
	var bl, arm []float64
	k := 0
	for i, row := range t.night {
		any := false
		for d, v := range row {
			if v != nil {
				y, bl, arm, night, person = append(y, *v), append(bl, t.bl[i]), append(arm, float64(t.arm[i])), append(night, float64(d+1)), append(person, k)
				any = true
			}
		}
		if any {
			k++
		}
	}
	d, err = terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Numeric("arm", arm), terms.Numeric("night", night)}, "bl", "arm", "night", "arm:night")
	return d, y, night, person, err
}

func same(x float64) float64 { return x }

type analysis struct {
	name string
	mean bool // estimates the difference of means that the trials were made with
	kept bool // and is held to its level and coverage by the suite
	run  func(t madeTrial, seed uint64) (stats.Estimate, error)
}

var analyses = []analysis{
	{"ANCOVA, HC3, people seen at the end", true, false, func(t madeTrial, _ uint64) (stats.Estimate, error) {
		bl, y, arm, _ := t.last(same)
		d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Factor("arm", arm, "0", "1")}, "bl", "arm")
		if err != nil {
			return stats.Estimate{}, err
		}
		f, err := linear.Ordinary(d, y, linear.Options{Errors: linear.HC3})
		if err != nil {
			return stats.Estimate{}, err
		}
		return f.Coefficients[2], nil
	}},
	{"MMRM, unstructured, Kenward–Roger", true, true, func(t madeTrial, _ uint64) (stats.Estimate, error) {
		d, in, err := t.visits()
		if err != nil {
			return stats.Estimate{}, err
		}
		f, err := mmrm.Repeated(d, in, mmrm.Options{Method: reml.KenwardRoger})
		if err != nil {
			return stats.Estimate{}, err
		}
		return f.Difference("", terms.At{"arm": "1", "visit": "D21"}, terms.At{"arm": "0", "visit": "D21"}, terms.Equal)
	}},
	{"nightly slopes, Kenward–Roger, at night 21", true, true, func(t madeTrial, _ uint64) (stats.Estimate, error) {
		d, y, night, person, err := t.nights()
		if err != nil {
			return stats.Estimate{}, err
		}
		f, err := lmm.Random(d, y, person, lmm.Options{Slopes: []lmm.Slope{{Name: "night", X: night}}})
		if err != nil {
			return stats.Estimate{}, err
		}
		return f.Contrast("", []float64{0, 0, 1, 0, 21}, reml.KenwardRoger)
	}},
	{"jump to reference, jackknife", true, false, func(t madeTrial, _ uint64) (stats.Estimate, error) {
		r, err := missing.ConditionalMean(missing.Trial{
			Y: t.y, Arm: t.arm, Visits: []string{"D07", "D14", "D21"}, Covariates: []terms.Variable{terms.Numeric("bl", t.bl)},
		}, missing.Jump, 0)
		return r.Estimate, err
	}},
	{"responders (below 12), standardised difference", false, false, func(t madeTrial, _ uint64) (stats.Estimate, error) {
		bl, y, arm, _ := t.last(func(v float64) float64 {
			if v < 12 {
				return 1
			}
			return 0
		})
		d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl), terms.Factor("arm", arm, "0", "1")}, "bl", "arm")
		if err != nil {
			return stats.Estimate{}, err
		}
		f, err := glm.Regress(d, y, glm.Options{Family: glm.Binomial})
		if err != nil {
			return stats.Estimate{}, err
		}
		m, err := f.Standardise("arm", "1", "0")
		return m.Difference, err
	}},
	{"re-randomisation of ANCOVA, 199 draws", false, false, func(t madeTrial, seed uint64) (stats.Estimate, error) {
		bl, y, _, arm := t.last(same)
		d, err := terms.Build([]terms.Variable{terms.Numeric("bl", bl)}, "bl")
		if err != nil {
			return stats.Estimate{}, err
		}
		r, err := resample.Rerandomise(d.X, y, arm, func(r *rand.Rand, a []int) {
			copy(a, arm) // conditional on who was seen: as many in each arm
			r.Shuffle(len(a), func(i, j int) { a[i], a[j] = a[j], a[i] })
		}, 199, seed)
		return stats.Estimate{Value: r.Observed, P: r.P}, err
	}},
}

func TestOperatingCharacteristics(t *testing.T) {
	n, long := 250, false
	if s := os.Getenv("DVALA_OC"); s != "" {
		v, err := strconv.Atoi(s)
		if err != nil || v < 1 {
			t.Fatalf("DVALA_OC is %q, not a number of trials", s)
		}
		n, long = v, true
	} else if testing.Short() {
		n = 60
	}
	const effect = -2.0
	for _, a := range analyses {
		if !long && a.name == "jump to reference, jackknife" {
			continue // a jackknife in each: long runs only
		}
		began := time.Now()
		var mu sync.Mutex
		var failed, rejected, covered int
		var bias, se float64
		var wg sync.WaitGroup
		for w := range runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for k := w; k < n; k += runtime.GOMAXPROCS(0) {
					null, err1 := a.run(make80(resample.Stream(1, k), 0), uint64(k))
					alt, err2 := a.run(make80(resample.Stream(2, k), effect), uint64(k))
					mu.Lock()
					if err1 != nil || err2 != nil {
						failed++
						if long {
							t.Logf("%s, trial %d: %v %v", a.name, k, err1, err2)
						}
					} else {
						if null.P <= 0.05 {
							rejected++
						}
						if alt.Low <= effect && effect <= alt.High {
							covered++
						}
						bias += alt.Value - effect
						se += alt.SE
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		m := float64(n - failed)
		typeI, cover := float64(rejected)/m, float64(covered)/m
		rest := "– | – | –"
		if a.mean {
			rest = fmt.Sprintf("%.2f %% | %+.3f | %.3f", 100*cover, bias/m, se/m)
		}
		t.Logf("| %s | %d | %.2f %% | %s | %d |", a.name, n, 100*typeI, rest, failed)
		if long {
			t.Logf("  in %s", time.Since(began).Round(time.Millisecond))
		}
		if failed > n/100 {
			t.Errorf("%s failed in %d of %d trials", a.name, failed, n)
		}
		// 4.5 standard errors: chance alone crosses them once in 150,000 runs.
		bound := 4.5 * math.Sqrt(0.05*0.95/m)
		if a.kept && (math.Abs(typeI-0.05) > bound || math.Abs(cover-0.95) > bound) {
			t.Errorf("%s: type I error %.3f, coverage %.3f", a.name, typeI, cover)
		}
		if !a.kept && typeI > 0.05+bound {
			t.Errorf("%s: type I error %.3f", a.name, typeI)
		}
	}
}

// A thousand trials of 80 × 21 nights by random slopes with Satterthwaite.
func BenchmarkThousandNightlyTrials(b *testing.B) {
	for b.Loop() {
		var wg sync.WaitGroup
		for w := range runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for k := w; k < 1000; k += runtime.GOMAXPROCS(0) {
					if _, err := analyses[2].run(make80(resample.Stream(3, k), 0), 0); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
}
