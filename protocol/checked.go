package protocol

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
)

// MaxBytes is the size of the longest protocol file that is read.
const MaxBytes = 1 << 20

// Checked is a protocol that has passed every check. The zero Checked holds no
// protocol; only Parse makes another.
//
// What its methods give out is shared: read it, do not change it.
type Checked struct{ c *checked }

type checked struct {
	p         Protocol
	canonical []byte
	hash      [32]byte
	zone      *time.Location
	cells     []Cell
	criteria  []compiled
	asks      map[string]compiled // by question, where not everybody is asked
	queries   []asked
	sequences []Sequence // written in the file, or all that the cycles can give

	lines map[string]int
}

// Option changes how Parse reads.
type Option func(*options)

type options struct {
	file        string
	instruments func(instrument.ID) (*instrument.Definition, bool)
}

// Instruments sets where the instruments that a protocol names are looked up;
// without it, among those inside the program.
func Instruments(byID func(instrument.ID) (*instrument.Definition, bool)) Option {
	return func(o *options) { o.instruments = byID }
}

// File names the file in every problem, as the user named it.
func File(name string) Option { return func(o *options) { o.file = name } }

// Parse reads and checks a protocol file. The list holds every problem found,
// in the order of the file; errors in it come with a zero Checked, warnings
// alone with a good one.
func Parse(src []byte, opts ...Option) (Checked, fault.List) {
	o := options{instruments: instrument.ByID}
	for _, f := range opts {
		f(&o)
	}
	b := binder{lines: map[string]int{}}
	root, problem := load(src)
	if problem != nil {
		return Checked{}, fault.List{problem}.In(o.file)
	}
	c := &checked{lines: b.lines}
	b.node(root, reflect.ValueOf(&c.p).Elem(), "", rule{required: true})
	k := checker{checked: c, instruments: o.instruments, form: b.problems, problems: slices.Clone(b.problems)}
	k.all()
	k.problems.Sort()
	k.problems = k.problems.In(o.file)
	if k.problems.Err() != nil {
		return Checked{}, k.problems
	}
	c.canonical = canonical(c.p)
	c.hash = sha256.Sum256(c.canonical)
	return Checked{c}, k.problems
}

// load turns the bytes into one tree of YAML nodes, or tells why it cannot.
func load(src []byte) (*yaml.Node, *fault.Problem) {
	if len(src) > MaxBytes {
		return nil, fault.New("protocol-size", "", "the file has %d bytes, and a protocol has at most %d", len(src), MaxBytes)
	}
	var doc yaml.Node
	if err := yaml.Load(src, &doc); err != nil {
		return nil, syntax(err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || isNull(doc.Content[0]) {
		return nil, fault.New("protocol-empty", "", "the file holds no protocol").WithHint("begin with: dvala: 1")
	}
	return doc.Content[0], nil
}

var lineOf = regexp.MustCompile(`\bL(\d+)|\bline (\d+)`)

// syntax tells an error of the YAML reader in this package's shape.
func syntax(err error) *fault.Problem {
	message := strings.TrimSpace(err.Error())
	p := &fault.Problem{Code: "yaml-syntax", Cause: err}
	if m := lineOf.FindStringSubmatch(message); m != nil {
		p.Line, _ = strconv.Atoi(m[1] + m[2])
	}
	var one *yaml.LoadError
	if errors.As(err, &one) {
		message = one.Message
		if one.ContextMsg != "" {
			message = one.ContextMsg + ": " + message
		}
	}
	switch {
	case strings.Contains(message, "no documents"):
		p.Code, p.Message = "protocol-empty", "the file holds no protocol"
		return p.WithHint("begin with: dvala: 1")
	case strings.Contains(message, "multiple"):
		p.Message = "the file holds more than one document"
		return p.WithHint("a protocol is one document: take out the line ---")
	}
	p.Message = "this is not YAML: " + shorten(strings.TrimPrefix(message, "yaml: "), 160)
	return p.WithHint("the line is where reading stopped; look there and just above for an indent, a quote or a colon that is out of place")
}

// Protocol gives what the file states.
func (c Checked) Protocol() Protocol { return c.c.p }

// IsZero says whether this holds no protocol.
func (c Checked) IsZero() bool { return c.c == nil }

// Canonical gives the canonical bytes, which are JSON; doc/formats/protocol.md
// says how they are made. Two files that say the same have the same bytes.
func (c Checked) Canonical() []byte { return slices.Clone(c.c.canonical) }

// Hash gives the SHA-256 of the canonical bytes.
func (c Checked) Hash() [32]byte { return c.c.hash }

// HashHex gives the hash as 64 lower-case hexadecimal digits.
func (c Checked) HashHex() string { return hex.EncodeToString(c.c.hash[:]) }

// Line gives the line of a place in the file that was parsed, or of the nearest
// place around it that the file has.
func (c Checked) Line(place string) int {
	return (&checker{checked: c.c}).line(place)
}

// ID gives the trial's ID.
func (c Checked) ID() string { return c.c.p.ID }

// Zone gives the zone of the sites.
func (c Checked) Zone() *time.Location { return c.c.zone }

// Recipient gives the custodian's public key, or false while the file still
// holds the placeholder.
func (c Checked) Recipient() (string, bool) {
	r := c.c.p.Custodian.Recipient
	return r, r != RecipientPlaceholder
}

// Arm gives an arm by ID.
func (c Checked) Arm(id string) (Arm, bool) {
	return find(c.c.p.Arms, func(a Arm) bool { return a.ID == id })
}

// Sequence gives a sequence by ID.
func (c Checked) Sequence(id string) (Sequence, bool) {
	return find(c.c.sequences, func(s Sequence) bool { return s.ID == id })
}

// Site gives a site by ID.
func (c Checked) Site(id string) (Site, bool) {
	return find(c.c.p.Sites, func(s Site) bool { return s.ID == id })
}

// Visit gives a visit by ID.
func (c Checked) Visit(id string) (Visit, bool) {
	return find(c.c.p.Visits, func(v Visit) bool { return v.ID == id })
}

// Outcome gives an outcome by ID.
func (c Checked) Outcome(id string) (Outcome, bool) {
	return find(c.c.p.Outcomes, func(o Outcome) bool { return o.ID == id })
}

// Estimand gives an estimand by ID.
func (c Checked) Estimand(id string) (Estimand, bool) {
	return find(c.c.p.Estimands, func(e Estimand) bool { return e.ID == id })
}

// Question gives a screening question by name.
func (c Checked) Question(name string) (Question, bool) {
	return find(c.c.p.Population.Screening, func(q Question) bool { return q.Name == name })
}

// Primary gives the primary estimand. A protocol without one, or with several,
// is a warning, so there may be none; of several it gives the first.
func (c Checked) Primary() (Estimand, bool) {
	return find(c.InOrder(), func(e Estimand) bool { return e.Place == Primary })
}

// InOrder gives the estimands in the order in which they are claimed: primary,
// secondary, exploratory, each by Order and then as the file has them.
func (c Checked) InOrder() []Estimand {
	rank := map[Place]int{Primary: 0, Secondary: 1, Exploratory: 2}
	out := slices.Clone(c.c.p.Estimands)
	slices.SortStableFunc(out, func(a, b Estimand) int {
		if d := rank[a.Place] - rank[b.Place]; d != 0 {
			return d
		}
		return a.Order - b.Order
	})
	return out
}

// Assignments gives what a slot of the list can hold, with its ratio, in the
// order of the file: arm IDs in a parallel design, sequence IDs otherwise. The
// sequences of an n-of-1 trial in cycles are all that those can give.
func (c Checked) Assignments() []Assignment {
	var out []Assignment
	if c.c.p.Design.Kind == Parallel {
		for _, a := range c.c.p.Arms {
			out = append(out, Assignment{a.ID, a.Ratio, []string{a.ID}})
		}
		return out
	}
	for _, s := range c.c.sequences {
		out = append(out, Assignment{s.ID, s.Ratio, slices.Clone(s.Arms)})
	}
	return out
}

// Assignment is one thing that can be drawn: an arm, or a sequence of arms.
type Assignment struct {
	ID    string
	Ratio int
	Arms  []string // by period
}

// PeriodStart gives the day on which a period begins, counted from
// randomisation; periods count from 1.
func (c Checked) PeriodStart(period int) int {
	d := c.c.p.Design
	return (period - 1) * (d.TreatmentDays + d.WashoutDays)
}

// LastDay gives the last day on which anything is planned or still counts.
func (c Checked) LastDay() int {
	p := c.c.p
	last := c.PeriodStart(max(p.Design.Periods, 1)) + p.Design.TreatmentDays
	for _, v := range p.Visits {
		last = max(last, v.Day+v.After)
	}
	if p.Diary != nil {
		last = max(last, p.Diary.ToDay+p.Diary.BackfillDays)
	}
	for _, d := range p.Devices {
		last = max(last, d.ToDay)
	}
	return last
}

// DateOf gives the date of a day counted from a date of randomisation.
func DateOf(randomised civil.Date, day int) civil.Date { return randomised.Add(day) }

func find[T any](in []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(in, is); i >= 0 {
		return in[i], true
	}
	var none T
	return none, false
}
