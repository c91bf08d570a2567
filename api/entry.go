package api

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// EntryAbout is one entry about a person: what it says now, what of it can be
// corrected, and who signed it. What it ever was is its history.
type EntryAbout struct {
	Entry       uint64                 `json:"entry"`
	Kind        string                 `json:"kind"`
	At          string                 `json:"at"`
	Actor       string                 `json:"actor"`
	Role        string                 `json:"role"`
	Zone        string                 `json:"zone"`
	Fields      []Field                `json:"fields" nullable:"false" doc:"that a correction may change, as they stand"`
	Corrections []study.CorrectionMade `json:"corrections" nullable:"false"`
	Signatures  []Signed               `json:"signatures" nullable:"false"`
	Locked      bool                   `json:"locked" doc:"a form that is locked"`
	Verified    *Verified              `json:"verified,omitempty" doc:"it was held against its source"`
}

// Field is one field of an entry, and what stands in it.
type Field struct {
	Field   string          `json:"field" doc:"as a correction names it"`
	Value   json.RawMessage `json:"value"`
	Changed bool            `json:"changed"`
}

// entry gives one entry about a person.
func (s *server) entry(api huma.API) {
	op := named("see-entry", "see-person", "/participants/{subject}/entries/{entry}", "One entry about a person as it stands: its fields, its corrections and its signatures")
	huma.Register(api, op, func(ctx context.Context, in *struct {
		OfPerson
		Entry uint64 `path:"entry"`
	},
	) (*struct{ Body EntryAbout }, error) {
		out, who := EntryAbout{}, study.Subject(in.Subject)
		err := s.look(ctx, "see-person", who, func(_ desk.Caller, st *study.State) (err error) {
			out, err = entryOf(st, st.People[who], in.Entry)
			return err
		})
		if err == nil {
			if out, err = desk.Reveal(ctx, s.office, desk.CallerOf(ctx), who, out); err != nil {
				err = problem(err)
			}
		}
		return &struct{ Body EntryAbout }{out}, err
	})
}

func entryOf(st *study.State, p *study.Participant, entry uint64) (EntryAbout, error) {
	fact, ok := st.FactOf(entry)
	if !ok || fact.Subject != p.Subject {
		return EntryAbout{}, fault.New("entry-unknown", "entry", "there is no entry %d about this person that says something of its own", entry)
	}
	out := EntryAbout{
		Entry: entry, Kind: string(fact.Event.Kind()), At: stampOf(fact.At), Actor: fact.Actor, Role: string(fact.Role), Zone: fact.Zone,
		Fields: []Field{}, Corrections: []study.CorrectionMade{}, Signatures: []Signed{}, Locked: p.LockedForm(entry),
	}
	changed := map[string]bool{}
	for _, c := range p.Corrections {
		if c.Entry == entry {
			out.Corrections, changed[c.Field] = append(out.Corrections, c), true
		}
	}
	values, err := study.Correctable(fact.Event)
	if err != nil {
		return out, err
	}
	for _, v := range values {
		out.Fields = append(out.Fields, Field{v.Field, json.RawMessage(v.Value), changed[v.Field]})
	}
	for _, x := range st.SignaturesOf(p.Subject) {
		if x.What == study.OfForm && x.Of == entry {
			out.Signatures = append(out.Signatures, signedOf([]study.SigningNow{x})...)
		}
	}
	if v, ok := p.Verified[entry]; ok {
		out.Verified = &Verified{entry, stampOf(v.At), v.By, append([]string{}, v.Fields...)}
	}
	return out, nil
}
