package sleep

import (
	"math"
	"time"
)

// PersistentSleep is how long sleep must last unbroken to count as persistent.
const PersistentSleep = 10 * time.Minute

// window is the part of a hypnogram between lights off and lights on, and how
// many epochs at either end the record does not cover.
type window struct {
	stages     []Stage
	lead, tail int // epochs
	epoch      time.Duration
}

// windowOf finds it. ok is false for the empty hypnogram, for one of which
// nothing is scored while lights are unknown, and where no epoch lies between
// the lights.
func windowOf(h Hypnogram, lights Lights) (w window, ok bool) {
	w.epoch = h.epoch
	from, to := 0, len(h.stages) // may leave the record on either side
	for from < to && h.stages[from] == Unscored {
		from++
	}
	for to > from && h.stages[to-1] == Unscored {
		to--
	}
	known := !h.start.IsZero()
	if known && !lights.Off.IsZero() {
		from = edge(lights.Off.Sub(h.start), h.epoch)
	}
	if known && !lights.On.IsZero() {
		to = edge(lights.On.Sub(h.start), h.epoch)
	}
	if from >= to || from >= len(h.stages) || to <= 0 {
		return window{}, false
	}
	w.lead, w.tail = max(0, -from), max(0, to-len(h.stages))
	w.stages = h.stages[max(0, from):min(to, len(h.stages))]
	return w, true
}

// edge gives the edge between epochs that is nearest to an offset.
func edge(d, epoch time.Duration) int {
	return int(math.Round(float64(d) / float64(epoch)))
}

// length gives the epochs between lights off and lights on.
func (w window) length() int { return w.lead + len(w.stages) + w.tail }

// min gives epochs as minutes.
func (w window) min(epochs int) float64 {
	return (time.Duration(epochs) * w.epoch).Minutes()
}

// onset gives the first epoch of sleep; there must be one.
func (w window) onset() int {
	i := 0
	for !w.stages[i].IsSleep() {
		i++
	}
	return i
}

// lastSleep gives the last epoch of sleep; there must be one.
func (w window) lastSleep() int {
	i := len(w.stages) - 1
	for !w.stages[i].IsSleep() {
		i--
	}
	return i
}

// persistent gives minutes from lights off to the first run of sleep that lasts
// at least so long unbroken, by wake or by an unscored epoch.
func (w window) persistent(least time.Duration) *float64 {
	run := 0
	for i, s := range w.stages {
		if !s.IsSleep() {
			run = 0
			continue
		}
		run++
		if time.Duration(run)*w.epoch >= least {
			return some(w.min(w.lead + i + 1 - run))
		}
	}
	return nil
}

// vocabulary says what the source told apart. A single L means that it does
// not tell N1 from N2, a single S that its stages do not cover the night.
type vocabulary struct {
	staged bool // REM, N3 and light are told apart
	n1n2   bool // N1 and N2 are too
}

func (w window) vocabulary(counts [stageCount]int) vocabulary {
	return vocabulary{
		staged: counts[Asleep] == 0,
		n1n2:   counts[Asleep] == 0 && counts[Light] == 0,
	}
}

// thirds gives how the epochs of a kind are spread over the three thirds of a
// span, in percent; absent where there are none. An epoch that lies across a
// border counts to both sides by its parts, so that the length of the epoch
// does not matter.
func thirds(span []Stage, is func(Stage) bool) *[3]float64 {
	var sum [3]float64 // in thirds of an epoch, so whole numbers: exact
	total := 0
	n := len(span)
	for i, s := range span {
		if !is(s) {
			continue
		}
		total++
		// In units of a third of an epoch, epoch i spans [3i, 3i+3) and the borders are n and 2n.
		for u := 3 * i; u < 3*i+3; u++ {
			sum[u/n]++
		}
	}
	if total == 0 {
		return nil
	}
	for k := range sum {
		sum[k] = 100 * sum[k] / float64(3*total)
	}
	return &sum
}

// awakenings gives the length in epochs of every bout of wake in a span that
// begins and ends with sleep. Unscored epochs within a bout neither lengthen
// nor end it: nobody saw sleep there.
func awakenings(span []Stage) []int {
	var bouts []int
	awake := false
	for _, s := range span {
		switch {
		case s.IsSleep():
			awake = false
		case s == W && awake:
			bouts[len(bouts)-1]++
		case s == W:
			bouts = append(bouts, 1)
			awake = true
		}
	}
	return bouts
}
