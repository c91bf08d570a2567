package exchange

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"dvala/civil"
	"dvala/sleep"
	"dvala/study"
)

func (x *export) zone(p *study.Participant) *time.Location {
	if p.Enrolled != nil {
		if z, err := civil.Zone(p.Enrolled.Zone); err == nil {
			return z
		}
	}
	return x.checked.Zone()
}

// measured lists what a device measures beside stages, by JSON name.
func measured(n sleep.Night) map[string]float64 {
	out := map[string]float64{}
	if n.Measured == nil {
		return out
	}
	if b, err := json.Marshal(n.Measured); err == nil {
		_ = json.Unmarshal(b, &out) // what was just written is an object of numbers
	}
	return out
}

// nights has a row for every device night in force, with its architecture.
func (x *export) nights() *table {
	t := &table{name: "nights", columns: []column{
		subjectColumn,
		{name: "vendor", label: "device", kind: "code", source: "ledger"},
		{name: "night", label: "night, by the date of waking up", kind: "date", source: "ledger"},
		dayColumn,
		{name: "status", label: "state of the device", kind: "choice", levels: options("worn", "not-worn", "no-data", "declined", "battery"), source: "device", missing: "empty: not told"},
		{name: "algorithm", label: "algorithm that staged the night", kind: "text", source: "device", missing: "empty: not told"},
		{name: "superseded", label: "earlier versions that this one replaced", kind: "integer", source: "ledger"},
		{name: "file_sha256", label: "SHA-256 of the vendor's document", kind: "text", source: "ledger"},
	}}
	shape := sleep.Architecture{}.Table()
	for _, r := range shape {
		t.columns = append(t.columns, column{name: r.Name, label: r.Label, kind: "number", unit: r.Unit, source: "sleep architecture", missing: "empty: not defined for the night, or not told"})
	}
	names := map[string]bool{}
	x.eachNight(func(_ *study.Participant, _ string, _ civil.Date, r *study.RecordedNight) {
		for k := range measured(r.Night) {
			names[k] = true
		}
	})
	beside := slices.Sorted(maps.Keys(names))
	for _, k := range beside {
		t.columns = append(t.columns, column{name: "device_" + k, label: k + ", as the vendor has it", kind: "number", source: "device"})
	}
	x.eachNight(func(p *study.Participant, vendor string, night civil.Date, r *study.RecordedNight) {
		row := []cell{
			subject(p), text(vendor), date(night), day(p, night), text(string(r.Night.Status)),
			text(r.Night.Source.Algorithm), whole(r.Superseded), text(r.Source.SHA256),
		}
		if a, ok := r.Night.Architecture(); ok {
			for _, m := range a.Table() {
				row = append(row, some(m.Value))
			}
		} else {
			row = append(row, make([]cell, len(shape))...)
		}
		m := measured(r.Night)
		for _, k := range beside {
			if v, ok := m[k]; ok {
				row = append(row, number(v))
			} else {
				row = append(row, cell{})
			}
		}
		t.add(row...)
	})
	return t
}

func (x *export) eachNight(each func(*study.Participant, string, civil.Date, *study.RecordedNight)) {
	x.people(func(p *study.Participant) {
		for _, vendor := range slices.Sorted(maps.Keys(p.Nights)) {
			for _, night := range sortedDates(p.Nights[vendor]) {
				each(p, vendor, night, p.Nights[vendor][night])
			}
		}
	})
}

func (x *export) doses() *table {
	unit := ""
	if x.p.Dose != nil {
		unit = x.p.Dose.Unit
	}
	t := &table{name: "doses", columns: []column{
		subjectColumn, dateColumn, dayColumn,
		{name: "units", label: "taken that evening", kind: "integer", unit: unit, source: "participant", missing: "no row: not told"},
		{name: "retrospective", label: "told later than a morning may be filled in", kind: "choice", levels: options("yes", "no"), source: "ledger"},
	}}
	x.people(func(p *study.Participant) {
		for _, d := range sortedDates(p.Doses) {
			t.add(subject(p), date(d), day(p, d), whole(p.Doses[d].Units), yes(p.Doses[d].Retrospective))
		}
	})
	return t
}

// kits tells which kit was handed out. A kit's number says nothing about the
// arm.
func (x *export) kits() *table {
	t := &table{name: "kits", columns: []column{
		subjectColumn,
		{name: "visit", label: "visit", kind: "code", source: "protocol", levels: visitLevels(x.p)},
		dateColumn, dayColumn,
		{name: "kit", label: "number of the kit", kind: "text", source: "sealed list"},
		{name: "returned", label: "units that came back", kind: "integer", source: "ledger", missing: "empty: not returned"},
	}}
	x.people(func(p *study.Participant) {
		for _, k := range p.Kits {
			back := cell{}
			if k.Returned != nil {
				back = whole(*k.Returned)
			}
			t.add(subject(p), text(k.Visit), date(k.Date), day(p, k.Date), text(k.Kit), back)
		}
	})
	return t
}

func (x *export) events() *table {
	t := &table{name: "intercurrent_events", columns: []column{
		subjectColumn,
		{name: "event", label: "intercurrent event, as the protocol names it", kind: "code", source: "ledger"},
		{name: "from", label: "first day", kind: "date", source: "ledger"},
		{name: "from_day", label: "first day, from randomisation", kind: "integer", unit: "days", source: "derived"},
		{name: "to", label: "last day", kind: "date", source: "ledger", missing: "empty: until the end"},
		{name: "note", label: "note", kind: "text", source: "ledger"},
	}}
	x.people(func(p *study.Participant) {
		for _, e := range p.Events {
			t.add(subject(p), text(e.Event), date(e.From), day(p, e.From), date(e.To), text(e.Note))
		}
	})
	return t
}

func (x *export) adverse() *table {
	t := &table{name: "adverse_events", columns: []column{
		subjectColumn,
		{name: "term", label: "what happened", kind: "text", source: "investigator"},
		{name: "severity", label: "severity", kind: "choice", levels: options("mild", "moderate", "severe"), source: "investigator"},
		{name: "serious", label: "serious", kind: "choice", levels: options("yes", "no"), source: "investigator"},
		{name: "related", label: "related to the treatment", kind: "choice", levels: options("unassessed", "unrelated", "possible", "probable", "definite"), source: "investigator"},
		{name: "onset", label: "date of onset", kind: "date", source: "ledger"},
		{name: "onset_day", label: "day of onset, from randomisation", kind: "integer", unit: "days", source: "derived", missing: "empty: not randomised"},
		{name: "end", label: "date it ended", kind: "date", source: "ledger", missing: "empty: not ended or not known"},
		{name: "outcome", label: "how it ended", kind: "choice", levels: options("recovered", "recovering", "ongoing", "sequelae", "fatal", "unknown"), source: "investigator"},
		{name: "coded", label: "what a dictionary calls it", kind: "text", source: "investigator", missing: "empty: not coded"},
		{name: "entry", label: "entry of the ledger that told it first", kind: "integer", source: "ledger"},
		{name: "unblinding", label: "entry that asked to unblind the person because of it, the first", kind: "integer", source: "ledger", missing: "empty: none"},
	}}
	x.people(func(p *study.Participant) {
		for _, r := range p.AdverseLog {
			e, over := r.Now(), cell{}
			if u := p.UnblindingsOver(r); len(u) > 0 {
				over = entryCell(u[0].Entry)
			}
			t.add(subject(p), text(e.Term), text(e.Severity), yes(e.Serious), text(e.Related), date(e.Onset), day(p, e.Onset), date(e.End), text(e.Outcome), text(e.Coded),
				entryCell(r.Entry), over)
		}
	})
	return t
}

func (x *export) deviations() *table {
	t := &table{name: "deviations", columns: []column{
		subjectColumn, dateColumn, dayColumn,
		{name: "code", label: "kind of deviation from the protocol", kind: "code", source: "ledger"},
		{name: "note", label: "note", kind: "text", source: "ledger"},
		{name: "category", label: "how grave it is held to be", kind: "choice", levels: options("minor", "major"), source: "ledger", missing: "empty: not judged"},
	}}
	x.people(func(p *study.Participant) {
		for _, d := range p.Deviations {
			t.add(subject(p), date(d.Date), day(p, d.Date), text(d.Code), text(d.Note), text(d.Category))
		}
	})
	return t
}

// corrections has the old value beside the new.
func (x *export) corrections() *table {
	t := &table{name: "corrections", columns: []column{
		subjectColumn,
		{name: "at", label: "instant of the correction, UTC", kind: "instant", source: "ledger"},
		{name: "by", label: "account that made it", kind: "text", source: "ledger"},
		{name: "entry", label: "entry of the ledger that was corrected", kind: "integer", source: "ledger"},
		{name: "field", label: "field that was corrected", kind: "text", source: "ledger"},
		{name: "old", label: "what stood there, as JSON", kind: "text", source: "ledger", missing: "empty: nothing"},
		{name: "new", label: "what stands there now, as JSON", kind: "text", source: "ledger", missing: "empty or null: nothing"},
		{name: "reason", label: "reason given", kind: "text", source: "ledger"},
	}}
	x.people(func(p *study.Participant) {
		for _, c := range p.Corrections {
			t.add(subject(p), instant(c.At), text(c.By), entryCell(c.Entry), text(c.Field),
				text(string(c.Old)), text(string(c.New)), text(c.Reason))
		}
	})
	return t
}

func (x *export) withdrawals() *table {
	t := &table{name: "withdrawals", columns: []column{
		subjectColumn, dateColumn, dayColumn,
		{name: "from", label: "what the person left", kind: "choice", levels: options("treatment", "device", "follow-up", "identifiers"), source: "ledger"},
		{name: "why", label: "why", kind: "choice", levels: options(study.Vocabulary("why")...), source: "ledger"},
	}}
	x.people(func(p *study.Participant) {
		for _, w := range p.Leavings() {
			t.add(subject(p), date(w.Date), day(p, w.Date), text(w.From), text(w.Why))
		}
	})
	return t
}
