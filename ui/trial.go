package ui

import (
	"cmp"
	"html/template"
	"time"

	"dvala/desk"
	"dvala/instrument"
	"dvala/protocol"
	"dvala/study"
)

// protocolPage is the protocol, and when what is asked of a participant.
type protocolPage struct {
	protocol.Protocol
	Hash      string
	Estimands []estimandView
	Flow      []template.HTML // for a desk and for a telephone
	Tell      *speaker
	Open      []protocol.SpiritItem // what SPIRIT asks and the file does not answer
	Items     int                   // of SPIRIT, all
	Columns   []protocol.Visit
	Rows      []scheduleRow
	Plan      listing[planRow]
	Amended   []*study.Amended
	// Versions are the names of all versions, the first one's first.
	Versions []string
	Amend    bool // the reader may propose an amendment
	Force    bool // the reader may put one in force
	First    int  // day of the first diary or night
	Last     int
}

// scheduleRow is one thing and at which visits it is done.
type scheduleRow struct {
	Name string
	At   []bool
}

func (a *ask) protocol() (view, error) {
	var p protocolPage
	err := a.see("see-protocol", "", func(st *study.State, now time.Time) error {
		c, err := a.version(st, now)
		if err != nil {
			return err
		}
		p = protocolPage{Protocol: c.Protocol(), Hash: c.HashHex(), Estimands: a.estimands(c), Flow: a.planned(c), Tell: a.speaker()}
		for _, v := range st.Versions() {
			p.Versions = append(p.Versions, v.Protocol().Version)
		}
		p.Open, p.Items = protocol.Unanswered(c), len(protocol.SpiritItems())
		p.Columns, p.Amended = p.Visits, st.Amendments
		p.Amend = st.Locked == nil && a.may("amend-protocol", "")
		p.Force = len(p.Amended) > 0 && a.may("put-amendment-in-force", "")
		p.Rows = a.scheduleRows(st, p.Protocol)
		return nil
	})
	if err != nil {
		return view{}, err
	}
	var whole *file
	if p.Plan, whole, err = listed(a, "plan", a.plan(p.Protocol), planColumns(a), nil); err != nil || whole != nil {
		return view{file: whole}, err
	}
	return view{page: "protocol", title: a.t("Protocol"), data: p}, nil
}

// version gives the version of the protocol that is asked for: by its name, or
// else the one in force where the reader works.
func (a *ask) version(st *study.State, now time.Time) (protocol.Checked, error) {
	name := a.r.URL.Query().Get("version")
	if name == "" {
		return a.inForce(st, nil, now), nil
	}
	for _, v := range st.Versions() {
		if v.Protocol().Version == name {
			return v, nil
		}
	}
	return protocol.Checked{}, noPage(a.r.URL.Path)
}

// scheduleRows lays the schedule out as SPIRIT draws it: what is done down the
// side, the visits across.
func (a *ask) scheduleRows(st *study.State, p protocol.Protocol) []scheduleRow {
	var out []scheduleRow
	row := func(name string, done func(protocol.Visit) bool) {
		r := scheduleRow{Name: name}
		some := false
		for _, v := range p.Visits {
			yes := done(v)
			some = some || yes
			r.At = append(r.At, yes)
		}
		if some {
			out = append(out, r)
		}
	}
	seen := map[string]bool{}
	for _, v := range p.Visits {
		for _, id := range v.Instruments {
			if seen[id] {
				continue
			}
			seen[id] = true
			name := id
			if d, ok := st.Instrument(instrument.ID(id), ""); ok {
				name = d.Title.In(a.lang)
			}
			row(name, func(v protocol.Visit) bool { return contains(v.Instruments, id) })
		}
	}
	row(a.t("A kit is handed out"), func(v protocol.Visit) bool { return v.Dispense })
	row(a.t("A kit is counted back"), func(v protocol.Visit) bool { return v.Return })
	return out
}

func contains(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// instrumentPage is one instrument as the trial asks it.
type instrumentPage struct {
	*instrument.Definition
	Notice string
	Asked  []string   // at which visits, or every morning
	Spoken []spokenIn // whose words it is shown in
}

func (a *ask) instruments() (view, error) {
	var out []instrumentPage
	err := a.see("see-protocol", "", func(st *study.State, now time.Time) error {
		c, err := a.version(st, now)
		if err != nil {
			return err
		}
		p := c.Protocol()
		asked := map[string][]string{}
		var order []string
		ask := func(id, when string) {
			if len(asked[id]) == 0 {
				order = append(order, id)
			}
			asked[id] = append(asked[id], when)
		}
		for _, v := range p.Visits {
			for _, id := range v.Instruments {
				ask(id, a.in(v.Label))
			}
		}
		if p.Diary != nil {
			ask(p.Diary.Instrument, a.t("every morning"))
		}
		for _, id := range order {
			if d, ok := st.Instrument(instrument.ID(id), ""); ok {
				notice := ""
				if d.Words == instrument.LicensedWords {
					notice = a.t("It cannot be answered until its licensed wording is loaded.")
				}
				out = append(out, instrumentPage{d, notice, asked[id], a.spokenLanguages(d, p.Languages)})
			}
		}
		return nil
	})
	return view{page: "instruments", title: a.t("Instruments"), data: out}, err
}

// reportPage says which report there is.
type reportPage struct {
	There, Dry bool
	Hash       string // of the one shown
	Runs       int
	Lang       string // of the one shown
	Other      string // language in which it is there too, if it is
}

func (a *ask) report() (view, error) {
	r, err := a.Office.Report(a.r.Context(), a.caller)
	p := reportPage{There: r.There, Dry: r.Dry, Runs: r.Runs, Lang: a.reportLang(r)}
	file, _ := r.In(protocol.Language(p.Lang))
	p.Hash = file.SHA256
	for _, l := range r.Languages() {
		if string(l) != p.Lang {
			p.Other = string(l)
		}
	}
	return view{page: "report", title: a.t("Report"), data: p}, err
}

// reportLang is the reader's language where the report is there in it, else
// English.
func (a *ask) reportLang(r desk.ReportNow) string {
	if _, ok := r.In(protocol.Language(a.lang)); ok {
		return a.lang
	}
	return "en"
}

// reportFile gives the report as it was recorded, checked against its hash, in the
// reader's language or, with ?in=, in another; in a sandbox of its own: its style is inline, and it runs nothing.
func (a *ask) reportFile() (view, error) {
	r, err := a.Office.Report(a.r.Context(), a.caller)
	if err != nil {
		return view{}, err
	}
	lang := cmp.Or(a.r.URL.Query().Get("in"), a.reportLang(r))
	raw, err := a.Office.ReportFile(a.r.Context(), a.caller, protocol.Language(lang))
	if err != nil {
		return view{}, err
	}
	return view{file: &file{
		kind: "text/html; charset=utf-8", data: raw,
		policy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; frame-ancestors 'self'",
	}}, err
}
