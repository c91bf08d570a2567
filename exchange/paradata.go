package exchange

import (
	"maps"
	"math"
	"slices"

	"dvala/civil"
	"dvala/study"
)

// paradata has a row for every form whose page told how it was filled in, and
// one for every visual analogue line on it.
func (x *export) paradata() *table {
	const untold = "empty: the page did not tell"
	t := &table{name: "paradata", columns: []column{
		subjectColumn,
		{name: "visit", label: "visit", kind: "code", source: "protocol", levels: visitLevels(x.p), missing: "empty: of a night"},
		{name: "night", label: "night, by the date of waking", kind: "date", source: "ledger", missing: "empty: of a visit"},
		dateColumn, dayColumn,
		{name: "instrument", label: "instrument", kind: "code", source: "protocol"},
		{name: "seconds", label: "the form was in sight, over all sittings", kind: "integer", unit: "s", source: "page", missing: untold},
		{name: "width", label: "width of the window", kind: "integer", unit: "CSS px", source: "page", missing: untold},
		{name: "ratio", label: "device pixels a CSS pixel", kind: "number", source: "page", missing: untold},
		{name: "view", label: "one question at a time, or the whole page", kind: "choice", levels: options(study.ViewOne, study.ViewPage), source: "page", missing: untold},
		{name: "resumed", label: "begun earlier and taken up again", kind: "choice", levels: options("yes", "no"), source: "page"},
		{name: "item", label: "visual analogue line", kind: "code", source: "instrument", missing: "empty: of the form as a whole"},
		{name: "line_px", label: "its length when last marked", kind: "integer", unit: "CSS px", source: "page", missing: "empty: of the form as a whole"},
		{name: "line_mm", label: "its nominal length, a CSS pixel being 1/96 inch", kind: "number", unit: "mm", source: "derived", missing: "empty: of the form as a whole"},
		{name: "by", label: "with what it was last marked", kind: "choice", levels: options("touch", "mouse", "pen", "keys"), source: "page", missing: "empty: of the form as a whole"},
		{name: "marks", label: "times it was marked", kind: "integer", source: "page", missing: "empty: of the form as a whole"},
	}}
	add := func(p *study.Participant, visit string, night civil.Date, id string, r *study.Response) {
		d := r.Answered.Paradata
		if d == nil {
			return
		}
		head := []cell{
			subject(p), text(visit),
			{},
			date(r.Answered.Date), day(p, r.Answered.Date), text(id),
			told(d.Seconds), told(d.Width),
			{},
			text(d.View), yes(d.Resumed),
		}
		if !night.IsZero() {
			head[2] = date(night)
		}
		if d.Ratio != 0 {
			head[8] = some(&d.Ratio)
		}
		t.add(append(slices.Clone(head), cell{}, cell{}, cell{}, cell{}, cell{})...)
		for _, item := range slices.Sorted(maps.Keys(d.Lines)) {
			l := d.Lines[item]
			t.add(append(slices.Clone(head), text(item), whole(l.Px), number(math.Round(l.MM()*10)/10), text(l.By), whole(l.Marks))...)
		}
	}
	x.people(func(p *study.Participant) {
		for _, night := range slices.SortedFunc(maps.Keys(p.Diary), civil.Date.Compare) {
			r := p.Diary[night]
			add(p, "", night, r.Answered.Instrument, r)
		}
	})
	x.responses(func(p *study.Participant, visit, id string, r *study.Response) { add(p, visit, civil.Date{}, id, r) })
	return t
}

// told gives a number that is 0 where it was not told.
func told(n int) cell {
	if n == 0 {
		return cell{}
	}
	return whole(n)
}
