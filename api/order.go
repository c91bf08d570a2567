package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"dvala/study"
)

// Place is an entry to begin with, which may be the very first, or left out.
type Place struct {
	Entry uint64
	Given bool
}

// Schema says what it looks like: a whole number.
func (Place) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[uint64]())
}

// Receiver is what takes the number.
func (p *Place) Receiver() reflect.Value { return reflect.ValueOf(p).Elem().Field(0) }

// OnParamSet notes that it was given.
func (p *Place) OnParamSet(given bool, _ any) { p.Given = given }

// at gives the entry; nil where it was left out.
func (p Place) at() *uint64 {
	if !p.Given {
		return nil
	}
	return &p.Entry
}

// Sorted puts entries in an order.
type Sorted struct {
	Sort   string `query:"sort" enum:"entry,kind,subject,actor" default:"entry" doc:"in this order, over all of them; those that share a kind, a subject or an actor in the order of their entries"`
	Newest bool   `query:"newest" doc:"the other way round: by entry, the newest first"`
	From   Place  `query:"from" doc:"the entry to begin with: the next of the page before; left out: from the beginning of the order"`
}

func (s Sorted) order() study.Sorting { return study.Sorting{By: study.By(s.Sort), Down: s.Newest} }
