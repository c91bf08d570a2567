package ui

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"dvala/desk"
)

// column is a column of the table of people: its name, how it is sorted, and
// what a file holds in it.
type column struct {
	id, name string
	less     func(a, b desk.Line) int
	cell     func(desk.Line) string
}

func share(s desk.Share) float64 {
	if s.Due == 0 {
		return -1
	}
	return float64(s.Got) / float64(s.Due)
}

var peopleColumns = []column{
	{"code", "Code", func(a, b desk.Line) int { return cmp.Compare(a.Subject, b.Subject) }, func(l desk.Line) string { return string(l.Subject) }},
	{"site", "Site", func(a, b desk.Line) int { return cmp.Compare(a.Site, b.Site) }, func(l desk.Line) string { return l.Site }},
	{"stage", "Stage", func(a, b desk.Line) int { return cmp.Compare(a.Stage, b.Stage) }, func(l desk.Line) string { return l.Stage }},
	{"day", "Day", func(a, b desk.Line) int { return cmp.Compare(dayOf(a), dayOf(b)) }, func(l desk.Line) string {
		if !l.HasDay {
			return ""
		}
		return strconv.Itoa(l.Day)
	}},
	{"stratum", "Stratum", func(a, b desk.Line) int { return cmp.Compare(a.Cell, b.Cell) }, func(l desk.Line) string { return l.Cell }},
	{"randomised", "Randomised", func(a, b desk.Line) int { return cmp.Compare(a.Randomised.String(), b.Randomised.String()) }, func(l desk.Line) string { return l.Randomised.String() }},
	{"diaries", "Diaries", func(a, b desk.Line) int { return cmp.Compare(share(a.Diaries), share(b.Diaries)) }, func(l desk.Line) string { return ratio(l.Diaries) }},
	{"nights", "Nights", func(a, b desk.Line) int { return cmp.Compare(share(a.Nights), share(b.Nights)) }, func(l desk.Line) string { return ratio(l.Nights) }},
	{"doses", "Doses", func(a, b desk.Line) int { return a.Doses - b.Doses }, func(l desk.Line) string { return strconv.Itoa(l.Doses) }},
	{"missed", "Missed", func(a, b desk.Line) int { return a.Missed - b.Missed }, func(l desk.Line) string { return strconv.Itoa(l.Missed) }},
	{"adverse", "Adverse", func(a, b desk.Line) int { return a.Adverse - b.Adverse }, func(l desk.Line) string { return strconv.Itoa(l.Adverse) }},
	{"deviations", "Deviations", func(a, b desk.Line) int { return a.Deviations - b.Deviations }, func(l desk.Line) string { return strconv.Itoa(l.Deviations) }},
	{"needs", "Needs", func(a, b desk.Line) int { return len(a.Needs) - len(b.Needs) }, func(l desk.Line) string { return strings.Join(l.Needs, "; ") }},
}

func dayOf(l desk.Line) int {
	if !l.HasDay {
		return -100_000
	}
	return l.Day
}

func ratio(s desk.Share) string {
	if s.Due == 0 {
		return ""
	}
	return strconv.FormatFloat(share(s), 'f', 4, 64)
}

func sortLines(lines []desk.Line, by string, desc bool) {
	for _, c := range peopleColumns {
		if c.id != by {
			continue
		}
		slices.SortStableFunc(lines, func(a, b desk.Line) int {
			if desc {
				return c.less(b, a)
			}
			return c.less(a, b)
		})
	}
}

// Heads are the headings of the table, each a link that sorts by it.
func (p peoplePage) Heads() []tableHead {
	var out []tableHead
	for _, c := range peopleColumns {
		h := tableHead{ID: c.id, Name: c.name}
		q := []string{"sort=" + c.id}
		if p.Sort == c.id {
			h.Order = "ascending"
			if p.Desc != "" {
				h.Order = "descending"
			} else {
				q = append(q, "desc=1")
			}
		}
		h.Query = strings.Join(q, "&")
		out = append(out, h)
	}
	return out
}

type tableHead struct {
	ID, Name, Order, Query string
	Words                  bool
}

// participantsFile is the table as it stands, for other programs.
func (a *ask) participantsFile() (view, error) {
	p, err := a.found()
	if err != nil {
		return view{}, err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := make([]string, len(peopleColumns))
	for i, c := range peopleColumns {
		row[i] = c.id
	}
	_ = w.Write(row) // into memory
	for _, l := range p.Lines {
		for i, c := range peopleColumns {
			row[i] = c.cell(l)
		}
		_ = w.Write(row)
	}
	w.Flush()
	return view{file: &file{kind: "text/csv; charset=utf-8", name: "participants.csv", data: b.Bytes()}}, w.Error()
}
