package main

import (
	"fmt"
	"strings"

	"dvala/report/figure"
	"dvala/sleep"
)

// furtherTables is what of a night has rows and columns of its own: bouts, what
// follows what, stages by third and by hour, and the course over the cycles.
func (s scored) furtherTables() []nightTable {
	var out []nightTable
	for _, t := range []nightTable{s.boutTable(), s.transitionTable(), s.courseTable(), s.slopeTable()} {
		if len(t.Rows) > 0 {
			out = append(out, t)
		}
	}
	return out
}

func (s scored) boutTable() nightTable {
	t := nightTable{Caption: "Bouts from sleep onset to the last sleep, in minutes", Head: []string{"Stage", "Bouts", "Mean", "Longest"}}
	for _, b := range s.Architecture.Bouts {
		t.Rows = append(t.Rows, cells(figure.StageName(b.Stage), figure.Int(b.N), figure.Fixed(b.MeanMin, 1), figure.Fixed(b.MaxMin, 1)))
	}
	return t
}

// occurring are the scored stages that follow another or are followed.
func (s scored) occurring() []sleep.Stage {
	var out []sleep.Stage
	for _, st := range []sleep.Stage{sleep.W, sleep.N1, sleep.Light, sleep.N2, sleep.N3, sleep.R, sleep.Asleep} {
		for _, other := range sleep.Stages() {
			if s.Architecture.Transitions.Count(st, other) > 0 || s.Architecture.Transitions.Count(other, st) > 0 {
				out = append(out, st)
				break
			}
		}
	}
	return out
}

// transitionTable gives how often an epoch of the row's stage was followed by one
// of the column's, and the probability.
func (s scored) transitionTable() nightTable {
	t := nightTable{Caption: "From one epoch (rows) to the next (columns): probability, and count", Head: []string{"From"}}
	stages := s.occurring()
	for _, to := range stages {
		t.Head = append(t.Head, to.String())
	}
	for _, from := range stages {
		row := cells(figure.StageName(from))
		for _, to := range stages {
			c := nightCell{Text: figure.Dash}
			if p, ok := s.Architecture.Transitions.Probability(from, to); ok {
				c = nightCell{Text: figure.Fixed(p, 3), Sub: figure.Int(s.Architecture.Transitions.Count(from, to))}
			}
			row = append(row, c)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// courseTable gives the minutes of each stage by third and by hour.
func (s scored) courseTable() nightTable {
	t := nightTable{Caption: "Minutes of each stage in the thirds of the sleep period and in the hours from sleep onset", Head: []string{""}}
	stages := s.occurring()
	for _, st := range stages {
		t.Head = append(t.Head, st.String())
	}
	add := func(name string, minutes map[sleep.Stage]float64) {
		row := cells(name)
		for _, st := range stages {
			row = append(row, nightCell{Text: figure.Fixed(minutes[st], 1)})
		}
		t.Rows = append(t.Rows, row)
	}
	for _, r := range s.Architecture.StageByThird {
		add(fmt.Sprintf("third %d", r.Third), r.Minute)
	}
	for _, r := range s.Architecture.StageByHour {
		add(fmt.Sprintf("hour %d", r.Hour), r.Minute)
	}
	return t
}

// slopeTable gives how N3 and REM change from cycle to cycle.
func (s scored) slopeTable() nightTable {
	t := nightTable{Caption: "Change from each complete cycle to the next, in minutes", Head: []string{"", "Change", "95 % interval", "Cycles"}}
	c := s.Architecture.Cycles
	if c == nil {
		return t
	}
	for _, l := range []struct {
		name string
		of   *sleep.Slope
	}{{"deep (N3)", c.N3Slope}, {"REM", c.REMSlope}} {
		if l.of == nil {
			continue
		}
		interval := figure.Dash
		if l.of.Low != nil {
			interval = figure.Fixed(*l.of.Low, 1) + " to " + figure.Fixed(*l.of.High, 1)
		}
		t.Rows = append(t.Rows, cells(l.name, figure.Fixed(l.of.PerStep, 1), interval, figure.Int(l.of.N)))
	}
	return t
}

// furtherText prints the same tables for the terminal.
func (s scored) furtherText() string {
	var b strings.Builder
	for _, t := range s.furtherTables() {
		fmt.Fprintf(&b, "\n  %s\n", t.Caption)
		line := func(first string, rest []string) {
			fmt.Fprintf(&b, "    %-18s", first)
			for i, v := range rest {
				width := 12
				if len(t.Head) > 5 {
					width = 8
				}
				if t.Head[i+1] == "95 % interval" {
					width = 20
				}
				fmt.Fprintf(&b, " %*s", width, v)
			}
			b.WriteByte('\n')
		}
		line(t.Head[0], t.Head[1:])
		for _, row := range t.Rows {
			var rest []string
			for _, c := range row[1:] {
				rest = append(rest, c.Text)
			}
			line(row[0].Text, rest)
		}
	}
	return b.String()
}

// probabilities are those of the transitions, for programs; 0 is left out.
func (s scored) probabilities() map[sleep.Stage]map[sleep.Stage]float64 {
	out := map[sleep.Stage]map[sleep.Stage]float64{}
	for _, from := range sleep.Stages() {
		for _, to := range sleep.Stages() {
			if p, ok := s.Architecture.Transitions.Probability(from, to); ok && p > 0 {
				if out[from] == nil {
					out[from] = map[sleep.Stage]float64{}
				}
				out[from][to] = p
			}
		}
	}
	return out
}
