package ui

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"dvala/desk"
	"dvala/study"
)

// queriesPage is every query of the people whom a reader may see, the oldest
// first; those that are closed only where they are asked for.
type queriesPage struct {
	List   listing[queryRow]
	Counts []desk.Count // by state
	State  string       // asked for; empty: what is not closed
	Asks   bool         // the reader may answer and close queries
	Zone   *time.Location
	Tell   *speaker
}

// queryRow is one query.
type queryRow struct {
	Subject study.Subject
	Site    string
	study.Query
	Days int // for how long it is, or was, open
}

// queryStates are those of queries, in the order in which they come about.
var queryStates = []string{study.QueryIsOpen, study.QueryIsAnswered, study.QueryIsClosed}

// Asked gives who asked last: whoever raised it, or took it up again.
func (r queryRow) Asked() study.QueryTurn {
	for _, t := range slices.Backward(r.Thread) {
		if t.Kind == study.KindQueryRaised || t.Kind == study.KindQueryReopened {
			return t
		}
	}
	return study.QueryTurn{}
}

// Question gives what was asked in the first place.
func (r queryRow) Question() study.Words {
	if len(r.Thread) == 0 {
		return ""
	}
	return r.Thread[0].Text
}

// openQueries counts the queries by their state, of those whom the reader may see.
func (a *ask) openQueries(st *study.State) map[string]int {
	n := map[string]int{}
	sees := a.seesAt()
	for _, who := range st.Order {
		x := st.People[who]
		if len(x.Queries) == 0 || !sees(x.Site) {
			continue
		}
		for _, q := range x.Queries {
			n[q.State]++
		}
	}
	return n
}

func (a *ask) queries() (view, error) {
	p := queriesPage{Tell: a.speaker(), State: a.r.URL.Query().Get("state")}
	var rows []queryRow
	err := a.see("see-people", "", func(st *study.State, now time.Time) error {
		p.Zone = st.Protocol.Zone()
		p.Asks = st.Locked == nil && (a.may("answer-query", "") || a.may("close-query", ""))
		n := a.openQueries(st)
		for _, state := range queryStates {
			if n[state] > 0 {
				p.Counts = append(p.Counts, desk.Count{What: state, N: n[state]})
			}
		}
		sees := a.seesAt()
		for _, who := range st.Order {
			x := st.People[who]
			if !sees(x.Site) {
				continue
			}
			for _, q := range x.Queries {
				if p.State == q.State || p.State == "" && q.OpenNow() {
					rows = append(rows, queryRow{who, x.Site, *q, int(q.Age(now) / (24 * time.Hour))})
				}
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	slices.SortStableFunc(rows, func(x, y queryRow) int { return x.Since.Compare(y.Since) })
	list, whole, err := listed(a, "queries", rows, p.columns(a), func(rows []queryRow) ([]queryRow, error) {
		return revealEach(a, rows, func(r queryRow) study.Subject { return r.Subject })
	})
	if err != nil || whole != nil {
		return view{file: whole}, err
	}
	p.List = list
	return view{page: "queries", title: a.t("Queries"), data: p}, nil
}

func (p queriesPage) columns(a *ask) []listColumn[queryRow] {
	return []listColumn[queryRow]{
		{id: "query", name: "Query", text: func(r queryRow) string { return strconv.FormatUint(r.ID, 10) }},
		{id: "code", name: "Code", words: true, text: func(r queryRow) string { return string(r.Subject) }},
		{id: "site", name: "Site", words: true, text: func(r queryRow) string { return r.Site }},
		{id: "about", name: "About", words: true, text: func(r queryRow) string {
			if r.About == nil {
				return ""
			}
			return strconv.FormatUint(*r.About, 10)
		}},
		{id: "field", name: "Field", words: true, text: func(r queryRow) string { return r.Field }, show: func(r queryRow) string { return p.Tell.Field(r.Field) }},
		{id: "asked", name: "What is asked", words: true, text: func(r queryRow) string { return string(r.Question()) }, show: func(r queryRow) string { return p.Tell.Asked(r.Rule, r.Question()) }},
		{id: "state", name: "State", words: true, codes: "query:", text: func(r queryRow) string { return r.State }, order: func(x, y queryRow) int {
			return cmp.Compare(slices.Index(queryStates, x.State), slices.Index(queryStates, y.State))
		}},
		{id: "age", name: "Days open", text: func(r queryRow) string { return strconv.Itoa(r.Days) }},
		{id: "since", name: "Since", text: func(r queryRow) string { return stamp(r.Since) }},
		{id: "by", name: "Who asked", words: true, text: func(r queryRow) string { return r.Asked().By }, show: func(r queryRow) string {
			if r.Automatic() && r.Asked().Kind == study.KindQueryRaised {
				return a.t("a rule")
			}
			return a.words.called(a.lang, r.Asked().By)
		}},
	}
}
