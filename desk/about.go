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
	case study.AmendmentInForce:
		return join("version "+e.Version, e.Site, "from "+e.From.String())
	case study.NotScreened:
		return join(e.Site, e.Why)
	case study.ScreeningClosed:
		return e.Why
	case study.DeviationReviewed:
		return join(entry(e.Entry), e.Category)
	}
	return aboutSafety(ev)
}

func aboutSafety(ev study.Event) string {
	switch e := ev.(type) {
	case study.AdverseEventUpdated:
		return join(entry(e.Event), e.Term, e.Severity, map[bool]string{true: "serious"}[e.Serious], e.Outcome)
	case study.SeriousReported:
		return join(entry(e.Event), "to "+e.To, e.On.Format("2006-01-02 15:04Z"))
	case study.Medication:
		return join(e.Name, e.Dose, e.Indication)
	case study.Pregnancy:
		return join(e.Whose, e.Known.String())
	case study.PregnancyFollowed:
		return join(entry(e.Pregnancy), e.Outcome)
	case study.DeviceIncident:
		return join(e.Device, e.What, e.Consequence)
	}
	return aboutKits(ev)
}

func entry(n uint64) string { return "entry " + strconv.FormatUint(n, 10) }
