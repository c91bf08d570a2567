package main

import (
	"context"
	"fmt"
	"path/filepath"

	"dvala/store"
)

// RestoreCmd puts a backup into a new place.
type RestoreCmd struct {
	PlaceFlags
	From  string `arg:"" type:"path" placeholder:"FOLDER" help:"The backup."`
	Check bool   `help:"Check the backup, every file of it, and restore nothing."`
}

// Run restores it.
func (c *RestoreCmd) Run(p *Program) error {
	ctx := context.Background()
	if c.Check {
		m, err := store.CheckBackup(ctx, c.From)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s: whole. %s, %d entries, made %s\n  root %s\n", c.From, m.Trial, m.Entries, m.Made.Format("2006-01-02 15:04:05Z"), m.Root)
		return err
	}
	w, err := c.where()
	if err != nil {
		return err
	}
	m, err := store.Restore(ctx, c.From, w)
	if err != nil {
		return err
	}
	if w.Shared() {
		w.Trial = m.Trial
		if err := restorePeople(ctx, c.From, w); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.Stdout, "%s, %d entries: restored, replayed, and the same\n  root %s\n", m.Trial, m.Entries, m.Root)
	switch {
	case w.Key == "" && w.Shared():
		fmt.Fprintln(p.Stdout, "Servers need the trial's signing key: --ledger-key.")
	case w.Key == "":
		fmt.Fprintf(p.Stdout, "To go on with it, put the trial's signing key into %s, mode 0600;\nwithout it the trial can be read and verified.\n", filepath.Join(w.Dir, "ledger.key"))
	}
	fmt.Fprintln(p.Stdout, "The keys of persons (keys.db) are in no backup: put them back from where you keep them.")
	return nil
}

// restorePeople makes the tables of people in a database, and fills them.
func restorePeople(ctx context.Context, from string, w store.Where) error {
	tables, err := openPeople(ctx, w)
	if err != nil {
		return err
	}
	if err := tables.Close(); err != nil {
		return err
	}
	return store.RestorePeople(ctx, from, w)
}
