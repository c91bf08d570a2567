package ui

import (
	"context"
	"encoding/hex"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/report/figure"
	"dvala/study"
)

func (s *Server) overview(*http.Request) (view, error) {
	var o desk.Overview
	s.trial.View(func(st *study.State) { o = desk.NewOverview(st, s.now()) })
	return view{"overview", "Overview", o}, nil
}

// peoplePage is the table of all, or of those that fit a search.
type peoplePage struct {
	Lines  []desk.Line
	All    int
	Search string
	Needs  []desk.Count
}

func (s *Server) participants(r *http.Request) (view, error) {
	p := peoplePage{Search: strings.TrimSpace(r.URL.Query().Get("q"))}
	s.trial.View(func(st *study.State) {
		now := desk.AsOf(st, s.now())
		lines := desk.People(st, now)
		p.All = len(lines)
		p.Needs = desk.NewOverview(st, s.now()).Today
		for _, l := range lines {
			if fits(l, p.Search) {
				p.Lines = append(p.Lines, l)
			}
		}
	})
	return view{"participants", "Participants", p}, nil
}

// fits says whether a person is looked for: every word of the search is in the
// code, the stage, the stratum or a need.
func fits(l desk.Line, search string) bool {
	text := strings.ToLower(strings.Join(append([]string{string(l.Subject), l.Stage, l.Cell, l.Site}, l.Needs...), " "))
	for word := range strings.FieldsSeq(strings.ToLower(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (s *Server) participant(r *http.Request) (view, error) {
	var p desk.Person
	var found bool
	who := study.Subject(r.PathValue("person"))
	s.trial.View(func(st *study.State) {
		p, found = desk.NewPerson(st, who, desk.AsOf(st, s.now()), language)
	})
	if !found {
		return view{}, fault.New("page-unknown", string(who), "nobody in the trial has this code")
	}
	return view{"participant", string(p.Subject), p}, nil
}

// protocolPage is the protocol and where its file is.
type protocolPage struct {
	protocol.Protocol
	Hash    string
	Primary string
	Order   []protocol.Estimand
}

func (s *Server) protocol(*http.Request) (view, error) {
	var p protocolPage
	s.trial.View(func(st *study.State) {
		p = protocolPage{Protocol: st.Protocol.Protocol(), Hash: st.Protocol.HashHex(), Order: st.Protocol.InOrder()}
		if e, ok := st.Protocol.Primary(); ok {
			p.Primary = e.ID
		}
	})
	return view{"protocol", "Protocol", p}, nil
}

// instrumentPage is one instrument as the trial asks it.
type instrumentPage struct {
	*instrument.Definition
	Notice string
	Asked  []string // at which visits, or every morning
}

func (s *Server) instruments(*http.Request) (view, error) {
	var out []instrumentPage
	s.trial.View(func(st *study.State) {
		p := st.Protocol.Protocol()
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
				ask(id, v.Label.In(language))
			}
		}
		if p.Diary != nil {
			ask(p.Diary.Instrument, "every morning")
		}
		for _, id := range order {
			if d, ok := st.Instrument(instrument.ID(id), ""); ok {
				out = append(out, instrumentPage{d, instrument.Show(d, string(language), nil).Notice, asked[id]})
			}
		}
	})
	return view{"instruments", "Instruments", out}, nil
}

// check is what verifying the ledger and its files came to, at a size.
type check struct {
	size     uint64
	Files    int
	Root     string
	Problems []string
}

// ledgerPage is a stretch of the ledger, the newest first.
type ledgerPage struct {
	Entries      []desk.Entry
	Total        uint64
	Newer, Older string // links
	Checkpoint   string
	Key          string
	Check        check
}

const ledgerRows = 100

func (s *Server) ledger(r *http.Request) (view, error) {
	var total uint64
	s.trial.View(func(st *study.State) { total = st.Entries })
	before := total
	if n, err := strconv.ParseUint(r.URL.Query().Get("before"), 10, 62); err == nil && n < total {
		before = n
	}
	from := before - min(before, ledgerRows)
	entries, err := s.trial.Entries(r.Context(), from, before-from)
	if err != nil {
		return view{}, err
	}
	p := ledgerPage{Total: total, Checkpoint: string(s.trial.Checkpoint()), Key: s.trial.PublicKey().String()}
	for i := len(entries) - 1; i >= 0; i-- {
		e, err := desk.NewEntry(entries[i])
		if err != nil {
			return view{}, err
		}
		p.Entries = append(p.Entries, e)
	}
	if from > 0 {
		p.Older = "?before=" + strconv.FormatUint(from, 10)
	}
	if before < total {
		p.Newer = "?before=" + strconv.FormatUint(min(before+ledgerRows, total), 10)
	}
	p.Check, err = s.verify(r.Context(), total)
	return view{"ledger", "Ledger", p}, err
}

// verify holds all entries against the signed checkpoint, and every file they
// name against its hash. What was found is kept until there are more entries.
func (s *Server) verify(ctx context.Context, total uint64) (check, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checked.size == total && total > 0 {
		return s.checked, nil
	}
	c := check{size: total}
	entries, err := s.trial.Entries(ctx, 0, total)
	if err != nil {
		return c, err
	}
	var tree ledger.Frontier
	seen := map[string]bool{}
	for _, e := range entries {
		tree, _ = tree.Append(e.Bytes)
		f, err := study.Decode(e)
		if err != nil {
			c.Problems = append(c.Problems, fault.Text(err))
			continue
		}
		for _, file := range study.Files(f.Event) {
			if seen[file.SHA256] {
				continue
			}
			seen[file.SHA256] = true
			c.Files++
			if _, err := s.trial.Blob(file.SHA256); err != nil {
				c.Problems = append(c.Problems, "entry "+strconv.FormatUint(e.Index, 10)+": "+fault.Text(err))
			}
		}
	}
	root := tree.Root()
	c.Root = hex.EncodeToString(root[:])
	if total > 0 {
		cp, err := ledger.OpenCheckpoint(s.trial.Checkpoint(), s.trial.PublicKey())
		switch {
		case err != nil:
			c.Problems = append(c.Problems, fault.Text(err))
		case cp.Size != total || cp.Root != root:
			c.Problems = append(c.Problems, "the signed checkpoint is of other entries than these")
		}
	}
	s.checked = c
	return c, nil
}

func (s *Server) checkpoint(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="checkpoint"`)
	_, _ = w.Write(s.trial.Checkpoint()) // a reader that went away needs no answer
}

// reportPage says which report there is.
type reportPage struct {
	There, Dry bool
	Results    string
}

func (s *Server) reportRef() (f study.File, dry, ok bool) {
	s.trial.View(func(st *study.State) {
		switch {
		case st.Reported != nil:
			f, ok = st.Reported.Report, true
		case len(st.DryRuns) > 0:
			f, dry, ok = st.DryRuns[len(st.DryRuns)-1].Report, true, true
		}
	})
	return f, dry, ok
}

func (s *Server) report(*http.Request) (view, error) {
	f, dry, ok := s.reportRef()
	return view{"report", "Report", reportPage{ok, dry, f.SHA256}}, nil
}

// reportFile gives the report as it was recorded, checked against its hash, in
// a sandbox of its own: its style is inline, and it runs nothing.
func (s *Server) reportFile(w http.ResponseWriter, r *http.Request) {
	f, _, ok := s.reportRef()
	if !ok {
		s.fail(w, r, http.StatusNotFound, fault.New("page-unknown", r.URL.Path, "there is no report yet"))
		return
	}
	raw, err := s.trial.Blob(f.SHA256)
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; base-uri 'none'; frame-ancestors 'self'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(raw) // a reader that went away needs no answer
}

// functions are what templates may call.
var functions = template.FuncMap{
	"date":  func(d civil.Date) string { return orDash(d.String()) },
	"night": nightTo,
	"at": func(t time.Time, zone *time.Location) string {
		if t.IsZero() {
			return "–"
		}
		return t.In(zone).Format("2 Jan 2006 15:04")
	},
	"weekday":   func(d civil.Date) string { return d.Weekday().String()[:3] },
	"text":      func(t protocol.Text) string { return t.In(language) },
	"hypnogram": drawNight,
	"measures":  measures,
	"percent":   percent,
	"dash":      orDash,
	"short": func(hash string) string {
		if len(hash) > 12 {
			return hash[:12] + "…"
		}
		return hash
	},
	"bar":    func(n, of int) int { return min(100*n/max(of, 1), 100) },
	"signed": func(n int) string { return strings.Replace(strconv.Itoa(n), "-", "−", 1) },
	"words":  func(s string) string { return strings.ReplaceAll(s, "-", " ") },
	"days": func(n *int) string {
		switch {
		case n == nil:
			return "not stated"
		case *n == 0:
			return "right now"
		case *n == 1:
			return "1 day"
		}
		return strconv.Itoa(*n) + " days"
	},
	"in": func(t instrument.Text) string { return t.In(string(language)) },
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func percent(s desk.Share) string {
	if p, ok := s.Percent(); ok {
		return strconv.Itoa(p) + " %"
	}
	return "–"
}

// nightTo names a night by the day of waking up: "Night to Tuesday 24 November
// 2026".
func nightTo(d civil.Date) string {
	return "Night to " + d.Weekday().String() + " " + strconv.Itoa(d.Day) + " " + d.Month.String() + " " + strconv.Itoa(d.Year)
}

// drawNight gives the hypnogram of a device's night, to be put into the page:
// the figure escapes whatever text is handed to it.
func drawNight(n *study.RecordedNight) template.HTML {
	if n == nil || n.Night.Main.IsEmpty() {
		return ""
	}
	h := figure.Hypnogram{
		ID: "h" + strconv.FormatUint(n.Entry, 10), Title: nightTo(n.Night.Date),
		Night: n.Night.Main, Width: 640,
	}
	return template.HTML(h.SVG().Inline()) //nolint:gosec // made by our own writer, which escapes its texts
}

// measures tells a night in a line.
func measures(n *study.RecordedNight) []desk.Answer {
	if n == nil {
		return nil
	}
	a, ok := n.Night.Architecture()
	if !ok {
		return []desk.Answer{{Question: "Device", Answer: orDash(strings.ReplaceAll(string(n.Night.Status), "-", " "))}}
	}
	var out []desk.Answer
	add := func(name string, v *float64, unit string) {
		if v != nil {
			out = append(out, desk.Answer{Question: name, Answer: strconv.FormatFloat(*v, 'f', 0, 64) + unit})
		}
	}
	if v := a.TSTMin; v != nil {
		out = append(out, desk.Answer{Question: "Asleep", Answer: hours(*v)})
	}
	add("To fall asleep", a.SOLMin, " min")
	add("Awake after", a.WASOSPTMin, " min")
	add("Efficiency", a.SETIBPct, " %")
	add("Deep", a.N3Min, " min")
	add("REM", a.REMMin, " min")
	add("Light", a.LightMin, " min")
	return out
}

func hours(min float64) string {
	m := int(min + 0.5)
	return strconv.Itoa(m/60) + " h " + strconv.Itoa(m%60) + " min"
}
