package simulate

import (
	"math/rand/v2"
	"slices"
	"time"

	"dvala/civil"
	"dvala/sleep"
)

// confusion is what a ring makes of a stretch of each stage: the probability
// of deep, light, REM and awake. Robbins 2024 for the third-generation Oura
// ring beside polysomnography (35 people, one laboratory night, paid for by the
// vendor), so an optimistic figure. A stretch is judged whole, so that the
// ring's night has bouts and not salt and pepper.
var confusion = map[sleep.Stage][4]float64{
	sleep.N3: {0.795, 0.199, 0.005, 0.001},
	sleep.N2: {0.085, 0.782, 0.060, 0.073},
	sleep.N1: {0.085, 0.782, 0.060, 0.073}, // the source has N1 and N2 as one
	sleep.R:  {0.004, 0.178, 0.760, 0.058},
	sleep.W:  {0.026, 0.190, 0.097, 0.687},
}

var ringStages = [4]sleep.Stage{sleep.N3, sleep.Light, sleep.R, sleep.W}

// Seen is a night as a ring sees it: N3, L, R and W only.
func Seen(r *rand.Rand, truth []sleep.Stage) []sleep.Stage {
	out := make([]sleep.Stage, 0, len(truth))
	onset := slices.IndexFunc(truth, func(s sleep.Stage) bool { return s != sleep.W })
	for i := 0; i < len(truth); {
		j := i + 1
		longest := 8 + r.IntN(20) // epochs judged at once
		for j < len(truth) && truth[j] == truth[i] && j-i < longest {
			j++
		}
		s := ringStages[draw(r, confusion[truth[i]])]
		if truth[i] == sleep.W && (i == 0 || j == len(truth)) && j-i > 6 {
			s = sleep.W // lying still before sleep is the ring's other weakness; long wake at an edge it sees
		}
		if s == sleep.R && truth[i] != sleep.R && (onset < 0 || i-onset < soonestREM) {
			s = sleep.Light // rings weigh the time of night: no REM is seen where none can be
		}
		for ; i < j; i++ {
			out = append(out, s)
		}
	}
	return out
}

// soonestREM is how long after sleep onset a ring first takes something else
// for REM, in epochs.
const soonestREM = 50 * epochsPerMin

func draw(r *rand.Rand, p [4]float64) int {
	x := r.Float64()
	for i, v := range p {
		if x -= v; x < 0 {
			return i
		}
	}
	return 1
}

// ringNight is a night that lies in the ring and is not uploaded yet.
type ringNight struct {
	night  civil.Date
	start  time.Time // lights off, in the zone where she slept
	stages []sleep.Stage
	nap    *nap
	pulse  float64
	rmssd  float64
	breath float64
	skin   float64 // deviation of skin temperature, °C
	steps  int
	split  bool // the ring wrote the night as two periods
}

type nap struct {
	start  time.Time
	stages []sleep.Stage
}

// wear lets the ring see a night, if it is on the finger.
func (l *life) wear(r *rand.Rand, night civil.Date, d Day, stages []sleep.Stage, t Truth) {
	if len(l.p.Devices) == 0 || l.p.Devices[0].Vendor != RingVendor {
		return
	}
	dev := l.p.Devices[0]
	// A ring that was left in a drawer stays there for a few nights.
	stay := 0.55
	if l.drawer {
		l.drawer = chance(r, stay)
	} else {
		l.drawer = chance(r, (1-l.person.RingWorn)*(1-stay)/max(0.05, l.person.RingWorn)*1.0)
	}
	if !l.inSpan(night, dev.FromDay, dev.ToDay) || l.drawer {
		return
	}
	place := l.place()
	n := ringNight{
		night:  night,
		start:  night.Add(-1).At(18*60, place).Add(time.Duration(d.TryMin*60) * time.Second).Truncate(30 * time.Second),
		stages: Seen(r, stages),
		pulse:  clamp(l.person.Pulse+1.2*d.Drinks+0.3*(d.Stress-4)+1.5*r.NormFloat64(), 38, 110),
		rmssd:  clamp(l.person.RMSSD*(1-0.03*d.Drinks)+5*r.NormFloat64(), 8, 150),
		breath: clamp(14.5+0.8*r.NormFloat64(), 9, 24),
		skin:   clamp(0.15*r.NormFloat64()+0.05*d.Drinks, -1.5, 2),
		steps:  int(within(r, 8200, 3000, 600, 26000)),
		split:  t.Awakenings >= 2 && chance(r, 0.05),
	}
	if d.NapMin >= 15 {
		at := night.Add(-1).At(civil.Clock(15*60+20+r.IntN(60)), place)
		n.nap = &nap{start: at, stages: Seen(r, lightNap(int(d.NapMin)*epochsPerMin))}
	}
	l.ring = append(l.ring, n)
	if len(l.ring) >= 3+r.IntN(3) {
		// The ring is synchronised in the afternoon, when the night is over anywhere.
		l.schedule(night.At(17*60, l.zone), l.upload)
	}
}

func lightNap(epochs int) []sleep.Stage {
	out := make([]sleep.Stage, epochs)
	for i := range out {
		switch {
		case i < 6:
			out[i] = sleep.W
		case i < 12:
			out[i] = sleep.N1
		default:
			out[i] = sleep.N2
		}
	}
	return out
}
