package protocol

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"

	"dvala/fault"
)

// Value is one screening answer: a number, a yes or no, or a choice. A Value
// alone is not checked; ParseAnswers, Eligible and CellOf hold it against its
// question.
type Value struct {
	kind valueKind
	num  float64
	yes  bool
	text string
}

type valueKind uint8

const (
	noValue valueKind = iota
	numberValue
	boolValue
	choiceValue
)

// Int is a whole-number answer.
func Int(x int) Value { return Number(float64(x)) }

// Number is a number answer.
func Number(x float64) Value { return Value{kind: numberValue, num: x} }

// Bool is a yes or a no.
func Bool(yes bool) Value { return Value{kind: boolValue, yes: yes} }

// Choice is one of a question's levels.
func Choice(level string) Value { return Value{kind: choiceValue, text: level} }

// Number gives an int or a number answer as a number.
func (v Value) Number() (float64, bool) { return v.num, v.kind == numberValue }

// Bool gives a yes or no.
func (v Value) Bool() (yes, ok bool) { return v.yes, v.kind == boolValue }

// Choice gives a chosen level.
func (v Value) Choice() (string, bool) { return v.text, v.kind == choiceValue }

// String gives the answer as ParseAnswers reads it: 41, 24.5, true, female.
func (v Value) String() string {
	switch v.kind {
	case numberValue:
		return strconv.FormatFloat(v.num, 'f', -1, 64)
	case boolValue:
		return strconv.FormatBool(v.yes)
	}
	return v.text
}

// MarshalJSON writes 41, 24.5, true or "female".
func (v Value) MarshalJSON() ([]byte, error) {
	if v.kind == numberValue || v.kind == boolValue {
		return []byte(v.String()), nil
	}
	return json.Marshal(v.text)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(b []byte) error {
	s := string(b)
	switch {
	case s == "true" || s == "false":
		*v = Bool(s == "true")
	case len(s) > 0 && s[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return fault.Wrap("answer-form", "", err)
		}
		*v = Choice(s)
	case decimal.MatchString(s):
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return fault.Wrap("answer-form", "", err)
		}
		*v = Number(x + 0)
	default:
		return fault.New("answer-form", "", "%s is no screening answer", clip(s)).WithHint("write a number, true, false or a text in quotes")
	}
	return nil
}

// Answers are a person's screening answers by question name.
type Answers map[string]Value

// Texts gives the answers as ParseAnswers reads them, for keeping.
func (a Answers) Texts() map[string]string {
	out := make(map[string]string, len(a))
	for k, v := range a {
		out[k] = v.String()
	}
	return out
}

// ParseAnswers reads screening answers as they come from a form or a ledger:
// every question answered that is asked of her, each in its question's type and
// bounds, nothing else there. A no to a question that is not asked is left out: it
// says nothing. All problems are told at once.
func (c Checked) ParseAnswers(texts map[string]string) (Answers, fault.List) {
	var l fault.List
	out := make(Answers, len(texts))
	known := make([]string, 0, len(texts))
	for _, q := range c.c.p.Population.Screening {
		known = append(known, q.Name)
		s, ok := texts[q.Name]
		if q.AskIf != "" && !c.Asks(q, out) {
			if s != "" && s != "false" {
				l.Addf("answer-not-asked", q.Name, "by the answers before, the question is not asked of her")
			}
			continue
		}
		if !ok || s == "" {
			l.Addf("answer-missing", q.Name, "the question has no answer")
			continue
		}
		v, problem := q.Parse(s)
		if problem != nil {
			l.Add(problem)
			continue
		}
		out[q.Name] = v
	}
	var unknown []string
	for k := range texts {
		if !slices.Contains(known, k) {
			unknown = append(unknown, k)
		}
	}
	slices.Sort(unknown)
	for _, k := range unknown {
		p := l.Addf("answer-unknown", clip(k), "the protocol asks no such question")
		if near := nearest(k, known); near != "" {
			p.WithHint("did you mean %s?", near)
		}
	}
	if len(l) > 0 {
		return nil, l
	}
	return out, nil
}

// Parse reads one answer to the question.
func (q Question) Parse(s string) (Value, *fault.Problem) {
	switch q.Type {
	case "bool":
		if s != "true" && s != "false" {
			return Value{}, fault.New("answer-form", q.Name, "%q is not true or false", clip(s))
		}
		return Bool(s == "true"), nil
	case "choice":
		if !slices.Contains(q.Levels, s) {
			return Value{}, fault.New("answer-level", q.Name, "%q is not one of the choices", clip(s))
		}
		return Choice(s), nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !decimal.MatchString(s) {
		return Value{}, fault.New("answer-form", q.Name, "%q is not a number", clip(s)).WithHint("write digits, with a point for decimals")
	}
	v := Number(x + 0)
	return v, q.fits(v)
}

var kindOf = map[string]valueKind{"int": numberValue, "number": numberValue, "bool": boolValue, "choice": choiceValue}

// fits says whether a value is of the question's type and within its bounds.
func (q Question) fits(v Value) *fault.Problem {
	switch {
	case v.kind != kindOf[q.Type]:
		return fault.New("answer-form", q.Name, "%q is not of the type %s", clip(v.String()), q.Type)
	case q.Type == "int" && (v.num != math.Trunc(v.num) || math.Abs(v.num) > 1e15):
		return fault.New("answer-form", q.Name, "%s is not a whole number", v.String())
	case q.Type == "choice" && !slices.Contains(q.Levels, v.text):
		return fault.New("answer-level", q.Name, "%q is not one of the choices", clip(v.text))
	case q.Min != nil && v.num < *q.Min, q.Max != nil && v.num > *q.Max:
		return fault.New("answer-range", q.Name, "%s is outside what can be answered", v.String()).
			WithHint("it lies in %s", rule{min: q.Min, max: q.Max}.span())
	}
	return nil
}
