package ui

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
)

// todayPage is the desk in the morning.
type todayPage struct {
	desk.Overview
	Day    desk.Day
	Lists  dayLists
	Sites  []string // whose people are counted; empty: all
	Away   int      // people whose telephone has not been in touch for more than a day
	Needs  []desk.Count
	People bool // the reader may look at people
	Zone   *time.Location
	New    bool // she may screen
	Phased string
	Held   int          // entries from devices that could not be filed
	Waits  int          // proposals that wait for a second person
	Signs  int          // signs of the data that want a look
	Urgent int          // emergencies of the last days
	Low    int          // cells of the list and kits of which a fifth or less is left
	Live   bool         // the page is told when something was written
	Asked  []desk.Count // queries that are not closed, by state
	Ledger bool         // the reader may look at the ledger
	Tell   *speaker
}

func (a *ask) today() (view, error) {
	if a.caller.Nobody() {
		return view{to: "/sign-in"}, nil
	}
	if a.caller.Subject != "" && !a.may("see-overview", "") {
		return view{to: "/me"}, nil
	}
	p := todayPage{Tell: a.speaker(), Ledger: a.may("see-ledger", "")}
	err := a.see("see-overview", "", func(st *study.State, now time.Time) error {
		p.Overview, p.Sites = a.counted(st)
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
		if st.Locked == nil {
			asked := a.openQueries(st)
			for _, state := range queryStates[:2] {
				if asked[state] > 0 {
					p.Asked = append(p.Asked, desk.Count{What: state, N: asked[state]})
				}
			}
		}
		for _, need := range desk.NeedsInOrder() {
			if need == desk.NeedQuery || need == desk.NeedReading {
				continue // the queries themselves are counted
			}
			if n[need] > 0 {
				p.Needs = append(p.Needs, desk.Count{What: need, N: n[need]})
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	if a.may("see-held", "") {
		held, err := a.Office.HeldEntries(a.r.Context(), a.caller, false)
		if err != nil {
			return view{}, err
		}
		p.Held = len(held)
	}
	if p.People {
		away, _, err := a.Office.Untouched(a.r.Context(), a.caller)
		if err != nil {
			return view{}, err
		}
		p.Away = len(away)
		var whole *file
		if p.Lists, whole, err = a.dayLists(p.Day); err != nil || whole != nil {
			return view{file: whole}, err
		}
	}
	return view{page: "today", title: a.t("Today"), data: p}, nil
}

// counted tells how the trial stands at the sites where the reader has her role, and
// which those are where they are not all.
func (a *ask) counted(st *study.State) (desk.Overview, []string) {
	sees := a.countsAt()
	if desk.AtAll(st, sees) {
		return a.Office.Overview(st), nil
	}
	var names []string
	for _, s := range st.Protocol.Protocol().Sites {
		if sees(s.ID) {
			names = append(names, s.Name)
		}
	}
	return a.Office.OverviewAt(st, sees), names
}

// countsAt says at which sites people are counted for the reader: those whose people
// she may see, or, if she may see none, those at which she has a role.
func (a *ask) countsAt() func(site string) bool {
	if a.may("see-people", "") {
		return a.seesAt()
	}
	return func(site string) bool { return a.mayAt("see-overview", site) }
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
