package ui

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/desk"
	"dvala/instrument"
	"dvala/study"
)

// historyPage is everything that one field of an entry ever was, or, with no
// field, everything that each of its fields was.
type historyPage struct {
	Who     study.Subject
	Entry   uint64
	Field   string
	Kind    study.Kind // of the entry whole
	Says    string     // the entry whole, as it was first made
	Changes []changeRow
	Zone    *time.Location
	Correct bool
	Tell    *speaker
}

type changeRow struct {
	desk.Change
	Was, Is string
}

func (a *ask) fieldHistory() (view, error) {
	p := historyPage{Who: study.Subject(a.r.PathValue("person")), Field: a.r.URL.Query().Get("field"), Tell: a.speaker()}
	var err error
	if p.Entry, err = strconv.ParseUint(a.r.PathValue("entry"), 10, 62); err != nil {
		return view{}, noPage(a.r.URL.Path)
	}
	changes, err := a.Office.History(a.r.Context(), a.caller, p.Who, p.Entry, p.Field)
	if err != nil {
		return view{}, err
	}
	first, err := a.oneEntry(a.r.Context(), p.Entry)
	if err != nil {
		return view{}, err
	}
	err = a.see("see-history", p.Who, func(st *study.State, _ time.Time) error {
		p.Zone, p.Correct = zoneOf(st, p.Who), st.Locked == nil && p.Field != "" && a.may("correct", p.Who)
		p.Tell = p.Tell.of(st, first.Event)
		return nil
	})
	if err != nil {
		return view{}, err
	}
	if p.Field == "" {
		if first, err = desk.RevealEntry(a.r.Context(), a.Office, a.caller, first); err != nil {
			return view{}, err
		}
		p.Kind, p.Says = first.Kind, p.Tell.Line(first.Says)
		made := changes[0]
		if changes = p.Tell.byField(first.Event, changes); len(changes) == 0 { // it has no fields, and says what it says
			p.Changes, p.Says = []changeRow{{made, "", p.Says}}, ""
		}
	}
	for _, c := range changes {
		p.Changes = append(p.Changes, changeRow{c, p.Tell.was(c.Field, c.Old), p.Tell.was(c.Field, c.New)})
	}
	return view{page: "history", title: string(p.Who) + " · " + a.t("History"), data: p}, nil
}

// byField parts the first change of an entry whole into one for each field that
// said something, each with its corrections after it. What cannot be corrected
// has none.
func (s *speaker) byField(ev study.Event, changes []desk.Change) (out []desk.Change) {
	if len(changes) == 0 {
		return nil
	}
	first, later := changes[0], changes[1:]
	fields, err := study.Correctable(ev)
	if err != nil {
		return later
	}
	known := map[string]bool{}
	for _, f := range fields {
		known[f.Field] = true
	}
	for _, c := range later {
		if !known[c.Field] {
			known[c.Field] = true
			fields = append(fields, study.FieldValue{Field: c.Field})
		}
	}
	for _, f := range s.ordered(fields) {
		of := []desk.Change{first}
		of[0].Field, of[0].New = f.Field, within(first.New, f.Field)
		for _, c := range later {
			if c.Field == f.Field {
				of = append(of, c)
			}
		}
		if of[0].New != nil || len(of) > 1 {
			out = append(out, of...)
		}
	}
	return out
}

// within gives what a field says within an event in JSON, nil for nothing.
func within(raw json.RawMessage, field string) json.RawMessage {
	for part := range strings.SplitSeq(field, ".") {
		var of map[string]json.RawMessage
		if json.Unmarshal(raw, &of) != nil {
			return nil
		}
		raw = of[part]
	}
	if text := string(raw); text == "null" || text == `""` {
		return nil
	}
	return raw
}

// of is a speaker that knows the items of the form that an event answers, in its
// version: two forms may call items the same. One that knows no names learns none.
func (s *speaker) of(st *study.State, ev study.Event) *speaker {
	e, is := ev.(study.Answered)
	if !is || len(s.names) == 0 {
		return s
	}
	d, ok := st.Instrument(instrument.ID(e.Instrument), e.Version)
	if !ok {
		return s
	}
	own := *s
	own.names, own.items, own.place = maps.Clone(s.names), maps.Clone(s.items), maps.Clone(s.place)
	own.learnForm(d)
	return &own
}

// ordered gives fields in the order in which they are asked.
func (s *speaker) ordered(fields []study.FieldValue) []study.FieldValue {
	out := slices.Clone(fields)
	slices.SortStableFunc(out, func(a, b study.FieldValue) int { return cmp.Compare(s.place[a.Field], s.place[b.Field]) })
	return out
}
