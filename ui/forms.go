package ui

import (
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk/watch"
	"dvala/study"
)

// formsPage is the forms, or the items of forms, behind what is missing.
type formsPage struct {
	List  listing[formRow]
	Only  string // in words, which are looked at
	Items bool   // an item a row
	Tell  *speaker
}

// formRow is one form that was due, or one item of it.
type formRow struct {
	Subject           study.Subject
	Site              string
	Visit, Instrument string
	On                civil.Date
	Entry             uint64 // of the form; 0: it has not come
	Item              string // its field, as a correction names it
	State             string // came, not-come, answered, blank, not-known
}

// forms reads the address: instrument=isi, visit=day-0 (none: the diary), and
// part=due, came, items, blank or not-known.
func (a *ask) forms() (view, error) {
	q := a.r.URL.Query()
	part := q.Get("part")
	p := formsPage{Tell: a.speaker(), Items: part == "items" || part == "blank" || part == "not-known"}
	var rows []formRow
	err := a.see("see-people", "", func(st *study.State, now time.Time) error {
		sees := a.seesAt()
		for _, who := range st.Order {
			x := st.People[who]
			if !sees(x.Site) {
				continue
			}
			for _, f := range watch.Forms(st, x, now) {
				if f.Visit == q.Get("visit") && (q.Get("instrument") == "" || f.Instrument == q.Get("instrument")) {
					rows = p.add(rows, x, f, part)
				}
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	says := []string{p.Tell.Instrument(q.Get("instrument")), a.t("every morning"), a.words.coded(a.lang, "part:", part)}
	if visit := q.Get("visit"); visit != "" {
		says[1] = p.Tell.Visit(visit)
	}
	p.Only = strings.Join(says, ", ")
	list, whole, err := listed(a, "forms", rows, p.columns(), nil)
	if err != nil || whole != nil {
		return view{file: whole}, err
	}
	p.List = list
	return view{page: "forms", title: a.t("Forms that were due"), data: p}, nil
}

// add adds what is asked for of one form.
func (p formsPage) add(rows []formRow, x *study.Participant, f watch.Filled, part string) []formRow {
	row := formRow{Subject: x.Subject, Site: x.Site, Visit: f.Visit, Instrument: f.Instrument, On: f.On, State: "not-come"}
	if f.Response != nil {
		row.Entry, row.State = f.Response.Entry, "came"
	}
	if !p.Items {
		if part != "came" || f.Response != nil {
			rows = append(rows, row)
		}
		return rows
	}
	for _, it := range f.Items {
		row.Item, row.State = "answers."+string(it.Item.ID), "answered"
		switch {
		case it.Blank:
			row.State = "blank"
		case it.NotSure:
			row.State = "not-known"
		}
		if part == "items" || part == row.State {
			rows = append(rows, row)
		}
	}
	return rows
}

func (p formsPage) columns() []listColumn[formRow] {
	out := []listColumn[formRow]{
		{id: "code", name: "Code", text: func(r formRow) string { return string(r.Subject) }},
		{id: "site", name: "Site", words: true, text: func(r formRow) string { return r.Site }},
		{id: "instrument", name: "Instrument", words: true, text: func(r formRow) string { return r.Instrument }, show: func(r formRow) string { return p.Tell.Instrument(r.Instrument) }},
		{id: "date", name: "Planned", text: func(r formRow) string { return r.On.String() }},
		{id: "state", name: "State", words: true, codes: "part:", text: func(r formRow) string { return r.State }},
		{id: "entry", name: "Entry", text: func(r formRow) string {
			if r.Entry == 0 {
				return "–"
			}
			return strconv.FormatUint(r.Entry, 10)
		}},
	}
	if p.Items {
		out = append(out, listColumn[formRow]{id: "item", name: "Field", words: true, text: func(r formRow) string { return r.Item }, show: func(r formRow) string { return p.Tell.Field(r.Item) }})
	}
	return out
}
