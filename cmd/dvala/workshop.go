package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"dvala/desk"
	"dvala/estimate"
	"dvala/exchange"
	"dvala/fault"
	"dvala/store"
	"dvala/study"
	"dvala/ui"
)

// workshop does what takes long inside this process, one piece at a time. What
// was done and made lies in the trial's directory, so that it is there when the
// program is started again; what ran when it ended is told as interrupted. Of a
// trial in a database it lies in a folder of this machine, and goes with the
// program.
type workshop struct {
	trial  *store.Trial
	where  store.Where
	office *desk.Office
	dir    string
	passes bool // the folder goes when the program ends
	ctx    context.Context
	end    context.CancelFunc
	queue  chan string
	ended  chan struct{}

	mu      sync.Mutex
	jobs    []ui.Job // the oldest first
	callers map[string]desk.Caller
}

// workDir is where a trial's directory keeps what was made.
const workDir = "work"

func newWorkshop(trial *store.Trial, where store.Where, office *desk.Office) (*workshop, error) {
	ctx, end := context.WithCancel(context.Background())
	w := &workshop{
		trial: trial, where: where, office: office, dir: filepath.Join(trial.Dir(), workDir), ctx: ctx, end: end,
		queue: make(chan string, 64), ended: make(chan struct{}), callers: map[string]desk.Caller{},
	}
	if where.Shared() {
		var err error
		if w.dir, err = os.MkdirTemp("", "dvala-work-*"); err != nil {
			end()
			return nil, fault.Wrap("file-unwritable", os.TempDir(), err)
		}
		w.passes = true
	}
	raw, err := os.ReadFile(filepath.Join(w.dir, "jobs.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fault.Wrap("work-unreadable", w.dir, err)
	default:
		if err := json.Unmarshal(raw, &w.jobs); err != nil {
			return nil, fault.Wrap("work-unreadable", w.dir, err)
		}
	}
	for i := range w.jobs {
		if j := &w.jobs[i]; j.State == ui.JobRunning || j.State == ui.JobWaiting {
			j.State, j.Says = ui.JobFailed, "interrupted: the program ended"
		}
	}
	go w.run()
	return w, nil
}

// close waits for what is being done.
func (w *workshop) close() {
	w.end()
	<-w.ended
	if w.passes {
		_ = os.RemoveAll(w.dir)
	}
}

// Begin puts a piece of work behind the others.
func (w *workshop) Begin(_ context.Context, c desk.Caller, kind string) (ui.Job, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.jobs {
		if j.Kind == kind && (j.State == ui.JobRunning || j.State == ui.JobWaiting) {
			return j, nil // the same again is the same
		}
	}
	j := ui.Job{ID: strconv.Itoa(len(w.jobs) + 1), Kind: kind, By: c.Account, State: ui.JobWaiting, Began: w.office.Now()}
	select {
	case w.queue <- j.ID:
	default:
		return ui.Job{}, fault.New("work-full", kind, "too much is waiting already")
	}
	w.callers[j.ID] = c
	w.jobs = append(w.jobs, j)
	return j, w.save()
}

// Jobs gives all, the newest first.
func (w *workshop) Jobs(context.Context) ([]ui.Job, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := slices.Clone(w.jobs)
	slices.Reverse(out)
	return out, nil
}

// File gives what a job has made.
func (w *workshop) File(_ context.Context, id string) (string, []byte, error) {
	w.mu.Lock()
	name := ""
	for _, j := range w.jobs {
		if j.ID == id {
			name = j.File
		}
	}
	w.mu.Unlock()
	if name == "" {
		return "", nil, fault.New("work-file", id, "this work has made no file")
	}
	b, err := os.ReadFile(filepath.Join(w.dir, id+".zip"))
	if err != nil {
		return "", nil, fault.Wrap("work-unreadable", name, err)
	}
	return name, b, nil
}

// save writes the list down; the lock is held.
func (w *workshop) save() error {
	b, err := json.MarshalIndent(w.jobs, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return fault.Wrap("file-unwritable", w.dir, err)
	}
	return writeWhole(filepath.Join(w.dir, "jobs.json"), b)
}

func (w *workshop) change(id string, f func(*ui.Job)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.jobs {
		if w.jobs[i].ID == id {
			f(&w.jobs[i])
		}
	}
	_ = w.save() // how far it is can be lost; what it made cannot
}

func (w *workshop) run() {
	defer close(w.ended)
	for {
		select {
		case <-w.ctx.Done():
			return
		case id := <-w.queue:
			w.do(id)
		}
	}
}

func (w *workshop) do(id string) {
	kind := ""
	w.change(id, func(j *ui.Job) { j.State, kind = ui.JobRunning, j.Kind })
	w.mu.Lock()
	caller := w.callers[id]
	w.mu.Unlock()
	name, says, err := w.work(id, kind, caller)
	w.change(id, func(j *ui.Job) {
		j.State, j.File, j.Says, j.Ended = ui.JobDone, name, says, w.office.Now()
		if err != nil {
			j.State, j.Says = ui.JobFailed, fault.Text(err)
		}
	})
}

func (w *workshop) progress(id string, done, of int) {
	w.change(id, func(j *ui.Job) { j.Done, j.Of = done, of })
}

// work does one piece: it gives the name of the file that it made, or a line
// that says what came of it.
func (w *workshop) work(id, kind string, c desk.Caller) (name, says string, err error) {
	switch kind {
	case "dry-run", "report":
		return w.analyse(id, kind, c)
	case "tables":
		files, err := w.tables(id)
		if err != nil {
			return "", "", err
		}
		return w.pack(id, w.trial.Protocol().ID()+"-tables.zip", files)
	case "ledger":
		files, err := w.ledger(id)
		if err != nil {
			return "", "", err
		}
		return w.pack(id, w.trial.Protocol().ID()+"-ledger.zip", files)
	}
	return "", "", fault.New("work-unknown", kind, "nobody knows this kind of work")
}

// analyse makes the report and gives the command that puts it on the ledger.
func (w *workshop) analyse(id, kind string, c desk.Caller) (name, says string, err error) {
	w.progress(id, 1, 3)
	var a analysis
	err = w.still(func(t *store.Trial) error {
		a, err = analyseTrial(t)
		return err
	})
	if err != nil {
		return "", "", err
	}
	w.progress(id, 2, 3)
	files, err := w.trial.PutBlobs([]store.Blob{{Name: kind + "-" + resultsFile, Bytes: a.JSON}, {Name: kind + ".html", Bytes: a.Report}})
	if err != nil {
		return "", "", err
	}
	var cmd study.Command = study.RecordDryRun{DryRun: study.DryRun{Results: files[0], Report: files[1]}}
	if kind == "report" {
		cmd = study.RecordReport{Reported: study.Reported{Results: files[0], Report: files[1]}}
	}
	_, err = w.office.Do(w.ctx, c, desk.Request{Cmd: cmd, Key: "work-" + kind + "-" + id + "-" + files[0].SHA256[:16]})
	return "", "results " + files[0].SHA256[:16] + "…", err
}

// still opens the trial as it is now, beside the one that is written to, so that
// what takes long sees one state of it.
func (w *workshop) still(look func(*store.Trial) error) error {
	t, err := store.ReadAt(w.ctx, w.where)
	if err != nil {
		return err
	}
	return errors.Join(look(t), t.Close())
}

func (w *workshop) tables(id string) (out []exchange.File, err error) {
	w.progress(id, 1, 2)
	err = w.still(func(t *store.Trial) error {
		var groups estimate.Allocation
		if t.State().Openings != nil {
			if groups, err = allocationOf(t, &estimate.Provenance{}); err != nil {
				return err
			}
		}
		out, err = exchange.Export(t.Protocol(), t.State(), groups, t.State().Instrument)
		return err
	})
	return out, err
}

// ledger writes the trial as it is handed to somebody who does not trust us.
func (w *workshop) ledger(id string) ([]exchange.File, error) {
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return nil, fault.Wrap("file-unwritable", w.dir, err)
	}
	dir, err := os.MkdirTemp(w.dir, ".export-*")
	if err != nil {
		return nil, fault.Wrap("file-unwritable", w.dir, err)
	}
	defer os.RemoveAll(dir)
	w.progress(id, 1, 3)
	err = w.still(func(t *store.Trial) error { return t.Export(w.ctx, filepath.Join(dir, exportDir)) })
	if err != nil {
		return nil, err
	}
	w.progress(id, 2, 3)
	var out []exchange.File
	root := filepath.Join(dir, exportDir)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		out = append(out, exchange.File{Name: filepath.ToSlash(rel), Bytes: b})
		return err
	})
	return out, err
}

// pack puts files into one, each with the same date, so that the same files are
// the same bytes.
func (w *workshop) pack(id, name string, files []exchange.File) (string, string, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		part, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return "", "", err
		}
		if _, err := part.Write(f.Bytes); err != nil {
			return "", "", err
		}
	}
	if err := z.Close(); err != nil {
		return "", "", err
	}
	return name, "", writeWhole(filepath.Join(w.dir, id+".zip"), b.Bytes())
}
