package protocol

import (
	"strings"

	"dvala/fault"
	"dvala/instrument"
)

// QueryRule raises a query by itself when a filled-in instrument makes it true.
type QueryRule struct {
	ID         string `yaml:"id" json:"id" rule:"required;form=id"`
	Instrument string `yaml:"instrument" json:"instrument" rule:"required"` // asked at a visit, or the diary
	Rule       string `yaml:"rule" json:"rule" rule:"required"`             // a CEL expression over the items, hyphens written as underscores
	Show       Text   `yaml:"show" json:"show" rule:"required"`             // what is asked
}

// asked is a query rule ready to run.
type asked struct {
	compiled
	instrument instrument.ID
	show       Text
	items      map[string]*instrument.Item // by the name in the rule
}

// itemQuestions tells an instrument's items to CEL: numbers, minutes and ratings
// as numbers, clock times as minutes after midnight, yes as 1 and no as 0, and
// choices by their codes. Words of a person's own are not asked about.
func itemQuestions(d *instrument.Definition) ([]Question, map[string]*instrument.Item) {
	var out []Question
	of := map[string]*instrument.Item{}
	for i := range d.Items {
		it := &d.Items[i]
		q := Question{Name: strings.ReplaceAll(string(it.ID), "-", "_"), Type: "number"}
		switch it.Kind {
		case instrument.FreeText:
			continue
		case instrument.Choice:
			q.Type = "choice"
			for _, c := range it.Choices {
				q.Levels = append(q.Levels, c.Code)
			}
		}
		of[q.Name] = it
		out = append(out, q)
	}
	return out, of
}

// queries compiles the query rules.
func (k *checker) queries() {
	var ids []string
	for i, q := range k.p.Queries {
		place := at("queries", i)
		ids = append(ids, q.ID)
		d, ok := k.instrument(q.Instrument, place+".instrument")
		if !ok || q.Rule == "" {
			continue
		}
		questions, items := itemQuestions(d)
		env, err := environment(questions)
		if err != nil {
			k.add("query-rule", place+".rule", "the items of %s cannot be told to a rule: %v", d.ID, err)
			continue
		}
		ready, wrong := compile(env, Criterion{ID: q.ID, Rule: q.Rule}, questions, func(name string) *fault.Problem {
			return fault.New("query-rule", "", "the rule uses %q, which is no item of %s", name, d.ID)
		})
		for _, p := range wrong {
			k.add("query-rule", place+".rule", "%s", p.Message).Hint = p.Hint
		}
		if len(wrong) == 0 {
			k.checked.queries = append(k.checked.queries, asked{ready, d.ID, q.Show, items})
		}
	}
	k.unique("queries", "id", ids)
}

// Doubts gives the query rules that are true of a filled-in instrument, as
// problems whose code is the rule's ID and whose place is one of the items that
// it uses. A rule that uses an item without a value says nothing.
func (c Checked) Doubts(id instrument.ID, answers instrument.Answers, lang Language) []*fault.Problem {
	var out []*fault.Problem
	for _, q := range c.c.queries {
		if q.instrument != id {
			continue
		}
		in := map[string]any{}
		whole := len(q.uses) > 0
		for _, name := range q.uses {
			v, ok := nativeAnswer(q.items[name], answers)
			if !ok {
				whole = false
				break
			}
			in[name] = v
		}
		if !whole {
			continue
		}
		if got, _, err := q.program.Eval(in); err == nil && got.Value() == true {
			out = append(out, fault.New(fault.Code(q.ID), string(q.items[q.uses[0]].ID), "%s", q.show.In(lang)))
		}
	}
	return out
}

func nativeAnswer(it *instrument.Item, answers instrument.Answers) (any, bool) {
	a := answers[it.ID]
	switch it.Kind {
	case instrument.Choice:
		return a.Text()
	case instrument.Clock:
		c, ok := a.Clock()
		return float64(c), ok
	}
	return a.Number()
}
