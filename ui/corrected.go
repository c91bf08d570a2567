package ui

import (
	"strconv"
	"time"

	"dvala/study"
)

// correctedPage is every correction of the people whom a reader may see.
type correctedPage struct {
	List listing[correctedRow]
	Zone *time.Location
	Tell *speaker
}

type correctedRow struct {
	Subject study.Subject
	study.CorrectionMade
}

func (a *ask) corrected() (view, error) {
	p := correctedPage{Tell: a.speaker()}
	var rows []correctedRow
	err := a.see("see-people", "", func(st *study.State, _ time.Time) error {
		p.Zone = st.Protocol.Zone()
		sees := a.seesAt()
		for _, who := range st.Order {
			if x := st.People[who]; sees(x.Site) {
				for _, c := range x.Corrections {
					rows = append(rows, correctedRow{who, c})
				}
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	list, whole, err := listed(a, "corrections", rows, p.columns(), func(rows []correctedRow) ([]correctedRow, error) {
		return revealEach(a, rows, func(r correctedRow) study.Subject { return r.Subject })
	})
	if err != nil || whole != nil {
		return view{file: whole}, err
	}
	p.List = list
	return view{page: "corrected", title: a.t("Corrections"), data: p}, nil
}

func (p correctedPage) columns() []listColumn[correctedRow] {
	return []listColumn[correctedRow]{
		{id: "when", name: "When", text: func(r correctedRow) string { return stamp(r.At) }},
		{id: "code", name: "Code", words: true, text: func(r correctedRow) string { return string(r.Subject) }},
		{id: "entry", name: "Entry", text: func(r correctedRow) string { return strconv.FormatUint(r.Entry, 10) }},
		{id: "field", name: "Field", words: true, text: func(r correctedRow) string { return r.Field }, show: func(r correctedRow) string { return p.Tell.Field(r.Field) }},
		{id: "from", name: "From", words: true, text: func(r correctedRow) string { return string(r.Old) }, show: func(r correctedRow) string { return p.Tell.Given(r.Field, string(r.Old)) }},
		{id: "to", name: "To", words: true, text: func(r correctedRow) string { return string(r.New) }, show: func(r correctedRow) string { return p.Tell.Given(r.Field, string(r.New)) }},
		{id: "reason", name: "Reason", words: true, text: func(r correctedRow) string { return r.Reason }},
		{id: "by", name: "By", words: true, text: func(r correctedRow) string { return r.By }},
	}
}
