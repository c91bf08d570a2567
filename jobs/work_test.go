package jobs

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dvala/store/sqldb"
)

// What a dead process was doing another does, and what a living one does it is
// left.
func TestDeadProcess(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqldb.DB) {
		var began atomic.Int64
		let := make(chan struct{})
		hang := NewHandlers()
		Handle(hang, func(context.Context, Run[Export]) error { began.Add(1); <-let; return nil })
		db := open()
		// It does one job at a time, and hangs in it: the job cannot come back to it.
		first, err := Open(t.Context(), db, Options{Handlers: hang, Poll: 100 * time.Millisecond, Workers: 1})
		if err == nil {
			err = first.Start(context.WithoutCancel(t.Context()))
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			close(let)
			if err := first.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
		id, err := first.Enqueue(t.Context(), Export{What: "tables", Key: "1"})
		if err != nil {
			t.Fatal(err)
		}
		for began.Load() == 0 {
			time.Sleep(10 * time.Millisecond)
		}
		if err := first.rescue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, _, err := first.Status(t.Context(), id); s.State != "running" || s.Attempt != 1 || err != nil {
			t.Errorf("a living process was robbed of %+v %v", s, err)
		}
		first.quiet() // as if it were killed
		if _, err := db.Write.ExecContext(t.Context(), "UPDATE job_workers SET beat = 1"); err != nil {
			t.Fatal(err)
		}
		done := NewHandlers()
		Handle(done, func(ctx context.Context, r Run[Export]) error { return r.Result(ctx, "by the second") })
		second := working(t, db, done)
		if err := second.rescue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := until(t, second, id); s.State != "completed" || s.Attempt != 2 || s.Result != "by the second" {
			t.Errorf("%+v", s)
		}
	})
}

// Work that many ask for at once is begun once; what came of it is told by every
// process, and outlives the job.
func TestPieces(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqldb.DB) {
		db := open()
		at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
		asks := working(t, db, nil)
		go1 := make(chan struct{})
		var h *Handlers
		var worker *Queue
		h = NewHandlers()
		Handle(h, func(ctx context.Context, r Run[Export]) error {
			<-go1
			p := Piece{Job: r.ID, Ended: at.Add(time.Hour), File: "a.zip", Bytes: 3, Kept: "1.zip"}
			if r.Args.What == "odm" {
				p = Piece{Job: r.ID, Ended: at.Add(time.Hour), Failed: true, Says: "no"}
			}
			err := worker.End(ctx, p)
			if p.Failed {
				err = GiveUp(errors.Join(err, errors.New("no")))
			}
			return err
		})
		worker = working(t, db, h)
		var mu sync.Mutex
		seen := map[ID]int{}
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				q := []*Queue{asks, worker}[i%2]
				p, err := q.Begin(t.Context(), Piece{Kind: "tables", By: "anna", Key: "k", Began: at}, Export{What: "tables", By: "anna"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				seen[p.Job]++
			})
		}
		wg.Wait()
		if len(seen) != 1 {
			t.Fatal("begun more than once:", seen)
		}
		other, err := asks.Begin(t.Context(), Piece{Kind: "odm", By: "anna", Began: at}, Export{What: "odm", By: "anna"})
		if err != nil {
			t.Fatal(err)
		}
		close(go1)
		until(t, asks, other.Job)
		for id := range seen {
			until(t, asks, id)
		}
		all, err := asks.Pieces(t.Context(), 10)
		if err != nil || len(all) != 2 || all[0].Job != other.Job || !all[0].Failed || all[0].Says != "no" || all[1].File != "a.zip" || all[1].Bytes != 3 || !all[1].Began.Equal(at) {
			t.Fatalf("%+v %v", all, err)
		}
		if same, err := asks.Begin(t.Context(), Piece{Kind: "tables", By: "anna", Key: "k", Began: at}, Export{What: "tables", By: "anna"}); err != nil || same.Job != all[1].Job || same.File != "a.zip" {
			t.Error("begun twice under one key:", same, err)
		}
		if _, err := asks.Begin(t.Context(), Piece{Kind: "odm", By: "anna", Key: "k", Began: at}, Export{What: "odm"}); err == nil {
			t.Error("one key for two kinds of work")
		}
		again, err := asks.Begin(t.Context(), Piece{Kind: "tables", By: "bo", Key: "k", Began: at}, Export{What: "tables", By: "bo"})
		if err != nil || again.Job == all[1].Job {
			t.Error("what has ended cannot be begun again:", again, err)
		}
		if old, err := asks.Passed(t.Context(), at.Add(2*time.Hour)); err != nil || len(old) == 0 || old[0].Job != all[1].Job || asks.Gone(t.Context(), all[1].Job) != nil {
			t.Error(old, err)
		}
		// A job that was thrown away without a word.
		gone := working(t, db, nil)
		if _, err := db.Write.ExecContext(t.Context(), "INSERT INTO job_work VALUES (9999, 'fhir', 'anna', 1, 0, 0, '', '', 0, '', '')"); err != nil {
			t.Fatal(err)
		}
		if all, err := gone.Pieces(t.Context(), 1); err != nil || !all[0].Failed || all[0].Kind != "fhir" || all[0].Says == "" {
			t.Errorf("%+v %v", all, err)
		}
	})
}

// What is done again and again is asked for once while it waits or runs, also
// when it waits for a while by its own wish, and again when it has been done.
func TestAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqldb.DB) {
		db := open()
		asks := []*Queue{working(t, db, nil), working(t, db, nil)}
		a := DevicePull{Subject: "P0001", Vendor: "oura"}
		ids := map[ID]bool{}
		for _, q := range asks {
			id, err := q.EnqueueAnew(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			ids[id] = true
		}
		var ran atomic.Int64
		h := NewHandlers()
		Handle(h, func(context.Context, Run[DevicePull]) error {
			if ran.Add(1) == 1 {
				return Wait(100 * time.Millisecond)
			}
			return nil
		})
		worker := working(t, db, h)
		for id := range ids {
			if s := until(t, worker, id); s.State != "completed" || s.Attempt != 1 || len(ids) != 1 || ran.Load() != 2 {
				t.Errorf("%+v of %v, done %d times", s, ids, ran.Load())
			}
			if next, err := asks[0].EnqueueAnew(t.Context(), a); err != nil || next == id {
				t.Error("what was done cannot be asked for anew:", err)
			}
		}
	})
}
