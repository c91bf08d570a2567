package ui

import (
	"cmp"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/study"
)

// Work, Job and the states are the desk's: the API has the same.
type (
	Work     = desk.Work
	Job      = desk.Job
	JobState = desk.JobState
)

// The states of a job.
const (
	JobWaiting = desk.JobWaiting
	JobRunning = desk.JobRunning
	JobDone    = desk.JobDone
	JobFailed  = desk.JobFailed
)

type workPage struct {
	Jobs  []Job
	List  listing[Job]
	Kinds []desk.WorkKind
	Zone  *time.Location
	Busy  bool
}

// kinds are those that the caller may start and that can be done now.
func (a *ask) kinds(st *study.State, only desk.Action) []desk.WorkKind {
	return slices.DeleteFunc(a.Office.WorkNow(a.caller, st), func(k desk.WorkKind) bool { return only != "" && k.Action != only })
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
	all, err := a.Office.WorkOf(a.r.Context(), a.Work, a.caller)
	if err != nil {
		return view{}, err
	}
	for _, j := range all {
		if k, _ := desk.WorkKindOf(j.Kind); only != "" && k.Action != only {
			continue
		}
		p.Busy = p.Busy || j.Running()
		p.Jobs = append(p.Jobs, j)
	}
	var whole *file
	if p.List, whole, err = listed(a, "work", p.Jobs, jobColumns, nil); err != nil || whole != nil {
		return view{file: whole}, err
	}
	p.Jobs = p.List.Rows
	return view{page: page, title: title, data: p}, nil
}

// jobColumns are those of the table of work.
var jobColumns = []listColumn[Job]{
	{id: "what", name: "What", text: func(j Job) string { return j.Kind }},
	{id: "state", name: "State", words: true, text: func(j Job) string { return string(j.State) }},
	{id: "began", name: "Began", text: func(j Job) string { return stamp(j.Began) }},
	{id: "ended", name: "Ended", text: func(j Job) string { return stamp(j.Ended) }},
	{id: "by", name: "By", words: true, text: func(j Job) string { return j.By }},
	{id: "came-to", name: "Came to", words: true, text: func(j Job) string { return cmp.Or(j.File, j.Says) }},
}

// begin starts a piece of work.
func (a *ask) begin() (view, error) {
	if err := a.Access.Allow(a.r.Context(), "work:"+a.caller.Account, access.WorkBucket); err != nil {
		return view{}, err
	}
	if _, err := a.Office.BeginWork(a.r.Context(), a.Work, a.caller, a.form.Get("kind"), ""); err != nil {
		return view{}, err
	}
	return view{to: inside(a.form.Get("back"))}, nil
}

// workFile gives what a job has made to whoever may have it.
func (a *ask) workFile() (view, error) {
	j, r, err := a.Office.WorkFile(a.r.Context(), a.Work, a.caller, a.r.PathValue("job"))
	if err != nil {
		return view{}, err
	}
	return view{file: &file{kind: "application/zip", name: j.File, stream: r, size: j.Bytes}}, nil
}

// slowest is how long a reader of a long file may take for a part of it.
const slowest = time.Minute

// pour sends what is long, for as long as somebody reads it: the server's own
// deadline is for pages. What cannot be read to its end is cut off, so that the
// length tells the reader; what is made while it is read, and has none, breaks off
// so that it does not look whole.
func (a *ask) pour(f *file) {
	defer f.stream.Close()
	if f.size >= 0 {
		a.w.Header().Set("Content-Length", strconv.FormatInt(f.size, 10))
	}
	c, part := http.NewResponseController(a.w), make([]byte, 256<<10)
	for {
		n, err := f.stream.Read(part)
		_ = c.SetWriteDeadline(time.Now().Add(slowest)) // where it cannot be set, the server's own holds
		_, gone := a.w.Write(part[:n])
		if f.size < 0 && err != nil && err != io.EOF {
			panic(http.ErrAbortHandler)
		}
		if gone != nil || err != nil {
			return
		}
	}
}
