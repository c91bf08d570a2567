package ui

import (
	"slices"
	"strconv"
	"time"

	"dvala/desk/watch"
	"dvala/schedule"
	"dvala/study"
)

// signs are what in the data asks for a look: of those whom a reader may see.
type signs struct {
	Digits  []watch.Digits
	Repeats []watch.Repeat
	Wearers []watch.Wearer
}

// Count is how many there are.
func (s signs) Count() int { return len(s.Digits) + len(s.Repeats) + len(s.Wearers) }

// unlikely is the adjusted p-value below which last digits are shown. Five in a
// hundred trials show some where there is nothing.
const unlikely = 0.05

// signs gives those of people and sites that the reader may see.
func (a *ask) signs(st *study.State) signs {
	sees := a.seesAt()
	out := signs{Digits: a.watched.LastDigits(st, unlikely), Repeats: a.watched.Repeats(st), Wearers: a.watched.Wearers(st)}
	hidden := func(who study.Subject) bool { return !sees(st.People[who].Site) }
	out.Digits = slices.DeleteFunc(out.Digits, func(d watch.Digits) bool {
		if d.Subject == "" {
			return !a.mayAt("see-people", d.Site)
		}
		return hidden(d.Subject)
	})
	out.Repeats = slices.DeleteFunc(out.Repeats, func(r watch.Repeat) bool { return hidden(r.Subject) })
	out.Wearers = slices.DeleteFunc(out.Wearers, func(w watch.Wearer) bool { return hidden(w.Subject) })
	return out
}

// qualityPage is how complete and how likely the data are.
type qualityPage struct {
	signs
	Recruit watch.Recruited
	Weeks   []watch.Week // the last few
	Kinds   []schedule.Kind
	People  []keptRow
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
	err := a.see("see-people", "", func(st *study.State, now time.Time) error {
		sees := a.seesAt()
		p.signs = a.signs(st)
		people, days := a.watched.Compliance(st, now)
		p.Recruit, p.Gaps = a.watched.Enrolment(st, now), a.watched.Missing(st, now)
		p.Weeks = p.Recruit.Weeks[max(0, len(p.Recruit.Weeks)-lastWeeks):]
		p.Kinds = slices.DeleteFunc(p.Kinds, func(k schedule.Kind) bool {
			return !slices.ContainsFunc(days, func(d watch.Day) bool { return d.ByKind[k].Due > 0 })
		})
		for _, x := range people {
			if sees(x.Site) {
				p.People = append(p.People, keptRow{Person: x, Cells: p.cells(x.ByKind)})
			}
		}
		for _, d := range days {
			p.Days = append(p.Days, keptRow{Day: d.Day, Cells: p.cells(d.ByKind)})
		}
		return nil
	})
	slices.SortStableFunc(p.People, func(x, y keptRow) int {
		switch a, b := x.worst(), y.worst(); {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	return view{page: "quality", title: a.t("Data quality"), data: p}, err
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
func off(x *float64) string {
	if x == nil {
		return "–"
	}
	text := strconv.FormatFloat(*x, 'f', 1, 64)
	if *x < 0 {
		return "−" + text[1:]
	}
	return "+" + text
}
