package instrument

import "fmt"

const (
	mostItems = 500
	widest    = 1_000_000
)

func (c *checker) itemList() {
	d := c.d
	d.items = make(map[ItemID]int, len(d.Items))
	if len(d.Items) == 0 || len(d.Items) > mostItems {
		c.bad("items", "items", "%d items, and 1 to %d are allowed", len(d.Items), mostItems)
	}
	for i := range d.Items {
		it, place := &d.Items[i], fmt.Sprintf("items[%d]", i)
		c.name(string(it.ID), place+".id")
		if first, twice := d.items[it.ID]; twice {
			c.bad("id-twice", place+".id", "%s is item %d already", it.ID, first+1)
			continue
		}
		c.item(it, place)
		d.items[it.ID] = i
	}
}

func (c *checker) item(it *Item, place string) {
	c.text(it.Topic, place+".topic", true)
	c.text(it.Question, place+".question", false)
	c.better(it.Better, place+".better")
	c.basis(it.Basis, place+".basis")
	switch it.Kind {
	case Rating, Adjective, VAS, Minutes, Count:
		c.bounds(it, place)
	case FreeText:
		if it.Min != 0 || it.Max < 1 || it.Max > longestText {
			c.bad("item-bounds", place+".max", "words need a greatest length of 1 to %d", longestText)
		}
	case Clock, YesNo, Choice:
		if it.Min != 0 || it.Max != 0 {
			c.bad("item-bounds", place, "an item of kind %s has no min and max", it.Kind)
		}
	default:
		c.bad("item-kind", place+".kind", "%q is not a kind of item", it.Kind).
			WithHint("rating, adjective, vas, clock, minutes, count, yes-no, choice or text")
		return
	}
	if it.Kind == Adjective && c.d.Words != LicensedWords {
		c.bad("item-kind", place+".kind", "an adjective is nothing without its word").WithHint("words: licensed, at the top")
	}
	if it.Reverse && !it.numeric() {
		c.bad("item-reverse", place+".reverse", "an item of kind %s cannot be reversed", it.Kind)
	}
	c.anchors(it, place)
	c.choices(it, place)
	if it.AskIf != nil {
		c.askIf(it, place)
	}
}

// numeric says whether answers of the item are numbers between Min and Max.
func (it *Item) numeric() bool {
	switch it.Kind {
	case Rating, Adjective, VAS, Minutes, Count:
		return true
	}
	return false
}

func (c *checker) bounds(it *Item, place string) {
	if it.Min >= it.Max || it.Min < -widest || it.Max > widest {
		c.bad("item-bounds", place, "from %d to %d is no range of answers", it.Min, it.Max).WithHint("give min and max, min the lesser")
	}
	if (it.Kind == Minutes || it.Kind == Count) && it.Min < 0 {
		c.bad("item-bounds", place+".min", "fewer than none")
	}
	if it.Start != nil && (it.Kind != VAS || *it.Start < it.Min || *it.Start > it.Max) {
		c.bad("item-start", place+".start", "only a vas has a start, and it lies between min and max")
	}
}

func (c *checker) anchors(it *Item, place string) {
	if len(it.Anchors) > 0 && it.Kind != Rating && it.Kind != VAS && it.Kind != Adjective {
		c.bad("item-anchors", place+".anchors", "an item of kind %s has no anchors", it.Kind)
		return
	}
	last := it.Min - 1
	for i, a := range it.Anchors {
		at := fmt.Sprintf("%s.anchors[%d]", place, i)
		if a.At <= last || a.At > it.Max {
			c.bad("item-anchors", at+".at", "%d does not come after %d and before %d", a.At, last, it.Max+1).WithHint("anchors rise from min to max")
		}
		last = a.At
		c.text(a.Text, at+".text", true)
	}
}

func (c *checker) choices(it *Item, place string) {
	if it.Kind != Choice {
		if len(it.Choices) > 0 {
			c.bad("item-choices", place+".choices", "an item of kind %s has no choices", it.Kind)
		}
		return
	}
	if len(it.Choices) < 2 {
		c.bad("item-choices", place+".choices", "a choice needs two at least")
	}
	seen := map[string]bool{}
	for i, o := range it.Choices {
		at := fmt.Sprintf("%s.choices[%d]", place, i)
		c.name(o.Code, at+".code")
		c.text(o.Text, at+".text", true)
		if seen[o.Code] {
			c.bad("id-twice", at+".code", "%s is a choice already", o.Code)
		}
		seen[o.Code] = true
	}
}

func (c *checker) askIf(it *Item, place string) {
	before, ok := c.d.Item(it.AskIf.Item)
	switch {
	case !ok:
		c.bad("ask-if", place+".ask-if.item", "%q is no earlier item", it.AskIf.Item)
	case before.Kind != YesNo && !before.numeric():
		c.bad("ask-if", place+".ask-if.item", "%s takes neither a number nor yes or no", before.ID)
	case before.Kind == YesNo && it.AskIf.AtLeast != 1,
		before.numeric() && (it.AskIf.AtLeast <= float64(before.Min) || it.AskIf.AtLeast > float64(before.Max)):
		c.bad("ask-if", place+".ask-if.at-least", "every answer to %s meets this, or none", before.ID).WithHint("yes counts as 1")
	}
}
