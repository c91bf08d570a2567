package alloc

import (
	"math/rand/v2"

	"dvala/alloc/design"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
)

// Extension says what a list that runs out is extended by.
type Extension struct {
	Cells []string        // those that get further slots; each gets as many
	Slots int             // at least so many a cell, in complete blocks
	Taken map[string]bool // kit numbers that there are already
	// More are slots of the earlier lists whose chains get further kits, with
	// what they hold; Kits is how many for each visit.
	More []More
	Kits int
}

// More is an earlier slot whose chain of kits is made longer.
type More struct {
	Slot       int
	Cell       string
	Assignment string
}

// Extend draws what an extension adds, as Draw draws a list: first who gets
// what, then the numbers of the kits.
func Extend(c protocol.Checked, x Extension, r *rand.Rand) (*List, error) {
	d, err := design.Of(c)
	if err != nil {
		return nil, err
	}
	l, options := empty(c), d.Options()
	for _, key := range x.Cells {
		if _, ok := c.Cell(key); !ok {
			return nil, fault.New(CodeList, "cells", "the protocol has no cell %q", key)
		}
		if x.Slots < 1 {
			return nil, fault.New(CodeList, "slots", "%d slots are none", x.Slots)
		}
		for _, o := range d.DrawCell(r, nil, x.Slots) {
			l.slots = append(l.slots, slot{cell: key, assignment: options[o].ID})
		}
	}
	for _, m := range x.More {
		if _, ok := l.assignments[m.Assignment]; !ok || x.Kits < 1 || len(l.visits) == 0 {
			return nil, fault.New(CodeList, "kits", "nothing can be added to the chain of slot %d", m.Slot)
		}
		of := m.Slot
		l.slots = append(l.slots, slot{cell: m.Cell, assignment: m.Assignment, extends: &of})
	}
	if len(l.slots) == 0 {
		return nil, fault.New(CodeList, "extension", "adds neither slots nor kits")
	}
	perVisit := 1 + c.Protocol().Randomisation.SpareKits
	numbers := seal.FreshKitNumbers(r, len(l.slots)*len(l.visits)*max(perVisit, x.Kits), x.Taken)
	for i, s := range l.slots {
		n := perVisit
		if s.extends != nil {
			n = x.Kits
		}
		l.slots[i].kits, numbers = l.chain(numbers, n)
	}
	return l, nil
}
