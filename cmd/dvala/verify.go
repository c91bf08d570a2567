package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dvala/cmd/dvala-verify/audit"
	"dvala/desk"
	"dvala/fault"
)

// VerifyCmd checks a trial from its exported files, without any key, as the
// program dvala-verify does by itself.
type VerifyCmd struct {
	Dir        string `arg:"" optional:"" type:"path" help:"The directory of the export; one that holds it as export/ will do."`
	Checkpoint string `type:"path" placeholder:"FILE" help:"A signed checkpoint that left the trial's machine earlier."`
	Receipt    string `type:"path" placeholder:"FILE" help:"Check one receipt alone, as participants are given: that its entry is on the ledger that its checkpoint signs."`
	PublicKey  string `placeholder:"KEY" help:"The ledger's public key, as told outside these files."`
	Format     string `enum:"text,json" default:"text" help:"text or json."`
}

// Run verifies.
func (cmd *VerifyCmd) Run(p *Program) error {
	if (cmd.Receipt == "") == (cmd.Dir == "") {
		return fault.New("verify-what", "", "name the directory of an export, or a receipt").WithHint("dvala verify DIR, or dvala verify --receipt FILE")
	}
	if cmd.Receipt != "" {
		return cmd.receipt(p)
	}
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

// receipt checks one.
func (cmd *VerifyCmd) receipt(p *Program) error {
	raw, err := readWhole(cmd.Receipt, 1<<20)
	if err != nil {
		return err
	}
	proof, f, err := desk.CheckProof(raw, cmd.PublicKey)
	if err != nil {
		return inFile(cmd.Receipt, err)
	}
	what := string(f.Event.Kind())
	if f.Subject != "" {
		what += " of " + string(f.Subject)
	}
	_, err = fmt.Fprintf(p.Stdout, "entry %d is on the ledger: %s, written %s\n  hash %s\n  key  %s\n",
		proof.Entry, what, f.At.UTC().Format("2006-01-02 15:04:05Z"), proof.Hash, proof.PublicKey)
	if err == nil && cmd.PublicKey == "" {
		_, err = fmt.Fprintln(p.Stdout, "The key is the receipt's own word: hold it against one told from elsewhere, --public-key.")
	}
	return err
}
