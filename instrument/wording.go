package instrument

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// WordingFormat is the first field of a wording file: its grammar's version.
const WordingFormat = "dvala-wording-1"

// Wording is the validated text of one instrument in one language, supplied by
// an operator who has the right to use it. It is made by ParseWording alone.
type Wording struct {
	Format      string        `yaml:"format"`
	Instrument  ID            `yaml:"instrument"`
	Version     string        `yaml:"version"`   // of the definition it was made for
	Language    string        `yaml:"language"`  // en, sv, de, pt-BR
	Validated   bool          `yaml:"validated"` // the operator states that this is the validated text
	Licence     Grant         `yaml:"licence"`
	Instruction string        `yaml:"instruction"`
	Items       []ItemWording `yaml:"items"`

	of *Definition
}

// Grant is the operator's right to use a text.
type Grant struct {
	Holder    string `yaml:"holder"`
	Reference string `yaml:"reference"` // number of the licence, or the letter it stands in
	GrantedTo string `yaml:"granted-to"`
	Date      string `yaml:"date"`   // 2026-11-23
	Covers    string `yaml:"covers"` // the study, the languages, paper or screen
}

// ItemWording is the text of one item.
type ItemWording struct {
	ID      ItemID       `yaml:"id"`
	Text    string       `yaml:"text"`
	Better  Better       `yaml:"better"`  // which end is the better one as this text has it; must agree with the definition
	Anchors []AnchorText `yaml:"anchors"` // of a rating or a VAS
	Choices []ChoiceText `yaml:"choices"` // of a choice
}

// AnchorText is the text of one value of a rating or a VAS.
type AnchorText struct {
	At   int    `yaml:"at"`
	Text string `yaml:"text"`
}

// ChoiceText is the text of one choice.
type ChoiceText struct {
	Code string `yaml:"code"`
	Text string `yaml:"text"`
}

// ParseWording reads the text of an instrument and holds it against the
// definition: the same version, every item once, anchors within the item's
// range and at both its ends, every choice, and the same direction. All
// problems are in the error, a fault.List with lines.
func ParseWording(b []byte, d *Definition) (*Wording, error) {
	if d == nil || d.canon == nil {
		return nil, fault.New("definition-unchecked", "", "this definition did not come from Parse")
	}
	w := &Wording{of: d}
	root, l := strict(b, w)
	if l.Err() != nil {
		l.Sort()
		return nil, l
	}
	l = w.check()
	for _, p := range l {
		if p.Line == 0 {
			p.Line = lineOf(root, p.Place)
		}
	}
	l.Sort()
	if err := l.Err(); err != nil {
		return nil, err
	}
	return w, nil
}

var langForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Z]{2})?$`)

func (w *Wording) check() fault.List {
	var l fault.List
	d := w.of
	if w.Format != WordingFormat {
		l.Addf("format", "format", "%q is not a format this program reads", w.Format).WithHint("format: %s", WordingFormat)
	}
	if w.Instrument != d.ID || w.Version != d.Version {
		l.Addf("wording-of", "instrument", "this is for %s version %s, and not for %s version %s", w.Instrument, w.Version, d.ID, d.Version)
	}
	if !langForm.MatchString(w.Language) {
		l.Addf("wording-language", "language", "%q is not a language", w.Language).WithHint("as in en, sv or pt-BR")
	}
	for _, f := range []struct{ name, value string }{
		{"holder", w.Licence.Holder}, {"reference", w.Licence.Reference}, {"granted-to", w.Licence.GrantedTo}, {"covers", w.Licence.Covers},
	} {
		if strings.TrimSpace(f.value) == "" {
			l.Addf("wording-licence", "licence."+f.name, "missing").WithHint("the text belongs to somebody: say who allowed whom to use it, and for what")
		}
	}
	if _, err := civil.ParseDate(w.Licence.Date); err != nil {
		l.Addf("wording-licence", "licence.date", "%q is not a date", w.Licence.Date).WithHint("as in %s", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Format("2006-01-02"))
	}
	seen := map[ItemID]bool{}
	for i := range w.Items {
		w.checkItem(&w.Items[i], "items["+strconv.Itoa(i)+"]", seen, &l)
	}
	for i := range d.Items {
		if id := d.Items[i].ID; !seen[id] {
			l.Addf("wording-item", "items", "no text for %s", id)
		}
	}
	return l
}

func (w *Wording) checkItem(x *ItemWording, place string, seen map[ItemID]bool, l *fault.List) {
	it, ok := w.of.Item(x.ID)
	switch {
	case !ok:
		l.Addf("item-unknown", place+".id", "%s has no item %q", w.of.ID, x.ID)
		return
	case seen[x.ID]:
		l.Addf("id-twice", place+".id", "%s has its text already", x.ID)
	}
	seen[x.ID] = true
	if strings.TrimSpace(x.Text) == "" {
		l.Addf("wording-item", place+".text", "the text is missing")
	}
	if x.Better != it.Better && (x.Better != NoBetter || it.Kind == VAS) {
		l.Addf("wording-polarity", place+".better", "the text says better is %q, and the definition %q", x.Better, it.Better).
			WithHint("a form printed the other way round needs a definition with that item reversed")
	}
	ends := map[int]bool{}
	for i, a := range x.Anchors {
		at := fmt.Sprintf("%s.anchors[%d]", place, i)
		if it.Kind != Rating && it.Kind != VAS && it.Kind != Adjective || a.At < it.Min || a.At > it.Max || ends[a.At] {
			l.Addf("item-anchors", at+".at", "%d is no value of %s, or is there twice", a.At, it.ID)
		}
		ends[a.At] = true
		if strings.TrimSpace(a.Text) == "" {
			l.Addf("wording-item", at+".text", "the text is missing")
		}
	}
	switch it.Kind {
	case Rating, VAS, Adjective:
		if !ends[it.Min] || !ends[it.Max] {
			l.Addf("wording-anchors", place+".anchors", "texts for %d and %d are needed at least", it.Min, it.Max)
		}
	case Choice:
		w.checkChoices(x, it, place, l)
	}
}

func (w *Wording) checkChoices(x *ItemWording, it *Item, place string, l *fault.List) {
	said := map[string]bool{}
	for i, c := range x.Choices {
		if !it.hasChoice(c.Code) || said[c.Code] || strings.TrimSpace(c.Text) == "" {
			l.Addf("item-choices", fmt.Sprintf("%s.choices[%d]", place, i), "%q is no choice of %s, is there twice, or has no text", c.Code, it.ID)
		}
		said[c.Code] = true
	}
	for _, o := range it.Choices {
		if !said[o.Code] {
			l.Addf("item-choices", place+".choices", "no text for %s", o.Code)
		}
	}
}
