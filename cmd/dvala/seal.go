package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dvala/custody"
	"dvala/fault"
	"dvala/protocol"
)

// Names of what sealing makes.
const (
	sealedListName  = "sealed-list.dvl"
	packingListName = "packing-list.age"
	openingsName    = "openings.dvl"
)

// SealCmd draws the randomisation list of a protocol and seals it. It is for
// the custodian, on a machine of her own.
type SealCmd struct {
	Protocol string  `arg:"" type:"path" help:"The protocol file, which names the custodian's public key."`
	Out      string  `default:"." type:"path" placeholder:"DIR" help:"Where to write sealed-list.dvl and packing-list.age."`
	Packer   string  `placeholder:"RECIPIENT" help:"Public key of whoever packs the kits. Without it the packing list is encrypted to the custodian."`
	Seed     *uint64 `help:"Draw the list from this number, for a demonstration. Anyone can then draw it again, and a real trial refuses it."`
}

// Run seals.
func (cmd *SealCmd) Run(p *Program) error {
	file, err := parseProtocol(cmd.Protocol)
	if err != nil {
		return err
	}
	c := file.checked
	if c.IsZero() {
		return file.problems.Errors()
	}
	listPath, packingPath := filepath.Join(cmd.Out, sealedListName), filepath.Join(cmd.Out, packingListName)
	for _, path := range []string{listPath, packingPath} {
		// Writing would refuse as well, but perhaps after one of the two.
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fault.New("file-exists", "", "is there already and is not overwritten").In(path).
				WithHint("a trial has one list: begin a new one in another directory")
		}
	}
	sealing, err := custody.Seal(c, custody.Options{Packer: cmd.Packer, Seed: cmd.Seed})
	if err != nil {
		return inFile(cmd.Protocol, err)
	}
	if err := os.MkdirAll(cmd.Out, 0o755); err != nil {
		return fault.Wrap("file-unwritable", "", err).In(cmd.Out)
	}
	if sealing.Packing != nil {
		if err := writeNew(packingPath, sealing.Packing, 0o600); err != nil {
			return err
		}
	}
	if err := writeNew(listPath, sealing.List.Bytes(), 0o644); err != nil {
		return err
	}
	return cmd.tell(p, c, sealing, listPath, packingPath)
}

func (cmd *SealCmd) tell(p *Program, c protocol.Checked, s custody.Sealing, listPath, packingPath string) error {
	kits := 0
	for i := range s.List.Len() {
		slot, _ := s.List.Slot(i)
		kits += len(slot.Kits)
	}
	out := fmt.Appendf(nil, "%s: %s in %s, %s; for protocol %s\n",
		listPath, counted(s.List.Len(), "slot"), counted(len(s.List.Cells()), "cell"), counted(kits, "kit"), c.HashHex())
	out = fmt.Appendf(out, "\tsha256 %s\n\tThis goes to the trial. Note the hash: it is the first thing on the trial's ledger.\n", s.List.Hash())
	if s.Packing != nil {
		to := "the custodian; send it on with --packer"
		if cmd.Packer != "" {
			to = cmd.Packer
		}
		out = fmt.Appendf(out, "%s: what goes into each kit, encrypted to %s\n", packingPath, to)
	}
	if s.List.Seeded() {
		out = fmt.Appendf(out, "warning: the list was drawn from the seed %d, so anyone can draw it again; a real trial refuses it\n", *cmd.Seed)
	} else {
		out = fmt.Appendf(out, "The list in the clear was never written down and is gone.\n")
	}
	_, err := p.Stdout.Write(out)
	return err
}
