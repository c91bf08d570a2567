package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"dvala/desk"
	"dvala/desk/access"
	"dvala/store"
	"dvala/study"
)

// clockGuard is what a process knows of its clock: whether it is believed, and the
// times that it was set, until they are on the ledger. Those it keeps beside the
// trial, for the process may end while the clock is wrong and nothing can be
// written. It is safe for concurrent use.
type clockGuard struct {
	server string
	trial  *store.Trial
	wall   *desk.WallClock
	log    *slog.Logger

	mu      sync.Mutex
	waiting []desk.Jump // not kept yet
	since   uint64      // entries when it was first doubted; 0: it is not
	seen    time.Time   // when it was last kept that it was right
	erase   bool        // who asked to be forgotten may not be yet
}

// thisServer names this machine among those of a trial.
func thisServer() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// newClockGuard watches over a trial's clock.
func newClockGuard(trial *store.Trial, wall func() time.Time, running func() time.Duration, log *slog.Logger) *clockGuard {
	g := &clockGuard{server: thisServer(), trial: trial, log: log}
	g.wall = desk.NewWallClock(g.server, wall, running, g.set)
	return g
}

// keepTime gives a server its clock.
func (d *servedDesk) keepTime(wall func() time.Time) {
	d.clock = newClockGuard(d.trial, clockOf(d.trial, wall), running(), d.log)
	d.now = d.clock.wall.Now
}

// set says that somebody set this machine's clock: the times written from then on
// differ. Whoever asks for the time may be in the middle of writing, so it is
// kept in a moment.
func (g *clockGuard) set(j desk.Jump) {
	g.log.Warn("the clock of this machine was set", "by", j.By.String())
	g.mu.Lock()
	g.waiting = append(g.waiting, j)
	g.mu.Unlock()
	go func() {
		ctx, done := context.WithTimeout(context.Background(), time.Minute)
		defer done()
		if err := g.keep(ctx); err != nil {
			g.log.Error("that the clock was set is not kept yet", "err", err)
		}
		_ = g.trusted(ctx) // it may have been set right
	}()
}

// keep keeps beside the trial what has not been.
func (g *clockGuard) keep(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.waiting) > 0 {
		if err := g.trial.KeepJump(ctx, g.server, g.waiting[0]); err != nil {
			return err
		}
		g.waiting = g.waiting[1:]
	}
	return nil
}

// begin looks at the clock before anybody comes in, and finishes what a stop
// interrupted, if the time of that can be written down.
func (g *clockGuard) begin(ctx context.Context, office *desk.Office) error {
	doubt := g.trial.DoubtClock(ctx, g.wall.Now())
	g.wall.Doubt(doubt)
	if _, behind, err := g.trial.ClockBehind(ctx, g.wall.Now()); err == nil && behind {
		g.wall.Wrong()
	}
	if doubt != nil {
		g.log.Warn("nothing is written until the clock is right, or confirmed", "err", doubt)
		g.erase = true
		return nil
	}
	return office.EraseDue(ctx, "")
}

// check says aloud when the clock stands before the last entry, for commands are
// refused until it has passed it, or cannot be believed; and once it can be, it
// puts on the ledger that it was set.
func (g *clockGuard) check(ctx context.Context, office *desk.Office, people *peopleStore) error {
	if err := g.keep(ctx); err != nil {
		return err
	}
	off, wrong, err := g.trial.ClockBehind(ctx, g.wall.Now())
	if err != nil {
		return err
	}
	if wrong {
		g.log.Warn("the clock stands before the last entry", "by", off.String())
		return nil // nothing can be written until it has caught up
	}
	ahead, wrong, err := g.trial.AheadOfDatabase(ctx, g.wall.Now())
	if err != nil {
		return err
	}
	if wrong {
		g.log.Warn("the clock stands ahead of the database's", "by", ahead.String())
		return nil
	}
	if doubt := g.trusted(ctx); doubt != nil {
		g.log.Warn("nothing is written until the clock is right, or confirmed", "err", doubt)
		return nil
	}
	return g.record(ctx, office, people)
}

// trusted says why the clock is not, having looked whether it was set right or
// confirmed meanwhile, perhaps at another server.
func (g *clockGuard) trusted(ctx context.Context) error {
	now, doubt := g.wall.Now(), g.wall.Trust()
	g.mu.Lock()
	defer g.mu.Unlock()
	if doubt == nil {
		g.since = 0
		return nil
	}
	confirmed := false
	g.trial.View(func(s *study.State) {
		if g.since == 0 {
			g.since = s.Entries
		}
		for _, c := range s.ClocksConfirmed {
			confirmed = confirmed || c.Entry >= g.since && (c.What.Server == "" || c.What.Server == g.server)
		}
	})
	if confirmed {
		g.wall.Confirm(g.server)
	} else {
		g.wall.Doubt(g.trial.DoubtClock(ctx, now)) // it may have been set right
	}
	return g.wall.Trust()
}

// seeEvery is how often it is kept that the clock is right.
const seeEvery = time.Hour

// record puts on the ledger, and into the access log, that the clock was set, and
// keeps that it is right now.
func (g *clockGuard) record(ctx context.Context, office *desk.Office, people *peopleStore) error {
	kept, err := g.trial.KeptJumps(ctx)
	if err != nil {
		return err
	}
	for _, k := range kept {
		cmd := study.NoteClockJump{ClockJumped: study.ClockJumped{Seconds: k.By.Seconds(), Server: k.Server}}
		key := fmt.Sprintf("clock-%s-%d", k.Server, k.At.UnixMicro())
		if _, err := office.Do(ctx, system(), desk.Request{Cmd: cmd, Key: key}); err != nil {
			return err
		}
		e := access.LogEntry{At: k.At, What: "clock-jumped", Detail: k.By.String()}
		if err := people.Write(ctx, func(w access.Writer) error { return w.AddLog(ctx, e) }); err != nil {
			return err
		}
		if err := g.trial.DropJump(ctx, k); err != nil {
			return err
		}
	}
	return g.see(ctx, office)
}

func (g *clockGuard) see(ctx context.Context, office *desk.Office) error {
	now := g.wall.Now()
	g.mu.Lock()
	due, erase := now.Sub(g.seen).Abs() >= seeEvery, g.erase
	if g.erase = false; due {
		g.seen = now
	}
	g.mu.Unlock()
	if erase {
		if err := office.EraseDue(ctx, ""); err != nil {
			return err
		}
	}
	if !due {
		return nil
	}
	return g.trial.SeeClock(ctx, now)
}

// fit says why what is done by the clock is left alone, if so. No guard finds
// nothing.
func (g *clockGuard) fit() error {
	if g == nil {
		return nil
	}
	g.wall.Now()
	return g.wall.Trust()
}
