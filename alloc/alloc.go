// Package alloc is the secret list: which slot of the randomisation holds what.
// A list lives only between being drawn and being sealed, in the custodian's
// hands or inside a simulated trial. A test of the source sees to it that
// nothing else imports this package.
//
// A List prints as nothing, encodes as nothing, and cannot be compared or
// copied into another type by accident; what it holds is asked for by name.
package alloc

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"

	"dvala/alloc/design"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// CodeList is the code of a list that cannot be made.
const CodeList fault.Code = "alloc-list"

// List is the randomisation list of one trial in the clear. It is born of Draw.
type List struct {
	slots       []slot
	assignments map[string]protocol.Assignment
	visits      []string       // at which something is dispensed
	periods     map[string]int // of each of them
}

type slot struct {
	cell       string
	assignment string
	kits       []seal.Kit
	extends    *int // the earlier slot to whose chain the kits are added
}

// Draw draws the list of a protocol: first who gets what, then the numbers of
// the kits, so that neither can tell anything about the other. Each slot has
// for each visit at which something is dispensed one kit and the protocol's
// number of spares. For a real trial the generator must be a
// cryptographic one, seeded with secret randomness that is then forgotten.
func Draw(c protocol.Checked, r *rand.Rand) (*List, error) {
	d, err := design.Of(c)
	if err != nil {
		return nil, err
	}
	l := empty(c)
	drawn, options := d.Draw(r), d.Options()
	visits, perVisit := l.visits, 1+c.Protocol().Randomisation.SpareKits
	numbers := seal.KitNumbers(r, len(drawn)*len(visits)*perVisit)
	for _, s := range drawn {
		one := slot{cell: s.Cell, assignment: options[s.Option].ID}
		one.kits, numbers = l.chain(numbers, perVisit)
		l.slots = append(l.slots, one)
	}
	return l, nil
}

// empty gives a list without slots.
func empty(c protocol.Checked) *List {
	l := &List{assignments: map[string]protocol.Assignment{}, periods: map[string]int{}}
	for _, a := range c.Assignments() {
		l.assignments[a.ID] = a
	}
	for _, v := range c.Protocol().Visits {
		if v.Dispense {
			l.visits = append(l.visits, v.ID)
			l.periods[v.ID] = max(v.Period, 1)
		}
	}
	return l
}

// chain makes a chain of kits of the next numbers, so many for each visit.
func (l *List) chain(numbers []string, perVisit int) (kits []seal.Kit, rest []string) {
	for _, v := range l.visits {
		for range perVisit {
			kits = append(kits, seal.Kit{Number: numbers[0], Visit: v})
			numbers = numbers[1:]
		}
	}
	return kits, numbers
}

// Swap gives the list with two assignments exchanged everywhere and all else as
// it was: the other trial of the test that a blinded role sees the same in both.
func (l *List) Swap(a, b string) (*List, error) {
	if _, ok := l.assignments[a]; !ok {
		return nil, fault.New(CodeList, "list", "the protocol has no %q", a)
	}
	if _, ok := l.assignments[b]; !ok {
		return nil, fault.New(CodeList, "list", "the protocol has no %q", b)
	}
	out := &List{assignments: l.assignments, periods: l.periods, visits: l.visits}
	for _, s := range l.slots {
		switch s.assignment {
		case a:
			s.assignment = b
		case b:
			s.assignment = a
		}
		out.slots = append(out.slots, s)
	}
	return out, nil
}

// Len gives the number of slots.
func (l *List) Len() int { return len(l.slots) }

// Assignment reveals what a slot holds: an arm's ID, or a sequence's.
func (l *List) Assignment(slot int) (string, bool) {
	if slot < 0 || slot >= len(l.slots) {
		return "", false
	}
	return l.slots[slot].assignment, true
}

// Plain gives the slots as the sealer takes them.
func (l *List) Plain() ([]seal.Plain, error) {
	out := make([]seal.Plain, len(l.slots))
	for i, s := range l.slots {
		secret, err := seal.NewSecret(s.assignment)
		if err != nil {
			return nil, err
		}
		out[i] = seal.Plain{Cell: s.cell, Kits: s.kits, Secret: secret, For: s.extends}
	}
	return out, nil
}

// Packed is one kit with what goes into it.
type Packed struct {
	Kit  string
	Cell string
	Arm  string // ID of the arm whose product it holds
}

// Packing reveals what goes into each kit. In a crossover that is the arm of the
// period in which the kit is handed out.
func (l *List) Packing() ([]Packed, error) {
	var out []Packed
	for _, s := range l.slots {
		arms := l.assignments[s.assignment].Arms
		for _, k := range s.kits {
			// A parallel design has one period and one arm, whatever the visit.
			p := l.periods[k.Visit]
			if len(arms) == 1 {
				p = 1
			}
			if p > len(arms) {
				return nil, fault.New(CodeList, "visits", "%s is in period %d, and %s has %d", k.Visit, p, s.assignment, len(arms))
			}
			out = append(out, Packed{Kit: k.Number, Cell: s.cell, Arm: arms[p-1]})
		}
	}
	return out, nil
}

// String tells only how long the list is.
func (l *List) String() string { return fmt.Sprintf("secret list of %d slots", len(l.slots)) }

// Format writes that whatever the verb.
func (l *List) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.String()) }

// MarshalJSON refuses.
func (l *List) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a secret list is not written out")
}
