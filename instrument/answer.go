package instrument

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"dvala/civil"
	"dvala/fault"
)

// Answers are what one person said to one instrument at one time. An item that
// is not in the map was not answered. The JSON form keeps the items in order of
// their names, so the same answers are the same bytes.
type Answers map[ItemID]Answer

// Answer is one answer: a number, words, yes or no; or that the person is not
// sure; or that she would rather not say. In JSON
//
//	3   12.5   "23:30"   "outdoors"   true   {"none":"not-sure"}   {"none":"declined"}
//
// A time of day and a choice are words that Check holds against the item. The
// zero Answer is no answer and is refused.
type Answer struct {
	form form
	num  float64
	text string
}

type form uint8

const (
	formNone form = iota
	formNumber
	formText
	formYes
	formNo
	formNotSure
	formDeclined
)

// longestText is the most characters any answer may have.
const longestText = 4000

// Number is a rating, a VAS mark, minutes or a count.
func Number(x float64) Answer { return Answer{form: formNumber, num: x} }

// At is a time of day.
func At(c civil.Clock) Answer { return Answer{form: formText, text: c.String()} }

// Said is the code of a choice, or free text.
func Said(s string) Answer { return Answer{form: formText, text: s} }

// Bool is yes or no.
func Bool(yes bool) Answer {
	if yes {
		return Answer{form: formYes}
	}
	return Answer{form: formNo}
}

// NotSure says that the person was asked and does not know.
func NotSure() Answer { return Answer{form: formNotSure} }

// Declined says that the person was asked and would rather not say.
func Declined() Answer { return Answer{form: formDeclined} }

// Given says whether the answer holds a value.
func (a Answer) Given() bool { return a.form >= formNumber && a.form <= formNo }

// IsNotSure says whether the person does not know.
func (a Answer) IsNotSure() bool { return a.form == formNotSure }

// IsDeclined says whether the person would rather not say.
func (a Answer) IsDeclined() bool { return a.form == formDeclined }

// Number gives a number as answered; yes is 1 and no is 0.
func (a Answer) Number() (float64, bool) {
	switch a.form {
	case formNumber:
		return a.num, true
	case formYes:
		return 1, true
	case formNo:
		return 0, true
	}
	return 0, false
}

// Text gives words as answered: free text, the code of a choice, a time.
func (a Answer) Text() (string, bool) { return a.text, a.form == formText }

// Clock gives a time of day.
func (a Answer) Clock() (civil.Clock, bool) {
	if a.form != formText {
		return 0, false
	}
	c, err := civil.ParseClock(a.text)
	return c, err == nil
}

// MarshalJSON writes the form that the type's comment shows.
func (a Answer) MarshalJSON() ([]byte, error) {
	switch a.form {
	case formNumber:
		return json.Marshal(a.num)
	case formText:
		return json.Marshal(a.text)
	case formYes:
		return []byte("true"), nil
	case formNo:
		return []byte("false"), nil
	case formNotSure:
		return []byte(`{"none":"not-sure"}`), nil
	case formDeclined:
		return []byte(`{"none":"declined"}`), nil
	}
	return nil, fault.New("answer-empty", "", "an answer without a value cannot be written").
		WithHint("leave the item out, or say not sure or declined")
}

// UnmarshalJSON reads what MarshalJSON writes, and nothing else.
func (a *Answer) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	bad := func() error {
		return fault.New("answer-form", "", "%s is not an answer", clip(b)).
			WithHint(`an answer is a number, words, true, false, {"none":"not-sure"} or {"none":"declined"}`)
	}
	if len(b) == 0 {
		return bad()
	}
	switch {
	case b[0] == '"':
		var s string
		if json.Unmarshal(b, &s) != nil || utf8.RuneCountInString(s) > longestText {
			return bad()
		}
		*a = Said(s)
	case bytes.Equal(b, []byte("true")), bytes.Equal(b, []byte("false")):
		*a = Bool(b[0] == 't')
	case b[0] == '{':
		var none map[string]string
		if json.Unmarshal(b, &none) != nil || len(none) != 1 {
			return bad()
		}
		switch none["none"] {
		case "not-sure":
			*a = NotSure()
		case "declined":
			*a = Declined()
		default:
			return bad()
		}
	default:
		var x float64
		if bytes.Equal(b, []byte("null")) || json.Unmarshal(b, &x) != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return bad()
		}
		*a = Number(x)
	}
	return nil
}

func clip(b []byte) string {
	const most = 40
	if len(b) > most {
		return string(bytes.ToValidUTF8(b[:most], nil)) + "…"
	}
	return string(bytes.ToValidUTF8(b, nil))
}

func sortedIDs(a Answers) []ItemID { return slices.Sorted(maps.Keys(a)) }
