package desk

import (
	"context"
	"io"
	"slices"
	"time"

	"dvala/fault"
	"dvala/study"
)

// Work does what takes long: it goes on when the page is closed, and how far it
// has come is there when the page is opened again, on any server.
type Work interface {
	// Begin starts a job of a kind in a caller's name. What runs already, or was
	// begun by her under the same key, is not begun again.
	Begin(ctx context.Context, c Caller, kind, key string) (Job, error)
	// Jobs gives all there were, the newest first.
	Jobs(ctx context.Context) ([]Job, error)
	// File streams what a job has made.
	File(ctx context.Context, j Job) (io.ReadCloser, error)
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
	File  string // the name of what it made, if anything that can be fetched
	Bytes int64  // its length
	Began time.Time
	Ended time.Time // zero while it runs
}

// Running says whether there is more to come of it.
func (j Job) Running() bool { return j.State == JobRunning || j.State == JobWaiting }

// JobState is how a job stands.
type JobState string

// The states.
const (
	JobWaiting JobState = "waiting"
	JobRunning JobState = "running"
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"
)

// WorkKind is a kind of work, with what one must be allowed to start it or to
// have what it makes.
type WorkKind struct {
	Kind, Name, About string
	Action            Action
}

// workKinds are all.
var workKinds = []WorkKind{
	{"dry-run", "Dry run", "The analysis on a dummy allocation, and its report.", "record-dry-run"},
	{"report", "Report", "The analysis on the opened list, and its report.", "record-report"},
	{"simulate", "Try the protocol with made-up people", "A trial is played from beginning to end by the protocol in force, and its report kept. The people are made up; the trial's own record is not touched.", "amend-protocol"},
	{"tables", "All data as tables", "CSV, one file a kind of fact, with a dictionary. No arm is in it before the openings.", "export"},
	{"dataset-json", "All data as Dataset-JSON", "CDISC Dataset-JSON 1.1. No arm is in it before the openings.", "export"},
	{"odm", "All data as ODM", "CDISC ODM 1.3.2, with what was corrected and why. No arm is in it before the openings.", "export"},
	{"fhir", "All data as FHIR", "HL7 FHIR R4, for other systems of care and research. No arm is in it before the openings.", "export"},
	{"ledger", "The ledger and its files", "For someone who does not trust us: dvala verify checks it without a key.", "export"},
}

// WorkKinds gives all kinds, in order.
func WorkKinds() []WorkKind { return slices.Clone(workKinds) }

// WorkKindOf gives a kind by its name.
func WorkKindOf(kind string) (WorkKind, bool) {
	i := slices.IndexFunc(workKinds, func(k WorkKind) bool { return k.Kind == kind })
	if i < 0 {
		return WorkKind{}, false
	}
	return workKinds[i], true
}

// WorkNow gives the kinds that a caller may start, and that can be done as the
// trial stands.
func (o *Office) WorkNow(c Caller, s *study.State) []WorkKind {
	var out []WorkKind
	for _, k := range workKinds {
		now := true
		switch k.Kind {
		case "dry-run":
			now = s.Locked == nil
		case "report":
			now = s.Openings != nil && s.Reported == nil
		}
		if _, err := As(c, k.Action, "", "", o.now()); now && err == nil {
			out = append(out, k)
		}
	}
	return out
}

// BeginWork starts a piece of work for a caller who may.
func (o *Office) BeginWork(ctx context.Context, w Work, c Caller, kind, key string) (Job, error) {
	k, ok := WorkKindOf(kind)
	if !ok || w == nil {
		return Job{}, fault.New("page-unknown", kind, "there is no such work")
	}
	if _, err := o.as(c, k.Action, "", ""); err != nil {
		return Job{}, err
	}
	return w.Begin(ctx, c, kind, key)
}

// WorkOf gives the jobs of the kinds that are a caller's, the newest first.
func (o *Office) WorkOf(ctx context.Context, w Work, c Caller) ([]Job, error) {
	if w == nil {
		return nil, nil
	}
	all, err := w.Jobs(ctx)
	return slices.DeleteFunc(all, func(j Job) bool {
		k, known := WorkKindOf(j.Kind)
		return !known || !o.May(c, k.Action, "")
	}), err
}

// WorkFile streams what a job has made to a caller who may have it. Of one that
// is not hers it says what it says of one that is not there.
func (o *Office) WorkFile(ctx context.Context, w Work, c Caller, id string) (Job, io.ReadCloser, error) {
	all, err := o.WorkOf(ctx, w, c)
	if err != nil {
		return Job{}, nil, err
	}
	for _, j := range all {
		if j.ID == id && j.File != "" {
			r, err := w.File(ctx, j)
			return j, r, err
		}
	}
	return Job{}, nil, fault.New("page-unknown", id, "this work has made no file, or is not yours")
}
