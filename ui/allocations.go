package ui

import (
	"slices"
	"time"

	"dvala/desk"
	"dvala/study"
)

// allocationsPage is who waits for a place of the list, under minimisation, and what
// the custodian's program has named. What a place holds is not in it.
type allocationsPage struct {
	Waiting  []allocationRow
	Answered []allocationRow // the newest first
	Minimise bool
	Zone     *time.Location
}

type allocationRow struct {
	desk.AllocationView
	Person  bool // the reader may open the person's page
	Minutes int
}

// answeredRows is how many answers the page shows.
const answeredRows = 50

func (a *ask) allocations() (view, error) {
	var p allocationsPage
	err := a.see("see-allocations", "", func(st *study.State, now time.Time) error {
		p.Zone, p.Minimise = st.Protocol.Zone(), st.Protocol.Minimises()
		for _, v := range desk.AllocationsAt(st, func(site string) bool { return a.mayAt("see-allocations", site) }) {
			row := allocationRow{v, a.mayOf("see-person", st.People[v.Subject]), v.Minutes(now)}
			if v.Waiting() {
				p.Waiting = append(p.Waiting, row)
			} else {
				p.Answered = append(p.Answered, row)
			}
		}
		return nil
	})
	slices.Reverse(p.Answered)
	p.Answered = p.Answered[:min(len(p.Answered), answeredRows)]
	return view{page: "allocations", title: a.t("Waiting for the custodian"), data: p}, err
}
