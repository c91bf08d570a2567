package ui

import (
	"slices"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/protocol"
	"dvala/study"
)

// difference is what a protocol file changes, looked at before it is proposed.
type difference struct {
	Field, Name, Text string // the file, to be sent with the form
	Version, From     string
	Changes           []protocol.Change
	Fixed             bool // something is changed that is settled when the trial begins
}

// lookAtDifference shows a form again with what its file would change. Nothing is
// stored and nothing is written.
func (a *ask) lookAtDifference(x act) (view, error) {
	name, raw, err := a.file(x.differs)
	if err == nil && raw == nil {
		err = fault.New("field-missing", x.differs, "choose the file first")
	}
	if err != nil {
		return a.showForm(err)
	}
	d := &difference{Field: x.differs, Name: name, Text: string(raw)}
	err = a.nextProtocol(x.differs, raw, func(st *study.State, next protocol.Checked) {
		was := st.Latest()
		d.Version, d.From, d.Changes = next.Protocol().Version, was.Protocol().Version, protocol.Diff(was, next)
		d.Fixed = slices.ContainsFunc(d.Changes, func(c protocol.Change) bool { return c.Class.Fixed() })
	})
	if err != nil {
		return a.showForm(err)
	}
	p, err := a.build(x, "")
	if err != nil {
		return view{}, err
	}
	if p.Fields, err = desk.Reveal(a.r.Context(), a.Office, a.caller, "", p.Fields); err != nil {
		return view{}, err
	}
	_, _ = data(p.Fields, a.form) // fills in what was typed; what is missing may be missing yet
	for i := range p.Fields {
		if p.Fields[i].Problem = ""; p.Fields[i].Name == x.differs {
			p.Fields[i].Need, p.Fields[i].Hint = false, a.t("chosen: %s", name)
		}
	}
	p.Differs = d
	return view{page: "form", title: p.Title, data: p}, nil
}

// nextProtocol reads the protocol of an amendment, and tells all that is wrong with
// it; or hands it on beside what is in force.
func (a *ask) nextProtocol(field string, raw []byte, look func(*study.State, protocol.Checked)) error {
	var problems fault.List
	err := a.see("see-protocol", "", func(st *study.State, _ time.Time) error {
		var next protocol.Checked
		if next, problems = protocol.Parse(raw, protocol.Instruments(known(st))); problems.Err() == nil {
			look(st, next)
		}
		return nil
	})
	if err == nil && problems.Err() != nil {
		return at(field, problems)
	}
	return err
}
