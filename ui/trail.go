package ui

import (
	"net/url"
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
	Older        string // a link
	Zone         *time.Location
	Kinds        []study.Kind
	Kind         study.Kind
	Whom, Actor  string
	Since, Until string
	Changed      bool
	See          bool // the reader may open people's pages
	Tell         *speaker
}

const trailRows = 100

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
	ask := desk.TrailQuery{Subject: study.Subject(p.Whom), Actor: p.Actor, Changed: p.Changed, Newest: true, Limit: trailRows}
	if p.Kind != "" {
		ask.Kinds = []study.Kind{p.Kind}
	}
	if d, err := civil.ParseDate(p.Since); err == nil {
		ask.Since = d.At(0, p.Zone)
	}
	if d, err := civil.ParseDate(p.Until); err == nil {
		ask.Until = d.Add(1).At(0, p.Zone)
	}
	if n, err := strconv.ParseUint(q.Get("from"), 10, 62); err == nil {
		ask.From = n
	}
	page, err := a.Office.Trail(a.r.Context(), a.caller, ask)
	if err != nil {
		return view{}, err
	}
	p.Entries = page.Entries
	if page.More && page.Next > 0 {
		p.Older = p.link(page.Next)
	}
	return view{page: "trail", title: a.t("Audit trail"), data: p}, nil
}

// link gives the address of what is older, with the same filters.
func (p trailPage) link(from uint64) string {
	q := url.Values{"from": {strconv.FormatUint(from, 10)}}
	changed := ""
	if p.Changed {
		changed = "yes"
	}
	for name, v := range map[string]string{"kind": string(p.Kind), "whom": p.Whom, "actor": p.Actor, "since": p.Since, "until": p.Until, "changed": changed} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return "/trail?" + q.Encode()
}

// historyPage is everything that one field of an entry ever was.
type historyPage struct {
	Who     study.Subject
	Entry   uint64
	Field   string
	Changes []changeRow
	Zone    *time.Location
	Correct bool
	Tell    *speaker
}

type changeRow struct {
	desk.Change
	Was, Is string
}

func (a *ask) fieldHistory() (view, error) {
	p := historyPage{Who: study.Subject(a.r.PathValue("person")), Field: a.r.URL.Query().Get("field"), Tell: a.speaker()}
	var err error
	if p.Entry, err = strconv.ParseUint(a.r.PathValue("entry"), 10, 62); err != nil {
		return view{}, noPage(a.r.URL.Path)
	}
	changes, err := a.Office.History(a.r.Context(), a.caller, p.Who, p.Entry, p.Field)
	if err != nil {
		return view{}, err
	}
	err = a.see("see-history", p.Who, func(st *study.State, _ time.Time) error {
		p.Zone, p.Correct = zoneOf(st, p.Who), st.Locked == nil && p.Field != "" && a.may("correct", p.Who)
		return nil
	})
	for _, c := range changes {
		p.Changes = append(p.Changes, changeRow{c, p.Tell.was(c.Field, c.Old), p.Tell.was(c.Field, c.New)})
	}
	return view{page: "history", title: string(p.Who) + " · " + a.t("History"), data: p}, err
}
