package ui

import (
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/study"
)

// trailPage is who did what, in which role, when, where, why and from where, as
// far as the reader's role may see it, the newest first.
type trailPage struct {
	Entries      []desk.TrailEntry
	List         entryList
	Zone         *time.Location
	Kinds        []study.Kind
	Kind         study.Kind
	Whom, Actor  string
	Since, Until string
	Changed      bool
	See          bool // the reader may open people's pages
	Tell         *speaker
}

func (a *ask) trail() (view, error) {
	q := a.r.URL.Query()
	said := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	p := trailPage{
		Kinds: study.Kinds(), Kind: study.Kind(said("kind")), Whom: strings.ToUpper(said("whom")), Actor: said("actor"),
		Since: said("since"), Until: said("until"), Changed: q.Get("changed") == "yes", See: a.may("see-people", ""),
		Tell: a.speaker(),
	}
	err := a.see("see-trail", "", func(st *study.State, _ time.Time) error {
		p.Zone = st.Protocol.Zone()
		return nil
	})
	if err != nil {
		return view{}, err
	}
	ask := p.asks(a)
	if q.Get("file") == "trail" {
		codes := q.Get("as") == "codes"
		f, err := poured(a, "trail", p.columns(a, codes), codes, a.trailOnwards(ask))
		return view{file: f}, err
	}
	if from := a.begins(); from != nil {
		ask.From, ask.Begun = *from, true
	}
	page, err := a.Office.Trail(a.r.Context(), a.caller, ask)
	if err != nil {
		return view{}, err
	}
	p.Entries, p.List = page.Entries, entryListOf(a, "trail", p.columns(a, false), page.Around)
	return view{page: "trail", title: a.t("Audit trail"), data: p}, nil
}

// asks is what of the trail is looked for, and in which order.
func (p trailPage) asks(a *ask) desk.TrailQuery {
	by := a.sorting()
	ask := desk.TrailQuery{
		Subject: study.Subject(p.Whom), Actor: p.Actor, Changed: p.Changed, Limit: entryRows, By: by.By, Newest: by.Down, Order: by.Kinds,
	}
	if p.Kind != "" {
		ask.Kinds = []study.Kind{p.Kind}
	}
	if d, err := civil.ParseDate(p.Since); err == nil {
		ask.Since = d.At(0, p.Zone)
	}
	if d, err := civil.ParseDate(p.Until); err == nil {
		ask.Until = d.Add(1).At(0, p.Zone)
	}
	return ask
}

// onwardsRows is how many entries are read at a time for a file.
const onwardsRows = 1000

// trailOnwards gives all that is looked for, some at a time.
func (a *ask) trailOnwards(ask desk.TrailQuery) func() ([]desk.TrailEntry, error) {
	ask.Limit = onwardsRows
	over := false
	return func() ([]desk.TrailEntry, error) {
		for !over {
			page, err := a.Office.Trail(a.r.Context(), a.caller, ask)
			if err != nil {
				return nil, err
			}
			ask.From, ask.Begun, over = page.Next, true, !page.More
			if len(page.Entries) > 0 {
				return page.Entries, nil
			}
		}
		return nil, nil
	}
}

// columns of the trail: as the page has them, or, of the file in codes, one each.
func (p trailPage) columns(a *ask, codes bool) []listColumn[desk.TrailEntry] {
	type row = desk.TrailEntry
	signed := func(r row) string {
		if r.Signature == nil {
			return ""
		}
		return " " + a.words.called(a.lang, r.Signature.Name) + ", " + a.words.coded(a.lang, "means:", string(r.Signature.Meaning))
	}
	made := func(r row) string {
		if r.Made.IsZero() {
			return moment(r.At, p.Zone)
		}
		return moment(r.At, p.Zone) + " " + a.t("made") + " " + moment(r.Made, p.Zone)
	}
	out := []listColumn[row]{
		{id: "entry", name: "Entry", text: func(r row) string { return strconv.FormatUint(r.Index, 10) }},
		{id: "when", name: "When", text: func(r row) string { return stamp(r.At) }, show: made},
		{id: "what", name: "What", words: true, codes: "kind:", text: func(r row) string { return string(r.Kind) }},
		{id: "whom", name: "Whom", words: true, text: func(r row) string { return string(r.Subject) }},
		{id: "says", name: "Says", words: true, text: func(r row) string { return string(r.Data) }, show: func(r row) string {
			return strings.TrimSpace(p.Tell.Line(r.Says) + " " + r.Reason + signed(r))
		}},
		{id: "by", name: "By", words: true, text: func(r row) string { return r.Actor }, show: func(r row) string {
			return r.Actor + " " + a.words.coded(a.lang, "role:", string(r.Role))
		}},
		{id: "where", name: "Where", words: true, text: func(r row) string { return r.From }, show: func(r row) string {
			return strings.TrimSpace(a.words.tell(a.lang, r.From) + " " + r.Zone)
		}},
	}
	if codes {
		out = append(
			out,
			listColumn[row]{id: "made", text: func(r row) string { return stamp(r.Made) }},
			listColumn[row]{id: "role", text: func(r row) string { return string(r.Role) }},
			listColumn[row]{id: "reason", text: func(r row) string { return r.Reason }},
			listColumn[row]{id: "zone", text: func(r row) string { return r.Zone }},
		)
	}
	return out
}
