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

// looked is what package watch found, as of a length of the ledger, and what of
// it goes by the time, as of a minute.
type looked struct {
	entries uint64
	made    bool
	all     signs

	timed   bool
	minute  int64
	people  []watch.Person
	days    []watch.Day
	gaps    []watch.Gap
	recruit watch.Recruited
}

// unlikely is the adjusted p-value below which last digits are shown. Five in a
// hundred trials show some where there is nothing.
const unlikely = 0.05

// look gives what package watch finds; anew when an entry has come.
func (s *Server) look(st *study.State) signs {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.looked.made || s.looked.entries != st.Entries {
		s.looked = looked{entries: st.Entries, made: true, all: signs{Repeats: watch.Repeats(st), Wearers: watch.Wearers(st)}}
		for _, d := range watch.LastDigits(st) {
			if d.Tested && d.Adjusted < unlikely {
				s.looked.all.Digits = append(s.looked.all.Digits, d)
			}
		}
	}
	return s.looked.all
}

// timed gives what goes by the time as well.
func (s *Server) timed(st *study.State, now time.Time) looked {
	s.look(st)
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.looked
	if minute := now.Unix() / 60; !l.timed || l.minute != minute || l.entries != st.Entries {
		l.people, l.days = watch.Compliance(st, now)
		l.gaps, l.recruit = watch.Missing(st, now), watch.Enrolment(st, now)
		l.timed, l.minute = true, minute
	}
	return *l
}

// signs gives those of people and sites that the reader may see.
func (a *ask) signs(st *study.State, _ time.Time, sees func(*study.Participant) bool) signs {
	all := a.look(st)
	var out signs
	for _, d := range all.Digits {
		if x := st.People[d.Subject]; x != nil && sees(x) || d.Subject == "" && a.mayAt("see-people", d.Site) {
			out.Digits = append(out.Digits, d)
		}
	}
	for _, r := range all.Repeats {
		if sees(st.People[r.Subject]) {
			out.Repeats = append(out.Repeats, r)
		}
	}
	for _, w := range all.Wearers {
		if sees(st.People[w.Subject]) {
			out.Wearers = append(out.Wearers, w)
		}
	}
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
	p := qualityPage{Kinds: []schedule.Kind{schedule.Diary, schedule.Device, schedule.Dose, schedule.Visit}}
	err := a.see("see-people", "", func(st *study.State, now time.Time) error {
		sees := func(x *study.Participant) bool { return a.mayOf("see-person", x) }
		p.signs = a.signs(st, now, sees)
		l := a.timed(st, now)
		p.Recruit, p.Gaps = l.recruit, l.gaps
		p.Weeks = l.recruit.Weeks[max(0, len(l.recruit.Weeks)-lastWeeks):]
		p.Kinds = slices.DeleteFunc(p.Kinds, func(k schedule.Kind) bool {
			return !slices.ContainsFunc(l.days, func(d watch.Day) bool { return d.ByKind[k].Due > 0 })
		})
		for _, x := range l.people {
			if sees(st.People[x.Subject]) {
				p.People = append(p.People, keptRow{Person: x, Cells: p.cells(x.ByKind)})
			}
		}
		for _, d := range l.days {
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
