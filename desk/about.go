package desk

import (
	"strconv"
	"strings"

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
	if about := aboutLife(ev); about != "" {
		return about
	}
	if about := aboutQuality(ev); about != "" {
		return about
	}
	return aboutSafety(ev)
}

func aboutLife(ev study.Event) string {
	switch e := ev.(type) {
	case study.WakeChanged:
		return join(e.Wake.String(), "from "+e.From.String())
	case study.ZoneChanged:
		return join(e.Zone, "from "+e.From.String())
	case study.LanguageChanged:
		return string(e.Language)
	case study.RemindersChanged:
		return strings.Join(e.Channels, ", ")
	case study.Missed:
		return strconv.Itoa(len(e.Tasks)) + " tasks"
	case study.Excused:
		if e.Name != "" {
			return join(string(e.Task), e.Name)
		}
		return join(string(e.Task), e.Date.String())
	case study.ClockJumped:
		return trim(e.Seconds) + " s"
	}
	return ""
}

// aboutQuality leaves out what a query says: it may be words of the person.
func aboutQuality(ev study.Event) string {
	switch e := ev.(type) {
	case study.QueryRaised:
		about := ""
		if e.Entry != nil {
			about = entry(*e.Entry)
		}
		return join(about, e.Field, e.Rule)
	case study.QueryAnswered:
		return "query " + entry(e.Query)
	case study.QueryClosed:
		return join("query "+entry(e.Query), e.How)
	case study.QueryReopened:
		return "query " + entry(e.Query)
	case study.FormLocked:
		return entry(e.Entry)
	case study.Unlocked:
		return e.What
	case study.Signed:
		return e.What
	case study.SourceVerified:
		return join(entry(e.Entry), strings.Join(e.Fields, ", "))
	}
	return ""
}

func aboutSafety(ev study.Event) string {
	switch e := ev.(type) {
	case study.AdverseEventUpdated:
		return join(entry(e.Event), e.Term, e.Coded, e.Severity, map[bool]string{true: "serious"}[e.Serious], e.Outcome)
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
