package person

import (
	"strconv"
	"strings"

	"dvala/fault"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// scored gives the instrument whose score answers a screening question, where the
// protocol names one and there are words to ask it with.
func (p *Pages) scored(v *visit, s *study.State, q protocol.Question) (*instrument.Definition, bool) {
	if q.Scored == nil {
		return nil, false
	}
	d, ok := s.Instrument(instrument.ID(q.Scored.Instrument), "")
	if !ok || !p.answerable(d, v.lang) {
		return nil, false
	}
	return d, true
}

// readScreening reads what a person says of herself before she is let in: question
// by question, since whether one is asked may hang on those before.
func (p *Pages) readScreening(v *visit, s *study.State) (protocol.Answers, fault.List) {
	checked := screenedBy(s, v.now)
	texts, said := map[string]string{}, protocol.Answers{}
	var wrong fault.List
	for _, q := range checked.Protocol().Population.Screening {
		if !checked.Asks(q, said) {
			continue // what stood there was not meant
		}
		text := strings.Replace(strings.TrimSpace(v.form.Get("q."+q.Name)), ",", ".", 1)
		if d, ok := p.scored(v, s, q); ok {
			var l fault.List
			text, l = scoreOf(d, q, v)
			for _, problem := range l {
				wrong.Add(problem)
			}
		}
		texts[q.Name] = text
		if a, problem := q.Parse(text); problem == nil {
			said[q.Name] = a
		}
	}
	answers, problems := checked.ParseAnswers(texts)
	for _, problem := range problems {
		wrong.Add(problem)
	}
	return answers, wrong
}

// scoreOf sums an instrument's answers to the score that a question asks for, and
// points to the items that are wanting.
func scoreOf(d *instrument.Definition, q protocol.Question, v *visit) (string, fault.List) {
	answers, l := readForm(d, v.form)
	if l.Err() != nil {
		return "", l
	}
	scores, err := instrument.Score(d, answers)
	if err != nil {
		l.Merge("answer-form", q.Name, err)
		return "", l
	}
	x, ok := scores.Value(instrument.ScaleID(q.Scored.Score))
	if !ok {
		for i := range d.Items {
			if it := &d.Items[i]; !it.Optional && it.AskIf == nil {
				if _, said := answers[it.ID]; !said {
					l.Addf("answer-missing", string(it.ID), "the score wants this item")
				}
			}
		}
		return "", l
	}
	return strconv.FormatFloat(x, 'f', -1, 64), l
}
