package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"dvala/sleep"
)

// Epoch is the length of an epoch of a made-up night.
const Epoch = 30 * time.Second

const epochsPerMin = 2

// Plan is what a night is drawn from: durations in minutes.
type Plan struct {
	InBedMin   float64 // lights off to lights on
	SOLMin     float64 // to the first epoch of sleep
	RisesMin   float64 // awake in bed after the last sleep
	WakesPerH  float64 // awakenings that last, an hour of sleep
	WakeMin    float64 // their median length
	DeepFactor float64 // of N3 against the average adult's; 1 is average
	REMFactor  float64
	CycleMin   float64 // mean length of a cycle
}

// Night draws the stages of one night, 30-s epochs from lights off to lights
// on.
//
// Cycle by cycle: a descent through N1 and N2 to N3, back through N2, and REM.
// Within a cycle of length C (the first one 0.84 of what was drawn) that begins t minutes after sleep onset, N3 has
// C·0.46·exp(−t/160 min)·DeepFactor and REM C·ρ·REMFactor, where ρ grows from
// 0.11 in the first cycle over 0.24 and 0.32 to 0.36; each of them ±20 %. Every
// block is broken by short arousals and by awakenings as a Poisson process.
// Where the shares come from and how they are checked is in
// doc/methods/simulated-sleepers.md.
func Night(r *rand.Rand, p Plan) []sleep.Stage {
	total := int(math.Round(p.InBedMin * epochsPerMin))
	n := &night{r: r, plan: p, room: total}
	n.add(sleep.W, n.epochs(p.SOLMin))
	up := min(n.epochs(p.RisesMin), n.room)
	n.room -= up
	for cycle := 0; n.room > 0; cycle++ {
		n.cycle(cycle)
	}
	n.room = up
	n.add(sleep.W, up)
	return n.stages
}

type night struct {
	r      *rand.Rand
	plan   Plan
	stages []sleep.Stage
	asleep int // epochs since onset
	room   int // epochs left
}

func (n *night) epochs(minutes float64) int {
	return max(0, int(math.Round(minutes*epochsPerMin)))
}

// add appends epochs of one stage, as many as there is room for.
func (n *night) add(s sleep.Stage, epochs int) {
	epochs = min(epochs, n.room)
	for range epochs {
		n.stages = append(n.stages, s)
	}
	n.room -= epochs
}

// remShare is REM's share of a cycle, by the cycle's number.
var remShare = []float64{0.11, 0.24, 0.32, 0.36}

func (n *night) cycle(k int) {
	r, p := n.r, n.plan
	length := within(r, p.CycleMin, 13, 62, 135)
	if k == 0 {
		length *= 0.84 // the first cycle is the shortest
	}
	t := float64(n.asleep) / epochsPerMin
	deep := length * 0.46 * math.Exp(-t/160) * p.DeepFactor * within(r, 1, 0.2, 0.4, 1.6)
	rem := length * remShare[min(k, len(remShare)-1)] * p.REMFactor * within(r, 1, 0.2, 0.4, 1.6)
	if k == 0 && chance(r, 0.06) {
		rem = 0 // a skipped first REM
	}
	if deep < 3 {
		deep = 0
	}
	deep = min(deep, 0.62*length)
	light := max(8, length-deep-rem)
	drowsy := 1.0 + r.ExpFloat64()
	if k == 0 {
		drowsy = 2.5 + 2*r.ExpFloat64()
	}
	down := 0.55
	if deep == 0 {
		down = 1
	}
	n.block(sleep.N1, min(drowsy, light/3))
	n.block(sleep.N2, light*down)
	n.block(sleep.N3, deep)
	n.block(sleep.N2, light*(1-down))
	n.block(sleep.R, rem)
}

// breaks says how often an hour a stage is broken by what, and for how long.
var breaks = map[sleep.Stage]struct {
	perHour float64
	into    sleep.Stage
	mean    float64 // epochs
}{
	sleep.N2: {4, sleep.N1, 1.6},
	sleep.N3: {6, sleep.N2, 2.2},
	sleep.R:  {5, sleep.N1, 1.3},
}

// block appends a stretch of one stage with its interruptions; the minutes are
// of the stage itself.
func (n *night) block(s sleep.Stage, minutes float64) {
	b, broken := breaks[s]
	wake := n.plan.WakesPerH / 60 / epochsPerMin
	switch s {
	case sleep.N3:
		wake *= 0.25 // deep sleep is harder to leave
	case sleep.N1:
		wake *= 2
	}
	for left := n.epochs(minutes); left > 0 && n.room > 0; left-- {
		n.add(s, 1)
		n.asleep++
		switch {
		case chance(n.r, wake):
			n.wakeUp(s)
		case chance(n.r, 0.9/60/epochsPerMin*2):
			n.add(sleep.W, 1+n.r.IntN(2)) // a brief arousal
		case broken && chance(n.r, b.perHour/60/epochsPerMin):
			d := 1 + int(n.r.ExpFloat64()*(b.mean-1))
			n.add(b.into, d)
			n.asleep += d
		}
	}
}

// wakeUp appends an awakening and the way back to sleep.
func (n *night) wakeUp(from sleep.Stage) {
	n.add(sleep.W, max(2, n.epochs(logNormal(n.r, n.plan.WakeMin, 0.8))))
	d := 1 + n.r.IntN(3)
	n.add(sleep.N1, d)
	n.asleep += d
	if from == sleep.N3 || from == sleep.R {
		d = 3 + n.r.IntN(8)
		n.add(sleep.N2, d)
		n.asleep += d
	}
}
