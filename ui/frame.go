package ui

import (
	"html/template"
	"io/fs"
	"strings"
	"time"

	"dvala/desk"
	"dvala/study"
)

// frame is what every page has around it.
type frame struct {
	Title, Trial, Name string
	Phase              desk.Phase
	Simulated, Seeded  bool
	AsOf               time.Time
	Zone               *time.Location
	Lang, Theme        string
	Here               string // the address, to come back to
	Who                string // who sits in front of it; empty: nobody
	Roles              []study.Role
	Nav                []navGroup
	Chooser            bool
	Own                bool // she has sessions of her own
	Release            string
	Back               string // to where the real trial begins
	Flash              string // what was just done
	Data               any
	minimises          bool // places of the list are named by the custodian's program
}

type navGroup struct {
	Name  string
	Links []navLink
}

type navLink struct {
	Path, Name, Key string
	Current         bool
}

// navigation is every page there is, with what one must be allowed for it.
var navigation = []struct {
	group, path, name, key string
	action                 desk.Action
}{
	{"People", "/", "Today", "d", "see-overview"},
	{"People", "/participants", "Participants", "p", "see-people"},
	{"People", "/screening", "Screening", "s", "see-people"},
	{"People", "/invitations", "Invitations", "v", "see-invitations"},
	{"People", "/safety", "Adverse events", "e", "see-people"},
	{"People", "/queries", "Queries", "o", "see-people"},
	{"People", "/stock", "Kits", "k", "see-stock"},
	{"People", "/held", "Held", "h", "see-held"},
	{"People", "/quality", "Data quality", "q", "see-people"},
	{"People", "/allocations", "Waiting for the custodian", "c", "see-allocations"},
	{"People", "/emergencies", "Emergencies", "m", "see-emergencies"},
	{"People", "/proposals", "Two people", "2", "decline"},
	{"The trial", "/protocol", "Protocol", "t", "see-protocol"},
	{"The trial", "/instruments", "Instruments", "i", "see-protocol"},
	{"The trial", "/report", "Report", "r", "see-report"},
	{"The trial", "/data", "Data", "x", "export"},
	{"The trial", "/trail", "Audit trail", "a", "see-trail"},
	{"The trial", "/ledger", "Ledger", "l", "see-ledger"},
	{"The trial", "/end", "The end", "z", "see-overview"},
	{"The trial", "/accounts", "Users and roles", "u", "see-accounts"},
	{"The trial", "/work", "Work", "w", "see-overview"},
}

func (a *ask) frame(v view) frame {
	f := frame{Title: v.title, Here: a.r.URL.RequestURI(), Lang: a.lang, Theme: "system", Data: v.data, Chooser: a.Access.Chooser, Own: !a.caller.Nobody() && a.may("own-sessions", ""), Release: a.Release, Back: a.Back, Zone: time.UTC}
	if c, err := a.r.Cookie(themeCookie); err == nil && (c.Value == "dark" || c.Value == "light") {
		f.Theme = c.Value
	}
	if !a.caller.Nobody() {
		f.Who = a.caller.Name
		if f.Who == "" {
			f.Who = a.caller.Account
		}
		for _, g := range a.caller.Grants {
			f.Roles = append(f.Roles, g.Role)
		}
	}
	if a.r.Method == "GET" && v.page == "problem" && strings.HasPrefix(f.Here, "/sign-in") {
		f.Here = "/"
	}
	a.trialFrame(&f)
	for _, n := range navigation {
		if !a.may(n.action, "") || n.path == "/work" && a.Work == nil || n.path == "/allocations" && !f.minimises {
			continue
		}
		if len(f.Nav) == 0 || f.Nav[len(f.Nav)-1].Name != n.group {
			f.Nav = append(f.Nav, navGroup{Name: n.group})
		}
		g := &f.Nav[len(f.Nav)-1]
		g.Links = append(g.Links, navLink{n.path, n.name, n.key, a.r.URL.Path == n.path})
	}
	if did := a.r.URL.Query().Get("did"); did != "" {
		if x, ok := acts[did]; ok {
			f.Flash = a.t(x.done)
		}
	}
	return f
}

// trialFrame names the trial to whoever may know that it is there: everyone who
// has signed in, and in a made-up trial anyone.
func (a *ask) trialFrame(f *frame) {
	caller := a.caller
	if caller.Nobody() && a.Access.Chooser {
		caller = reader
	}
	// Whoever has no role sees no name, and no error either.
	_ = a.Office.See(a.r.Context(), caller, "see-protocol", "", func(st *study.State) error {
		p := st.Protocol.Protocol()
		f.Trial, f.Name, f.Phase, f.AsOf, f.Zone = p.ID, p.Title, desk.PhaseOf(st), desk.AsOf(st, a.Office.Now()), st.Protocol.Zone()
		f.minimises = st.Protocol.Minimises()
		if st.Opened != nil {
			f.Simulated, f.Seeded = st.Opened.Simulated, st.Opened.Sealing == "seed"
		}
		return nil
	})
}

// parsePages reads the templates, each with the layout around it.
func parsePages(functions template.FuncMap) (map[string]*template.Template, error) {
	base, err := template.New("layout.gohtml").Funcs(functions).ParseFS(pages, "pages/layout.gohtml", "pages/parts.gohtml")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(pages, "pages/*.gohtml")
	if err != nil {
		return nil, err
	}
	out := map[string]*template.Template{}
	for _, name := range names {
		short := strings.TrimSuffix(strings.TrimPrefix(name, "pages/"), ".gohtml")
		if short == "layout" || short == "parts" {
			continue
		}
		t, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if out[short], err = t.ParseFS(pages, name); err != nil {
			return nil, err
		}
	}
	return out, nil
}
