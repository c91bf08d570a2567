package estimate

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dvala/fault"
)

// Limits of one file and of all files of a mapping.
const (
	maxTableBytes = 256 << 20
	maxTableFiles = 100_000
)

var delimiters = map[string]rune{"": '\t', "tab": '\t', "comma": ',', "semicolon": ';'}

// sheet is a table as read: rows of text under columns, each row knowing where
// it stood.
type sheet struct {
	table
	name    string
	columns map[string]int
	rows    []sheetRow
}

type sheetRow struct {
	cells []string
	file  string
	line  int
}

// sheets reads tables on demand, each once, and hashes what it read.
type sheets struct {
	m      *Mapping
	fsys   fs.FS
	l      *fault.List
	read   map[string]*sheet
	hashes map[string]string // by file
}

// get reads a table, all files of its pattern in the order of their names.
func (s *sheets) get(name string) *sheet {
	if t, ok := s.read[name]; ok {
		return t
	}
	t := &sheet{table: s.m.Tables[name], name: name, columns: map[string]int{}}
	s.read[name] = t
	place := "tables." + name
	files, err := fs.Glob(s.fsys, path.Clean(t.File))
	switch {
	case err != nil:
		s.m.problem(s.l, "mapping-pattern", place+".file", "%q is not a pattern of file names", t.File)
		return t
	case len(files) == 0:
		s.m.problem(s.l, "table-missing", place+".file", "there is no file %s in the data", t.File)
		return t
	case len(files) > maxTableFiles:
		s.m.problem(s.l, "table-many", place+".file", "%d files are more than %d", len(files), maxTableFiles)
		return t
	}
	slices.Sort(files)
	for _, f := range files {
		s.file(t, f, place)
	}
	return t
}

// file appends the rows of one file.
func (s *sheets) file(t *sheet, name, place string) {
	f, err := s.fsys.Open(name)
	if err != nil {
		s.l.Add(fault.Wrap("table-open", place, err).In(name))
		return
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxTableBytes+1))
	switch {
	case err != nil:
		s.l.Add(fault.Wrap("table-open", place, err).In(name))
		return
	case len(b) > maxTableBytes:
		s.l.Add(fault.New("table-size", place, "the file is longer than %d bytes", maxTableBytes).In(name))
		return
	case !utf8.Valid(b):
		s.l.Add(fault.New("table-encoding", place, "the file is not UTF-8").In(name).WithHint("save it again as UTF-8"))
		return
	}
	sum := sha256.Sum256(b)
	s.hashes[name] = hex.EncodeToString(sum[:])
	fixed, ok := s.fromName(t, name, place)
	if !ok {
		return
	}
	records, err := split(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), delimiters[t.Delimiter])
	if err != nil {
		s.l.Add(fault.Wrap("table-row", place, err).In(name))
		return
	}
	if len(records) == 0 {
		s.l.Add(fault.New("table-empty", place, "the file has no line of column names").In(name))
		return
	}
	head := records[0].cells
	at := s.columnsOf(t, head, fixed, name, place)
	if at == nil {
		return
	}
	for _, rec := range records[1:] {
		if len(rec.cells) != len(head) {
			p := s.l.Add(fault.New("table-row", place, "the row has %d cells and the head %d", len(rec.cells), len(head)).In(name).At(rec.line))
			if t.Ragged == "drop" {
				p.AsWarning().WithHint("the row is left out, as the mapping says")
			} else {
				p.WithHint("mend the row, or say ragged: drop to leave such rows out")
			}
			continue
		}
		cells := make([]string, len(t.columns))
		for i, c := range rec.cells {
			cells[at[i]] = strings.TrimSpace(c)
		}
		for k, v := range fixed {
			cells[t.columns[k]] = v
		}
		t.rows = append(t.rows, sheetRow{cells, name, rec.line})
	}
}

// split cuts a file into rows of cells. With commas or semicolons quotes are as
// RFC 4180 has them. With tabs a row is a line and a cell is what stands between
// tabs, without the quotes around it: many programs write tab-separated tables,
// each with other ideas of quoting, and a quote left open must not swallow the
// rows after it.
func split(b []byte, delimiter rune) ([]sheetRow, error) {
	var out []sheetRow
	if delimiter == '\t' {
		n := 0
		for line := range strings.Lines(string(b)) {
			n++
			line = strings.TrimRight(line, "\r\n")
			if line == "" {
				continue
			}
			cells := strings.Split(line, "\t")
			for i, c := range cells {
				if len(c) >= 2 && c[0] == '"' && c[len(c)-1] == '"' {
					cells[i] = strings.ReplaceAll(c[1:len(c)-1], `""`, `"`)
				}
			}
			out = append(out, sheetRow{cells: cells, line: n})
		}
		return out, nil
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma, r.FieldsPerRecord = delimiter, -1
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		out = append(out, sheetRow{cells: cells, line: line})
	}
}

// fromName takes columns from the file's own name.
func (s *sheets) fromName(t *sheet, name, place string) (map[string]string, bool) {
	if t.names == nil {
		return nil, true
	}
	found := t.names.FindStringSubmatch(name)
	if found == nil {
		s.l.Add(fault.New("table-name", place+".names", "the name of the file does not match").In(name))
		return nil, false
	}
	out := map[string]string{}
	for i, g := range t.names.SubexpNames() {
		if g != "" {
			out[g] = found[i]
		}
	}
	return out, true
}

// columnsOf places a file's columns among the table's. The first file sets
// them; the others must have the same.
func (s *sheets) columnsOf(t *sheet, head []string, fixed map[string]string, name, place string) []int {
	at := make([]int, len(head))
	first := len(t.columns) == 0
	seen := map[string]bool{}
	for i, h := range head {
		h = strings.TrimSpace(h)
		if seen[h] {
			h = fmt.Sprintf("%s (%d)", h, i+1) // two columns of one name can only be told apart by place
		}
		seen[h] = true
		if first {
			t.columns[h] = i
		}
		k, ok := t.columns[h]
		if !ok {
			s.l.Add(fault.New("table-columns", place, "the file has a column %q that the others do not have", h).In(name))
			return nil
		}
		at[i] = k
	}
	for _, k := range slices.Sorted(maps.Keys(fixed)) {
		if _, ok := t.columns[k]; !ok {
			t.columns[k] = len(t.columns)
		}
	}
	return at
}

// hash is the SHA-256 over the names and hashes of all files read.
func (s *sheets) hash() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s.hashes)) {
		fmt.Fprintf(h, "%s  %s\n", s.hashes[name], name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// cell gives a column's text in a row; ok is false where it is missing.
func (t *sheet) cell(r sheetRow, column string) (string, bool) {
	i, known := t.columns[column]
	if !known || i >= len(r.cells) {
		return "", false
	}
	v := r.cells[i]
	return v, v != "" && !slices.Contains(t.Missing, v)
}

// number reads a number as the table writes them.
func (t *sheet) number(s string) (float64, bool) {
	if t.Decimal == "comma" {
		if strings.Contains(s, ".") {
			return 0, false // 1.234,5 or a point by mistake: nobody knows which
		}
		s = strings.Replace(s, ",", ".", 1)
	}
	s = strings.Replace(s, "−", "-", 1)
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) || strings.ContainsAny(s, "xXpP_") {
		return 0, false
	}
	return x, true
}

// clock reads a time of day as people write it: 23:30, 23.30, 2330, 730, 7,
// 0730, 11:30 pm, kl 23.30, ca 22:45, 22:45:00. It gives minutes after
// midnight. With hhmm, digits alone are always hours and minutes whose leading
// zeros may be gone, as a spreadsheet leaves them: 49 is 00:49.
func clock(s string, hhmm bool) (int, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	for _, w := range []string{"about", "approx", "circa", "ca", "c:a", "kl", "at", "~"} {
		s = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, w+"."), w))
	}
	half := -1
	for _, w := range []string{"a.m.", "am"} {
		if t, ok := strings.CutSuffix(s, w); ok {
			s, half = strings.TrimSpace(t), 0
		}
	}
	for _, w := range []string{"p.m.", "pm"} {
		if t, ok := strings.CutSuffix(s, w); ok {
			s, half = strings.TrimSpace(t), 12
		}
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(":.h, ", r) })
	h, m, sec, ok := 0, 0, 0, true
	switch {
	case len(parts) == 1 && len(parts[0]) <= 2 && !hhmm:
		h, ok = digitsOnly(parts[0])
	case len(parts) == 1 && len(parts[0]) <= 4:
		n, good := digitsOnly(parts[0])
		h, m, ok = n/100, n%100, good
	case len(parts) == 2 || len(parts) == 3:
		var a, b bool
		h, a = digitsOnly(parts[0])
		m, b = digitsOnly(parts[1])
		ok = a && b && len(parts[1]) == 2
		if len(parts) == 3 {
			sec, a = digitsOnly(parts[2])
			ok = ok && a && sec < 60
		}
	default:
		return 0, false
	}
	if half >= 0 {
		if h < 1 || h > 12 {
			return 0, false
		}
		h = h%12 + half
	}
	if h == 24 && m == 0 {
		h = 0
	}
	if !ok || h > 23 || m > 59 {
		return 0, false
	}
	return h*60 + m, true
}

func digitsOnly(s string) (int, bool) {
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
