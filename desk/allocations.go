package desk

import (
	"time"

	"dvala/study"
)

// AllocationView is a request for a place of the list, under minimisation, and what
// has come of it. No arm is in it.
type AllocationView struct {
	study.Allocation
	Site string
}

// Waiting says whether the custodian's program has still to answer.
func (v AllocationView) Waiting() bool { return v.Open() }

// Minutes gives how long the request has waited, in whole minutes.
func (v AllocationView) Minutes(now time.Time) int { return max(0, int(now.Sub(v.At).Minutes())) }

// AllocationsAt gives the requests about people of the sites for which yes is said,
// in the order of the ledger.
func AllocationsAt(s *study.State, sees func(site string) bool) []AllocationView {
	var out []AllocationView
	for _, t := range s.Allocations() {
		if p := s.People[t.Subject]; p != nil && sees(p.Site) {
			out = append(out, AllocationView{t, p.Site})
		}
	}
	return out
}
