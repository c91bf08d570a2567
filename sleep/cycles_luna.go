package sleep

import "time"

// LunaCycles finds cycles by the rule of the program Luna, for comparing with
// studies that used it. It differs from CyclesOf by design:
//
//   - a non-REM period starts at N2 or N3, from which no REM follows for 15 min;
//   - it ends also at 15 min of nothing but wake and N1, and is then a cycle
//     without REM (not Complete);
//   - a REM period, but for that of the first cycle, lasts 5 min from its first to its last
//     epoch, interruptions of less than 15 min included;
//   - a period with less than 15 min of N1, N2 and N3 is no cycle;
//   - nothing is split.
//
// Unscored epochs count as wake; those at the end are left out. Invariants as of
// CyclesOf.
//
// Source: Luna 1.5.1, as observed on 400 scorings of the Dreem Open Datasets, of
// which 396 agree; it follows Feinberg & Floyd 1979. Differs: the last cycle, if it has no REM, ends
// with its last N2 or N3 and not with the record.
func LunaCycles(stages []Stage, epoch time.Duration) []Cycle {
	for len(stages) > 0 && stages[len(stages)-1] == Unscored {
		stages = stages[:len(stages)-1]
	}
	c := cycler{stages: stages, epoch: epoch, rule: CycleRule{Name: "luna", StartAtN2: true, NREM: 15 * time.Minute, REM: 5 * time.Minute}}
	gap := c.epochs(c.rule.NREM)
	var out []Cycle
	first := true
	for start, ok := c.nextNREM(0); ok; {
		rem, remEnd, stop := c.lunaREM(start, first, gap)
		found := remEnd > rem
		y := Cycle{Start: start, REMStart: rem, End: remEnd, Complete: found}
		next := remEnd
		if !found {
			end := stop
			for end > start && !(stages[end-1] == N2 || stages[end-1] == N3 || stages[end-1] == R) {
				end--
			}
			y.REMStart, y.End, next = end, end, stop
		}
		if c.sleep(start, y.REMStart) >= c.rule.NREM {
			out = append(out, y)
			first = false
		}
		start, ok = c.nextNREM(next)
	}
	return out
}

// lunaREM looks from the start of a non-REM period for its REM period, and for
// the wake or N1 that ends it before: then rem = remEnd, and stop is where.
func (c *cycler) lunaREM(start int, first bool, gap int) (rem, remEnd, stop int) {
	for i := start; i < len(c.stages); {
		switch s := c.stages[i]; {
		case s == R:
			end := c.looseEnd(i, gap)
			if first || time.Duration(end-i)*c.epoch >= c.rule.REM {
				return i, end, end
			}
			i = end
		case s == W || s == N1 || s == Unscored:
			j := i
			for j < len(c.stages) && (c.stages[j] == W || c.stages[j] == N1 || c.stages[j] == Unscored) {
				j++
			}
			if j-i >= gap {
				return 0, 0, i
			}
			i = j
		default:
			i++
		}
	}
	return 0, 0, len(c.stages)
}

// looseEnd gives the end of REM that begins at i, passing over interruptions
// shorter than the gap.
func (c *cycler) looseEnd(i, gap int) int {
	end := i
	for k := i; k < len(c.stages) && k-end < gap; k++ {
		if c.stages[k] == R {
			end = k + 1
		}
	}
	return end
}
