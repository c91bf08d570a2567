package simulate

import (
	"testing"
	"time"

	"dvala/sleep"
)

func typical() Plan {
	return Plan{InBedMin: 465, SOLMin: 15, RisesMin: 8, WakesPerH: 1.1, WakeMin: 3, DeepFactor: 1, REMFactor: 1, CycleMin: 96}
}

// A thousand made-up nights have the shares of adult sleep that the textbooks
// give: N1 3–5, N2 45–55, N3 10–20, REM 20–25 % of sleep, REM latency
// 60–100 min (ranges as in doc/methods/simulated-sleepers.md, widened there to
// Boulos 2019's N3 of 20.4 % and REM of 19.0 %), deep sleep early and REM late.
func TestNightsLookLikeAdultSleep(t *testing.T) {
	r := Stream(1, "test", 0)
	var n1, n2, n3, rem, tst, lat, waso float64
	var first, last struct{ n3, rem float64 }
	const nights = 1000
	start := time.Date(2026, 1, 12, 23, 0, 0, 0, time.UTC)
	for range nights {
		h, err := sleep.NewHypnogram(start, Epoch, Night(r, typical()))
		if err != nil {
			t.Fatal(err)
		}
		onset := -1
		third := h.Len() / 3
		seenREM := false
		for i, s := range h.Stages() {
			if s != sleep.W && onset < 0 {
				onset = i
			}
			switch s {
			case sleep.N1:
				n1++
			case sleep.N2:
				n2++
			case sleep.N3:
				n3++
				if i < third {
					first.n3++
				} else if i >= 2*third {
					last.n3++
				}
			case sleep.R:
				rem++
				if !seenREM {
					seenREM = true
					lat += float64(i-onset) / 2
				}
				if i < third {
					first.rem++
				} else if i >= 2*third {
					last.rem++
				}
			case sleep.W:
				if onset >= 0 {
					waso += 0.5
				}
			}
		}
	}
	tst = n1 + n2 + n3 + rem
	for _, c := range []struct {
		what        string
		got, lo, hi float64
	}{
		{"N1 % of sleep", 100 * n1 / tst, 3, 8},
		{"N2 % of sleep", 100 * n2 / tst, 45, 55},
		{"N3 % of sleep", 100 * n3 / tst, 15, 21.5},
		{"REM % of sleep", 100 * rem / tst, 18, 25},
		{"REM latency, min", lat / nights, 60, 100},
		{"sleep, min", tst / 2 / nights, 385, 440},
		{"wake after onset, min", waso / nights, 20, 50},
		{"N3 of the first third over the last", first.n3 / last.n3, 3, 40},
		{"REM of the last third over the first", last.rem / first.rem, 2, 20},
	} {
		t.Logf("%s: %.2f", c.what, c.got)
		if c.got < c.lo || c.got > c.hi {
			t.Errorf("%s: %.2f, want %g to %g", c.what, c.got, c.lo, c.hi)
		}
	}
}

// Every night is exactly as long as the time in bed, whatever the plan.
func TestNightFillsTheBed(t *testing.T) {
	r := Stream(2, "test", 0)
	for range 300 {
		p := typical()
		p.InBedMin = 60 + 600*r.Float64()
		p.SOLMin = 700 * r.Float64()
		p.WakesPerH = 10 * r.Float64()
		got := len(Night(r, p))
		if want := int(p.InBedMin*2 + 0.5); got != want {
			t.Fatalf("%d epochs, want %d", got, want)
		}
	}
}

// A stream depends on seed, purpose and person, and on nothing else.
func TestStreamsAreApart(t *testing.T) {
	a, b := Stream(1, "x", 1), Stream(1, "x", 1)
	if a.Uint64() != b.Uint64() {
		t.Error("the same stream twice gives two things")
	}
	seen := map[uint64]bool{}
	for _, s := range []uint64{1, 2} {
		for _, p := range []string{"x", "y"} {
			for i := range 50 {
				v := Stream(s, p, i).Uint64()
				if seen[v] {
					t.Fatal("two streams begin alike")
				}
				seen[v] = true
			}
		}
	}
}
