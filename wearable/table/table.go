// Package table reads the tables that vendors export: text parted by commas,
// semicolons or tabs, with or without a byte-order mark, in the writer's own
// language and with its own way of writing numbers and dates.
//
// The delimiter is the one of the three that the first line has most of.
// Headings are folded, so that Light Sleep, "light_sleep" and LIGHT SLEEP are
// one. A row with fewer cells than the heading is read as if the rest were
// empty; a quote inside a cell that is not quoted is taken as it is.
package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"dvala/fault"
)

// maxRows bounds a table: a person's whole life in minutes is 42 million.
const maxRows = 50_000_000

// Table is what was read. Rows keep their order.
type Table struct {
	Heading []string // as written
	columns map[string]int
	rows    [][]string
	lines   []int
}

// Row is one line of a table.
type Row struct {
	t    *Table
	i    int
	Line int // from 1
}

// Read reads a table to its end.
func Read(b []byte) (*Table, error) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = delimiter(b)
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	r.TrimLeadingSpace = r.Comma != '\t' // or the tab after an empty cell would go with it
	t := &Table{columns: map[string]int{}}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.New("table-form", "", "%v", err)
		}
		line, _ := r.FieldPos(0)
		if t.Heading == nil {
			t.Heading = row
			for i, h := range row {
				if _, double := t.columns[Fold(h)]; !double {
					t.columns[Fold(h)] = i
				}
			}
			continue
		}
		if len(t.rows) >= maxRows {
			return nil, fault.New("table-rows", "", "more than %d rows", maxRows)
		}
		t.rows = append(t.rows, row)
		t.lines = append(t.lines, line)
	}
	if t.Heading == nil {
		return nil, fault.New("table-empty", "", "no heading and no rows")
	}
	return t, nil
}

// delimiter counts in the first line, outside quotes.
func delimiter(b []byte) rune {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	n := map[rune]int{}
	quoted := false
	for _, c := range string(line) {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			n[c]++
		}
	}
	best := ','
	for _, c := range []rune{';', '\t'} {
		if n[c] > n[best] {
			best = c
		}
	}
	return best
}

// Fold gives a heading in small letters and digits of any language, everything
// else a single space.
func Fold(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127 && r != '\ufeff' && r != '\u00a0')
	}), " ")
}

// Has says whether all columns are there, by folded headings.
func (t *Table) Has(columns ...string) bool {
	for _, c := range columns {
		if _, ok := t.columns[c]; !ok {
			return false
		}
	}
	return true
}

// Rows lists the rows that have anything in them.
func (t *Table) Rows() []Row {
	var out []Row
	for i, cells := range t.rows {
		for _, c := range cells {
			if strings.TrimSpace(c) != "" {
				out = append(out, Row{t, i, t.lines[i]})
				break
			}
		}
	}
	return out
}

// At gives the cell of column i, counted from 0, "" if there is none.
func (r Row) At(i int) string {
	cells := r.t.rows[r.i]
	if i < 0 || i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[i])
}

// Text gives the first cell that is not empty among the columns named, by
// folded headings.
func (r Row) Text(columns ...string) string {
	for _, c := range columns {
		if i, ok := r.t.columns[c]; ok {
			if s := r.At(i); s != "" {
				return s
			}
		}
	}
	return ""
}

// Number gives the number of the first such cell, nil if there is none or it
// is no number.
func (r Row) Number(columns ...string) *float64 { return Number(r.Text(columns...)) }

// Number reads a number as any of the exports' languages write it: 1234.5,
// 1234,5, 1 234,5, 1.234,5, 1,234.5, with a true minus or a hyphen, and with a
// percent sign after it. Of a single comma with three digits after it, as in
// 1,234, the comma is taken for a decimal one: what these tables hold is
// seldom as much as a thousand and then written without. Words, NaN and
// infinity give nil.
func Number(s string) *float64 {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "\u2212", "-", "'", "", "%", "").Replace(s)
	dot, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case dot >= 0 && comma > dot:
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	case comma >= 0 && dot > comma:
		s = strings.ReplaceAll(s, ",", "")
	case comma >= 0 && strings.Count(s, ",") > 1:
		s = strings.ReplaceAll(s, ",", "")
	case comma >= 0:
		s = strings.Replace(s, ",", ".", 1)
	}
	for _, c := range s {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return nil
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil
	}
	return &v
}
