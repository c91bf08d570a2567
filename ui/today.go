package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
)

// todayPage is the desk in the morning.
type todayPage struct {
	desk.Overview
	Day    desk.Day
	Needs  []desk.Count
	People bool // the reader may look at people
	Zone   *time.Location
	New    bool // she may screen
	Phased string
	Held   int  // entries from devices that could not be filed
	Waits  int  // proposals that wait for a second person
	Signs  int  // signs of the data that want a look
	Urgent int  // emergencies of the last days
	Low    int  // cells of the list and kits of which a fifth or less is left
	Live   bool // the page is told when something was written
	Tell   *speaker
}

func (a *ask) today() (view, error) {
	if a.caller.Nobody() {
		return view{to: "/sign-in"}, nil
	}
	if a.caller.Subject != "" && !a.may("see-overview", "") {
		return view{to: "/me"}, nil
	}
	p := todayPage{Tell: a.speaker()}
	err := a.see("see-overview", "", func(st *study.State, now time.Time) error {
		p.Overview = a.Office.Overview(st)
		p.Phased, p.Zone = string(p.Phase), st.Protocol.Zone()
		p.Urgent = a.urgent(st, now)
		p.Live = a.Beside != nil && a.may("see-changes", "")
		if a.may("see-stock", "") {
			today := civil.DateOf(now.In(st.Protocol.Zone()))
			p.Low = len(desk.LowAt(a.Office.Low(st, today), func(site string) bool { return a.mayAt("see-stock", site) }))
		}
		p.People, p.New = a.may("see-people", ""), a.may("screen", "") && st.Locked == nil
		if !p.People {
			return nil
		}
		p.Signs = a.signs(st).Count()
		if a.may("decline", "") {
			for _, x := range st.Proposals {
				if x.Open() && (x.Subject == "" && a.mayAt("decline", "") || x.Subject != "" && a.mayOf("decline", st.People[x.Subject])) {
					p.Waits++
				}
			}
		}
		p.Day = a.morning(st, now)
		n := map[string]int{}
		if st.Locked == nil {
			n = a.Office.Needs(st, now, a.seesAt())
		}
		for _, need := range desk.NeedsInOrder() {
			if n[need] > 0 {
				p.Needs = append(p.Needs, desk.Count{What: need, N: n[need]})
			}
		}
		return nil
	})
	if err == nil {
		p.Day.Clocks, err = revealEach(a, p.Day.Clocks, func(c desk.Clock) study.Subject { return c.Subject })
	}
	if err == nil && a.may("see-held", "") {
		var held []desk.HeldView
		held, err = a.Office.HeldEntries(a.r.Context(), a.caller, false)
		p.Held = len(held)
	}
	return view{page: "today", title: a.t("Today"), data: p}, err
}

// urgent counts the emergencies of the last seven days that the reader may see:
// everybody learns that there was one, and nobody here of what.
func (a *ask) urgent(st *study.State, now time.Time) (n int) {
	for _, x := range st.People {
		for _, u := range x.Unblindings {
			if last := slices.MaxFunc([]time.Time{u.Asked, u.Confirmed}, time.Time.Compare); now.Sub(last) < 7*24*time.Hour && a.mayOf("see-emergencies", x) {
				n++
			}
		}
	}
	return n
}

// peoplePage is the table of all, or of those that fit.
type peoplePage struct {
	Lines      []desk.Line
	All        int
	Search     string
	Need       string
	Sort, Desc string
	Needs      []desk.Count
	New        bool
	Query      string // of the file with the same rows
	Before     string // links to the pages around this one
	After      string
}

// found gives the people a reader may see that fit what she asks for.
func (a *ask) found() (peoplePage, error) {
	q := a.r.URL.Query()
	p := peoplePage{Search: strings.TrimSpace(q.Get("q")), Need: q.Get("need"), Sort: q.Get("sort"), Desc: q.Get("desc"), Query: a.r.URL.RawQuery}
	err := a.see("see-people", "", func(st *study.State, now time.Time) error {
		sees := a.seesAt()
		n := a.Office.Needs(st, now, sees)
		a.Office.Lines(st, now, func(line func(int) desk.Line) {
			for place := range st.Order {
				l := line(place)
				if !sees(l.Site) {
					continue
				}
				p.All++
				if (p.Search == "" || a.fits(l, p.Search)) && (p.Need == "" || slices.Contains(l.Needs, p.Need)) {
					p.Lines = append(p.Lines, l)
				}
			}
		})
		for _, need := range desk.NeedsInOrder() {
			if n[need] > 0 {
				p.Needs = append(p.Needs, desk.Count{What: need, N: n[need]})
			}
		}
		p.New = a.may("screen", "") && st.Locked == nil
		return nil
	})
	sortLines(p.Lines, p.Sort, p.Desc != "")
	return p, err
}

// fits says whether a person is looked for: every word of the search is in the
// code, the stage, the stratum, the site or a need, in either language.
func (a *ask) fits(l desk.Line, search string) bool {
	words := append([]string{string(l.Subject), l.Stage, a.words.tell(a.lang, l.Stage), l.Cell, l.Site}, l.Needs...)
	for _, n := range l.Needs {
		words = append(words, a.words.tell(a.lang, n))
	}
	text := strings.ToLower(strings.Join(words, " "))
	for word := range strings.FieldsSeq(strings.ToLower(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// peopleRows is how many people stand on a page.
const peopleRows = 500

func (a *ask) participants() (view, error) {
	p, err := a.found()
	q := a.r.URL.Query()
	from, _ := strconv.Atoi(q.Get("from")) // what is no number is the first page
	from = min(max(from, 0), len(p.Lines))
	to := min(from+peopleRows, len(p.Lines))
	page := func(from int) string {
		q.Set("from", strconv.Itoa(from))
		return "/participants?" + q.Encode()
	}
	if from > 0 {
		p.Before = page(max(0, from-peopleRows))
	}
	if to < len(p.Lines) {
		p.After = page(to)
	}
	p.Lines = p.Lines[from:to]
	return view{page: "participants", title: a.t("Participants"), data: p}, err
}
