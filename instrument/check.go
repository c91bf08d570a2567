package instrument

import (
	"math"

	"dvala/fault"
)

// Check says what in a set of answers does not fit the instrument: an item it
// does not have, a number outside its bounds, words where a number belongs. An
// answer to an item that was not to be asked (AskIf) is a warning and is kept.
// An empty list means that all is well; unanswered items are no problem here
// (see Unanswered).
func (d *Definition) Check(a Answers) fault.List {
	var l fault.List
	for _, id := range sortedIDs(a) {
		it, ok := d.Item(id)
		if !ok {
			l.Addf("item-unknown", string(id), "%s has no such item", d.ID)
			continue
		}
		if p := it.check(a[id]); p != nil {
			l.Add(p)
			continue
		}
		if it.AskIf != nil && a[id].Given() && !it.AskIf.met(a) {
			l.Addf("item-not-asked", string(id), "answered, though the answer to %s says it was not to be asked", it.AskIf.Item).AsWarning()
		}
	}
	return l
}

// Unanswered gives the items that were to be asked and have no answer of any
// sort: not the optional ones, and not those answered with "not sure" or
// "declined".
func (d *Definition) Unanswered(a Answers) []ItemID {
	var out []ItemID
	for i := range d.Items {
		it := &d.Items[i]
		if _, ok := a[it.ID]; !ok && !it.Optional && (it.AskIf == nil || it.AskIf.met(a)) {
			out = append(out, it.ID)
		}
	}
	return out
}

// met says whether the earlier answer asks for this item.
func (c *AskIf) met(a Answers) bool {
	x, ok := a[c.Item].Number()
	return ok && x >= c.AtLeast
}

func (it *Item) check(a Answer) *fault.Problem {
	place := string(it.ID)
	if a.IsNotSure() || a.IsDeclined() {
		return nil
	}
	if !a.Given() {
		return fault.New("answer-empty", place, "an answer without a value").WithHint("leave the item out, or say not sure or declined")
	}
	switch it.Kind {
	case YesNo:
		if a.form != formYes && a.form != formNo {
			return fault.New("answer-kind", place, "yes or no is asked for")
		}
	case Clock:
		if _, ok := a.Clock(); !ok {
			return fault.New("answer-kind", place, "a time of day is asked for").WithHint("as in 23:30")
		}
	case Choice:
		s, _ := a.Text()
		if a.form == formText && it.hasChoice(s) {
			return nil
		}
		return fault.New("answer-choice", place, "one of the item's choices is asked for")
	case FreeText:
		s, ok := a.Text()
		if !ok {
			return fault.New("answer-kind", place, "words are asked for")
		}
		if n := len([]rune(s)); n > it.Max {
			return fault.New("answer-long", place, "%d characters, and %d is the most", n, it.Max)
		}
	default:
		return it.checkNumber(a, place)
	}
	return nil
}

func (it *Item) checkNumber(a Answer, place string) *fault.Problem {
	if a.form != formNumber {
		return fault.New("answer-kind", place, "a number is asked for")
	}
	if it.Kind != VAS && a.num != math.Trunc(a.num) {
		return fault.New("answer-fraction", place, "%v is not a whole number", a.num)
	}
	// Written so that a NaN is refused too.
	if !(a.num >= float64(it.Min) && a.num <= float64(it.Max)) {
		return fault.New("answer-range", place, "%v is not between %d and %d", a.num, it.Min, it.Max)
	}
	return nil
}

func (it *Item) hasChoice(code string) bool {
	for _, c := range it.Choices {
		if c.Code == code {
			return true
		}
	}
	return false
}
