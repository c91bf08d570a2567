package desk

import (
	"strconv"

	"dvala/study"
)

// aboutConduct tells what events of the trial's conduct say: what wants two
// people, queries, locks, settings.
func aboutConduct(ev study.Event) string {
	switch e := ev.(type) {
	case study.Proposed:
		return e.What
	case study.Approved:
		return entry(e.Proposal)
	case study.Declined:
		return entry(e.Proposal)
	}
	return ""
}

func entry(n uint64) string { return "entry " + strconv.FormatUint(n, 10) }
