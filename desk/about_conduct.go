package desk

import (
	"dvala/study"
)

func entry(n uint64) Part { return phrase("entry %s", n) }

// saysConduct tells what events of the trial's conduct say: what wants two
// people, amendments, who is not screened.
func saysConduct(ev study.Event) Said {
	switch e := ev.(type) {
	case study.Proposed:
		return said(only(Code{"kind", e.What}))
	case study.Approved:
		return said(entry(e.Proposal))
	case study.Declined:
		return said(entry(e.Proposal))
	case study.AmendmentInForce:
		return said(phrase("version %s", e.Version), only(Named{"site", e.Site}), phrase("from %s", e.From))
	case study.NotScreened:
		return said(only(Named{"site", e.Site}), only(Code{"not-screened", e.Why}))
	case study.ScreeningClosed:
		return said(only(Code{"not-screened", e.Why}))
	case study.DeviationReviewed:
		return said(entry(e.Entry), only(Code{"category", e.Category}))
	}
	return nil
}

func saysLife(ev study.Event) Said {
	switch e := ev.(type) {
	case study.WakeChanged:
		return said(only(e.Wake), phrase("from %s", e.From))
	case study.ZoneChanged:
		return said(only(e.Zone), phrase("from %s", e.From))
	case study.LanguageChanged:
		return said(only(Code{"language", string(e.Language)}))
	case study.RemindersChanged:
		return said(only(list(e.Channels, coded("channel"))))
	case study.Missed:
		return said(counted(len(e.Tasks), "%s task", "%s tasks"))
	case study.Excused:
		if e.Name != "" {
			return said(only(Code{"task", string(e.Task)}), only(Named{"visit", e.Name}))
		}
		return said(only(Code{"task", string(e.Task)}), only(e.Date))
	case study.ClockJumped:
		return said(phrase("%s s", e.Seconds))
	case study.ClockConfirmed:
		return said(only(e.Server))
	case study.AccessLogStood:
		return said(counted(int(e.Lines), "%s line", "%s lines"))
	case study.Held:
		var what Part
		if kind, ok := study.LeadsTo(e.Command); ok {
			what = only(Code{"kind", string(kind)})
		}
		return said(what, only(list(e.Codes, func(c string) any { return c })))
	case study.HeldSettled:
		if e.Entry != nil {
			return said(only(Code{"settled", e.How}), entry(*e.Entry))
		}
		return said(only(Code{"settled", e.How}))
	}
	return nil
}

// saysQuality leaves out what a query says: it may be words of the person.
func saysQuality(ev study.Event) Said {
	switch e := ev.(type) {
	case study.QueryRaised:
		var about Part
		if e.Entry != nil {
			about = entry(*e.Entry)
		}
		return said(about, only(Named{"field", e.Field}), only(Code{"rule", e.Rule}))
	case study.QueryAnswered:
		return said(phrase("query entry %s", e.Query))
	case study.QueryClosed:
		return said(phrase("query entry %s", e.Query), only(Code{"how", e.How}))
	case study.QueryReopened:
		return said(phrase("query entry %s", e.Query))
	case study.FormLocked:
		return said(entry(e.Entry))
	case study.Unlocked:
		return said(only(Code{"of", e.What}))
	case study.Signed:
		return said(only(Code{"of", e.What}))
	case study.SourceVerified:
		return said(entry(e.Entry), only(list(e.Fields, named("field"))))
	}
	return nil
}

func saysSafety(ev study.Event) Said {
	switch e := ev.(type) {
	case study.AdverseEventUpdated:
		return said(entry(e.Event), term(e.AdverseEvent), only(e.Coded), only(Code{"severity", e.Severity}), when(e.Serious, phrase("serious")), only(Code{"outcome", e.Outcome}))
	case study.SeriousReported:
		return said(entry(e.Event), phrase("to %s", Code{"receiver", e.To}), only(e.On))
	case study.Medication:
		return said(only(e.Name), only(e.Coded), only(e.Dose), only(e.Indication))
	case study.Pregnancy:
		return said(only(Code{"whose", e.Whose}), only(e.Known))
	case study.PregnancyFollowed:
		return said(entry(e.Pregnancy), only(Code{"pregnancy", e.Outcome}))
	case study.DeviceIncident:
		return said(deviceOf(e), only(Code{"incident", e.What}), only(Code{"consequence", e.Consequence}))
	}
	return nil
}

// deviceOf says which device: one of the protocol's by its name, another in the
// words in which it was told.
func deviceOf(e study.DeviceIncident) Part {
	if e.Coded != "" {
		return only(Code{"vendor", e.Coded})
	}
	if study.Words(e.Device).Sealed() {
		return only(e.Device)
	}
	return only(Code{"vendor", e.Device})
}
