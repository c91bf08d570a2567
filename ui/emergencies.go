package ui

import (
	"time"

	"dvala/study"
)

// emergenciesPage is every request to tell a physician what somebody takes, the
// newest first, and what has come of it. What somebody takes is not in it.
type emergenciesPage struct {
	Rows []emergencyRow
	Zone *time.Location
}

type emergencyRow struct {
	Subject study.Subject
	study.Unblinding
	State                string
	Person               bool // the reader may open the person's page
	CanGrant, CanConfirm bool
}

// Has counts the holders who have sent their parts.
func (r emergencyRow) Has() int {
	n := 0
	for _, g := range r.Grants {
		if g.By == study.ByHolder {
			n++
		}
	}
	return n
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
				row := emergencyRow{Subject: x.Subject, Unblinding: u, State: "waits for the parts", Person: a.mayOf("see-person", x)}
				switch {
				case !u.Confirmed.IsZero():
					row.State = "read"
				case !u.Waiting():
					row.State = "can be read"
				}
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
