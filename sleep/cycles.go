package sleep

import "time"

// CycleRule says what counts as a cycle of non-REM and REM sleep. Its times are
// least lengths unless said otherwise.
type CycleRule struct {
	Name       string
	StartAtN2  bool          // a non-REM period begins with N2 or N3, not with N1
	NREM       time.Duration // of a non-REM period, before REM may end it
	REM        time.Duration // of a REM period, unbroken
	FirstREM   time.Duration // of the night's first REM period
	SplitAfter time.Duration // a non-REM period with more sleep than this has skipped its REM; 0 never splits
	SplitGap   time.Duration // and is split at the first N3 that follows more than this without N3
}

// FeinbergFloyd is the rule of Feinberg & Floyd 1979 as Blume & Cajochen 2021
// made it exact: non-REM of 15 min, REM of 5 min, the first REM of any length,
// and a non-REM period of over 120 min of sleep split where N3 returns after
// more than 12 min without it.
func FeinbergFloyd() CycleRule {
	return CycleRule{
		Name: "feinberg-floyd", NREM: 15 * time.Minute, REM: 5 * time.Minute,
		SplitAfter: 120 * time.Minute, SplitGap: 12 * time.Minute,
	}
}

// Cycle is one cycle as ranges of epochs: [Start, REMStart) is its non-REM
// period, [REMStart, End) its REM period. Without a REM period REMStart = End.
type Cycle struct {
	Start, REMStart, End int
	Complete             bool // it has its REM period, or is one whose REM was skipped
	SkippedREM           bool // it ended where N3 came back, without REM
}

// CyclesOf finds the cycles of a row of stages.
//
// A non-REM period starts at the first epoch of non-REM sleep from which no REM
// follows for rule.NREM; it may hold wake and REM too short to count. A REM
// period starts at the first REM after it that lasts rule.REM unbroken
// (rule.FirstREM for the first of the night), and runs to the last REM before
// the next non-REM period. Wake between a REM period and the next non-REM
// period is in no cycle. The last cycle may want its REM: it is not Complete.
//
// REM before the first non-REM period is in no cycle. L counts as non-REM; a
// row with S in it has no known cycles, and the result is then of no use.
// Unscored epochs are neither REM nor non-REM.
//
// Invariants (TestCycleInvariants): cycles are in order and do not overlap;
// halving the epoch doubles every border; unscored epochs before and after move
// and change nothing.
//
// Source: Feinberg & Floyd 1979, doi:10.1111/j.1469-8986.1979.tb02991.x; Blume
// & Cajochen 2021, doi:10.1016/j.mex.2021.101318. Differs from their program:
// the split is made and marked, not asked for; the wake after REM is left out
// of the REM period; wake at the end of an incomplete cycle is left out.
func CyclesOf(stages []Stage, epoch time.Duration, rule CycleRule) []Cycle {
	for len(stages) > 0 && stages[len(stages)-1] == Unscored {
		stages = stages[:len(stages)-1]
	}
	c := cycler{stages: stages, rule: rule, epoch: epoch}
	var out []Cycle
	for start, ok := c.nextNREM(0); ok; {
		least := rule.REM
		if !c.seenREM {
			least = rule.FirstREM
		}
		rem, found := c.nextREM(start, least)
		if !found {
			end := c.lastNREM(start) + 1
			return append(out, c.split(Cycle{Start: start, REMStart: end, End: end})...)
		}
		c.seenREM = true
		next, more := c.nextNREM(rem)
		bound := next
		if !more {
			bound = len(stages)
		}
		end := rem
		for i := rem; i < bound; i++ {
			if stages[i] == R {
				end = i + 1
			}
		}
		out = append(out, c.split(Cycle{Start: start, REMStart: rem, End: end, Complete: true})...)
		start, ok = next, more
	}
	return out
}

type cycler struct {
	stages  []Stage
	epoch   time.Duration
	rule    CycleRule
	seenREM bool
}

// epochs gives how many epochs reach a length.
func (c *cycler) epochs(d time.Duration) int {
	return int((d + c.epoch - 1) / c.epoch)
}

func (c *cycler) begins(s Stage) bool {
	return s.IsNREM() && !(c.rule.StartAtN2 && s == N1)
}

// nextNREM finds where a non-REM period starts, from an epoch on.
func (c *cycler) nextNREM(from int) (int, bool) {
	need := c.epochs(c.rule.NREM)
	clear := 0 // epochs without REM, counted back from the end of the row
	found, ok := 0, false
	for i := len(c.stages) - 1; i >= from; i-- {
		if c.stages[i] == R {
			clear = 0
			continue
		}
		clear++
		if clear >= need && c.begins(c.stages[i]) {
			found, ok = i, true
		}
	}
	return found, ok
}

// nextREM finds the first unbroken REM of a length, from an epoch on.
func (c *cycler) nextREM(from int, least time.Duration) (int, bool) {
	need := max(1, c.epochs(least))
	run := 0
	for i := from; i < len(c.stages); i++ {
		if c.stages[i] != R {
			run = 0
			continue
		}
		if run++; run >= need {
			return i + 1 - run, true
		}
	}
	return 0, false
}

func (c *cycler) lastNREM(from int) int {
	last := from
	for i := from; i < len(c.stages); i++ {
		if c.stages[i].IsNREM() {
			last = i
		}
	}
	return last
}

// split cuts a cycle whose non-REM period is too long to be one, at the first N3
// after a stretch without, as long as both parts keep a non-REM period's least
// length of sleep; then looks at the second part again.
func (c *cycler) split(y Cycle) []Cycle {
	if c.rule.SplitAfter == 0 || c.sleep(y.Start, y.REMStart) <= c.rule.SplitAfter {
		return []Cycle{y}
	}
	seen, without := false, 0
	for i := y.Start; i < y.REMStart; i++ {
		if c.stages[i] != N3 {
			without++
			continue
		}
		if seen && time.Duration(without)*c.epoch > c.rule.SplitGap &&
			c.sleep(y.Start, i) >= c.rule.NREM && c.sleep(i, y.REMStart) >= c.rule.NREM {
			end := i
			for end > y.Start && !c.stages[end-1].IsNREM() {
				end--
			}
			first := Cycle{Start: y.Start, REMStart: end, End: end, Complete: true, SkippedREM: true}
			y.Start = i
			return append([]Cycle{first}, c.split(y)...)
		}
		seen, without = true, 0
	}
	return []Cycle{y}
}

// sleep gives the time asleep in a range, without REM.
func (c *cycler) sleep(from, to int) time.Duration {
	n := 0
	for _, s := range c.stages[from:to] {
		if s.IsNREM() {
			n++
		}
	}
	return time.Duration(n) * c.epoch
}
