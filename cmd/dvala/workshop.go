package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/fault"
	"dvala/jobs"
	"dvala/store"
	"dvala/study"
)

// workshop has what takes long done by whichever process has time for it. What
// was asked for and how far it has come lies in the trial's database, and what
// was made beside the trial's files: any server tells and hands out the same,
// also after all of them were started again.
type workshop struct {
	trial  *store.Trial
	where  store.Where
	office *desk.Office
	access *access.Service
	madeUp bool        // its people have no accounts: whoever asks is who she chose to be
	queue  *jobs.Queue // once it works
}

// keepMade is how long what was made can be fetched.
const keepMade = 30 * 24 * time.Hour

// listed is how many pieces of work are told of.
const listed = 200

// Begin asks for a piece of work.
func (w *workshop) Begin(ctx context.Context, c desk.Caller, kind, key string) (desk.Job, error) {
	// The moment tells a job from an earlier one that asked for the same.
	a := jobs.Args(jobs.Export{What: kind, By: c.Account, Grants: w.chosen(c), Key: strconv.FormatInt(time.Now().UnixNano(), 36)})
	if kind == "dry-run" || kind == "report" {
		a = jobs.Analyse(a.(jobs.Export))
	}
	if kind == "simulate" {
		a = jobs.Simulate(a.(jobs.Export))
	}
	p, err := w.queue.Begin(ctx, jobs.Piece{Kind: kind, By: c.Account, Key: key, Began: w.office.Now()}, a)
	return jobOf(p), err
}

// chosen gives the roles that somebody chose in a made-up trial. Others have
// theirs by their accounts, and those that they have when the work is done.
func (w *workshop) chosen(c desk.Caller) []desk.Grant {
	if !w.madeUp {
		return nil
	}
	return c.Grants
}

// Jobs gives all, the newest first.
func (w *workshop) Jobs(ctx context.Context) ([]desk.Job, error) {
	all, err := w.queue.Pieces(ctx, listed)
	out := make([]desk.Job, len(all))
	for i, p := range all {
		out[i] = jobOf(p)
	}
	return out, err
}

// File streams what a job has made.
func (w *workshop) File(ctx context.Context, j desk.Job) (io.ReadCloser, error) {
	all, err := w.queue.Pieces(ctx, listed)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if jobOf(p).ID == j.ID && p.Kept != "" {
			return w.trial.Files().Fetch(ctx, p.Kept)
		}
	}
	return nil, fault.New("work-file", j.ID, "this work has made no file")
}

// jobOf tells a piece of work as the desk does.
func jobOf(p jobs.Piece) desk.Job {
	j := desk.Job{ID: strconv.FormatInt(int64(p.Job), 10), Kind: p.Kind, By: p.By, Says: p.Says, Began: p.Began, Ended: p.Ended}
	switch {
	case p.Failed:
		j.State = desk.JobFailed
	case !p.Ended.IsZero():
		j.State, j.Done, j.Of = desk.JobDone, 1, 1
	case p.Waiting:
		j.State = desk.JobWaiting
	default:
		j.State, j.Done, j.Of = desk.JobRunning, p.Done, p.Total
	}
	switch {
	case p.Kept != "":
		j.File, j.Bytes = p.File, p.Bytes
	case p.File != "":
		j.Says = p.File + ", no more kept"
	}
	return j
}

// order is one piece of work, as it is being done.
type order struct {
	jobs.Export
	id      jobs.ID
	attempt int
	caller  desk.Caller
	tell    func(ctx context.Context, done, of int)
}

// made is what came of it.
type made struct {
	says  string
	file  string // its name for who fetches it
	kept  string
	bytes int64
}

// orderOf reads a job.
func orderOf[A jobs.Args](r jobs.Run[A], e jobs.Export) order {
	return order{Export: e, id: r.ID, attempt: r.Attempt, tell: func(ctx context.Context, done, of int) {
		_ = r.Progress(ctx, done, of, "") // how far it is can be lost; what it made cannot
	}}
}

// tries is how often something is tried that failed for no reason of its own.
const tries = 3

// do does a piece of work, and says what came of it. What failed because the
// database or the process went away is begun again.
func (w *workshop) do(ctx context.Context, o order) error {
	m, err := w.inName(ctx, o)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && passing(err) && o.attempt < tries:
		return err
	}
	p := jobs.Piece{Job: o.id, Ended: w.office.Now(), Says: m.says, File: m.file, Kept: m.kept, Bytes: m.bytes}
	if err != nil {
		p.Failed, p.Says = true, fault.Text(err)
		if desk.StoreFailed(err) { // its words name hosts and paths; they are in the worker's log
			p.Says = "the trial's store did not answer as it should: " + string(fault.CodeOf(err))
		}
		if end := w.queue.End(ctx, p); end != nil {
			return end
		}
		return jobs.GiveUp(err)
	}
	return w.queue.End(ctx, p)
}

// passing says whether an error may be gone the next time.
func passing(err error) bool {
	switch fault.CodeOf(err) {
	case "", "store-write", "store-database", "store-closed", "blob-write", "blob-read", "blob-store", "file-unwritable":
		return true
	}
	return false
}

// inName does it in the name of who asked, if she still may.
func (w *workshop) inName(ctx context.Context, o order) (made, error) {
	c, ok, err := w.access.Standing(ctx, o.By)
	if err != nil {
		return made{}, err
	}
	if !ok && w.madeUp {
		c, ok = desk.Caller{Account: o.By, Name: "Made-up " + o.By, Grants: o.Grants, From: "job"}, true
	}
	k, known := desk.WorkKindOf(o.What)
	if !ok || !known {
		return made{}, fault.New(desk.CodeForbidden, o.What, "whoever asked for this may do it no more")
	}
	if _, err := w.office.Allow(c, k.Action, "", ""); err != nil {
		return made{}, err
	}
	o.caller = c
	switch o.What {
	case "dry-run", "report":
		return w.analyse(ctx, o)
	case "ledger":
		return w.ledger(ctx, o)
	case "simulate":
		return w.simulate(ctx, o)
	}
	return w.tables(ctx, o)
}

// analyse makes the report and gives the command that puts it on the ledger.
func (w *workshop) analyse(ctx context.Context, o order) (made, error) {
	key := fmt.Sprintf("work-%s-%d", o.What, o.id)
	done := false
	err := w.trial.Refresh(ctx)
	w.trial.View(func(s *study.State) { _, _, done = s.Done(key) })
	if err != nil || done { // a process died between doing it and saying so
		return made{says: "on the ledger"}, err
	}
	files, err := w.analysed(ctx, o.What, o.tell)
	if err != nil {
		return made{}, err
	}
	var cmd study.Command = study.RecordDryRun{DryRun: study.DryRun(files)}
	if o.What == "report" {
		cmd = study.RecordReport{Reported: files}
	}
	_, err = w.office.Do(ctx, o.caller, desk.Request{Cmd: cmd, Key: key})
	return made{says: "results " + files.Results.SHA256[:16] + "…"}, err
}

// analysed analyses the trial as it is now, and stores what comes of it.
func (w *workshop) analysed(ctx context.Context, name string, tell func(ctx context.Context, done, of int)) (study.Reported, error) {
	tell(ctx, 1, 3)
	var a analysis
	err := w.still(ctx, func(t *store.Trial) error {
		var err error
		a, err = analyseTrial(t)
		return err
	})
	if err != nil {
		return study.Reported{}, err
	}
	tell(ctx, 2, 3)
	return a.put(w.trial, name+"-"+resultsFile, name+".html")
}

// Analysed is for who runs her own trial and waits for it: hers is small.
func (w *workshop) Analysed(ctx context.Context) (study.Reported, error) {
	name := "dry-run"
	w.trial.View(func(s *study.State) {
		if s.Openings != nil {
			name = "report"
		}
	})
	return w.analysed(ctx, name, func(context.Context, int, int) {})
}
