package main

import (
	"context"
	"fmt"

	"dvala/store"
)

// UpgradeCmd brings a trial's tables to this version of the program.
type UpgradeCmd struct {
	PlaceFlags
}

// Run upgrades them.
func (c *UpgradeCmd) Run(p *Program) error {
	w, err := c.where()
	if err != nil {
		return err
	}
	before, after, trial, err := store.Upgrade(context.Background(), w)
	if err != nil {
		return err
	}
	defer trial.Close()
	_, err = fmt.Fprintf(p.Stdout, "%s: version %d of the tables, before %d; %d entries were read, none changed\n",
		trial.Protocol().ID(), after, before, trial.State().Entries)
	return err
}
