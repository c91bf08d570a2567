package desk

import (
	"dvala/study"
)

// About tells in a few English words what an event says beyond its kind.
func About(ev study.Event) string { return Says(ev).English() }

// Says tells what an event says beyond its kind.
func Says(ev study.Event) Said {
	for _, of := range []func(study.Event) Said{saysPerson, saysRecord, saysEnd, saysConduct, saysLife, saysQuality, saysSafety, saysKits} {
		if s := of(ev); s != nil {
			return s
		}
	}
	return nil
}

func saysPerson(ev study.Event) Said {
	switch e := ev.(type) {
	case study.Opened:
		return said(only(e.Trial), phrase("protocol %s", short(e.ProtocolHash)), phrase("list sealed by %s", Code{"sealing", e.Sealing}))
	case study.Screened:
		if e.Eligible {
			return said(phrase("eligible"))
		}
		if len(e.Failed) == 0 {
			return said(phrase("not eligible"))
		}
		return said(phrase("not eligible: %s", list(e.Failed, named("criterion"))))
	case study.Consented:
		return said(phrase("version %s", e.Version), only(Code{"language", string(e.Language)}))
	case study.Enrolled:
		return said(only(e.Zone), phrase("randomisation planned for %s", e.Planned))
	case study.Randomised:
		return said(only(e.Date), only(Named{"stratum", e.Cell}), phrase("slot %s", e.Slot))
	case study.Dispensed:
		return said(only(Named{"visit", e.Visit}), phrase("kit %s", e.Kit))
	case study.Returned:
		return said(only(Named{"visit", e.Visit}), phrase("kit %s", e.Kit), counted(e.Units, "%s unit", "%s units"))
	}
	return nil
}

// saysRecord tells of what was collected.
func saysRecord(ev study.Event) Said {
	switch e := ev.(type) {
	case study.Answered:
		late := when(e.Late, phrase("late"))
		if e.Visit != "" {
			return said(only(Named{"instrument", e.Instrument}), only(Named{"visit", e.Visit}), late)
		}
		return said(only(Named{"instrument", e.Instrument}), phrase("night to %s", e.Night), late)
	case study.NightRecorded:
		return said(only(Code{"vendor", e.Vendor}), phrase("night to %s", e.Night))
	case study.DoseTaken:
		return said(only(e.Date), counted(e.Units, "%s unit", "%s units"))
	case study.EventOccurred:
		return said(only(Code{"event", e.Event}), phrase("from %s", e.From))
	case study.AdverseEvent:
		return said(term(e), only(e.Coded), only(Code{"severity", e.Severity}), when(e.Serious, phrase("serious")))
	case study.Deviation:
		return said(only(Code{"deviation", e.Code}), Note(e.Note))
	}
	return nil
}

// term is what an adverse event is called: words of somebody, or that the person
// has told it and nobody has named it yet.
func term(e study.AdverseEvent) Part {
	if e.Term == study.ToldByHer {
		return phrase(study.ToldByHer)
	}
	return only(e.Term)
}

func saysEnd(ev study.Event) Said {
	switch e := ev.(type) {
	case study.Corrected:
		return said(phrase("entry %s, %s: %s → %s", e.Entry, Named{"field", e.Field}, e.Old, e.New))
	case study.Withdrew:
		return said(phrase("from %s", Code{"withdrawal", e.From}), only(Code{"why", e.Why}))
	case study.Completed:
		return said(only(e.Date))
	case study.DryRun:
		return said(phrase("results %s", short(e.Results.SHA256)))
	case study.Locked:
		return said(phrase("%s entries", e.Entries), phrase("root %s", short(e.Root)))
	case study.AllocationsOpen:
		return said(phrase("openings %s", short(e.Openings.SHA256)))
	case study.Reported:
		return said(phrase("results %s", short(e.Results.SHA256)))
	}
	return nil
}

// short is the beginning of a hash, for the eye.
func short(hash string) string {
	if len(hash) > 12 {
		return hash[:12] + "…"
	}
	return hash
}
