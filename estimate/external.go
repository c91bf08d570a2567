package estimate

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"dvala/fault"
	"dvala/protocol"
)

// FromTables makes the tables of a trial run elsewhere, from its files and a
// mapping, and gives the SHA-256 over the files used. All problems found are in
// the list; of the same kind in one column the first rows are named and the
// rest counted. Warnings come with good Data.
//
// A person counts as having completed who has a value of some outcome in every
// period, or, in a parallel trial, at the last visit at which anyone has one.
func FromTables(c protocol.Checked, m *Mapping, fsys fs.FS) (*Data, string, fault.List) {
	var l fault.List
	x := &external{
		layout: layoutOf(c), m: m, l: &l, people: map[string]*Person{},
		out:    &Data{Facts: Facts{External: true, FirstScreened: m.Facts.FirstScreened}},
		sheets: &sheets{m: m, fsys: fsys, l: &l, read: map[string]*sheet{}, hashes: map[string]string{}},
		more:   map[string]int{},
	}
	x.bindable()
	if l.Err() == nil {
		x.readPeople()
	}
	values := map[string]map[slot]float64{}
	if l.Err() == nil {
		for i, me := range m.Measures {
			values[me.id()] = x.readMeasure(me, fmt.Sprintf("measures[%d]", i))
		}
	}
	x.tellMore()
	l.In(m.file)
	if l.Err() != nil {
		return nil, "", l
	}
	x.flow()
	for _, me := range m.Measures {
		if me.Outcome != "" {
			x.file(me, values[me.id()])
		}
	}
	for _, ck := range m.Checks {
		x.out.Checks = append(x.out.Checks, x.compare(ck, values[ck.Measure]))
	}
	if l.Err() != nil {
		return nil, "", l.In(m.file)
	}
	x.complete()
	for _, p := range x.people {
		x.out.People = append(x.out.People, *p)
	}
	x.out.Sort()
	return x.out, x.sheets.hash(), l
}

// external is a reading on its way.
type external struct {
	layout
	m      *Mapping
	l      *fault.List
	sheets *sheets
	people map[string]*Person
	out    *Data
	more   map[string]int // problems of a kind at a place
}

// slot is where a value belongs.
type slot struct {
	subject, visit string
	period, day    int
}

// told is how many rows of one kind of problem are named.
const toldRows = 3

// row tells a problem of a row, the first few of a kind and place only.
func (x *external) row(r sheetRow, code fault.Code, place, format string, args ...any) {
	key := string(code) + " " + place
	x.more[key]++
	if x.more[key] <= toldRows {
		x.l.Add(fault.New(code, place, format, args...).In(r.file).At(r.line))
	}
}

func (x *external) tellMore() {
	for _, key := range sortedKeys(x.more) {
		if n := x.more[key] - toldRows; n > 0 {
			code, place, _ := strings.Cut(key, " ")
			x.m.problem(x.l, fault.Code(code), place, "%d more rows like these", n)
		}
	}
}

// bindable checks the mapping against the protocol and the tables' columns.
func (x *external) bindable() {
	m := x.m
	if m.Protocol != x.p.ID {
		m.problem(x.l, "mapping-protocol", "protocol", "the mapping is of the protocol %q, and this one is %q", m.Protocol, x.p.ID)
	}
	if m.Facts.Screened != 0 {
		for i, e := range m.Facts.Excluded {
			if e.N < 1 || e.What == "" {
				m.problem(x.l, "mapping-missing", fmt.Sprintf("facts.excluded[%d]", i), "say why, and how many")
			}
		}
	}
	x.column(m.People.Table, m.People.Group.Column, "people.group")
	x.column(m.People.Table, m.People.Site.Column, "people.site")
	for _, name := range sortedKeys(m.People.Answers) {
		place := "people.answers." + name
		if _, ok := x.checked.Question(name); !ok {
			m.problem(x.l, "mapping-name", place, "the protocol asks no %q at screening", name)
		}
		x.column(m.People.Table, m.People.Answers[name].Column, place)
	}
	for i, me := range m.Measures {
		x.bindMeasure(me, fmt.Sprintf("measures[%d]", i))
	}
	for _, e := range x.p.Estimands {
		if !slices.ContainsFunc(m.Measures, func(me measure) bool { return me.Outcome == e.Variable.Outcome }) {
			m.problem(x.l, "mapping-outcome", "measures", "the estimand %s needs the outcome %s, and nothing measures it", e.ID, e.Variable.Outcome)
		}
	}
	for i, c := range m.Checks {
		for _, a := range []string{c.Treatment, c.Comparator} {
			if _, ok := x.checked.Arm(a); !ok {
				m.problem(x.l, "mapping-name", fmt.Sprintf("checks[%d]", i), "the protocol has no arm %q", a)
			}
		}
	}
}

func (x *external) bindMeasure(me measure, place string) {
	if me.Outcome != "" {
		o, ok := x.checked.Outcome(me.Outcome)
		switch {
		case !ok:
			x.m.problem(x.l, "mapping-name", place+".outcome", "the protocol has no outcome %q", me.Outcome)
		case o.Source.Nightly() && me.Day.empty():
			x.m.problem(x.l, "mapping-missing", place+".day", "%s is measured by night, and nothing says which", me.Outcome)
		case !o.Source.Nightly() && me.Visit.empty():
			x.m.problem(x.l, "mapping-missing", place+".visit", "%s is measured at visits, and nothing says which", me.Outcome)
		}
	}
	if !x.parallel() && me.Period.empty() && me.Visit.empty() {
		x.m.problem(x.l, "mapping-missing", place+".period", "in a crossover a value needs its period")
	}
	v := me.Value
	names := []string{me.Period.Column, me.Visit.Column, me.Day.Column, v.Column, v.Reciprocal}
	names = append(names, v.Mean...)
	if v.Minutes != nil {
		names = append(names, v.Minutes.From, v.Minutes.To)
	}
	if v.Holds != nil {
		names = append(names, v.Holds.Column)
	}
	for _, t := range v.Minus {
		names = append(names, t.Column)
	}
	for _, c := range me.Where {
		names = append(names, c.Column)
	}
	for _, n := range names {
		x.column(me.Table, n, place)
	}
	x.column(me.Table, x.m.Tables[me.Table].Subject, "tables."+me.Table+".subject")
}

// column checks that a table has a column.
func (x *external) column(name, column, place string) {
	if column == "" {
		return
	}
	t := x.sheets.get(name)
	if len(t.columns) == 0 {
		return // the table itself could not be read, which is told
	}
	if _, ok := t.columns[column]; !ok {
		x.m.problem(x.l, "mapping-column", place, "the table %s has no column %q", name, column).
			WithHint("it has %s", strings.Join(someKeys(t.columns), ", "))
	}
}

func someKeys(m map[string]int) []string {
	keys := sortedKeys(m)
	if len(keys) > 12 {
		keys = append(keys[:12], "…")
	}
	return keys
}

// subject gives a row's person, as all tables name her.
func (t *sheet) subject(r sheetRow) (string, bool) {
	v, ok := t.cell(r, t.table.Subject)
	return strings.TrimPrefix(v, t.Strip), ok
}

// text gives what a pick takes from a row; problems are told.
func (x *external) text(t *sheet, r sheetRow, p pick, place string) (string, bool) {
	if p.Is != "" {
		return p.Is, true
	}
	v, ok := t.cell(r, p.Column)
	if !ok {
		return "", false
	}
	if len(p.Map) > 0 {
		mapped, known := p.Map[v]
		if !known {
			x.row(r, "value-unmapped", place, "column %s: %q is not in the map", p.Column, v)
			return "", false
		}
		v = mapped
	}
	if p.Plus != 0 {
		n, err := strconv.Atoi(v)
		if err != nil {
			x.row(r, "value-number", place, "column %s: %q is not a whole number", p.Column, v)
			return "", false
		}
		v = strconv.Itoa(n + p.Plus)
	}
	return v, true
}

// readPeople takes one row per person.
func (x *external) readPeople() {
	t := x.sheets.get(x.m.People.Table)
	for _, r := range t.rows {
		id, ok := t.subject(r)
		if !ok {
			x.row(r, "person-missing", "people.table", "the row names no person")
			continue
		}
		if x.people[id] != nil {
			x.row(r, "person-twice", "people.table", "%s is there twice", id)
			continue
		}
		group, ok := x.text(t, r, x.m.People.Group, "people.group")
		if _, known := x.sequence[group]; !ok || !known {
			x.row(r, "person-group", "people.group", "%s: %q is no arm or sequence of the protocol", id, group)
			continue
		}
		p := &Person{Subject: id, Group: group, Answers: map[string]protocol.Value{}}
		p.Site, _ = x.text(t, r, x.m.People.Site, "people.site")
		if p.Site == "" && len(x.p.Sites) == 1 {
			p.Site = x.p.Sites[0].ID
		}
		for _, name := range sortedKeys(x.m.People.Answers) {
			x.answer(t, r, p, name)
		}
		if levels, err := x.checked.LevelsOf(p.Site, p.Answers); err == nil {
			p.Strata = map[string]string{}
			for _, level := range levels {
				p.Strata[level.Stratum] = level.Level
			}
		}
		x.people[id] = p
	}
}

// answer reads a screening answer in its question's type.
func (x *external) answer(t *sheet, r sheetRow, p *Person, name string) {
	place := "people.answers." + name
	v, ok := x.text(t, r, x.m.People.Answers[name], place)
	if !ok {
		return
	}
	q, _ := x.checked.Question(name)
	if q.Type == "int" || q.Type == "number" {
		n, good := t.number(v)
		if !good {
			x.row(r, "value-number", place, "%q is not a number", v)
			return
		}
		v = strconv.FormatFloat(n, 'f', -1, 64)
	}
	value, problem := q.Parse(v)
	if problem != nil {
		x.row(r, problem.Code, place, "%s", problem.Message)
		return
	}
	p.Answers[name] = value
}

// flow takes the counts before randomisation that the mapping states.
func (x *external) flow() {
	f := x.m.Facts
	x.out.Screened = len(x.people)
	if f.Screened == 0 {
		return
	}
	x.out.Screened = f.Screened
	left := f.Screened
	for _, e := range f.Excluded {
		x.out.Excluded = append(x.out.Excluded, Count(e))
		left -= e.N
	}
	if left != len(x.people) {
		x.m.problem(x.l, "mapping-flow", "facts.screened", "%d screened less those excluded are %d, and the table has %d people", f.Screened, left, len(x.people))
	}
}
