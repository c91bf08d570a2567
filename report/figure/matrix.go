package figure

import (
	"fmt"
	"math"
)

// ErrorMatrix shows what a device, or a further scorer, called the epochs that a
// reference gave to each class: rows are the reference's, shaded by the share of
// the row.
type ErrorMatrix struct {
	ID, Title    string
	Across, Down string // what columns and rows are
	Classes      []string
	N            [][]int // rows reference, columns device
}

const (
	matrixCellW, matrixCellH = 56.0, 42.0
	matrixLeft, matrixTop    = 64.0, 46.0
	matrixRight              = 54.0 // the rows' totals
)

// matrixDepth is how opaque a cell is that holds its whole row: light enough for
// text to stand on it, on paper and in the dark.
const matrixDepth = 0.6

// row gives the epochs of a row.
func (m ErrorMatrix) row(i int) int {
	sum := 0
	for _, n := range m.N[i] {
		sum += n
	}
	return sum
}

// share is a cell's share of its row; ok is false in a row without epochs.
func (m ErrorMatrix) share(i, j int) (share float64, ok bool) {
	total := m.row(i)
	if total == 0 {
		return 0, false
	}
	return float64(m.N[i][j]) / float64(total), true
}

func (m ErrorMatrix) percent(i, j int) string {
	if s, ok := m.share(i, j); ok {
		return Percent(s, 100)
	}
	return Dash
}

// Describe tells the picture in a sentence: the share of each class on which both
// agree.
func (m ErrorMatrix) Describe() string {
	if len(m.N) == 0 {
		return "There are no epochs."
	}
	text := fmt.Sprintf("Called the same, of the epochs of each stage (rows: %s; columns: %s):", m.Down, m.Across)
	for i, c := range m.Classes {
		sep := " "
		if i > 0 {
			sep = ", "
		}
		text += sep + c + " " + m.percent(i, i)
	}
	return text + "."
}

// SVG draws the matrix.
func (m ErrorMatrix) SVG() *Canvas {
	k := float64(len(m.Classes))
	c := NewCanvas(m.ID, matrixLeft+k*matrixCellW+matrixRight, matrixTop+k*matrixCellH+8, m.Title, m.Describe())
	c.Text("dim", matrixLeft, 14, m.Across+" →")
	c.Text("dim", 0, matrixTop-10, m.Down+" ↓")
	c.Text("dim small end", matrixLeft+k*matrixCellW+matrixRight, matrixTop-10, "epochs")
	for j, name := range m.Classes {
		c.Text("strong mid", matrixLeft+(float64(j)+0.5)*matrixCellW, matrixTop-10, name)
	}
	for i, name := range m.Classes {
		y := matrixTop + float64(i)*matrixCellH
		c.Text("strong end", matrixLeft-10, y+matrixCellH/2+4, name)
		for j := range m.Classes {
			x := matrixLeft + float64(j)*matrixCellW
			share, _ := m.share(i, j)
			c.Empty("rect", Class("st-n2"), Num("x", x+1), Num("y", y+1), Num("width", matrixCellW-2), Num("height", matrixCellH-2),
				Num("fill-opacity", math.Round(100*matrixDepth*share)/100))
			c.Text("mid strong", x+matrixCellW/2, y+19, m.percent(i, j))
			c.Text("mid small", x+matrixCellW/2, y+34, Int(m.N[i][j]))
		}
		c.Text("dim small end", matrixLeft+k*matrixCellW+matrixRight, y+matrixCellH/2+4, Int(m.row(i)))
	}
	return c
}

// Table gives the numbers: epochs and per cent of each row.
func (m ErrorMatrix) Table() Table {
	t := Table{Caption: "Epochs, and per cent of the row (rows: " + m.Down + "; columns: " + m.Across + ")", Head: []string{m.Down}}
	t.Head = append(t.Head, m.Classes...)
	t.Head = append(t.Head, "all")
	for i, name := range m.Classes {
		row := []string{name}
		for j := range m.Classes {
			row = append(row, Int(m.N[i][j])+" ("+m.percent(i, j)+")")
		}
		t.Rows = append(t.Rows, append(row, Int(m.row(i))))
	}
	return t
}
