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
	"dvala/study"
)

// ExportCmd writes all data of a trial as CSV with a data dictionary. Before
// the openings there is no column for the arms.
type ExportCmd struct {
	Dir string `help:"The trial directory." required:"" type:"path"`
	Out string `help:"The directory for the tables; made if it is not there." required:"" type:"path"`
}

// Run writes the tables.
func (c *ExportCmd) Run(p *Program) error {
	t, err := store.Read(context.Background(), c.Dir)
	if err != nil {
		return err
	}
	defer t.Close()
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
