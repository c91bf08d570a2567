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

	Extend  []string `type:"path" placeholder:"FILE" help:"Make a list that goes on from this one (and from all that extend it, in their order), which runs out."`
	Slots   int      `placeholder:"N" help:"With --extend: at least so many further slots a cell, in complete blocks."`
	Cells   []string `sep:"none" placeholder:"CELL" help:"With --extend: the cells that get them; all of them unless said."`
	KitsFor []int    `placeholder:"SLOT" help:"With --extend: slots whose chains of kits get further ones. Takes --key."`
	Kits    int      `default:"1" placeholder:"N" help:"With --kits-for: so many for each visit. (${default})"`
	Key     string   `type:"path" placeholder:"FILE" help:"With --kits-for: the custodian's key, for the kits must hold what the slot does."`
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
	if n := len(cmd.Extend); n > 0 {
		listPath = filepath.Join(cmd.Out, fmt.Sprintf("sealed-list-%d.dvl", n+1))
		packingPath = filepath.Join(cmd.Out, fmt.Sprintf("packing-list-%d.age", n+1))
	}
	for _, path := range []string{listPath, packingPath} {
		// Writing would refuse as well, but perhaps after one of the two.
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fault.New("file-exists", "", "is there already and is not overwritten").In(path).
				WithHint("a trial has one list: begin a new one in another directory")
		}
	}
	sealing, err := cmd.make(c)
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

// make draws and seals a trial's list, or what extends it.
func (cmd *SealCmd) make(c protocol.Checked) (custody.Sealing, error) {
	o := custody.Options{Packer: cmd.Packer, Seed: cmd.Seed}
	if len(cmd.Extend) == 0 {
		if cmd.Slots > 0 || len(cmd.Cells) > 0 || len(cmd.KitsFor) > 0 || cmd.Key != "" {
			return custody.Sealing{}, fault.New("no-list", "--extend", "a list's length stands in the protocol; further slots and kits extend a list").
				WithHint("name the list: --extend %s", sealedListName)
		}
		return custody.Seal(c, o)
	}
	l, err := readLists(cmd.Extend...)
	if err != nil {
		return custody.Sealing{}, err
	}
	x := custody.Extension{Cells: cmd.Cells, Slots: cmd.Slots, KitsFor: cmd.KitsFor, Kits: cmd.Kits}
	if cmd.Key != "" {
		if x.Key, err = readKey(cmd.Key); err != nil {
			return custody.Sealing{}, err
		}
	}
	return custody.Extend(c, l, x, o)
}

func (cmd *SealCmd) tell(p *Program, c protocol.Checked, s custody.Sealing, listPath, packingPath string) error {
	kits, slots, h := 0, 0, s.List.Header()
	for i := range s.List.Len() {
		slot, _ := s.List.Slot(h.First + i)
		kits += len(slot.Kits)
		if slot.For == nil {
			slots++
		}
	}
	out := fmt.Appendf(nil, "%s: %s in %s, %s; for protocol %s\n",
		listPath, counted(slots, "slot"), counted(len(s.List.Cells()), "cell"), counted(kits, "kit"), c.HashHex())
	where := "it is the first thing on the trial's ledger"
	if h.Extension() {
		where = "two people of the trial take the list on by it; it names the list before it, " + h.Extends.String()
	}
	out = fmt.Appendf(out, "\tsha256 %s\n\tThis goes to the trial. Note the hash: %s.\n", s.List.Hash(), where)
	if n := len(h.Holders.Recipients); n > 0 {
		out = fmt.Appendf(out, "\tIn an emergency %d of the %d holders open one slot together.\n", h.Holders.Needed, n)
	}
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
