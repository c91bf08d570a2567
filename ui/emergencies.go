package ui

import (
	"slices"
	"strconv"
	"time"

	"dvala/desk"
	"dvala/study"
)

// emergenciesPage is every request to tell a physician what somebody takes, the
// newest first, and what has come of it. What somebody takes is not in it.
type emergenciesPage struct {
	List listing[emergencyRow]
	Zone *time.Location
}

type emergencyRow struct {
	desk.Emergency
	Person               bool // the reader may open the person's page
	CanGrant, CanConfirm bool
}

func (a *ask) emergencies() (view, error) {
	var p emergenciesPage
	var rows []emergencyRow
	err := a.see("see-emergencies", "", func(st *study.State, _ time.Time) error {
		p.Zone = st.Protocol.Zone()
		for i := len(st.Order) - 1; i >= 0; i-- {
			x := st.People[st.Order[i]]
			if !a.mayOf("see-emergencies", x) {
				continue
			}
			for _, u := range x.Unblindings {
				row := emergencyRow{Emergency: desk.NewEmergency(x, u), Person: a.mayOf("see-person", x)}
				row.CanGrant = u.Confirmed.IsZero() && a.mayOf("grant-unblinding", x)
				row.CanConfirm = u.Confirmed.IsZero() && a.mayOf("confirm-unblinding", x)
				rows = append(rows, row)
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	slices.SortStableFunc(rows, func(x, y emergencyRow) int { return y.Asked.Compare(x.Asked) })
	var whole *file
	p.List, whole, err = listedBy(a, "emergencies", emergencyRows, rows, emergencyColumns, func(rows []emergencyRow) ([]emergencyRow, error) {
		for i := range rows { // the reason may be in sealed words
			var err error
			if rows[i].Reason, err = reveal(a, rows[i].Subject, rows[i].Reason); err != nil {
				return nil, err
			}
		}
		return rows, nil
	})
	if err != nil || whole != nil {
		return view{file: whole}, err
	}
	return view{page: "emergencies", title: a.t("Emergencies"), data: p}, nil
}

// emergencyFolder gives what the custodian, the holders and the physician need of
// one request, to carry to their own machines.
func (a *ask) emergencyFolder() (view, error) {
	entry, err := strconv.ParseUint(a.r.PathValue("entry"), 10, 64)
	if err != nil {
		return view{}, noPage(a.r.URL.Path)
	}
	name, raw, err := a.Office.EmergencyFolder(a.r.Context(), a.caller, entry)
	return view{file: &file{kind: "application/zip", name: name, data: raw}}, err
}

// emergencyRows is how many of them stand on a page, each with all that has come of
// it.
const emergencyRows = 20

// emergencyColumns are what they are put in order by, and what their file holds.
var emergencyColumns = []listColumn[emergencyRow]{
	{id: "asked", name: "Asked for", text: func(r emergencyRow) string { return stamp(r.Asked) }},
	{id: "code", name: "Code", text: func(r emergencyRow) string { return string(r.Subject) }},
	{id: "entry", name: "Entry", text: func(r emergencyRow) string { return strconv.FormatUint(r.Entry, 10) }},
	{id: "state", name: "State", words: true, codes: anyCode, text: func(r emergencyRow) string { return r.State }},
	{id: "by", name: "By", words: true, text: func(r emergencyRow) string { return r.By }},
	{id: "reason", name: "Reason", words: true, text: func(r emergencyRow) string { return string(r.Reason) }},
	{id: "physician", name: "To be read by", words: true, text: func(r emergencyRow) string { return r.Physician }},
	{id: "parts", name: "Parts that came", text: func(r emergencyRow) string { return strconv.Itoa(len(r.Grants)) }},
	{id: "read", name: "Read", text: func(r emergencyRow) string { return stamp(r.Confirmed) }},
}
