package ui

import (
	"cmp"
	"slices"
	"strconv"

	"dvala/protocol"
)

// planRow is one thing that the plan asks for: when, what, and who does it.
type planRow struct {
	From, To int // days from randomisation; the same: once
	What, At string
	Who      string // participant, staff, device
}

// plan lays a protocol out as a list, which is put in order by day, by what is done,
// at which visit and by whom.
func (a *ask) plan(p protocol.Protocol) (out []planRow) {
	tell := a.speaker()
	add := func(from, to int, what, at, who string) { out = append(out, planRow{from, to, what, at, who}) }
	for _, v := range p.Visits {
		for _, id := range v.Instruments {
			add(v.Day, v.Day, tell.Instrument(id), a.in(v.Label), "participant")
		}
		if v.Dispense {
			add(v.Day, v.Day, a.t("A kit is handed out"), a.in(v.Label), "staff")
		}
		if v.Return {
			add(v.Day, v.Day, a.t("A kit is counted back"), a.in(v.Label), "staff")
		}
		if len(v.Instruments) == 0 && !v.Dispense && !v.Return {
			add(v.Day, v.Day, a.t("Visit"), a.in(v.Label), "staff")
		}
	}
	if d := p.Diary; d != nil {
		add(d.FromDay, d.ToDay, tell.Instrument(d.Instrument), "", "participant")
	}
	for _, d := range p.Devices {
		add(d.FromDay, d.ToDay, a.words.coded(a.lang, "vendor:", d.Vendor), "", "device")
	}
	slices.SortStableFunc(out, byDay)
	return out
}

func byDay(x, y planRow) int { return cmp.Or(x.From-y.From, x.To-y.To) }

// Span says the days of a row.
func (r planRow) Span() string {
	if r.From == r.To {
		return minus(r.From)
	}
	return minus(r.From) + " – " + minus(r.To)
}

// planColumns are those of the list.
func planColumns(a *ask) []listColumn[planRow] {
	return []listColumn[planRow]{
		{id: "day", name: "Day", text: func(r planRow) string {
			if r.From == r.To {
				return strconv.Itoa(r.From)
			}
			return strconv.Itoa(r.From) + ".." + strconv.Itoa(r.To)
		}, show: planRow.Span, order: byDay},
		{id: "what", name: "What", words: true, text: func(r planRow) string { return r.What }},
		{id: "visit", name: "Visit", words: true, text: func(r planRow) string { return r.At }, show: func(r planRow) string { return orDash(cmp.Or(r.At, a.t("every day"))) }},
		{id: "who", name: "Who does it", words: true, text: func(r planRow) string { return r.Who }, show: func(r planRow) string { return a.words.coded(a.lang, "doer:", r.Who) }},
	}
}
