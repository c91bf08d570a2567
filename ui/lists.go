package ui

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// screeningPage is the log of everybody who was screened, and why those who did
// not come in did not.
type screeningPage struct {
	List   listing[screenedRow]
	Tell   *speaker
	Flow   desk.Flow
	Zone   *time.Location
	New    bool
	Shared bool         // some answered on one device
	Never  []desk.Count // who were asked and never screened, by why
	Why    string       // of these, one reason that is looked at
	Asked  listing[desk.Unscreened]
}

type screenedRow struct {
	Subject study.Subject
	Site    string
	At      time.Time
	Stage   string
	Failed  []string // in words
	Device  string   // a mark that several have who answered on one device
}

func (a *ask) screening() (view, error) {
	p := screeningPage{Tell: a.speaker(), Why: a.r.URL.Query().Get("why")}
	var rows []screenedRow
	var asked []desk.Unscreened
	shared, err := a.Access.SharedDevices(a.r.Context(), a.caller)
	if err != nil && fault.CodeOf(err) != desk.CodeForbidden {
		return view{}, err
	}
	err = a.see("see-people", "", func(st *study.State, _ time.Time) error {
		p.Zone, p.New = st.Protocol.Zone(), a.may("screen", "") && st.Locked == nil
		sees := a.seesAt()
		if p.Flow = a.Office.Flow(st); !desk.AtAll(st, sees) {
			p.Flow = a.Office.FlowAt(st, sees)
		}
		words := map[string]string{}
		for _, version := range st.Versions() {
			pop := version.Protocol().Population
			for _, c := range slices.Concat(pop.Include, pop.Exclude) {
				words[c.ID] = a.in(c.Show)
			}
		}
		for i := len(st.Order) - 1; i >= 0; i-- {
			x := st.People[st.Order[i]]
			if !a.mayOf("see-person", x) {
				continue
			}
			row := screenedRow{Subject: x.Subject, Site: x.Site, At: x.ScreenedAt, Stage: desk.StageOf(x), Device: shared[x.Subject]}
			for _, id := range x.Screening.Failed {
				row.Failed = append(row.Failed, words[id])
			}
			if x.Closed != nil {
				row.Stage = "closed"
				row.Failed = append(row.Failed, a.words.tell(a.lang, x.Closed.Why))
			}
			rows = append(rows, row)
		}
		never := map[string]int{}
		for _, n := range st.NotScreened {
			if sees(n.Site) {
				never[n.Why]++
			}
		}
		if p.Why != "" {
			asked = desk.NeverAt(st, sees, p.Why)
		}
		for _, why := range slices.Sorted(maps.Keys(never)) {
			p.Never = append(p.Never, desk.Count{What: why, N: never[why]})
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	p.Shared = slices.ContainsFunc(rows, func(r screenedRow) bool { return r.Device != "" })
	columns := screenedColumns
	if !p.Shared { // the last one is of devices
		columns = columns[:len(columns)-1]
	}
	var whole *file
	if p.List, whole, err = listed(a, "screening", rows, columns, nil); err != nil || whole != nil {
		return view{file: whole}, err
	}
	if p.Asked, whole, err = listed(a, "never", asked, unscreenedColumns, nil); err != nil || whole != nil {
		return view{file: whole}, err
	}
	return view{page: "screening", title: a.t("Screening"), data: p}, nil
}

// screenedColumns are those of the screening log.
var screenedColumns = []listColumn[screenedRow]{
	{id: "code", name: "Code", text: func(r screenedRow) string { return string(r.Subject) }},
	{id: "when", name: "When", text: func(r screenedRow) string { return stamp(r.At) }},
	{id: "site", name: "Site", words: true, text: func(r screenedRow) string { return r.Site }},
	{id: "stage", name: "Stage", words: true, codes: "stage:", text: func(r screenedRow) string { return r.Stage }},
	{id: "not-met", name: "Criteria not met", words: true, text: func(r screenedRow) string { return strings.Join(r.Failed, "; ") }},
	{id: "device", name: "Same device", words: true, text: func(r screenedRow) string { return r.Device }},
}

// unscreenedColumns are those of who was never screened.
var unscreenedColumns = []listColumn[desk.Unscreened]{
	{id: "entry", name: "Entry", text: func(u desk.Unscreened) string { return strconv.FormatUint(u.Entry, 10) }},
	{id: "when", name: "When", text: func(u desk.Unscreened) string { return stamp(u.At) }},
	{id: "site", name: "Site", words: true, text: func(u desk.Unscreened) string { return u.Site }},
	{id: "why", name: "Why not", words: true, codes: anyCode, text: func(u desk.Unscreened) string { return u.Why }},
}

// stamp writes a moment for a file.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// safetyPage is every adverse event, deviation and intercurrent event.
type safetyPage struct {
	Clocks     []desk.Clock
	Adverse    listing[adverseOf]
	Deviations listing[deviationOf]
	Hours      int // within which a serious event is passed on
	Zone       *time.Location
	Tell       *speaker
	Serious    bool   // only what is serious
	Deviation  string // only those with this code
}

type adverseOf struct {
	Subject study.Subject
	study.AdverseEvent
	Entry       uint64
	Known       time.Time
	Unblindings []uint64 // that were asked for because of it
}

type deviationOf struct {
	Subject study.Subject
	study.Deviation
}

func (a *ask) safety() (view, error) {
	q := a.r.URL.Query()
	p := safetyPage{Tell: a.speaker(), Serious: q.Get("serious") != "", Deviation: q.Get("deviation")}
	var adverse []adverseOf
	var deviations []deviationOf
	err := a.see("see-people", "", func(st *study.State, now time.Time) error {
		p.Hours, p.Zone = st.Latest().Protocol().Safety.SeriousWithinHours, st.Protocol.Zone()
		sees := func(x *study.Participant) bool { return a.mayOf("see-person", x) }
		p.Clocks = a.morning(st, now).Clocks
		for _, who := range st.Order {
			x := st.People[who]
			if !sees(x) {
				continue
			}
			for _, r := range x.AdverseLog {
				if p.Serious && !r.Now().Serious {
					continue
				}
				last := r.Versions[len(r.Versions)-1]
				adverse = append(adverse, adverseOf{who, r.Now(), last.Entry, last.At, askedOver(x, r)})
			}
			for _, d := range x.Deviations {
				if p.Deviation != "" && p.Deviation != d.Code {
					continue
				}
				deviations = append(deviations, deviationOf{who, d})
			}
		}
		return nil
	})
	if err != nil {
		return view{}, err
	}
	var whole *file
	p.Adverse, whole, err = listed(a, "adverse", adverse, adverseColumns, func(rows []adverseOf) ([]adverseOf, error) {
		return revealEach(a, rows, func(x adverseOf) study.Subject { return x.Subject })
	})
	if err == nil && whole == nil {
		p.Deviations, whole, err = listed(a, "deviations", deviations, deviationColumns, func(rows []deviationOf) ([]deviationOf, error) {
			return revealEach(a, rows, func(x deviationOf) study.Subject { return x.Subject })
		})
	}
	if err != nil || whole != nil {
		return view{file: whole}, err
	}
	return view{page: "safety", title: a.t("Adverse events"), data: p}, nil
}

// adverseColumns and deviationColumns are those of the two tables.
var (
	adverseColumns = []listColumn[adverseOf]{
		{id: "code", name: "Code", text: func(x adverseOf) string { return string(x.Subject) }},
		{id: "term", name: "What happened", words: true, text: func(x adverseOf) string { return strings.TrimSpace(x.Term + " " + x.Coded) }},
		{id: "severity", name: "Severity", words: true, codes: anyCode, text: func(x adverseOf) string { return x.Severity }, order: func(x, y adverseOf) int {
			of := study.Vocabulary("severity")
			return slices.Index(of, x.Severity) - slices.Index(of, y.Severity)
		}},
		{id: "serious", name: "Serious", words: true, codes: anyCode, text: func(x adverseOf) string { return map[bool]string{true: "serious", false: "no"}[x.Serious] }},
		{id: "related", name: "Related", words: true, codes: anyCode, text: func(x adverseOf) string { return x.Related }},
		{id: "from", name: "From", text: func(x adverseOf) string { return x.Onset.String() }},
		{id: "to", name: "To", text: func(x adverseOf) string { return x.End.String() }},
		{id: "outcome", name: "Outcome", words: true, codes: anyCode, text: func(x adverseOf) string { return x.Outcome }},
		{id: "known", name: "Known", text: func(x adverseOf) string { return stamp(x.Known) }},
		{id: "unblinding", name: "Unblinding", text: func(x adverseOf) string {
			if len(x.Unblindings) == 0 {
				return ""
			}
			return entryOr(x.Unblindings[0])
		}},
	}
	deviationColumns = []listColumn[deviationOf]{
		{id: "code", name: "Code", text: func(x deviationOf) string { return string(x.Subject) }},
		{id: "date", name: "Date", text: func(x deviationOf) string { return x.Date.String() }},
		{id: "deviation", name: "Deviation", words: true, codes: "deviation:", text: func(x deviationOf) string { return x.Code }},
		{id: "note", name: "Note", words: true, text: func(x deviationOf) string { return x.Note }},
		{id: "category", name: "It is", words: true, codes: "category:", text: func(x deviationOf) string { return x.Category }},
	}
)

// endPage is how far the trial has come, and what can be done next.
type endPage struct {
	Phase    desk.Phase
	Steps    []step
	Open     int // people who still take part
	LastDay  civil.Date
	Entries  uint64
	LockedAt time.Time
	Root     string
	Zone     *time.Location
	Signed   []study.SigningNow // of the trial as a whole
	Sign     bool
}

// step is one stage of the end: what it is, whether it is done, and what leads
// to it.
type step struct {
	Name, About string
	Done        bool
	Next        bool // it is this one's turn
	Form        string
	Other       string // a second one, beside it
	Job         string
	Shell       string // the command line, where it is done elsewhere
}

func (a *ask) end() (view, error) {
	var p endPage
	err := a.see("see-overview", "", func(st *study.State, _ time.Time) error {
		p.Phase, p.Entries, p.Zone, p.LockedAt = desk.PhaseOf(st), st.Entries, st.Protocol.Zone(), st.LockedAt
		for _, x := range st.People {
			if x.Enrolled != nil && x.Completed == nil && inTrial(x) {
				p.Open++
			}
		}
		if st.Locked != nil {
			p.Root = st.Locked.Root
		}
		p.Steps = a.steps(st)
		p.Signed, p.Sign = st.SignaturesOf(""), a.may("sign", "")
		return nil
	})
	return view{page: "end", title: a.t("The end"), data: p}, err
}

func (a *ask) steps(st *study.State) []step {
	run := step{Name: "Dry run", About: "The whole analysis on a dummy allocation, so that tables and figures are final before anyone knows a group.", Done: len(st.DryRuns) > 0, Next: st.Locked == nil}
	if run.Next && a.may("record-dry-run", "") {
		run.Job = "dry-run"
	}
	lock := step{Name: "Lock", About: "Nothing about a participant is added after it. The root of the ledger at that moment stands in the report.", Done: st.Locked != nil, Next: run.Done && st.Locked == nil}
	if lock.Next && a.may("lock", "") {
		lock.Form = "lock"
	}
	openings := step{Name: "Openings", About: "The custodian opens the sealed list on a machine of her own and publishes the openings. Each is held against its commitment.", Done: st.Openings != nil, Next: lock.Done && st.Openings == nil}
	if openings.Next && a.may("unlock", "") {
		openings.Other = "unlock-trial"
	}
	if openings.Next && a.may("open-allocations", "") {
		openings.Shell, openings.Form = "dvala open --key KEY --ledger ledger.dvl", "open-allocations"
	}
	report := step{Name: "Report", About: "The same analysis on the opened list.", Done: st.Reported != nil, Next: openings.Done && st.Reported == nil}
	if report.Next && a.may("record-report", "") {
		report.Job = "report"
	}
	return []step{run, lock, openings, report}
}
