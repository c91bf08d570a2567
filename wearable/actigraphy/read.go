package actigraphy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/fault"
	"dvala/wearable/session"
	"dvala/wearable/table"
)

// Layout is what a file may not say of itself.
type Layout struct {
	Zone       *time.Location // whose clock the device was set to; nil: unknown
	Column     string         // of the counts; empty: Axis1 and what it is called elsewhere
	Epoch      time.Duration  // 0: as the file tells
	MonthFirst bool           // 11/22/2026, where the file does not say
}

// Counts is the epochs of one file.
type Counts struct {
	Start  time.Time
	Epoch  time.Duration // a minute, or an even part of one
	Values []float64
	Gaps   []bool // where there is no value
	Model  string // of the device
}

const (
	maxSize   = 256 << 20
	maxEpochs = 10_000_000 // five years of 15 s
)

// Recognise says whether a file is a table of counts: ActiLife's by its first
// line, others by headings that only such tables have.
func Recognise(head []byte, _ string) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if bytes.Contains(line, []byte("Data File Created By ActiGraph")) {
		return true
	}
	if !bytes.ContainsAny(line, ",;\t") {
		return false
	}
	n := 0
	for _, h := range strings.FieldsFunc(strings.ToLower(string(line)), func(r rune) bool { return r == ',' || r == ';' || r == '\t' || r == '\r' }) {
		if slices.Contains(append(countNames, "axis2", "axis3", "vector magnitude", "vector.magnitude"), table.Fold(h)) {
			n++
		}
	}
	return n > 0 && (bytes.Contains(bytes.ToLower(line), []byte("axis")) || bytes.Contains(bytes.ToLower(line), []byte("counts")))
}

// The folded headings of counts of the vertical axis, and of times.
var (
	countNames = []string{"axis1", "axis 1", "counts", "activity counts", "activity", "axis1 counts", "axis1counts", "counts y", "y counts", "y"}
	timeNames  = []string{"timestamp", "time stamp", "datetime", "date time", "time", "epoch", "date"}
	notCounts  = []string{"enmo", "svmgs", "svm", "sum of vector svmgs", "vm", "mad", "acc", "acceleration", "enmo mg"}
)

// Read reads a file of epochs.
func Read(r io.Reader, layout Layout) (Counts, fault.List, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return Counts{}, nil, fault.Wrap("actigraphy-read", "", err)
	}
	if len(b) > maxSize {
		return Counts{}, nil, fault.New("actigraphy-large", "", "more than %d MB", maxSize>>20)
	}
	in := reader{layout: layout, c: Counts{Epoch: layout.Epoch}}
	b, err = in.preamble(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
	if err != nil {
		return Counts{}, nil, err
	}
	t, err := table.Read(b)
	if err != nil {
		return Counts{}, nil, err
	}
	if err := in.table(t); err != nil {
		return Counts{}, in.problems, err
	}
	return in.c, in.problems, nil
}

type reader struct {
	layout   Layout
	c        Counts
	told     time.Time // the start that the first lines tell, by the clock; zero if none
	problems fault.List
}

// preamble reads the lines that ActiLife writes above the table, and gives the
// table with a heading, which it sometimes leaves out.
func (in *reader) preamble(b []byte) ([]byte, error) {
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	if !bytes.Contains(first, []byte("Data File Created By ActiGraph")) {
		return b, nil
	}
	line := strings.TrimSpace(string(first))
	_, after, _ := strings.Cut(line, "Created By ")
	in.c.Model, _, _ = strings.Cut(after, " ActiLife")
	if _, after, ok := strings.Cut(line, "date format "); ok {
		in.layout.MonthFirst = strings.HasPrefix(after, "M")
	}
	var clock, date string
	for range 20 {
		var l []byte
		l, rest, _ = bytes.Cut(rest, []byte("\n"))
		text := strings.Trim(strings.TrimSpace(string(l)), `,;"`)
		key := strings.ToLower(text)
		switch {
		case strings.HasPrefix(key, "start time"):
			clock = strings.TrimSpace(text[len("start time"):])
		case strings.HasPrefix(key, "start date"):
			date = strings.TrimSpace(text[len("start date"):])
		case strings.HasPrefix(key, "epoch period"):
			epoch, ok := period(text)
			if !ok {
				return nil, fault.New("actigraphy-epoch", "", "%.60q tells no epoch", text)
			}
			if in.c.Epoch == 0 {
				in.c.Epoch = epoch
			}
		case strings.HasPrefix(key, "---"):
			if clock != "" || date != "" {
				t, ok := in.clock(date + " " + clock)
				if !ok {
					return nil, fault.New("actigraphy-time", "", "a start on %.40q at %.40q", date, clock)
				}
				in.told = t
			}
			return headed(rest), nil
		}
	}
	return nil, fault.New("actigraphy-form", "", "ActiLife's first lines do not end in a line of dashes")
}

// period reads the 00:00:15 at the end of a line.
func period(line string) (time.Duration, bool) {
	i := strings.LastIndexByte(line, ' ')
	t, err := time.Parse("15:04:05", strings.TrimSpace(line[i+1:]))
	if err != nil {
		return 0, false
	}
	return t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)), true
}

// headed gives a table without a heading ActiLife's own: axes in order. Its
// lines end in line feeds only.
func headed(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	for _, c := range line {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return b
		}
	}
	comma := byte(',')
	for _, c := range []byte(";\t") {
		if bytes.IndexByte(line, c) >= 0 {
			comma = c
		}
	}
	heading := []byte("Axis1")
	for i := range bytes.Count(line, []byte{comma}) {
		heading = append(heading, comma)
		heading = fmt.Appendf(heading, "Column%d", i+2)
	}
	return append(append(heading, '\n'), b...)
}

// clock reads figures of a date and a time of day, in any of the ways in use.
func (in *reader) clock(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	// GENEActiv writes 16:47:50:000.
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.Count(s, ":") == 3 {
		s = s[:i] + "." + s[i+1:]
	}
	if in.layout.MonthFirst {
		for _, l := range []string{"1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1-2-2006 15:04:05", "1.2.2006 15:04:05"} {
			if t, err := time.Parse(l, s); err == nil && t.Year() >= 1990 && t.Year() <= 2999 {
				return t, true
			}
		}
	}
	for _, l := range []string{"2/1/2006 15:04:05", "2/1/2006 15:04", "2.1.2006 15:04:05", "2.1.2006 15:04", "2-1-2006 15:04:05"} {
		if t, err := time.Parse(l, s); err == nil && t.Year() >= 1990 && t.Year() <= 2999 {
			return t, true
		}
	}
	return session.ParseClock(s)
}

// column finds the counts.
func (in *reader) column(t *table.Table) (string, error) {
	if in.layout.Column != "" {
		name := table.Fold(in.layout.Column)
		if !t.Has(name) {
			return "", fault.New("actigraphy-column", "", "no column %q", in.layout.Column).WithHint("the columns are %.200s", strings.Join(t.Heading, ", "))
		}
		return name, nil
	}
	for _, name := range countNames {
		if t.Has(name) {
			return name, nil
		}
	}
	for _, h := range t.Heading {
		if f := table.Fold(h); slices.ContainsFunc(notCounts, func(n string) bool { return strings.HasPrefix(f, n) }) {
			return "", fault.New("actigraphy-scale", "", "%q is acceleration and not counts, for which alone the rules of Sadeh and of Cole and Kripke hold", h).
				WithHint("make counts of the raw recording; or name the column, if it is counts")
		}
	}
	return "", fault.New("actigraphy-column", "", "no column of counts").WithHint("the columns are %.200s", strings.Join(t.Heading, ", "))
}

// table reads the rows.
func (in *reader) table(t *table.Table) error {
	name, err := in.column(t)
	if err != nil {
		return err
	}
	rows := t.Rows()
	if len(rows) == 0 {
		return fault.New("actigraphy-empty", "", "no rows")
	}
	at, err := in.times(t, rows)
	if err != nil {
		return err
	}
	if in.c.Epoch == 0 {
		in.c.Epoch = step(at)
	}
	if in.c.Epoch < time.Second || in.c.Epoch > time.Minute || time.Minute%in.c.Epoch != 0 {
		return fault.New("actigraphy-epoch", "", "an epoch of %v", in.c.Epoch).WithHint("epochs are a minute or an even part of one; where the file does not tell, say it")
	}
	bad, doubled := 0, 0
	for i, row := range rows {
		n := i
		if at != nil {
			n = int(math.Round(float64(at[i].Sub(at[0])) / float64(in.c.Epoch)))
		}
		if n < 0 || n >= maxEpochs {
			return fault.New("actigraphy-time", "", "this epoch lies %v from the first", time.Duration(n)*in.c.Epoch).At(row.Line)
		}
		if n < len(in.c.Values) {
			doubled++
			continue
		}
		for len(in.c.Values) < n {
			in.c.Values, in.c.Gaps = append(in.c.Values, 0), append(in.c.Gaps, true)
		}
		v := row.Number(name)
		if v == nil || *v < 0 || *v > 1e7 {
			bad++
			in.c.Values, in.c.Gaps = append(in.c.Values, 0), append(in.c.Gaps, true)
			continue
		}
		in.c.Values, in.c.Gaps = append(in.c.Values, *v), append(in.c.Gaps, false)
	}
	if bad > 0 {
		in.problems.Addf("actigraphy-number", "", "%d of %d epochs have no count", bad, len(rows)).WithHint("they are gaps").AsWarning()
	}
	if doubled > 0 {
		in.problems.Addf("actigraphy-order", "", "%d epochs are at a time that was told before", doubled).WithHint("the first counts").AsWarning()
	}
	return nil
}

// times gives when each row begins, nil where no column tells; and sets the
// start. A device's clock runs on when clocks on walls change: so the first time
// is read by the zone, and the others by what lies between them. Times with
// offsets are what they say.
func (in *reader) times(t *table.Table, rows []table.Row) ([]time.Time, error) {
	read := in.timeColumn(t)
	if read == nil {
		if in.told.IsZero() {
			return nil, fault.New("actigraphy-time", "", "neither the first lines nor a column tells the time")
		}
		in.c.Start = in.begin(in.told)
		return nil, nil
	}
	out := make([]time.Time, len(rows))
	for i, row := range rows {
		at, ok := read(row)
		if !ok {
			return nil, fault.New("actigraphy-time", "", "a row without a time").At(row.Line)
		}
		out[i] = at
	}
	if _, offset := out[0].Zone(); out[0].Location() != time.UTC || offset != 0 {
		in.c.Start = out[0]
		if in.layout.Zone != nil {
			in.c.Start = out[0].In(in.layout.Zone)
		}
		return out, nil
	}
	in.c.Start = in.begin(out[0])
	return out, nil
}

// begin gives the instant of a start by the clock.
func (in *reader) begin(figures time.Time) time.Time {
	wall := session.Wall{Zone: in.layout.Zone}
	at := wall.At(figures, time.Time{})
	if wall.Guessed {
		in.problems.Addf("actigraphy-zone", "", "times carry no offset from UTC; the device's clock is taken for that of UTC").
			WithHint("--zone Europe/Stockholm says whose clock it was").AsWarning()
	}
	return at
}

// timeColumn gives how a row's time is read, nil if no column tells it.
func (in *reader) timeColumn(t *table.Table) func(table.Row) (time.Time, bool) {
	if t.Has("date", "time") {
		return func(r table.Row) (time.Time, bool) { return in.clock(r.Text("date") + " " + r.Text("time")) }
	}
	for _, name := range timeNames {
		if !t.Has(name) {
			continue
		}
		return func(r table.Row) (time.Time, bool) {
			s := r.Text(name)
			if n, err := strconv.ParseFloat(s, 64); err == nil {
				if n > 1e11 {
					n /= 1000
				}
				if !(n > 6e8 && n < 3e10) {
					return time.Time{}, false
				}
				zone := in.layout.Zone
				if zone == nil || zone == time.UTC {
					zone = time.FixedZone("UTC", 0) // a zone of its own: the instant is known
				}
				return time.UnixMilli(int64(n * 1000)).In(zone), true
			}
			if at, ok := session.ParseInstant(s); ok {
				return at, true
			}
			return in.clock(s)
		}
	}
	return nil
}

// step gives the middle one of the times between rows.
func step(at []time.Time) time.Duration {
	var steps []time.Duration
	for i := 1; i < len(at) && i < 1000; i++ {
		if d := at[i].Sub(at[i-1]); d > 0 {
			steps = append(steps, d)
		}
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return steps[len(steps)/2].Round(time.Second)
}

// Minutes adds epochs up to minutes from the start. A minute of which an epoch
// is missing is unknown; a last minute that is not whole is left out.
func (c Counts) Minutes() ([]Minute, error) {
	if c.Epoch <= 0 || time.Minute%c.Epoch != 0 || len(c.Values) != len(c.Gaps) {
		return nil, errors.New("actigraphy: epochs that do not divide a minute")
	}
	per := int(time.Minute / c.Epoch)
	out := make([]Minute, len(c.Values)/per)
	for i := range out {
		out[i].Known = true
		for j := i * per; j < (i+1)*per; j++ {
			out[i].Counts += c.Values[j]
			out[i].Known = out[i].Known && !c.Gaps[j]
		}
	}
	return out, nil
}
