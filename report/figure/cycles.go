package figure

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"dvala/civil"
	"dvala/sleep"
)

// cyclesOf gives the cycles of a night between lights off and lights on, by the
// rule that sleep.Architecture uses, in epochs from the start of the record.
// There are none where some sleep has no stage.
func cyclesOf(n sleep.Hypnogram, lights sleep.Lights) []sleep.Cycle {
	if n.IsEmpty() || n.Count(sleep.Asleep) > 0 {
		return nil
	}
	from, to := 0, n.Len()
	if start, ok := n.Start(); ok {
		edge := func(t time.Time, without int) int {
			if t.IsZero() {
				return without
			}
			i := math.Round(float64(t.Sub(start)) / float64(n.Epoch()))
			return int(math.Min(math.Max(i, 0), float64(n.Len())))
		}
		from, to = edge(lights.Off, from), edge(lights.On, to)
	}
	if from >= to {
		return nil
	}
	cycles := sleep.CyclesOf(n.Stages()[from:to], n.Epoch(), sleep.FeinbergFloyd())
	for i := range cycles {
		cycles[i].Start += from
		cycles[i].REMStart += from
		cycles[i].End += from
	}
	return cycles
}

// cycleLabel numbers a cycle: one that is not complete in brackets, one that
// ended without REM with an asterisk.
func cycleLabel(i int, k sleep.Cycle) string {
	switch {
	case k.SkippedREM:
		return Int(i+1) + "*"
	case !k.Complete:
		return "(" + Int(i+1) + ")"
	}
	return Int(i + 1)
}

// cycleNotes explains the marks of the labels that occur.
func cycleNotes(cycles []sleep.Cycle) []string {
	open, skipped := false, false
	for _, k := range cycles {
		skipped = skipped || k.SkippedREM
		open = open || !k.Complete && !k.SkippedREM
	}
	var out []string
	if open {
		out = append(out, "(n) not complete")
	}
	if skipped {
		out = append(out, "n* ended without REM")
	}
	return out
}

const cycleBar = 11.0 // height of the strip of cycles

// cycles draws a strip above the rows: for each cycle its number over the
// non-REM period and a filled bar over the REM period; and behind the rows a
// wash for every second one, so that the eye can follow a cycle down.
func (h Hypnogram) cycles(c *Canvas, x Scale, y float64, lanes []hypLane) {
	last := lanes[len(lanes)-1]
	for i, k := range cyclesOf(h.Night, h.Lights) {
		a, rem, b := x.At(h.hours(k.Start)), x.At(h.hours(k.REMStart)), x.At(h.hours(k.End))
		if i%2 == 0 {
			c.Rect("wash", a, y+cycleBar, b-a, last.y+last.h-y-cycleBar)
		}
		c.Rect("cycle", a, y, rem-a, cycleBar)
		if k.End > k.REMStart {
			c.Rect(StageClass(sleep.R), rem, y, b-rem, cycleBar)
		}
		label := cycleLabel(i, k)
		mid := (a + rem) / 2
		if rem-a < Width(label, small)+4 {
			mid = a + (Width(label, small)+4)/2
		}
		c.Text("tiny mid", mid, y+cycleBar-2, label)
	}
}

// CyclesTable gives a night's cycles in rows, in minutes.
func CyclesTable(n sleep.Hypnogram, lights sleep.Lights) Table {
	t := Table{
		Caption: "Cycles of non-REM and REM sleep, in minutes",
		Head:    []string{"Cycle", "From", "Length", "Non-REM period", "REM period", "N3", "Wake within", "Is"},
	}
	start, clock := n.Start()
	minutes := func(epochs int) string { return Trim(Fixed((time.Duration(epochs) * n.Epoch()).Minutes(), 1)) }
	for i, k := range cyclesOf(n, lights) {
		from := (time.Duration(k.Start) * n.Epoch()).Round(time.Minute)
		at := fmt.Sprintf("%d:%02d h", int(from.Hours()), int(from.Minutes())%60)
		if clock {
			at = civil.ClockOf(start.Add(time.Duration(k.Start) * n.Epoch())).String()
		}
		count := map[sleep.Stage]int{}
		for e := k.Start; e < k.End; e++ {
			count[n.At(e)]++
		}
		is := "complete"
		switch {
		case k.SkippedREM:
			is = "complete, without REM"
		case !k.Complete:
			is = "not complete"
		}
		t.Rows = append(t.Rows, []string{
			Int(i + 1), at, minutes(k.End - k.Start), minutes(k.REMStart - k.Start), minutes(k.End - k.REMStart),
			minutes(count[sleep.N3]), minutes(count[sleep.W]), is,
		})
	}
	return t
}

// CyclesText is a line to stand above HypnogramText of the same width: each
// cycle from ├ to ┤ with its number, thick over its REM period. A night without
// cycles gives "".
func CyclesText(n sleep.Hypnogram, lights sleep.Lights, width int) string {
	cycles := cyclesOf(n, lights)
	if len(cycles) == 0 {
		return ""
	}
	columns := textColumns(n, width)
	line := []rune(strings.Repeat(" ", textLeft+columns))
	at := func(epoch int) int { return textLeft + epoch*columns/n.Len() }
	for i, k := range cycles {
		from, rem, to := at(k.Start), at(k.REMStart), max(at(k.Start), at(k.End-1))
		for col := from; col <= to && col < len(line); col++ {
			switch {
			case col == from:
				line[col] = '├'
			case col == to && (k.Complete || k.SkippedREM):
				line[col] = '┤'
			case col >= rem && k.End > k.REMStart:
				line[col] = '━'
			default:
				line[col] = '─'
			}
		}
		label := cycleLabel(i, k)
		end := to
		if !k.Complete && !k.SkippedREM {
			end++ // nothing closes it
		}
		if room := min(rem, end) - from - 1; room >= utf8.RuneCountInString(label) {
			copy(line[from+1+(room-utf8.RuneCountInString(label))/2:], []rune(label))
		}
	}
	return strings.TrimRight(string(line), " ") + "\n"
}
