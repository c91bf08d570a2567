package main

import (
	"context"
	"fmt"

	"dvala/store"
)

// BackupCmd writes a backup, while the trial is in use.
type BackupCmd struct {
	PlaceFlags
	To string `arg:"" type:"path" placeholder:"FOLDER" help:"A new folder."`
}

// Run writes it.
func (c *BackupCmd) Run(p *Program) error {
	w, err := c.where()
	if err != nil {
		return err
	}
	m, err := store.Backup(context.Background(), w, c.To, Release(), p.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: %s, %d entries, %s\n  root %s\n"+
		"It holds neither ledger.key nor the keys of persons (keys.db): keep those apart, and the keys of persons\nin copies that you can destroy.\n",
		c.To, m.Trial, m.Entries, counted(len(m.Blobs), "file"), m.Root)
	return err
}
