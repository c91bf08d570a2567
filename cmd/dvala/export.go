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

// ExportCmd writes all data of a trial: as CSV with a data dictionary and scripts
// for R and SAS, as CDISC Dataset-JSON or ODM, or as FHIR; before the openings
// no arm is in them. Or else it writes the trial itself:
// the ledger, and every file that an entry names.
type ExportCmd struct {
	PlaceFlags
	Out    string `help:"The directory to write to; made if it is not there." required:"" type:"path"`
	Format string `help:"csv (with a dictionary, and scripts for R and SAS), dataset-json (CDISC 1.1), odm (CDISC 1.3.2) or fhir (R4)." default:"csv" enum:"csv,dataset-json,odm,fhir"`
	Ledger bool   `help:"Instead of tables, the ledger and every file that it names: for the custodian, for dvala verify, and for a checkpoint that leaves the machine."`
}

// Run writes the tables.
func (c *ExportCmd) Run(p *Program) error {
	t, err := c.read(context.Background())
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
	files, err := c.files(t, groups)
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

// files gives the export in the format asked for.
func (c *ExportCmd) files(t *store.Trial, groups estimate.Allocation) ([]exchange.File, error) {
	p, s, known := t.Protocol(), t.State(), study.Instruments(t.State().Instrument)
	switch c.Format {
	case "dataset-json":
		return exchange.DatasetJSON(p, s, groups, known)
	case "odm":
		f, err := exchange.ODM(p, s, groups, known)
		return []exchange.File{f}, err
	case "fhir":
		f, err := exchange.FHIR(p, s, groups, known)
		return []exchange.File{f}, err
	}
	files, err := exchange.Export(p, s, groups, known)
	return append(files, exchange.Scripts(p, s, groups, known)...), err
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
