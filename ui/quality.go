package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/desk"
	"dvala/desk/watch"
	"dvala/schedule"
	"dvala/study"
)

// signs gives those of people and sites that the reader may see.
func (a *ask) signs(st *study.State) watch.Signs { return a.Watched.Signs(st, a.seesAt()) }

// qualityPage is how complete and how likely the data are.
type qualityPage struct {
	watch.Signs
	Recruit watch.Recruited
	Part    bool         // not all sites are counted
	Weeks   []watch.Week // the last few
	Kinds   []schedule.Kind
	People  listing[keptRow]
	Alike   listing[watch.Repeat]
	Worn    listing[watch.Wearer]
	Days    []keptRow
	Gaps    []watch.Gap
	Tell    *speaker
}

// keptRow is what was due and what came, of one person or one day.
type keptRow struct {
	watch.Person
	Day   int
	Cells []watch.Kept // one a kind
}

// worst is the smallest share among its cells, for sorting; 2 where nothing was
// due.
func (r keptRow) worst() float64 {
	least := 2.0
	for _, k := range r.Cells {
		if s, ok := k.Share(); ok {
			least = min(least, s)
		}
	}
	return least
}

const lastWeeks = 12

func (a *ask) quality() (view, error) {
	p := qualityPage{Kinds: []schedule.Kind{schedule.Diary, schedule.Device, schedule.Dose, schedule.Visit}, Tell: a.speaker()}
	var rows []keptRow
	err := a.see("see-people", "", func(st *study.State, now time.Time) error {
		sees := a.seesAt()
		p.Signs = a.signs(st)
		people, days := p.watched(a, st, now, sees)
		p.Weeks = p.Recruit.Weeks[max(0, len(p.Recruit.Weeks)-lastWeeks):]
		p.Kinds = slices.DeleteFunc(p.Kinds, func(k schedule.Kind) bool {
			return !slices.ContainsFunc(days, func(d watch.Day) bool { return d.ByKind[k].Due > 0 })
		})
		for _, x := range people {
			if sees(x.Site) {
				rows = append(rows, keptRow{Person: x, Cells: p.cells(x.ByKind)})
			}
		}
		for _, d := range days {
			p.Days = append(p.Days, keptRow{Day: d.Day, Cells: p.cells(d.ByKind)})
		}
		return nil
	})
	slices.SortStableFunc(rows, func(x, y keptRow) int {
		switch a, b := x.worst(), y.worst(); {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	if err != nil {
		return view{}, err
	}
	whole, err := p.list(a, rows)
	if err != nil || whole != nil {
		return view{file: whole}, err
	}
	return view{page: "quality", title: a.t("Data quality"), data: p}, nil
}

// watched is what was worked out of everybody, or, of some sites alone, is worked out
// now: who keeps up, by person and by day.
func (p *qualityPage) watched(a *ask, st *study.State, now time.Time, sees func(site string) bool) ([]watch.Person, []watch.Day) {
	if p.Part = !desk.AtAll(st, sees); p.Part {
		p.Recruit, p.Gaps = watch.EnrolmentAt(st, now, sees), watch.MissingAt(st, now, sees)
		return watch.ComplianceAt(st, now, sees)
	}
	p.Recruit, p.Gaps = a.Watched.Enrolment(st, now), a.Watched.Missing(st, now)
	return a.Watched.Compliance(st, now)
}

// list makes the pages of the tables that grow with people.
func (p *qualityPage) list(a *ask, rows []keptRow) (whole *file, err error) {
	columns := []listColumn[keptRow]{{id: "code", name: "Code", text: func(r keptRow) string { return string(r.Subject) }}}
	for i, k := range p.Kinds {
		columns = append(columns, listColumn[keptRow]{id: string(k), name: "kind:" + string(k), text: func(r keptRow) string { return kept(r.Cells[i]) }, order: func(x, y keptRow) int {
			return cmp.Compare(shareOf(x.Cells[i]), shareOf(y.Cells[i]))
		}})
	}
	columns = append(columns, listColumn[keptRow]{id: "silent", name: "Days silent", text: func(r keptRow) string { return strconv.Itoa(r.Silent) }})
	if p.People, whole, err = listed(a, "compliance", rows, columns, nil); err != nil || whole != nil {
		return whole, err
	}
	if p.Alike, whole, err = listed(a, "repeats", p.Repeats, p.repeatColumns(), nil); err != nil || whole != nil {
		return whole, err
	}
	p.Worn, whole, err = listed(a, "wearers", p.Wearers, p.wearerColumns(a), nil)
	return whole, err
}

// shareOf is that for sorting: what was never due comes last.
func shareOf(k watch.Kept) float64 {
	if s, ok := k.Share(); ok {
		return s
	}
	return 2
}

func (p *qualityPage) repeatColumns() []listColumn[watch.Repeat] {
	return []listColumn[watch.Repeat]{
		{id: "code", name: "Code", text: func(r watch.Repeat) string { return string(r.Subject) }},
		{id: "what", name: "What", words: true, codes: anyCode, text: func(r watch.Repeat) string { return r.What }},
		{id: "instrument", name: "Instrument", words: true, text: func(r watch.Repeat) string { return r.Instrument }, show: func(r watch.Repeat) string { return p.Tell.Instrument(r.Instrument) }},
		{id: "when", name: "When", words: true, text: func(r watch.Repeat) string {
			if r.Visit != "" {
				return r.Visit
			}
			return strings.TrimSpace(r.From.String() + " " + r.To.String())
		}, show: func(r watch.Repeat) string {
			switch {
			case r.Visit != "":
				return p.Tell.Visit(r.Visit)
			case r.From.IsZero():
				return ""
			}
			return r.From.String() + " – " + r.To.String()
		}},
		{id: "items", name: "Items alike", text: func(r watch.Repeat) string { return strconv.Itoa(r.Items) }},
		{id: "entries", name: "Entries", words: true, text: func(r watch.Repeat) string { return strings.Trim(fmt.Sprint(r.Entries), "[]") }},
	}
}

func (p *qualityPage) wearerColumns(a *ask) []listColumn[watch.Wearer] {
	return []listColumn[watch.Wearer]{
		{id: "code", name: "Code", text: func(w watch.Wearer) string { return string(w.Subject) }},
		{id: "device", name: "Device", words: true, codes: "vendor:", text: func(w watch.Wearer) string { return w.Vendor }},
		{id: "night", name: "Night to", text: func(w watch.Wearer) string { return w.Night.String() }},
		{id: "overlap", name: "In the diary's bed", text: func(w watch.Wearer) string { return ratioOf(w.Overlap) }},
		{id: "heart-rate", name: "Heart rate", text: func(w watch.Wearer) string { return off("en", w.HeartRate) }, show: func(w watch.Wearer) string { return off(a.lang, w.HeartRate) }},
		{id: "variability", name: "Its variability", text: func(w watch.Wearer) string { return off("en", w.Variability) }, show: func(w watch.Wearer) string { return off(a.lang, w.Variability) }},
		{id: "because", name: "Because", words: true, text: func(w watch.Wearer) string { return strings.Join(w.Because, " ") }, show: func(w watch.Wearer) string {
			said := make([]string, len(w.Because))
			for i, b := range w.Because {
				said[i] = a.words.tell(a.lang, b)
			}
			return strings.Join(said, " ")
		}},
	}
}

func (p *qualityPage) cells(of map[schedule.Kind]watch.Kept) []watch.Kept {
	out := make([]watch.Kept, len(p.Kinds))
	for i, k := range p.Kinds {
		out[i] = of[k]
	}
	return out
}

// kept writes what came of what was due: 12/14, or a dash.
func kept(k watch.Kept) string {
	if k.Due == 0 {
		return "–"
	}
	return strconv.Itoa(k.Done) + "/" + strconv.Itoa(k.Due)
}

// fewOf says whether less than four fifths of what was due came.
func fewOf(k watch.Kept) bool {
	s, ok := k.Share()
	return ok && s < 0.8
}

// ratioOf writes a share in percent.
func ratioOf(x *float64) string {
	if x == nil {
		return "–"
	}
	return strconv.Itoa(int(*x*100+0.5)) + " %"
}

// off writes how far a night lies from the person's own, with its sign.
func off(lang string, x *float64) string {
	if x == nil {
		return "–"
	}
	text := fixed(lang, *x, 1)
	if *x < 0 {
		return text
	}
	return "+" + text
}
