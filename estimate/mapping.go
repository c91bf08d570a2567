package estimate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"dvala/civil"
	"dvala/fault"
)

// Mapping says how the tables of a trial run elsewhere become Data: which file
// is which table, which column is the person, her group, the period, the visit
// or the value, how numbers and times are written, and what is derived. Its
// grammar is in doc/formats/mapping.md. ParseMapping is its only birth.
type Mapping struct {
	Format   int              `yaml:"dvala-mapping"`
	Protocol string           `yaml:"protocol"` // its id
	About    string           `yaml:"about"`
	Facts    mappingFacts     `yaml:"facts"`
	Tables   map[string]table `yaml:"tables"`
	People   peopleMap        `yaml:"people"`
	Measures []measure        `yaml:"measures"`
	Checks   []checkMap       `yaml:"checks"`

	file  string
	lines map[string]int
}

// mappingFacts are known of the trial and stand in no table.
type mappingFacts struct {
	FirstScreened civil.Date `yaml:"first_screened"`
	Screened      int        `yaml:"screened"`
	Excluded      []countMap `yaml:"excluded"`
}

type countMap struct {
	What string `yaml:"what"`
	N    int    `yaml:"n"`
}

// table is one file, or several of one shape whose names hold columns.
type table struct {
	File      string   `yaml:"file"`  // a path, or a pattern with * as in path.Match
	Names     string   `yaml:"names"` // regular expression over the file's path; its named groups become columns
	Delimiter string   `yaml:"delimiter"`
	Decimal   string   `yaml:"decimal"`
	Missing   []string `yaml:"missing"`
	Subject   string   `yaml:"subject"` // column with the person
	Strip     string   `yaml:"strip"`   // taken off the front of the person's code
	Ragged    string   `yaml:"ragged"`  // rows with more or fewer cells than the head: refuse, or drop

	names *regexp.Regexp
}

// pick takes one text from a row: a column's, translated by Map where there is
// one, or the same for all rows.
type pick struct {
	Column string            `yaml:"column"`
	Map    map[string]string `yaml:"map"`
	Is     string            `yaml:"is"`
	Plus   int               `yaml:"plus"` // added to a whole number
}

func (p pick) empty() bool { return p.Column == "" && p.Is == "" }

type peopleMap struct {
	Table   string          `yaml:"table"`
	Group   pick            `yaml:"group"`
	Site    pick            `yaml:"site"`
	Answers map[string]pick `yaml:"answers"`
}

// measure is how an outcome's values, or those of a check, come from a table.
type measure struct {
	Outcome string      `yaml:"outcome"` // of the protocol
	Name    string      `yaml:"name"`    // of a measure that only checks use
	Table   string      `yaml:"table"`
	Period  pick        `yaml:"period"`
	Visit   pick        `yaml:"visit"`
	Day     pick        `yaml:"day"`
	Where   []condition `yaml:"where"`
	Value   valueMap    `yaml:"value"`
	Over    string      `yaml:"over"` // of several rows: mean, sum, count, min, max, median; "" allows only one
}

func (m measure) id() string {
	if m.Outcome != "" {
		return m.Outcome
	}
	return m.Name
}

// condition keeps rows; all conditions of a list must hold.
type condition struct {
	Column  string   `yaml:"column"`
	OneOf   []string `yaml:"one_of"`
	AtLeast *float64 `yaml:"at_least"`
	Below   *float64 `yaml:"below"`
}

// valueMap is a row's number: exactly one of its first five fields.
type valueMap struct {
	Column     string     `yaml:"column"`
	Reciprocal string     `yaml:"reciprocal"` // 1/x
	Minutes    *clockSpan `yaml:"minutes"`    // elapsed between two times of day, over midnight
	Mean       []string   `yaml:"mean"`       // of columns
	Holds      *condition `yaml:"holds"`      // 1 where the condition holds, else 0
	AtLeast    int        `yaml:"at_least"`   // of Mean: this many columns with a number
	Times      float64    `yaml:"times"`      // factor, to change the unit
	Minus      []term     `yaml:"minus"`      // taken off after that
}

type clockSpan struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
	// Digits says how a time without a mark is read: hours has 7 as 07:00 and
	// 730 as 07:30, hhmm has 7 as 00:07, its leading zeros dropped.
	Digits string `yaml:"digits"`
}

// term is a column and what it is multiplied by.
type term struct {
	Column string  `yaml:"column"`
	Times  float64 `yaml:"times"`
}

// checkMap compares a measure between the treatments within people, and says
// what was expected.
type checkMap struct {
	What       string   `yaml:"what"`
	Measure    string   `yaml:"measure"`
	Unit       string   `yaml:"unit"`
	Treatment  string   `yaml:"treatment"`
	Comparator string   `yaml:"comparator"`
	AtLeast    *float64 `yaml:"at_least"`
	AtMost     *float64 `yaml:"at_most"`
}

// MappingOption changes how ParseMapping reads.
type MappingOption func(*Mapping)

// MappingFile names the file in every problem.
func MappingFile(name string) MappingOption { return func(m *Mapping) { m.file = name } }

const (
	maxMappingBytes = 1 << 20
	maxMappingLists = 1000
)

// ParseMapping reads a mapping file, strictly: every unknown, doubled, missing
// or contradictory field is a problem of its own, and all are told at once.
func ParseMapping(src []byte, opts ...MappingOption) (*Mapping, fault.List) {
	m := &Mapping{lines: map[string]int{}}
	for _, o := range opts {
		o(m)
	}
	var l fault.List
	if len(src) > maxMappingBytes {
		l.Addf("mapping-size", "", "the file has %d bytes, and a mapping has at most %d", len(src), maxMappingBytes)
		return nil, l.In(m.file)
	}
	var doc yaml.Node
	if err := yaml.Load(src, &doc); err != nil {
		yamlProblems(&l, err)
		return nil, l.In(m.file)
	}
	if aliases(&doc) {
		l.Addf("yaml-alias", "", "anchors (&) and aliases (*) are not part of the format").WithHint("write the value out where it is used")
		return nil, l.In(m.file)
	}
	m.mark(&doc, "")
	if err := yaml.Load(src, m, yaml.WithKnownFields()); err != nil {
		yamlProblems(&l, err)
	}
	m.check(&l)
	l.In(m.file)
	l.Sort()
	if l.Err() != nil {
		return nil, l
	}
	return m, l
}

// yamlProblems tells what the YAML reader found, each with its line.
func yamlProblems(l *fault.List, err error) {
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &many):
		for _, e := range many.Errors {
			l.Addf("mapping-yaml", "", "%s", plainYAML(e.Message)).At(e.Mark.Line)
		}
	case errors.As(err, &one):
		l.Addf("mapping-yaml", "", "%s", plainYAML(one.Message)).At(one.Mark.Line)
	default:
		l.Addf("mapping-yaml", "", "%s", plainYAML(err.Error()))
	}
}

var goType = regexp.MustCompile(` in type [a-zA-Z.*\[\]]+| into [a-zA-Z.*\[\]0-9]+`)

// plainYAML takes the names of Go types out of the reader's messages.
func plainYAML(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "yaml: "), "go-yaml ")
	return strings.ReplaceAll(goType.ReplaceAllString(s, ""), "not found", "is not a field here")
}

func aliases(n *yaml.Node) bool {
	return n.Kind == yaml.AliasNode || n.Anchor != "" || slices.ContainsFunc(n.Content, aliases)
}

// mark remembers the line of every place.
func (m *Mapping) mark(n *yaml.Node, place string) {
	m.lines[place] = n.Line
	switch n.Kind {
	case yaml.DocumentNode:
		for _, c := range n.Content {
			m.mark(c, place)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			at := n.Content[i].Value
			if place != "" {
				at = place + "." + at
			}
			m.mark(n.Content[i+1], at)
			m.lines[at] = n.Content[i].Line
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			m.mark(c, place+"["+strconv.Itoa(i)+"]")
		}
	}
}

// line gives the line of a place, or of the nearest place around it.
func (m *Mapping) line(place string) int {
	for place != "" {
		if n, ok := m.lines[place]; ok {
			return n
		}
		place = place[:max(strings.LastIndexAny(place, ".["), 0)]
	}
	return 0
}

func (m *Mapping) problem(l *fault.List, code fault.Code, place, format string, args ...any) *fault.Problem {
	return l.Add(fault.New(code, place, format, args...).At(m.line(place)))
}

// check finds what no single field shows.
func (m *Mapping) check(l *fault.List) {
	if m.Format != 1 {
		m.problem(l, "mapping-format", "dvala-mapping", "mappings of format %d are not known", m.Format).WithHint("begin with: dvala-mapping: 1")
	}
	if m.Protocol == "" {
		m.problem(l, "mapping-missing", "protocol", "the id of the protocol is missing")
	}
	if len(m.Tables) == 0 {
		m.problem(l, "mapping-missing", "tables", "no table is named")
	}
	for _, name := range sortedKeys(m.Tables) {
		m.checkTable(l, name)
	}
	m.checkPeople(l)
	if len(m.Measures) > maxMappingLists || len(m.Checks) > maxMappingLists {
		m.problem(l, "mapping-size", "measures", "more than %d measures or checks", maxMappingLists)
		return
	}
	seen := map[string]bool{}
	for i := range m.Measures {
		place := fmt.Sprintf("measures[%d]", i)
		x := m.Measures[i]
		if (x.Outcome == "") == (x.Name == "") {
			m.problem(l, "mapping-measure", place, "a measure has either an outcome of the protocol or a name of its own")
		}
		if seen[x.id()] {
			m.problem(l, "mapping-twice", place, "%q is measured twice", x.id())
		}
		seen[x.id()] = true
		m.checkMeasure(l, x, place)
	}
	for i, c := range m.Checks {
		place := fmt.Sprintf("checks[%d]", i)
		if !seen[c.Measure] {
			m.problem(l, "mapping-name", place+".measure", "there is no measure %q", c.Measure)
		}
		if c.What == "" || c.Treatment == "" || c.Comparator == "" || c.AtLeast == nil && c.AtMost == nil {
			m.problem(l, "mapping-missing", place, "a check says what it checks, treatment, comparator, and at_least or at_most")
		}
	}
}

func (m *Mapping) checkTable(l *fault.List, name string) {
	place, t := "tables."+name, m.Tables[name]
	if t.File == "" {
		m.problem(l, "mapping-missing", place+".file", "the file of the table is missing")
	}
	if t.Names != "" {
		re, err := regexp.Compile(t.Names)
		if err != nil {
			m.problem(l, "mapping-pattern", place+".names", "%q is not a regular expression: %v", t.Names, err)
		}
		t.names = re
	}
	if t.Subject == "" {
		m.problem(l, "mapping-missing", place+".subject", "the column with the person is missing")
	}
	if _, ok := delimiters[t.Delimiter]; !ok {
		m.problem(l, "mapping-word", place+".delimiter", "%q is not one of tab, comma, semicolon", t.Delimiter)
	}
	if t.Decimal != "" && t.Decimal != "point" && t.Decimal != "comma" {
		m.problem(l, "mapping-word", place+".decimal", "%q is neither point nor comma", t.Decimal)
	}
	if t.Ragged != "" && t.Ragged != "refuse" && t.Ragged != "drop" {
		m.problem(l, "mapping-word", place+".ragged", "%q is neither refuse nor drop", t.Ragged)
	}
	m.Tables[name] = t
}

func (m *Mapping) checkPeople(l *fault.List) {
	if _, ok := m.Tables[m.People.Table]; !ok {
		m.problem(l, "mapping-name", "people.table", "there is no table %q", m.People.Table)
	}
	if m.People.Group.empty() {
		m.problem(l, "mapping-missing", "people.group", "nothing says which arm or sequence a person has")
	}
}

var summaries = []string{"", "mean", "sum", "count", "min", "max", "median"}

func (m *Mapping) checkMeasure(l *fault.List, x measure, place string) {
	if _, ok := m.Tables[x.Table]; !ok {
		m.problem(l, "mapping-name", place+".table", "there is no table %q", x.Table)
	}
	if !slices.Contains(summaries, x.Over) {
		m.problem(l, "mapping-word", place+".over", "%q is not one of mean, sum, count, min, max, median", x.Over)
	}
	if !x.Visit.empty() && !x.Day.empty() {
		m.problem(l, "mapping-measure", place, "a measure is at visits or by day, and this says both")
	}
	for i, c := range x.Where {
		m.checkCondition(l, c, fmt.Sprintf("%s.where[%d]", place, i))
	}
	v, kinds := x.Value, 0
	for _, has := range []bool{v.Column != "", v.Reciprocal != "", v.Minutes != nil, len(v.Mean) > 0, v.Holds != nil} {
		if has {
			kinds++
		}
	}
	if kinds != 1 {
		m.problem(l, "mapping-value", place+".value", "a value is exactly one of column, reciprocal, minutes, mean, holds; this has %d of them", kinds)
	}
	if v.Minutes != nil && (v.Minutes.From == "" || v.Minutes.To == "") {
		m.problem(l, "mapping-missing", place+".value.minutes", "minutes want the columns from and to")
	}
	if v.Minutes != nil && v.Minutes.Digits != "" && v.Minutes.Digits != "hours" && v.Minutes.Digits != "hhmm" {
		m.problem(l, "mapping-word", place+".value.minutes.digits", "%q is neither hours nor hhmm", v.Minutes.Digits)
	}
	if v.Holds != nil {
		m.checkCondition(l, *v.Holds, place+".value.holds")
	}
	if v.AtLeast != 0 && (len(v.Mean) == 0 || v.AtLeast < 1 || v.AtLeast > len(v.Mean)) {
		m.problem(l, "mapping-value", place+".value.at_least", "%d is not a number of the columns that the mean is of", v.AtLeast)
	}
}

func (m *Mapping) checkCondition(l *fault.List, c condition, place string) {
	if c.Column == "" {
		m.problem(l, "mapping-missing", place+".column", "the condition names no column")
	}
	if (len(c.OneOf) > 0) == (c.AtLeast != nil || c.Below != nil) {
		m.problem(l, "mapping-condition", place, "a condition says either one_of, or at_least, below or both")
	}
}
