package stats_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dvala/stats"
	"dvala/stats/dist"
	"dvala/stats/resample"
)

// Operating characteristics of what make80 cannot show: trials within people,
// ordered answers, counts, times, habits, those who take it. Every kind of trial
// makes its own people, and its analyses look at the same ones.

// kind is a kind of trial and what is estimated from it.
type kind struct {
	title string
	size  int // trials of the suite; 0 is of long runs only
	asked []question
	// run makes one trial, with the effect or without, and answers every question.
	run func(r *rand.Rand, with bool) []answer
}

// question is one analysis of a kind.
type question struct {
	name string
	// kept are held to 5 % and 95 % within Monte Carlo error; of the rest the
	// table says what they are.
	kept bool
	mute bool // has no test: an interval of something other than the effect
}

// answer of one analysis to one trial, with the truth that it was made with. A
// test without an estimate has a P and nothing else.
type answer struct {
	value, se, low, high, p float64
	truth                   float64
	err                     error
}

func answered(e stats.Estimate, truth float64, err error) answer {
	return answer{value: e.Value, se: e.SE, low: e.Low, high: e.High, p: e.P, truth: truth, err: err}
}

// logarithm of an estimate that is given as a ratio with the error of its
// logarithm.
func logarithm(e stats.Estimate, truth float64, err error) answer {
	return answer{value: math.Log(e.Value), se: e.SE, low: math.Log(e.Low), high: math.Log(e.High), p: e.P, truth: truth, err: err}
}

func onlyP(p float64, err error) answer {
	return answer{value: math.NaN(), low: math.NaN(), high: math.NaN(), p: p, err: err}
}

// counted is what came of many trials.
type counted struct {
	n, failed, rejected, covered int
	bias, square, se             float64
	why                          error
}

func (c *counted) add(a answer) {
	if a.err != nil {
		c.failed++
		c.why = a.err
		return
	}
	c.n++
	if a.p <= 0.05 {
		c.rejected++
	}
	if a.low <= a.truth && a.truth <= a.high {
		c.covered++
	}
	d := a.value - a.truth
	c.bias += d
	c.square += d * d
	c.se += a.se
}

// count runs a kind; every trial has a generator of its own, and its answers are
// added in the order of trials.
func (k kind) count(trials int, with bool) []counted {
	h := fnv.New64a()
	fmt.Fprint(h, k.title, with)
	stream := h.Sum64()
	all := make([][]answer, trials)
	var wg sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := w; i < trials; i += runtime.GOMAXPROCS(0) {
				all[i] = k.run(resample.Stream(stream, i), with)
			}
		})
	}
	wg.Wait()
	out := make([]counted, len(k.asked))
	for _, t := range all {
		for j, a := range t {
			out[j].add(a)
		}
	}
	return out
}

// rows are those of the page's table: the test without an effect, the interval
// and the estimate with one.
func (k kind) rows(null, with []counted) string {
	var b strings.Builder
	share := func(x, n int) string { return fmt.Sprintf("%.1f %%", 100*float64(x)/float64(n)) }
	for j, q := range k.asked {
		level := share(null[j].rejected, null[j].n)
		if q.mute {
			level = "–"
		}
		rest := "– | – | – | –"
		if n := float64(with[j].n); !math.IsNaN(with[j].bias) {
			m := with[j].bias / n
			rest = fmt.Sprintf("%s | %+.3g | %.3g | %.3g", share(with[j].covered, with[j].n), m, math.Sqrt(with[j].square/n-m*m), with[j].se/n)
			rest = strings.Replace(rest, "NaN", "–", 1)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %d |\n", q.name, level, rest, null[j].failed+with[j].failed)
	}
	return b.String()
}

// hold fails for a question that is kept and strays from 5 % or 95 % further than
// chance does once in a hundred thousand.
func (k kind) hold(t *testing.T, null, with []counted) {
	t.Helper()
	for j, q := range k.asked {
		n, w := null[j], with[j]
		if n.failed+w.failed > (n.n+w.n)/20+1 {
			t.Errorf("%s: %d of %d could not be estimated, such as: %v", q.name, n.failed+w.failed, n.n+w.n, cmpErr(n.why, w.why))
		}
		if !q.kept {
			continue
		}
		bound := func(m int) float64 {
			return dist.NormalQuantile(1-1e-5/2)*math.Sqrt(0.05*0.95/float64(m)) + 0.5/float64(m)
		}
		if e := float64(n.rejected)/float64(n.n) - 0.05; !q.mute && math.Abs(e) > bound(n.n) {
			t.Errorf("%s: p ≤ 0.05 in %d of %d", q.name, n.rejected, n.n)
		}
		if e := float64(w.covered)/float64(w.n) - 0.95; !math.IsNaN(w.bias) && math.Abs(e) > bound(w.n) {
			t.Errorf("%s: the interval held the truth in %d of %d", q.name, w.covered, w.n)
		}
	}
}

func cmpErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func TestOperatingCharacteristicsOfKinds(t *testing.T) {
	long := 0
	if s := os.Getenv("DVALA_OC"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("DVALA_OC is %q, not a number of trials", s)
		}
		long = n
	}
	for _, k := range kinds() {
		if long == 0 && k.size == 0 {
			continue // of long runs only
		}
		t.Run(k.title, func(t *testing.T) {
			n := k.size
			switch {
			case long > 0:
				n = long
			case testing.Short():
				n /= 4
			}
			null, with := k.count(n, false), k.count(n, true)
			t.Logf("%s, %d trials\n%s", k.title, n, k.rows(null, with))
			k.hold(t, null, with)
		})
	}
}
