package ui

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// field is one thing that a form asks.
type field struct {
	Name    string // in the command's data: "severity", "answers.age"
	Label   string // in the reader's language
	Hint    string
	Kind    fieldKind
	Options []option // of a choice
	Unit    string
	Min     string
	Max     string
	Need    bool           // may not be left empty
	Fixed   bool           // known already, and sent along
	Told    bool           // and only told, not sent
	Zone    *time.Location // of a moment
	Value   string
	Said    string // a fixed value in words; empty: as it is
	Lang    string // of the label and its options, where it is not the reader's
	Unsure  string // not-sure, declined, or empty: what was said instead of an answer
	CanSkip bool   // it may be answered by not being sure, or by not saying
	Problem string
	file    json.RawMessage // the reference to what was brought into a file field
}

type fieldKind string

const (
	textField    fieldKind = "text"
	areaField    fieldKind = "area"
	dateField    fieldKind = "date"
	clockField   fieldKind = "clock"
	numberField  fieldKind = "number"
	choiceField  fieldKind = "choice" // one of a few, all in sight
	listField    fieldKind = "list"   // one of many
	yesNoField   fieldKind = "yes-no"
	tickField    fieldKind = "tick"
	wordsField   fieldKind = "words"   // several words, with spaces or on lines
	severalField fieldKind = "several" // any number of a few
	optionField  fieldKind = "option"  // the number of an option of a comprehension question
	momentField  fieldKind = "moment"  // a date and a time
	fileField    fieldKind = "file"    // a file, stored when it has come
	entryField   fieldKind = "entry"   // one entry of a few, by what it tells
)

// option is one answer of a choice.
type option struct{ Value, Text string }

// read takes what was typed into the field and gives it as JSON; nothing for
// what was left empty.
func (f *field) read(form url.Values) (json.RawMessage, *fault.Problem) {
	f.Value = strings.TrimSpace(strings.Join(form[f.Name], " "))
	if f.CanSkip {
		if f.Unsure = form.Get("unsure." + f.Name); f.Unsure == "not-sure" || f.Unsure == "declined" {
			return json.RawMessage(`{"none":"` + f.Unsure + `"}`), nil
		}
	}
	if f.Kind == fileField {
		if f.file == nil && f.Problem == "" {
			return nil, fault.New("field-missing", f.Name, "this is needed")
		}
		return f.file, nil
	}
	if f.Kind == tickField {
		return json.RawMessage(strconv.FormatBool(f.Value == "yes")), nil
	}
	if f.Value == "" {
		if f.Need {
			return nil, fault.New("field-missing", f.Name, "this is needed")
		}
		return nil, nil
	}
	switch f.Kind {
	case wordsField, severalField:
		return wordsOf(f.Value), nil
	case optionField:
		return json.RawMessage(`{"option":` + strconv.Itoa(placeOf(f.Options, f.Value)) + `,"tries":1}`), nil
	case momentField:
		t, err := time.ParseInLocation(momentForm, f.Value, f.Zone)
		if err != nil {
			return nil, fault.New("date-form", f.Name, "%q is not a date and a time", f.Value)
		}
		return jsonOf(t.UTC().Format(time.RFC3339)), nil
	case numberField, entryField:
		return f.readNumber()
	case yesNoField:
		return json.RawMessage(strconv.FormatBool(f.Value == "yes")), nil
	case dateField:
		if _, err := civil.ParseDate(f.Value); err != nil {
			return nil, fault.New("date-form", f.Name, "%q is not a date", f.Value).WithHint("as in 2026-11-24")
		}
	case clockField:
		c, err := civil.ParseClock(strings.ReplaceAll(f.Value, ".", ":"))
		if err != nil {
			return nil, fault.New("clock-form", f.Name, "%q is not a time of day", f.Value).WithHint("as in 23:30")
		}
		return jsonOf(c.String()), nil
	}
	return jsonOf(f.Value), nil
}

// readNumber takes a number with a point or a comma. Its bounds are the study's
// to judge; the form only shows them.
func (f *field) readNumber() (json.RawMessage, *fault.Problem) {
	plain := strings.NewReplacer(",", ".", " ", "", "\u00a0", "", "−", "-").Replace(f.Value)
	x, err := strconv.ParseFloat(plain, 64)
	if err != nil || x != x || x > 1e15 || x < -1e15 {
		return nil, fault.New("number-form", f.Name, "%q is not a number", f.Value)
	}
	return json.RawMessage(strconv.FormatFloat(x, 'f', -1, 64)), nil
}

// placeOf is the place of an answer among its options.
func placeOf(options []option, value string) int {
	return slices.IndexFunc(options, func(o option) bool { return o.Value == value })
}

// momentForm is how a browser gives a date and a time.
const momentForm = "2006-01-02T15:04"

// wordsOf writes the words of a text as a JSON array.
func wordsOf(s string) json.RawMessage {
	b, err := json.Marshal(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == ',' || r == ';' }))
	if err != nil { // texts have always a form in JSON
		return json.RawMessage("[]")
	}
	return b
}

// Has says whether a word is among those of the value.
func (f field) Has(word string) bool { return slices.Contains(strings.Fields(f.Value), word) }

// jsonOf writes a text as JSON.
func jsonOf(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil { // a string has always a form in JSON
		return json.RawMessage(`""`)
	}
	return b
}

// data reads all fields of a form into the data of a command: members by the
// fields' names, those with a point one level down.
func data(fields []field, form url.Values) (json.RawMessage, fault.List) {
	var problems fault.List
	top := map[string]any{}
	for i := range fields {
		f := &fields[i]
		if f.Told {
			continue
		}
		raw, p := f.read(form)
		if p != nil {
			problems.Add(p)
			continue
		}
		head, item, inner := strings.Cut(f.Name, ".")
		if inner {
			of, ok := top[head].(map[string]json.RawMessage)
			if !ok {
				of = map[string]json.RawMessage{}
				top[head] = of
			}
			if raw != nil {
				of[item] = raw
			}
			continue
		}
		if raw != nil {
			top[head] = raw
		}
	}
	b, err := json.Marshal(top)
	if err != nil {
		problems.Merge("form", "", err)
	}
	return b, problems
}
