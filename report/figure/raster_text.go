package figure

import (
	"fmt"
	"math"
	"strings"

	"dvala/sleep"
)

// Text draws the nights for the terminal, a line each from 15:00 to 15:00,
// double-plotted from 108 columns on, where half an hour has a column. A column of
// which at least half was asleep is full, a nap is a low block, the rest of
// the time in bed is shaded; unknown nights are strokes. Saturdays and Sundays have a
// star. An arrow in the head shows the mean midsleep.
//
//	width  columns in all; it never takes fewer than 36.
//	color  write ANSI colours; the caller knows the terminal and NO_COLOR.
func (r Raster) Text(width int, color bool) string {
	rows := r.rows()
	if len(rows) == 0 {
		return "no nights\n"
	}
	const left = 12 // "Mon 23 Nov* "
	day, columns := 48, 48
	switch {
	case width >= left+96:
		columns = 96
	case width < left+48:
		day, columns = 24, 24
	}
	var b strings.Builder
	b.WriteString(r.textHead(left, day, columns))
	for i, v := range rows {
		mark := " "
		if v.weekend() {
			mark = "*"
		}
		cells := v.cells(day)
		if columns > day && i+1 < len(rows) {
			cells = append(cells, rows[i+1].cells(day)...)
		}
		line := fmt.Sprintf("%s %2d %s%s ", v.date.Weekday().String()[:3], v.date.Day, v.date.Month.String()[:3], mark) + string(cells)
		line = strings.TrimRight(line, " ")
		if color {
			line = painted(line)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// textHead writes the clock over the columns, and an arrow at the mean midsleep.
func (r Raster) textHead(left, day, columns int) string {
	clock, arrow := []rune(strings.Repeat(" ", left+columns+6)), []rune(strings.Repeat(" ", left+columns))
	every := 6
	if day < 48 {
		every = 12
	}
	for h := 3; h < 24*columns/day; h += 6 {
		if hour := (15 + h) % 24; hour%every == 0 {
			copy(clock[left+h*day/24:], []rune(fmt.Sprintf("%02d", hour)))
		}
	}
	out := strings.TrimRight(string(clock), " ") + "\n"
	if t, ok := r.timing(); ok {
		at := int(math.Mod(*t.MidsleepH+9, 24) * float64(day) / 24)
		for ; at < columns; at += day {
			arrow[left+at] = '▾'
		}
		out += strings.TrimRight(string(arrow), " ") + "\n"
	}
	return out
}

// cells gives one night's columns.
func (v rasterRow) cells(n int) []rune {
	out := []rune(strings.Repeat(" ", n))
	if !v.known {
		for i := range out {
			out[i] = '╱'
		}
		return out
	}
	share := func(parts [][2]float64, i int) float64 {
		a, b := float64(i)*24/float64(n), float64(i+1)*24/float64(n)
		sum := 0.0
		for _, s := range parts {
			sum += math.Max(0, math.Min(s[1], b)-math.Max(s[0], a))
		}
		return sum / (b - a)
	}
	for i := range out {
		switch {
		case share(v.main, i) >= 0.5:
			out[i] = '█'
		case share(v.naps, i) >= 0.5:
			out[i] = '▄'
		case share(v.bed, i) >= 0.5 || share(v.main, i)+share(v.naps, i) > 0.25:
			out[i] = '░'
		}
	}
	return out
}

// painted colours the blocks of a line.
func painted(line string) string {
	var b strings.Builder
	last := ' '
	for _, c := range line {
		if c != last {
			switch c {
			case '█', '▄':
				b.WriteString(ansi(sleep.N2))
			case '░':
				b.WriteString(ansi(sleep.W))
			default:
				if last == '█' || last == '▄' || last == '░' {
					b.WriteString("\x1b[0m")
				}
			}
			last = c
		}
		b.WriteRune(c)
	}
	if last == '█' || last == '▄' || last == '░' {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}
