package figure

import (
	"fmt"
	"strings"
	"time"

	"dvala/sleep"
)

const textLeft = 4 // columns before the first epoch

// textColumns is how many columns hold the night.
func textColumns(n sleep.Hypnogram, width int) int {
	return min(max(width, 20)-textLeft-1, n.Len())
}

// HypnogramText draws a night for the terminal: five rows of block characters,
// W R N1 N2 N3 from the top, and the hours under them. A column takes the stage that
// fills most of it, of equals the one higher up. Light sleep fills the rows of N1
// and N2, sleep without a stage all but the top row, what is unscored none.
//
//	width  columns in all, at least 20.
//	color  write ANSI colours; the caller knows the terminal and NO_COLOR.
func HypnogramText(n sleep.Hypnogram, width int, color bool) string {
	if n.IsEmpty() {
		return "no sleep recorded\n"
	}
	columns := textColumns(n, width)
	stages := make([]sleep.Stage, columns)
	for i := range stages {
		stages[i] = fullest(n, i*n.Len()/columns, (i+1)*n.Len()/columns)
	}
	var b strings.Builder
	for row, label := range []string{"W", "R", "N1", "N2", "N3"} {
		fmt.Fprintf(&b, "%*s ", textLeft-1, label)
		last := sleep.Unscored
		for _, s := range stages {
			c := block(s, row)
			if color && c != " " && s != last {
				b.WriteString(ansi(s))
				last = s
			}
			b.WriteString(c)
		}
		if last != sleep.Unscored {
			b.WriteString("\x1b[0m")
		}
		line := strings.TrimRight(b.String(), " ")
		b.Reset()
		b.WriteString(line + "\n")
	}
	b.WriteString(strings.TrimRight(strings.Repeat(" ", textLeft)+hourLine(n, columns), " ") + "\n")
	return b.String()
}

// fullest gives the stage with the most epochs in a range.
func fullest(n sleep.Hypnogram, from, to int) sleep.Stage {
	counts := map[sleep.Stage]int{}
	for i := from; i < to; i++ {
		counts[n.At(i)]++
	}
	best, most := sleep.Unscored, counts[sleep.Unscored]
	for _, s := range []sleep.Stage{sleep.W, sleep.R, sleep.N1, sleep.Light, sleep.N2, sleep.Asleep, sleep.N3} {
		if counts[s] > most {
			best, most = s, counts[s]
		}
	}
	return best
}

// block gives what a stage shows in a row.
func block(s sleep.Stage, row int) string {
	here := false
	switch s {
	case sleep.W:
		here = row == 0
	case sleep.R:
		here = row == 1
	case sleep.N1:
		here = row == 2
	case sleep.N2:
		here = row == 3
	case sleep.N3:
		here = row == 4
	case sleep.Light:
		if row == 2 || row == 3 {
			return "▒"
		}
	case sleep.Asleep:
		if row > 0 {
			return "░"
		}
	}
	switch {
	case !here:
		return " "
	case s == sleep.R:
		return "█"
	}
	return "▆"
}

// ansi gives the escape of a stage's colour on dark ground.
func ansi(s sleep.Stage) string {
	t, ok := StageTint(s)
	if !ok {
		return "\x1b[0m"
	}
	var r, g, b int
	fmt.Sscanf(t.Dark, "#%02x%02x%02x", &r, &g, &b)
	return fmt.Sprintf("\x1b[38;2;%d;%d;%dm", r, g, b)
}

// hourLine writes the hours under the columns that hold them, as many as there
// is room for.
func hourLine(n sleep.Hypnogram, columns int) string {
	line := []byte(strings.Repeat(" ", columns+5))
	free := 0
	for _, m := range hourMarks(n) {
		at := int(time.Duration(m.hours*float64(time.Hour)) * time.Duration(columns) / max(n.Duration(), 1))
		label := m.label
		if at < free || at >= columns {
			continue
		}
		copy(line[at:], label)
		free = at + len(label) + 1
	}
	return string(line)
}
