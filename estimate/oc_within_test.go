package estimate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dvala/protocol"
)

// within is a trial within people whose analyses are counted from tables to
// results.
type within struct {
	name    string
	checked protocol.Checked
	cases   []withinCase
	short   int // trials of the suite
	make    func(r *rand.Rand, with bool) *Data
}

type withinCase struct {
	name     string
	estimand protocol.Estimand
	truth    float64
	primary  bool
}

func exampleOf(t testing.TB, name string, change ...string) protocol.Checked {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "examples", name, "protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(b), change...)
}

// ocCrossover is the example of two periods: 40 people in orders drawn by pairs,
// one in eight gone after the first, ISI at each period's end and nights of which
// one in eight is missing; the second period half a point better for everybody.
func ocCrossover(t testing.TB) within {
	c := exampleOf(t, "crossover")
	isi, _ := c.Primary()
	quality, _ := c.Estimand("quality-second-week")
	nights := quality
	nights.Model = protocol.Model{Kind: "random-intercept", DF: "kenward-roger"}
	return within{
		name: "crossover of 40", checked: c, short: 90,
		cases: []withinCase{
			{"ISI at the periods’ ends, crossover", isi, -2, true},
			{"second weeks’ means, crossover", quality, 0.4, true},
			{"every night of the second weeks, person and person × period, Kenward–Roger", nights, 0.4, true},
		},
		make: func(r *rand.Rand, with bool) *Data {
			d := &Data{}
			first := 0
			for i := range 40 {
				if i%2 == 0 {
					first = r.IntN(2)
				} else {
					first = 1 - first
				}
				id := fmt.Sprintf("P%02d", i)
				d.People = append(d.People, Person{Subject: id, Order: i + 1, Group: [...]string{"glycine-first", "glycine-second"}[first]})
				level, sleeps, gone := 14+4*r.NormFloat64(), 5+r.NormFloat64(), r.Float64() < 0.125
				for period := 1; period <= 2 && (period == 1 || !gone); period++ {
					on := float64(b2i((period == 1) == (first == 0) && with))
					y := level - 0.5*float64(period-1) - 2*on + 3.4*r.NormFloat64()
					d.Values = append(d.Values, Value{id, "isi", isi.Variable.Visits[period-1], period, 14 * period, y})
					week := 0.5 * r.NormFloat64()
					for day := 1; day <= 14; day++ {
						if r.Float64() > 0.125 {
							d.Nights = append(d.Nights, NightValue{id, "diary-quality", period, day, sleeps + week + 0.4*on + 1.2*r.NormFloat64()})
						}
					}
				}
			}
			return d
		},
	}
}

// ocOnes is the example of one person with twelve: four cycles in orders drawn
// anew, six nights a period of which one in ten is missing, alike by 0.3 with the
// night before, a cycle's own level; effects that differ by an SD of 0.4.
func ocOnes(t testing.TB, people int) within {
	c := exampleOf(t, "nof1", runByHer, "", "participants: 1\n", "participants: 12\n", "slots_per_cell: 1", "slots_per_cell: 24")
	alike := exampleOf(t, "nof1", runByHer, "", "participants: 1\n", "participants: 12\n", "slots_per_cell: 1", "slots_per_cell: 24", "model: {kind: n-of-1}\n    why: It is", "model: {kind: n-of-1, autoregressive: true}\n    why: It is")
	plain, _ := c.Primary()
	serial, _ := alike.Primary()
	several := people > 1
	return within{
		name: fmt.Sprintf("trials of one: %d", people), checked: c, short: 60,
		cases: []withinCase{
			{"levels per cycle, nights as independent", plain, 0.6, several},
			{"levels per cycle, AR(1)", serial, 0.6, false},
		},
		make: func(r *rand.Rand, with bool) *Data {
			d := &Data{}
			for i := range people {
				id, own := fmt.Sprintf("P%02d", i), 0.0
				if several {
					own = 0.4 * r.NormFloat64()
				}
				if with {
					own += 0.6
				}
				order := "order-"
				for cycle := range 4 {
					level, first, e := 5+0.5*r.NormFloat64(), r.IntN(2), r.NormFloat64()
					for half := range 2 {
						active := (half == 0) == (first == 0)
						order += [...]string{"2", "1"}[b2i(active)]
						for day := 2; day <= 7; day++ {
							if r.Float64() > 0.1 {
								d.Nights = append(d.Nights, NightValue{id, "diary-quality", 2*cycle + half + 1, day, level + own*float64(b2i(active)) + 1.2*e})
							}
							e = 0.3*e + math.Sqrt(1-0.09)*r.NormFloat64()
						}
					}
				}
				d.People = append(d.People, Person{Subject: id, Order: i + 1, Group: order})
			}
			return d
		},
	}
}

// count plays trials in parallel, each from a generator of its own.
func (w within) count(trials int, with bool) []ocCount {
	all := make([][]Result, trials)
	var wait sync.WaitGroup
	for k := range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := k; i < trials; i += runtime.GOMAXPROCS(0) {
				d := w.make(rand.New(rand.NewPCG(20260301, uint64(2*i+b2i(with)))), with)
				for _, c := range w.cases {
					all[i] = append(all[i], Answer(w.checked, d, c.estimand))
				}
			}
		})
	}
	wait.Wait()
	out := make([]ocCount, len(w.cases))
	for _, trial := range all {
		for j, r := range trial {
			c, truth := &out[j], 0.0
			if with {
				truth = w.cases[j].truth
			}
			if r.Failed != "" {
				c.failed++
				continue
			}
			x := *r.Estimate - truth
			c.rejected += b2i(*r.P <= 0.05)
			c.missed += b2i(truth < *r.Low || truth > *r.High)
			c.sum, c.square, c.se = c.sum+x, c.square+x*x, c.se+*r.SE
		}
	}
	return out
}

// runByHer is the line by which one person runs her own trial; several do not.
const runByHer = "\n  run_by: participant   # she runs it from her own pages; the helper is the custodian"

// Type I error and coverage within people, from tables to results, as
// TestOperatingCharacteristicsOfVisitsAndNights has them between people.
func TestOperatingCharacteristicsWithinPeople(t *testing.T) {
	long := 0
	if s := os.Getenv("DVALA_OC"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			t.Fatalf("DVALA_OC is %q, not a number of trials", s)
		}
		long = n
	}
	for _, w := range []within{ocCrossover(t), ocOnes(t, 12), ocOnes(t, 1)} {
		trials := w.short
		switch {
		case long > 0:
			trials = long
		case testing.Short():
			trials /= 3
		}
		var table strings.Builder
		low, high := bounds(trials, 0.05)
		null, with := w.count(trials, false), w.count(trials, true)
		for j, c := range w.cases {
			a, b := null[j], with[j]
			n, m := float64(trials-a.failed), float64(trials-b.failed)
			bias := b.sum / m
			fmt.Fprintf(&table, "| %s: %s | %.1f %% | %.1f %% | %s | %s | %s | %d |\n", w.name, c.name, 100*float64(a.rejected)/n, 100-100*float64(b.missed)/m,
				decimals(bias, 3), decimals(math.Sqrt(b.square/m-bias*bias), 3), decimals(b.se/m, 3), a.failed+b.failed)
			if !c.primary {
				continue
			}
			if a.failed+b.failed > trials/50 {
				t.Errorf("%s, %s: %d of %d could not be estimated", w.name, c.name, a.failed+b.failed, 2*trials)
			}
			if a.rejected < low || a.rejected > high || b.missed < low || b.missed > high {
				t.Errorf("%s, %s: p ≤ 0.05 %d times without an effect and the interval missed one %d times, of %d: outside %d to %d", w.name, c.name, a.rejected, b.missed, trials, low, high)
			}
		}
		t.Logf("%s, %d trials\n%s", w.name, trials, table.String())
	}
}
