package ui

import (
	"strconv"
	"time"

	"dvala/desk"
	"dvala/study"
)

// emergenciesPage is every request to tell a physician what somebody takes, the
// newest first, and what has come of it. What somebody takes is not in it.
type emergenciesPage struct {
	Rows []emergencyRow
	Zone *time.Location
}

type emergencyRow struct {
	desk.Emergency
	Person               bool // the reader may open the person's page
	CanGrant, CanConfirm bool
}

func (a *ask) emergencies() (view, error) {
	var p emergenciesPage
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
				p.Rows = append(p.Rows, row)
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	for i := range p.Rows { // the reason may be in sealed words
		if p.Rows[i].Reason, err = reveal(a, p.Rows[i].Subject, p.Rows[i].Reason); err != nil {
			return view{}, err
		}
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
