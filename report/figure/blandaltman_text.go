package figure

import (
	"fmt"
	"math"
	"strings"
)

// Text draws the differences for the terminal: a dot for one night, a larger one
// for two or three, a full one for more; bias as ━, limits as ╌, no difference as
// ─. The numbers at the left are the ends of the axis, 0, and the limits where
// they are level.
//
//	width   columns in all, at least 40.
//	height  lines of the plot, at least 5; the axis takes two more.
func (p BlandAltman) Text(width, height int) string {
	xs, ys, ok := p.extents()
	if !ok {
		return "no nights\n"
	}
	const left = 9
	columns, lines := max(width, 40)-left-1, max(height, 5)
	x := Scale{xs.Low, xs.High, 0, float64(columns - 1)}
	y := Scale{ys.Low, ys.High, float64(lines - 1), 0}
	at := func(s Scale, v float64, n int) int { return min(max(int(math.Round(s.At(v))), 0), n-1) }
	grid := make([][]rune, lines)
	for i := range grid {
		grid[i] = []rune(strings.Repeat(" ", columns))
	}
	size := func(col int) float64 { return xs.Low + (xs.High-xs.Low)*float64(col)/float64(max(columns-1, 1)) }
	for col := range columns {
		grid[at(y, 0, lines)][col] = '─'
		low, high := p.Limits(size(col))
		grid[at(y, low, lines)][col], grid[at(y, high, lines)][col] = '╌', '╌'
		grid[at(y, p.Bias(size(col)), lines)][col] = '━'
	}
	for cell, n := range p.cells(x, y, columns, lines) {
		if n > 0 {
			grid[cell/columns][cell%columns] = [4]rune{'·', '•', '•', '●'}[min(n, 4)-1]
		}
	}
	labels := map[int]string{0: Fixed(ys.High, 1), lines - 1: Fixed(ys.Low, 1)}
	for _, l := range p.levels()[1:] {
		if v := l.of(xs.Low); p.level() {
			labels[at(y, v, lines)] = Fixed(v, 1)
		}
	}
	labels[at(y, 0, lines)] = "0"
	var b strings.Builder
	for i, row := range grid {
		fmt.Fprintf(&b, "%*s ┤%s\n", left-2, labels[i], strings.TrimRight(string(row), " "))
	}
	low, high := Fixed(xs.Low, 1), Fixed(xs.High, 1)
	fmt.Fprintf(&b, "%s└%s\n", strings.Repeat(" ", left-1), strings.Repeat("─", columns))
	mid := "reference" + p.unit()
	room := columns - len([]rune(low)) - len([]rune(high)) - len([]rune(mid))
	if room < 2 {
		mid, room = "", columns-len([]rune(low))-len([]rune(high))
	}
	fmt.Fprintf(&b, "%s%s%s%s%s%s\n", strings.Repeat(" ", left), low, strings.Repeat(" ", max(room/2, 1)), mid, strings.Repeat(" ", max(room-room/2, 1)), high)
	return b.String()
}

// cells counts the nights of each place of the grid.
func (p BlandAltman) cells(x, y Scale, columns, lines int) []int {
	out := make([]int, columns*lines)
	for i := range p.Size {
		if p.drawn(i) {
			col := min(max(int(math.Round(x.At(p.Size[i]))), 0), columns-1)
			row := min(max(int(math.Round(y.At(p.Difference[i]))), 0), lines-1)
			out[row*columns+col]++
		}
	}
	return out
}
