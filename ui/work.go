package ui

import (
	"context"
	"time"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// Work does what takes long: it goes on when the page is closed, and how far it
// has come is there when the page is opened again.
type Work interface {
	// Begin starts a job of a kind in a caller's name.
	Begin(ctx context.Context, c desk.Caller, kind string) (Job, error)
	// Jobs gives all there were, the newest first.
	Jobs(ctx context.Context) ([]Job, error)
	// File gives what a job has made, by the job's ID.
	File(ctx context.Context, id string) (name string, data []byte, err error)
}

// Job is a piece of work.
type Job struct {
	ID    string
	Kind  string
	By    string // account
	State JobState
	Done  int // of Of; 0 of 0 where it is not known
	Of    int
	Says  string // what it came to, or why it failed
	File  string // the name of what it made, if anything
	Began time.Time
	Ended time.Time // zero while it runs
}

// JobState is how a job stands.
type JobState string

// The states.
const (
	JobWaiting JobState = "waiting"
	JobRunning JobState = "running"
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"
)

// jobKinds are the kinds, with what one must be allowed to start one or to have
// what it makes.
var jobKinds = []struct {
	Kind, Name, About string
	action            desk.Action
}{
	{"dry-run", "Dry run", "The analysis on a dummy allocation, and its report.", "record-dry-run"},
	{"report", "Report", "The analysis on the opened list, and its report.", "record-report"},
	{"tables", "All data as tables", "CSV, one file a kind of fact, with a dictionary. No arm is in it before the openings.", "export"},
	{"ledger", "The ledger and its files", "For someone who does not trust us: dvala verify checks it without a key.", "export"},
}

type workPage struct {
	Jobs  []Job
	Kinds []jobKind
	Zone  *time.Location
	Busy  bool
}

type jobKind struct{ Kind, Name, About string }

func actionOfJob(kind string) (desk.Action, bool) {
	for _, k := range jobKinds {
		if k.Kind == kind {
			return k.action, true
		}
	}
	return "", false
}

// kinds are those that the caller may start and that can be done now.
func (a *ask) kinds(st *study.State, only desk.Action) []jobKind {
	var out []jobKind
	for _, k := range jobKinds {
		fits := only == "" || k.action == only
		now := k.Kind != "dry-run" && k.Kind != "report" || k.Kind == "dry-run" && st.Locked == nil || k.Kind == "report" && st.Openings != nil && st.Reported == nil
		if fits && now && a.may(k.action, "") {
			out = append(out, jobKind{k.Kind, k.Name, k.About})
		}
	}
	return out
}

func (a *ask) works() (view, error) { return a.workView("work", a.t("Work"), "") }

// data is what can be taken away.
func (a *ask) data() (view, error) { return a.workView("data", a.t("Data"), "export") }

func (a *ask) workView(page, title string, only desk.Action) (view, error) {
	p := workPage{}
	look := desk.Action("see-overview")
	if only != "" {
		look = only
	}
	err := a.see(look, "", func(st *study.State, _ time.Time) error {
		p.Zone = st.Protocol.Zone()
		if a.Work != nil {
			p.Kinds = a.kinds(st, only)
		}
		return nil
	})
	if err != nil || a.Work == nil {
		return view{page: page, title: title, data: p}, err
	}
	all, err := a.Work.Jobs(a.r.Context())
	if err != nil {
		return view{}, err
	}
	for _, j := range all {
		action, known := actionOfJob(j.Kind)
		if !known || !a.may(action, "") || only != "" && action != only {
			continue
		}
		p.Busy = p.Busy || j.State == JobRunning || j.State == JobWaiting
		p.Jobs = append(p.Jobs, j)
	}
	return view{page: page, title: title, data: p}, nil
}

// begin starts a piece of work.
func (a *ask) begin() (view, error) {
	kind := a.form.Get("kind")
	action, ok := actionOfJob(kind)
	if !ok || a.Work == nil {
		return view{}, noPage(a.r.URL.Path)
	}
	if !a.may(action, "") {
		return view{}, fault.New(desk.CodeForbidden, kind, "this is not for your role")
	}
	if _, err := a.Work.Begin(a.r.Context(), a.caller, kind); err != nil {
		return view{}, err
	}
	return view{to: inside(a.form.Get("back"))}, nil
}

// workFile gives what a job has made to whoever may have it.
func (a *ask) workFile() (view, error) {
	id := a.r.PathValue("job")
	if a.Work == nil {
		return view{}, noPage(a.r.URL.Path)
	}
	all, err := a.Work.Jobs(a.r.Context())
	if err != nil {
		return view{}, err
	}
	for _, j := range all {
		action, known := actionOfJob(j.Kind)
		if j.ID != id || !known || !a.may(action, "") || j.File == "" {
			continue
		}
		name, data, err := a.Work.File(a.r.Context(), id)
		return view{file: &file{kind: "application/zip", name: name, data: data}}, err
	}
	return view{}, noPage(a.r.URL.Path)
}
