package ui

import (
	"slices"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// stockPage is every kit by its state, site by site, and how many places the
// list has left. It knows no arm, and nothing in it is sorted by one.
type stockPage struct {
	Kits                  listing[stockRow]
	Counts                []stockCount
	Cells                 []study.CellLeft
	RunsLow               []desk.Low
	Receive, Note, Extend bool
	Site, State           string // what is looked for
	Sites                 []string
	Tell                  *speaker
	lines                 []stockRow
}

type stockRow struct {
	study.StockLine
	Site    string
	See     bool // the reader may open the person's page
	Replace bool // and hand out the next in its place
	Left    int  // days until it expires, of one that can still be handed out
	Soon    bool // that is within a month
}

// stockCount is how many kits of a site are in a state.
type stockCount struct {
	Site, State string
	N           int
}

// soon is how many days before it expires a kit is marked.
const soon = 30

func (a *ask) stock() (view, error) {
	q := a.r.URL.Query()
	p := stockPage{Site: q.Get("site"), State: q.Get("state"), Tell: a.speaker()}
	err := a.see("see-stock", "", func(st *study.State, now time.Time) error {
		open := st.Locked == nil
		p.Receive, p.Note = open && a.may("receive-kits", ""), open && a.may("note-kit", "")
		p.Extend = open && a.may("extend-list", "")
		today := civil.DateOf(now.In(st.Protocol.Zone()))
		for _, site := range st.Protocol.Protocol().Sites {
			if !a.mayAt("see-stock", site.ID) {
				continue
			}
			p.Sites = append(p.Sites, site.ID)
			a.stockAt(&p, st, site.ID, today)
		}
		slices.SortStableFunc(p.lines, func(x, y stockRow) int { return waits(x) - waits(y) })
		p.Cells = st.CellsLeft()
		p.RunsLow = desk.LowAt(a.Office.Low(st, today), func(site string) bool { return a.mayAt("see-stock", site) })
		return nil
	})
	if err != nil {
		return view{}, err
	}
	var whole *file
	if p.Kits, whole, err = listed(a, "kits", p.lines, p.columns(), nil); err != nil || whole != nil {
		return view{file: whole}, err
	}
	return view{page: "stock", title: a.t("Kits"), data: p}, nil
}

// columns of the kits; the site is one where there are several.
func (p stockPage) columns() []listColumn[stockRow] {
	out := []listColumn[stockRow]{
		{id: "kit", name: "Kit", text: func(r stockRow) string { return r.Kit }},
		{id: "site", name: "Site", words: true, text: func(r stockRow) string { return r.Site }},
		{id: "visit", name: "Visit", words: true, text: func(r stockRow) string { return r.Visit }, show: func(r stockRow) string { return p.Tell.Visit(r.Visit) }},
		{id: "state", name: "State", words: true, codes: anyCode, text: func(r stockRow) string { return r.State }, order: func(x, y stockRow) int {
			return slices.Index(kitStates, x.State) - slices.Index(kitStates, y.State)
		}},
		{id: "person", name: "Code", words: true, text: func(r stockRow) string { return string(r.Person) }},
		{id: "expires", name: "Good until", text: func(r stockRow) string { return r.Expires.String() }},
	}
	if !p.Many() {
		out = slices.Delete(out, 1, 2)
	}
	return out
}

// mayAt is may about a site.
func (a *ask) mayAt(action desk.Action, site string) bool {
	_, err := desk.As(a.caller, action, "", site, a.Office.Now())
	return err == nil || fault.CodeOf(err) == desk.CodeStrong
}

// stockAt adds the kits of one site, those that fit what is looked for.
func (a *ask) stockAt(p *stockPage, st *study.State, site string, today civil.Date) {
	n := map[string]int{}
	for _, l := range st.StockOf(site, today) {
		n[l.State]++
		if p.Site != "" && p.Site != site || p.State != "" && p.State != l.State {
			continue
		}
		row := stockRow{StockLine: l, Site: site}
		if x := st.People[l.Person]; x != nil {
			row.See = a.mayOf("see-person", x)
			row.Replace = l.State == study.KitHandedOut && st.Locked == nil && onTreatment(st, x) && row.See && a.mayOf("replace-kit", x)
		}
		if l.State == study.KitInStock && !l.Expires.IsZero() {
			row.Left = l.Expires.Sub(today)
			row.Soon = row.Left <= soon
		}
		p.lines = append(p.lines, row)
	}
	for _, state := range kitStates {
		if n[state] > 0 {
			p.Counts = append(p.Counts, stockCount{site, state, n[state]})
		}
	}
}

// waits puts the kits that are only announced after those that are somewhere.
func waits(r stockRow) int {
	if r.State == study.KitAnnounced {
		return 1
	}
	return 0
}

// kitStates are the states of kits, in the order in which they come about.
var kitStates = []string{
	study.KitAnnounced, study.KitInStock, study.KitHandedOut, study.KitReturned, study.KitSwapped,
	study.KitLost, study.KitDamaged, study.KitExpired, study.KitRecall,
}

// Many says whether there is more than one site to tell apart.
func (p stockPage) Many() bool { return len(p.Sites) > 1 }

// Bad says whether a kit is in a state that it should not be in.
func (c stockCount) Bad() bool {
	return slices.Contains([]string{study.KitLost, study.KitDamaged, study.KitExpired, study.KitRecall}, c.State)
}

// Bad is that of one kit.
func (r stockRow) Bad() bool { return stockCount{State: r.State}.Bad() }

// Low says whether a cell of the list runs out.
func (p stockPage) Low() bool {
	return slices.ContainsFunc(p.Cells, func(c study.CellLeft) bool { return c.Low || c.Empty })
}
