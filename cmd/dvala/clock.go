package main

import (
	"context"
	"fmt"
	"time"

	"dvala/fault"
	"dvala/store"
	"dvala/study"
)

// ClockCmd tells how this machine's clock stands to a trial, and says that it is
// right where the program will not believe it.
type ClockCmd struct {
	PlaceFlags
	Confirm bool   `help:"Say that the clock is right: nothing is entered before that where it was set far forward, or the trial lay still for very long."`
	By      string `placeholder:"ACCOUNT" help:"Who says so: an administrator."`
	Reason  string `placeholder:"WORDS" help:"How it is known."`
	Server  string `placeholder:"NAME" help:"Whose clock, if another server's of the same database; its log names it. (this machine's)"`
}

// Run looks, and confirms.
func (c *ClockCmd) Run(p *Program) error {
	ctx := context.Background()
	w, err := c.where()
	if err != nil {
		return err
	}
	open := store.ReadAt
	if c.Confirm {
		open = store.OpenAt
	}
	trial, err := open(ctx, w)
	if err != nil {
		return err
	}
	defer trial.Close()
	if c.Confirm {
		if err := c.confirm(ctx, p, w, trial); err != nil {
			return err
		}
	}
	now := p.Now().UTC()
	fmt.Fprintf(p.Stdout, "this machine  %s\n", now.Format(time.RFC3339))
	trial.View(func(s *study.State) {
		if last, ok := s.LastAt(); ok {
			fmt.Fprintf(p.Stdout, "last entry    %s\n", last.Format(time.RFC3339))
		}
	})
	if off, ahead, err := trial.AheadOfDatabase(ctx, now); err != nil {
		return err
	} else if ahead {
		fmt.Fprintf(p.Stdout, "It stands %v ahead of the database's clock: nothing is written until they agree.\n", off.Round(time.Second))
	}
	return trial.DoubtClock(ctx, now)
}

func (c *ClockCmd) confirm(ctx context.Context, p *Program, w store.Where, trial *store.Trial) error {
	if c.By == "" || c.Reason == "" {
		return fault.New("clock-confirm", "--confirm", "it is not said who confirms the clock, or how it is known").
			WithHint(`--by ACCOUNT --reason "compared with a telephone"`)
	}
	m := study.Meta{At: p.Now().UTC(), Actor: c.By, Role: study.RoleAdministrator, Reason: c.Reason, From: "shell"}
	item := store.Item{Cmd: study.ConfirmClock{ClockConfirmed: study.ClockConfirmed{Server: c.Server}}, Meta: m}
	who, release, err := knownStaff(ctx, w, trial)
	if err != nil {
		return err
	}
	defer release()
	if err := who.may(ctx, item); err != nil {
		return err
	}
	_, err = trial.Do(ctx, item.Cmd, item.Meta)
	return err
}
