package instrument

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"

	"dvala/fault"
)

// Format is the first field of a definition file: its grammar's version.
const Format = "dvala-instrument-1"

// Parse reads a definition and checks it. All problems are in the error, a
// fault.List, each with its line and place.
func Parse(b []byte) (*Definition, error) {
	d := new(Definition)
	root, l := strict(b, d)
	if l.Err() != nil {
		l.Sort()
		return nil, l
	}
	c := checker{d: d}
	c.definition()
	for _, p := range c.l {
		if p.Line == 0 {
			p.Line = lineOf(root, p.Place)
		}
	}
	c.l.Sort()
	if err := c.l.Err(); err != nil {
		return nil, err
	}
	canon, err := canonical(d)
	if err != nil {
		return nil, fault.Wrap("definition-canonical", "", err)
	}
	d.canon = canon
	return d, nil
}

// canonical writes a definition as JSON in the order of its fields, without
// spaces and without a line at the end. Parse reads it back to the same bytes.
func canonical(d *Definition) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// Canonical gives the bytes that stand for this definition: the same for every
// file that says the same. A copy.
func (d *Definition) Canonical() []byte { return bytes.Clone(d.canon) }

// SHA256 gives the digest of the canonical bytes in hexadecimal.
func (d *Definition) SHA256() string {
	sum := sha256.Sum256(d.canon)
	return hex.EncodeToString(sum[:])
}

// UnmarshalJSON goes through Parse, so that no definition is made unchecked.
func (d *Definition) UnmarshalJSON(b []byte) error {
	p, err := Parse(b)
	if err != nil {
		return err
	}
	*d = *p
	return nil
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,47}$`)

// checker collects what is wrong with a definition that has the right fields.
type checker struct {
	d *Definition
	l fault.List
}

func (c *checker) bad(code fault.Code, place, format string, args ...any) *fault.Problem {
	return c.l.Addf(code, place, format, args...)
}

func (c *checker) name(s, place string) {
	if !nameForm.MatchString(s) {
		c.bad("name-form", place, "%q is not a name", s).WithHint("lower-case letters, digits and hyphens, a letter first, 48 at most")
	}
}

func (c *checker) text(t Text, place string, need bool) {
	if t.EN == "" && (need || t.SV != "") {
		c.bad("text-missing", place, "the English text is missing").WithHint("give en, and sv beside it where there is Swedish")
	}
}

func (c *checker) basis(b Basis, place string) {
	switch b.Certainty {
	case Read, Secondary:
		if b.Source == "" {
			c.bad("basis-source", place, "a fact that was read needs its source").WithHint("source: where it was read")
		}
	case Derived, Unchecked, NotFound, Ours:
	default:
		c.bad("basis-certainty", place, "%q is not a certainty", b.Certainty).
			WithHint("one of read, secondary, derived, unchecked, not-found, ours")
	}
}

func (c *checker) better(b Better, place string) {
	if b != NoBetter && b != LowerBetter && b != HigherBetter {
		c.bad("better", place, "%q is not a direction", b).WithHint("lower or higher, or leave it out")
	}
}

func (c *checker) definition() {
	d := c.d
	if d.Format != Format {
		c.bad("format", "format", "%q is not a format this program reads", d.Format).WithHint("format: %s", Format)
	}
	c.name(string(d.ID), "id")
	if d.Version == "" {
		c.bad("version", "version", "the version is missing").WithHint(`version: "1"`)
	}
	c.text(d.Title, "title", true)
	c.text(d.Intro, "intro", false)
	if d.Recall.Kind != Absolute && d.Recall.Kind != ComparesWithUsual {
		c.bad("recall-kind", "recall.kind", "%q is not a kind of recall", d.Recall.Kind).WithHint("absolute or compares-with-usual")
	}
	if n := d.Recall.Days; n != nil && (*n < 0 || *n > 36500) {
		c.bad("recall-days", "recall.days", "%d days is not a recall period", *n)
	}
	c.basis(d.Recall.Basis, "recall.basis")
	if d.Words != OwnWords && d.Words != TopicWords && d.Words != LicensedWords {
		c.bad("words", "words", "%q is not known", d.Words).WithHint("own, topics or licensed")
	}
	c.licence()
	for i, b := range d.Notes {
		c.basis(b, fmt.Sprintf("notes[%d]", i))
	}
	if len(d.Sources) == 0 {
		c.bad("sources", "sources", "no source is named")
	}
	c.itemList()
	c.scaleList()
}

func (c *checker) licence() {
	n := c.d.Licence
	if n.Holder == "" {
		c.bad("licence-holder", "licence.holder", "who holds the rights is missing").WithHint("write unknown where nobody could be found")
	}
	switch n.Status {
	case Free, Permission, Commercial, Unknown:
	default:
		c.bad("licence-status", "licence.status", "%q is not known", n.Status).WithHint("free, permission, commercial or unknown")
	}
	c.basis(n.Basis, "licence.basis")
}
