package epochs

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/fault"
	"dvala/sleep"
)

// Layout says where in a table things are. What is empty is found by name.
type Layout struct {
	Stage    string         // column of the codes
	Onset    string         // column of seconds or times
	Duration string         // column of seconds
	Epoch    time.Duration  // 0: as the table has it, else 30 s
	Map      *Map           // nil: words, or what the column's name says
	Zone     *time.Location // of times that have none; nil is UTC
	Start    time.Time      // of onset 0, if known
}

// Table is what Read made of a table, and how.
type Table struct {
	Hypnogram sleep.Hypnogram
	Column    string   // that the stages were taken from
	Map       Map      // by which
	Others    []string // further columns that look like stages
}

// names that a column of its kind goes by, in lower case and in this order.
var names = struct{ stage, onset, duration []string }{
	stage:    []string{"stage", "sleep_stage", "sleep stage", "stages", "hypnogram", "hypno", "stage_hum", "stage_ai", "value", "trial_type", "event", "sleepstage"},
	onset:    []string{"onset", "start", "time", "timestamp", "datetime", "onset_s", "start_time", "epoch_start"},
	duration: []string{"duration", "duration_s", "epoch_length"},
}

const defaultEpoch = 30 * time.Second

// Read reads a table. Every problem of the table is reported at once, up to
// twenty, each with its line.
func Read(r io.Reader, layout Layout) (Table, error) {
	rows, err := parse(r)
	if err != nil {
		return Table{}, err
	}
	in := table{layout: layout}
	if err := in.columns(rows); err != nil {
		return Table{}, err
	}
	spans := in.spans()
	if err := in.problems.Err(); err != nil {
		return Table{}, err
	}
	h, err := in.hypnogram(spans)
	if err != nil {
		return Table{}, err
	}
	return Table{Hypnogram: h, Column: in.stageName, Map: in.codes, Others: in.others}, nil
}

// ReadList reads a JSON list of codes, numbers or words, one an epoch.
func ReadList(r io.Reader, m Map, epoch time.Duration) (sleep.Hypnogram, error) {
	var codes []any
	d := json.NewDecoder(r)
	d.UseNumber()
	if err := d.Decode(&codes); err != nil {
		return sleep.Hypnogram{}, fault.New("epochs-json", "", "%v", err).WithHint("a list of codes is expected, as in [0, 0, 1, 2]")
	}
	stages := make([]sleep.Stage, len(codes))
	var l fault.List
	for i, c := range codes {
		s, ok := m.Stage(fmt.Sprint(c))
		if !ok && len(l) < maxProblems {
			l.Addf("epochs-code", fmt.Sprintf("[%d]", i), "code %.20q is not in the map %s", fmt.Sprint(c), m.Name)
		}
		stages[i] = s
	}
	if err := l.Err(); err != nil {
		return sleep.Hypnogram{}, err
	}
	if epoch == 0 {
		epoch = defaultEpoch
	}
	return sleep.NewHypnogram(time.Time{}, epoch, stages)
}

const (
	maxProblems = 20
	maxRows     = int(sleep.MaxLength / sleep.MinEpoch)
)

// parse takes the text apart into rows, after any byte-order mark, by the
// separator that the first line has most of.
func parse(r io.Reader) ([][]string, error) {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
		b.Discard(3)
	}
	head, err := b.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, fault.Wrap("epochs-read", "", err)
	}
	if slices.Contains(head, 0) {
		return nil, fault.New("epochs-text", "", "this is no text").WithHint("save the table as CSV in UTF-8")
	}
	line, _, _ := strings.Cut(string(head), "\n")
	c := csv.NewReader(b)
	c.Comma, c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = ',', -1, true, false
	for _, comma := range []rune{'\t', ';'} {
		if strings.Count(line, string(comma)) > strings.Count(line, string(c.Comma)) {
			c.Comma = comma
		}
	}
	var rows [][]string
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.Wrap("epochs-table", "", err)
		}
		if rows = append(rows, row); len(rows) > maxRows+1 {
			return nil, fault.New("epochs-long", "", "more than %d rows", maxRows).WithHint("a night has some thousand epochs; is this another table?")
		}
	}
	if len(rows) == 0 {
		return nil, fault.New("epochs-empty", "", "the table is empty")
	}
	return rows, nil
}

type table struct {
	layout    Layout
	rows      [][]string // without the head
	line      int        // of the first of them
	stage     int
	onset     int // -1: none
	duration  int // -1: none
	stageName string
	codes     Map
	others    []string
	start     time.Time
	problems  fault.List
}

// columns finds the columns and the map.
func (t *table) columns(rows [][]string) error {
	head := make([]string, len(rows[0]))
	for i, s := range rows[0] {
		head[i] = strings.TrimSpace(s)
	}
	words, err := Named("words")
	if err != nil {
		return err
	}
	t.rows, t.line = rows[1:], 2
	t.onset, t.duration = find(head, t.layout.Onset, names.onset), find(head, t.layout.Duration, names.duration)
	t.stage = find(head, t.layout.Stage, stageNames(t.layout.Map))
	for _, c := range []struct {
		name, what string
		at         int
	}{{t.layout.Stage, "stage", t.stage}, {t.layout.Onset, "onset", t.onset}, {t.layout.Duration, "duration", t.duration}} {
		if c.name != "" && c.at < 0 {
			return fault.New("epochs-column", "line 1", "there is no column %q", c.name).WithHint("the columns are %s", strings.Join(head, ", "))
		}
	}
	if t.stage < 0 {
		if len(head) != 1 {
			return fault.New("epochs-column", "line 1", "no column is called stage").WithHint("say which of %s holds the stages", strings.Join(head, ", "))
		}
		t.stage = 0
		known := words
		if t.layout.Map != nil {
			known = *t.layout.Map
		}
		if _, isCode := known.Stage(head[0]); isCode || number(head[0]) {
			t.rows, t.line = rows, 1 // a bare list, without a head
			head = []string{"stage"}
		}
	}
	t.stageName = head[t.stage]
	for i, s := range head {
		if i != t.stage && slices.Contains(names.stage, strings.ToLower(s)) {
			t.others = append(t.others, s)
		}
	}
	t.codes, err = t.chooseMap(head, words)
	return err
}

// stageNames puts the column that a map knows before all others.
func stageNames(m *Map) []string {
	if m == nil || m.Column == "" {
		return names.stage
	}
	return append([]string{m.Column}, names.stage...)
}

// find gives the column of a name, or of the first of several, in any case.
func find(head []string, name string, usual []string) int {
	if name != "" {
		return slices.Index(head, name)
	}
	for _, u := range usual {
		if i := slices.IndexFunc(head, func(h string) bool { return strings.EqualFold(h, u) }); i >= 0 {
			return i
		}
	}
	return -1
}

func number(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// chooseMap takes the map given; else that of the BOAS tables, known by their
// columns; else words.
func (t *table) chooseMap(head []string, words Map) (Map, error) {
	if t.layout.Map != nil {
		return *t.layout.Map, nil
	}
	if slices.Contains(head, "begsample") && slices.Contains(head, "stage_ai") {
		switch {
		case t.stageName == "stage_hum":
			return Named("boas-human")
		case t.stageName == "stage_ai" && slices.Contains(head, "stage_hum"):
			return Named("boas-ai")
		case t.stageName == "stage_ai":
			return Named("boas-headband")
		}
	}
	for _, row := range t.rows {
		if t.stage < len(row) && number(strings.TrimSpace(row[t.stage])) {
			return Map{}, fault.New("epochs-map", "column "+t.stageName, "numbers such as %s mean different stages to different programs", row[t.stage]).
				WithHint("name a map: boas-human, boas-ai, boas-headband, dod, yasa or rk-5; or write one as in 0=W,1=N1,2=N2,3=N3,4=R,-1=?")
		}
	}
	return words, nil
}
