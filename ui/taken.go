package ui

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
)

// fileOf writes a table to be taken away: as the page shows it, in the reader's
// language, or with the codes that stand behind the words, for other programs.
func fileOf[T any](a *ask, name string, rows []T, columns []listColumn[T], codes bool) (*file, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := make([]string, len(columns))
	for i, c := range columns {
		if row[i] = c.id; !codes {
			row[i] = a.t(c.name)
		}
	}
	_ = w.Write(row) // into memory
	for _, r := range rows {
		_ = w.Write(fileRow(a, r, columns, codes))
	}
	w.Flush()
	return &file{kind: "text/csv; charset=utf-8", name: name + ".csv", data: b.Bytes()}, w.Error()
}

// fileRow is a row of the file, as it is shown or in codes.
func fileRow[T any](a *ask, r T, columns []listColumn[T], codes bool) []string {
	row := make([]string, len(columns))
	for i, c := range columns {
		cell := c.text(r)
		if !codes {
			cell = orDash(c.shown(a, r))
		}
		row[i] = unformula(cell)
	}
	return row
}

// unformula puts an apostrophe before what a spreadsheet would take for a formula,
// and before what begins with one itself. A number stays one.
func unformula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) {
		if _, err := strconv.ParseFloat(cell, 64); err != nil {
			return "'" + cell
		}
	}
	return cell
}
