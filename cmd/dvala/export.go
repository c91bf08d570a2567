package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"dvala/estimate"
	"dvala/exchange"
	"dvala/fault"
	"dvala/store"
)

// ExportCmd writes all data of a trial as CSV with a data dictionary; before the
// openings there is no column for the arms. Or else it writes the trial itself:
// the ledger, and every file that an entry names.
type ExportCmd struct {
	Dir    string `help:"The trial directory." required:"" type:"path"`
	Out    string `help:"The directory to write to; made if it is not there." required:"" type:"path"`
	Ledger bool   `help:"Instead of tables, the ledger and every file that it names: for the custodian, for dvala verify, and for a checkpoint that leaves the machine."`
}

// Run writes the tables.
func (c *ExportCmd) Run(p *Program) error {
	t, err := store.Read(context.Background(), c.Dir)
	if err != nil {
		return err
	}
	defer t.Close()
	if c.Ledger {
		return c.ledger(p, t)
	}
	var groups estimate.Allocation
	if t.State().Openings != nil {
		if groups, err = allocationOf(t, &estimate.Provenance{}); err != nil {
			return err
		}
	}
	files, err := exchange.Export(t.Protocol(), t.State(), groups, t.State().Instrument)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return fault.Wrap("file-unwritable", c.Out, err)
	}
	for _, f := range files {
		if err := writeWhole(filepath.Join(c.Out, f.Name), f.Bytes); err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "%-26s %7d bytes\n", f.Name, len(f.Bytes))
	}
	if !groups.Known() {
		fmt.Fprintln(p.Stdout, "No arm is in these files: the openings are not on the ledger.")
	}
	return nil
}

// ledger writes the trial as it is handed to somebody who does not trust us.
func (c *ExportCmd) ledger(p *Program, t *store.Trial) error {
	if err := t.Export(context.Background(), c.Out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.Stdout, "%s: the ledger of %s, %d entries, and the files that they name; no key is in it\n\tTo check it: dvala verify %s\n",
		filepath.Join(c.Out, "ledger.dvl"), t.Protocol().ID(), t.State().Entries, c.Out)
	return err
}
