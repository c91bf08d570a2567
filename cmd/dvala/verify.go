package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"dvala/cmd/dvala-verify/audit"
)

// VerifyCmd checks a trial from its exported files, without any key, as the
// program dvala-verify does by itself.
type VerifyCmd struct {
	Dir        string `arg:"" type:"path" help:"The directory of the export; one that holds it as export/ will do."`
	Checkpoint string `type:"path" placeholder:"FILE" help:"A signed checkpoint that left the trial's machine earlier."`
	PublicKey  string `placeholder:"KEY" help:"The ledger's public key, as told outside these files."`
	Format     string `enum:"text,json" default:"text" help:"text or json."`
}

// Run verifies.
func (cmd *VerifyCmd) Run(p *Program) error {
	o := audit.Options{PublicKey: cmd.PublicKey}
	if cmd.Checkpoint != "" {
		raw, err := readWhole(cmd.Checkpoint, 1<<16)
		if err != nil {
			return err
		}
		o.Checkpoint = raw
	}
	dir := cmd.Dir
	if _, err := os.Stat(filepath.Join(dir, audit.LedgerFile)); errors.Is(err, fs.ErrNotExist) {
		below := filepath.Join(dir, "export")
		if _, err := os.Stat(filepath.Join(below, audit.LedgerFile)); err == nil {
			dir = below
		}
	}
	r := audit.Check(os.DirFS(dir), o)
	var err error
	if cmd.Format == "json" {
		enc := json.NewEncoder(p.Stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = r.Tell(p.Stdout)
	}
	if err != nil {
		return err
	}
	if !r.Sound() {
		return errPrinted
	}
	return nil
}
