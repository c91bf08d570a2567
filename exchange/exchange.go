// Package exchange writes a trial's data for other programs: CSV with a data
// dictionary and scripts that read it into R and SAS, CDISC ODM 1.3.2, CDISC
// Dataset-JSON 1.1, and HL7 FHIR R4. The first three are the same tables: one a
// kind of fact, one row a fact, so that every form has the same rows.
//
// The files are a pure function of protocol, state and allocation, so the same
// trial gives the same bytes. Arms are in them only where the allocation is
// the real one, which there is after the custodian's openings. doc/formats/csv.md
// has the format.
package exchange

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dvala/civil"
	"dvala/estimate"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// File is one file of an export.
type File struct {
	Name  string
	Bytes []byte
}

// Export writes everything that the state holds, as files in a stated order,
// dictionary.csv last. With an allocation that is unknown or a dummy no file
// has a column for arms.
func Export(c protocol.Checked, s *study.State, a estimate.Allocation, instruments study.Instruments) ([]File, error) {
	tables := tablesOf(c, s, a, instruments)
	var out []File
	for _, t := range append(tables, dictionary(tables)) {
		b, err := t.csv()
		if err != nil {
			return nil, err
		}
		out = append(out, File{t.name + ".csv", b})
	}
	return out, nil
}

// Scripts gives programs that read the tables into R and SAS, with types and
// labels.
func Scripts(c protocol.Checked, s *study.State, a estimate.Allocation, instruments study.Instruments) []File {
	tables := tablesOf(c, s, a, instruments)
	return []File{{"read.R", scriptR(tables)}, {"read.sas", scriptSAS(tables)}}
}

// tablesOf gives all tables. With an allocation that is unknown or a dummy none
// has a column for arms.
func tablesOf(c protocol.Checked, s *study.State, a estimate.Allocation, instruments study.Instruments) []*table {
	if a.Dummy {
		a = estimate.Allocation{}
	}
	x := &export{checked: c, p: merged(c, s), state: s, alloc: a, instruments: instruments}
	return []*table{
		x.trial(), x.participants(), x.consents(), x.answers(), x.paradata(), x.scores(), x.diary(), x.nights(), x.doses(),
		x.kits(), x.events(), x.adverse(), x.deviations(), x.corrections(), x.withdrawals(),
		x.screening(), x.queries(), x.medications(), x.pregnancies(), x.incidents(), x.lapses(), x.items(),
	}
}

type export struct {
	checked     protocol.Checked
	p           protocol.Protocol
	state       *study.State
	alloc       estimate.Allocation
	instruments study.Instruments
}

// column is a variable as the dictionary tells it.
type column struct {
	name, label, kind, unit string
	min, max                *float64
	levels                  []string // code=text, or the code alone
	better, source          string
	missing                 string // what a cell says beside a value, and what empty means
}

// cell is a text or a number; only texts are guarded.
type cell struct {
	text   string
	number bool
}

type table struct {
	name    string
	columns []column
	rows    [][]cell
}

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

func text(s string) cell { return cell{text: veiled(s)} }

func number(x float64) cell {
	return cell{text: strconv.FormatFloat(x+0, 'f', -1, 64), number: true}
}

func whole(n int) cell { return number(float64(n)) }

// some is a number that may be absent.
func some(x *float64) cell {
	if x == nil {
		return cell{}
	}
	return number(*x)
}

func yes(b bool) cell {
	if b {
		return text("yes")
	}
	return text("no")
}

func date(d civil.Date) cell { return text(d.String()) }

func instant(t time.Time) cell {
	if t.IsZero() {
		return cell{}
	}
	return text(t.UTC().Format("2006-01-02T15:04:05Z"))
}

// guard makes a text safe to open in a spreadsheet: one that a program could
// take for a formula, or that begins with an apostrophe itself, gets an
// apostrophe in front. Taking one apostrophe off the front gives the text back.
func guard(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	if s != "" && strings.ContainsRune("=+-@'\t\r\n＝＋－＠", r) {
		return "'" + s
	}
	return s
}

// csv writes the table: UTF-8, commas, line feeds, quotes where RFC 4180 wants
// them.
func (t *table) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := make([]string, len(t.columns))
	for i, c := range t.columns {
		head[i] = guard(c.name)
	}
	if err := w.Write(head); err != nil {
		return nil, fault.Wrap("csv-write", t.name, err)
	}
	line := make([]string, len(t.columns))
	for _, row := range t.rows {
		for i := range line {
			line[i] = ""
			if i < len(row) {
				line[i] = row[i].text
				if !row[i].number {
					line[i] = guard(row[i].text)
				}
			}
		}
		if err := w.Write(line); err != nil {
			return nil, fault.Wrap("csv-write", t.name, err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// dictionary lists every column of every table.
func dictionary(tables []*table) *table {
	d := &table{name: "dictionary", columns: []column{
		{name: "table"},
		{name: "variable"},
		{name: "label"},
		{name: "type"},
		{name: "unit"},
		{name: "min"},
		{name: "max"},
		{name: "levels"},
		{name: "better"},
		{name: "missing"},
		{name: "source"},
	}}
	for _, t := range tables {
		for _, c := range t.columns {
			missing := c.missing
			if missing == "" {
				missing = "empty: absent"
			}
			d.add(text(t.name), text(c.name), text(c.label), text(c.kind), text(c.unit), some(c.min), some(c.max),
				text(strings.Join(c.levels, "; ")), text(c.better), text(missing), text(c.source))
		}
	}
	return d
}
