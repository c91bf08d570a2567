package exchange

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"dvala/civil"
	"dvala/instrument"
	"dvala/instrument/diary"
	"dvala/protocol"
	"dvala/study"
)

// The columns that several tables begin with.
var (
	subjectColumn = column{name: "subject", label: "participant's code", kind: "code", source: "ledger"}
	dateColumn    = column{name: "date", label: "date, in the participant's zone", kind: "date", source: "ledger"}
	dayColumn     = column{name: "day", label: "days from randomisation, which is day 0", kind: "integer", unit: "days", source: "derived", missing: "empty: not randomised"}
)

func options(codes ...string) []string { return codes }

// people gives everyone in the order of screening.
func (x *export) people(each func(*study.Participant)) {
	for _, id := range x.state.Order {
		each(x.state.People[id])
	}
}

// day counts a date from a person's randomisation.
func day(p *study.Participant, d civil.Date) cell {
	if p.Randomised == nil || d.IsZero() {
		return cell{}
	}
	return whole(d.Sub(p.Randomised.Date))
}

func subject(p *study.Participant) cell { return text(string(p.Subject)) }

// trial is what the other tables are of, as names and values.
func (x *export) trial() *table {
	t := &table{name: "trial", columns: []column{
		{name: "name", label: "what is told", kind: "text"},
		{name: "value", label: "what it is", kind: "text"},
	}}
	put := func(name, value string) { t.add(text(name), text(value)) }
	put("trial", x.p.ID)
	put("protocol version", x.p.Version)
	put("title", x.p.Title)
	put("protocol sha256", x.checked.HashHex())
	for _, a := range x.state.Amendments {
		put("amended to version "+a.Version, a.Protocol.HashHex())
	}
	put("ledger entries", strconv.FormatUint(x.state.Entries, 10))
	if l := x.state.Locked; l != nil {
		put("locked root", l.Root)
	}
	if o := x.state.Opened; o != nil {
		put("program", o.Program)
		put("time zone rules", o.Zones)
		if o.Simulated {
			put("participants", "made up")
		}
	}
	arms := "not in these files: the allocation is sealed"
	if x.alloc.Known() {
		arms = "opened by the custodian after the lock"
	}
	put("arms", arms)
	return t
}

// participants has a row for everyone screened, with the screening answers.
func (x *export) participants() *table {
	t := &table{name: "participants", columns: []column{
		subjectColumn,
		{name: "site", label: "site", kind: "code", source: "ledger", levels: siteLevels(x.p)},
		{name: "screened_at", label: "instant of screening, UTC", kind: "instant", source: "ledger"},
		{name: "eligible", label: "met all criteria", kind: "choice", levels: options("yes", "no"), source: "protocol's rules"},
		{name: "criteria_failed", label: "criteria not met", kind: "text", source: "protocol's rules", missing: "empty: none"},
		{name: "enrolled", label: "date of enrolment", kind: "date", source: "ledger", missing: "empty: not enrolled"},
		{name: "zone", label: "time zone of the person", kind: "text", source: "ledger", missing: "empty: not enrolled"},
		{name: "language", label: "language of the pages", kind: "code", source: "ledger", missing: "empty: not enrolled"},
		{name: "randomised", label: "date of randomisation, day 0", kind: "date", source: "ledger", missing: "empty: not randomised"},
		{name: "stratum", label: "cell of the stratification", kind: "code", source: "protocol's rules", missing: "empty: not randomised"},
		{name: "completed", label: "date of completion", kind: "date", source: "ledger", missing: "empty: not completed"},
	}}
	if x.alloc.Known() {
		t.columns = append(t.columns, x.armColumn())
	}
	for _, q := range x.p.Population.Screening {
		t.columns = append(t.columns, screeningColumn(q))
	}
	x.people(func(p *study.Participant) {
		row := []cell{
			subject(p), text(p.Site), instant(p.ScreenedAt), yes(p.Screening.Eligible), text(strings.Join(p.Screening.Failed, " ")),
			date(p.EnrolledOn),
			{},
			{},
			{},
			{},
			{},
		}
		if e := p.Enrolled; e != nil {
			row[6], row[7] = text(e.Zone), text(string(e.Language))
		}
		if r := p.Randomised; r != nil {
			row[8], row[9] = date(r.Date), text(r.Cell)
		}
		if c := p.Completed; c != nil {
			row[10] = date(c.Date)
		}
		if x.alloc.Known() {
			row = append(row, text(x.alloc.Of[p.Subject]))
		}
		for _, q := range x.p.Population.Screening {
			row = append(row, answerOf(p.Screening.Answers, q))
		}
		t.add(row...)
	})
	return t
}

// armColumn is there only after the openings.
func (x *export) armColumn() column {
	c := column{name: "arm", label: "arm drawn", kind: "choice", source: "custodian's openings", missing: "empty: not randomised"}
	if x.p.Design.Kind != protocol.Parallel {
		c.name, c.label = "sequence", "sequence of arms drawn"
	}
	for _, a := range x.checked.Assignments() {
		c.levels = append(c.levels, a.ID)
	}
	return c
}

func siteLevels(p protocol.Protocol) []string {
	var out []string
	for _, s := range p.Sites {
		out = append(out, s.ID+"="+s.Name)
	}
	return out
}

func screeningColumn(q protocol.Question) column {
	c := column{
		name: "screening_" + q.Name, label: q.Label.In("en"), kind: q.Type, unit: q.Unit,
		min: q.Min, max: q.Max, levels: q.Levels, source: "screening",
	}
	if q.Type == "int" {
		c.kind = "integer"
	}
	if q.Type == "bool" {
		c.kind, c.levels = "choice", options("true", "false")
	}
	return c
}

func answerOf(a protocol.Answers, q protocol.Question) cell {
	v, ok := a[q.Name]
	if !ok {
		return cell{}
	}
	if n, ok := v.Number(); ok {
		return number(n)
	}
	return text(v.String())
}

func (x *export) consents() *table {
	t := &table{name: "consents", columns: []column{
		subjectColumn,
		{name: "at", label: "instant of consent, UTC", kind: "instant", source: "ledger"},
		{name: "version", label: "version of the information", kind: "text", source: "ledger"},
		{name: "language", label: "language of the information", kind: "code", source: "ledger"},
	}}
	x.people(func(p *study.Participant) {
		for _, c := range p.Consents {
			t.add(subject(p), instant(c.At), text(c.Version), text(string(c.Language)))
		}
	})
	return t
}

const notGiven = "not-sure: asked and does not know; declined: would rather not say; no row: not answered"

// answers has a row for every item answered at a visit.
func (x *export) answers() *table {
	t := &table{name: "answers", columns: []column{
		subjectColumn,
		{name: "visit", label: "visit", kind: "code", source: "protocol", levels: visitLevels(x.p)},
		dateColumn, dayColumn,
		{name: "instrument", label: "instrument", kind: "code", source: "protocol"},
		{name: "version", label: "version of its definition", kind: "text", source: "ledger"},
		{name: "language", label: "language it was shown in", kind: "code", source: "ledger"},
		{name: "validated", label: "shown in its licensed wording", kind: "choice", levels: options("yes", "no"), source: "ledger"},
		{name: "late", label: "after the visit's window", kind: "choice", levels: options("yes", "no"), source: "ledger"},
		{name: "item", label: "item of the instrument; items.csv has what each is", kind: "code", source: "instrument"},
		{name: "answer", label: "answer as it stands after corrections", kind: "number, text, time or choice", source: "participant", missing: notGiven},
	}}
	x.responses(func(p *study.Participant, visit, id string, r *study.Response) {
		for _, item := range slices.Sorted(maps.Keys(r.Answers)) {
			t.add(subject(p), text(visit), date(r.Answered.Date), day(p, r.Answered.Date), text(id), text(r.Answered.Version),
				text(string(r.Answered.Language)), yes(r.Answered.Validated), yes(r.Answered.Late), text(string(item)), answer(r.Answers[item]))
		}
	})
	return t
}

// scores has a row for every score of an instrument at a visit.
func (x *export) scores() *table {
	t := &table{name: "scores", columns: []column{
		subjectColumn,
		{name: "visit", label: "visit", kind: "code", source: "protocol", levels: visitLevels(x.p)},
		dateColumn, dayColumn,
		{name: "instrument", label: "instrument", kind: "code", source: "protocol"},
		{name: "score", label: "score; items.csv has what each is", kind: "code", source: "instrument"},
		{name: "value", label: "value of the score", kind: "number", source: "instrument's rule", missing: "empty: the rule allows no score; see absent"},
		{name: "absent", label: "why there is no value", kind: "choice", levels: options("too-few-answered", "part-absent", "not-defined"), source: "instrument's rule", missing: "empty: there is a value"},
		{name: "answered", label: "items answered of those it rests on", kind: "integer", source: "instrument's rule"},
		{name: "of", label: "items it rests on", kind: "integer", source: "instrument's rule"},
	}}
	x.responses(func(p *study.Participant, visit, id string, r *study.Response) {
		for _, s := range r.Scores {
			t.add(subject(p), text(visit), date(r.Answered.Date), day(p, r.Answered.Date), text(id), text(string(s.Scale)),
				some(s.Value), text(string(s.Absent)), whole(s.Answered), whole(s.Of))
		}
	})
	return t
}

// responses gives every filled-in instrument, visits in the protocol's order.
func (x *export) responses(each func(p *study.Participant, visit, id string, r *study.Response)) {
	x.people(func(p *study.Participant) {
		for _, v := range x.p.Visits {
			for _, id := range slices.Sorted(maps.Keys(p.Visits[v.ID])) {
				each(p, v.ID, id, p.Visits[v.ID][id])
			}
		}
	})
}

func visitLevels(p protocol.Protocol) []string {
	var out []string
	for _, v := range p.Visits {
		out = append(out, v.ID+"="+v.Label.In("en"))
	}
	return out
}

// answer writes an answer: numbers as numbers, the rest as words.
func answer(a instrument.Answer) cell {
	switch {
	case a.IsNotSure():
		return text("not-sure")
	case a.IsDeclined():
		return text("declined")
	}
	if s, ok := a.Text(); ok {
		return text(s)
	}
	if n, ok := a.Number(); ok {
		return number(n)
	}
	return cell{}
}

// diary has a row for every night's diary: its items, then what is derived.
func (x *export) diary() *table {
	t := &table{name: "diary", columns: []column{
		subjectColumn,
		{name: "night", label: "night, by the date of waking up", kind: "date", source: "ledger"},
		dayColumn,
		{name: "late", label: "filled in late", kind: "choice", levels: options("yes", "no"), source: "ledger"},
	}}
	var items []instrument.ItemID
	for _, id := range x.diaries() {
		if d, ok := x.instruments(instrument.ID(id), ""); ok {
			for _, v := range d.Variables() {
				if v.Role == instrument.ItemRole && !slices.Contains(items, instrument.ItemID(v.Name)) {
					items = append(items, instrument.ItemID(v.Name))
					t.columns = append(t.columns, variableColumn(v, "item_", notGivenWide))
				}
			}
		}
	}
	for _, v := range diary.Variables() {
		t.columns = append(t.columns, variableColumn(v, "", "empty: cannot be computed from the answers"))
	}
	x.people(func(p *study.Participant) {
		for _, night := range sortedDates(p.Diary) {
			r := p.Diary[night]
			row := []cell{subject(p), date(night), day(p, night), yes(r.Answered.Late)}
			for _, id := range items {
				row = append(row, answer(r.Answers[id]))
			}
			n, _ := diary.Read(night, x.zone(p), r.Answers)
			for _, m := range n.Table() {
				row = append(row, some(m.Value))
			}
			t.add(row...)
		}
	})
	return t
}

const notGivenWide = "empty: not answered; not-sure: asked and does not know; declined: would rather not say"

func variableColumn(v instrument.Variable, prefix, missing string) column {
	c := column{
		name: prefix + v.Name, label: v.Label.In("en"), kind: string(v.Kind), unit: v.Unit, min: v.Min, max: v.Max,
		better: string(v.Better), source: string(v.Instrument) + " " + v.Version, missing: missing,
	}
	if v.Role != instrument.ItemRole {
		c.kind = "number"
	}
	for _, o := range v.Codes {
		c.levels = append(c.levels, o.Code+"="+o.Text.In("en"))
	}
	return c
}

func sortedDates[V any](m map[civil.Date]V) []civil.Date {
	return slices.SortedFunc(maps.Keys(m), civil.Date.Compare)
}

// items tells what the items and scores of the other tables are.
func (x *export) items() *table {
	t := &table{name: "items", columns: []column{
		{name: "instrument", label: "instrument", kind: "code"},
		{name: "version", label: "version of its definition", kind: "text"},
		{name: "name", label: "item or score", kind: "code"},
		{name: "role", label: "item, or score", kind: "choice", levels: options("item", "score")},
		{name: "label", label: "what it is, in English", kind: "text"},
		{name: "label_sv", label: "what it is, in Swedish", kind: "text"},
		{name: "kind", label: "kind of answer", kind: "code", missing: "empty: a score"},
		{name: "unit", label: "unit", kind: "text", missing: "empty: none"},
		{name: "min", label: "least possible value", kind: "number", missing: "empty: no number"},
		{name: "max", label: "greatest possible value", kind: "number", missing: "empty: no number"},
		{name: "better", label: "which way is good, as the value stands", kind: "choice", levels: options("lower", "higher"), missing: "empty: neither"},
		{name: "reversed", label: "enters its score as min + max − value", kind: "choice", levels: options("yes", "no")},
		{name: "codes", label: "codes of the answers and what they mean", kind: "text", missing: "empty: no choice"},
		{name: "certainty", label: "how well label and direction are known", kind: "code"},
	}}
	for _, id := range x.asked() {
		d, ok := x.instruments(instrument.ID(id), "")
		if !ok {
			continue
		}
		for _, v := range d.Variables() {
			c := variableColumn(v, "", "")
			t.add(text(id), text(v.Version), text(v.Name), text(string(v.Role)), text(v.Label.EN), text(v.Label.SV), text(string(v.Kind)),
				text(v.Unit), some(v.Min), some(v.Max), text(string(v.Better)), yes(v.Reversed), text(strings.Join(c.levels, "; ")), text(string(v.Certainty)))
		}
	}
	return t
}
