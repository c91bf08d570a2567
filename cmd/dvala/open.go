package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"dvala/custody"
	"dvala/fault"
	"dvala/ledger"
	"dvala/seal"
)

// OpenCmd opens what is sealed: all of it after the lock, or the key of one slot
// in an emergency, for the custodian; the key of a slot for the physician to
// whom it was sent; the packing list for whoever packs the kits.
type OpenCmd struct {
	Key        string `required:"" type:"path" placeholder:"FILE" help:"The key: the custodian's, the physician's or the packer's."`
	Sealed     string `default:"sealed-list.dvl" type:"path" placeholder:"FILE" help:"The sealed list. (${default})"`
	Ledger     string `type:"path" placeholder:"FILE" help:"The trial's ledger as exported, ledger.dvl, which must hold the lock or the reason."`
	Checkpoint string `type:"path" placeholder:"FILE" help:"A checkpoint of the ledger that the custodian has from earlier."`
	Out        string `short:"o" type:"path" placeholder:"FILE" help:"Where to write what is opened."`
	Slot       *int   `placeholder:"N" help:"Emergency: open this slot alone, for --to."`
	To         string `placeholder:"RECIPIENT" help:"Emergency: public key of the physician who must know."`
	SlotKey    string `type:"path" placeholder:"FILE" help:"For the physician: the slot key that the custodian sent."`
	Packing    string `type:"path" placeholder:"FILE" help:"For the packer: the packing list to print."`
	Protocol   string `type:"path" placeholder:"FILE" help:"For the physician: the protocol, to tell the arm by its name."`
}

// Run opens what was asked for.
func (cmd *OpenCmd) Run(p *Program) error {
	k, err := readKey(cmd.Key)
	if err != nil {
		return err
	}
	if cmd.Packing != "" {
		return cmd.packing(p, k)
	}
	raw, err := readWhole(cmd.Sealed, seal.MaxFile)
	if err != nil {
		return err
	}
	l, err := seal.Parse(bytes.NewReader(raw))
	if err != nil {
		return inFile(cmd.Sealed, err)
	}
	switch {
	case cmd.SlotKey != "":
		return cmd.receive(p, k, l)
	case cmd.Slot != nil:
		return cmd.handOver(p, k, l)
	}
	return cmd.all(p, k, l)
}

// verified reads and verifies the ledger that the custodian was given.
func (cmd *OpenCmd) verified() (ledger.Export, error) {
	if cmd.Ledger == "" {
		return ledger.Export{}, fault.New("no-ledger", "--ledger", "nothing is opened without the trial's ledger").
			WithHint("ask the trial for its export and give --ledger ledger.dvl")
	}
	f, err := os.Open(cmd.Ledger)
	if err != nil {
		return ledger.Export{}, fault.Wrap("file-unreadable", "", err).In(cmd.Ledger)
	}
	defer f.Close()
	x, err := ledger.ReadExport(f)
	if err != nil {
		return x, inFile(cmd.Ledger, err)
	}
	if cmd.Checkpoint != "" {
		signed, err := readWhole(cmd.Checkpoint, 1<<16)
		if err != nil {
			return x, err
		}
		if _, err := x.Extends(signed); err != nil {
			return x, inFile(cmd.Checkpoint, err)
		}
	}
	return x, nil
}

// all opens every slot after the lock.
func (cmd *OpenCmd) all(p *Program, k *custody.Key, l *seal.List) error {
	x, err := cmd.verified()
	if err != nil {
		return err
	}
	lock, err := custody.Locked(x, l)
	if err != nil {
		return inFile(cmd.Ledger, err)
	}
	o, err := custody.OpenAll(k, l)
	if err != nil {
		return inFile(cmd.Sealed, err)
	}
	out := cmd.Out
	if out == "" {
		out = filepath.Join(filepath.Dir(cmd.Sealed), openingsName)
	}
	if err := writeNew(out, o.Bytes(), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: %s, each checked against its commitment\n\tThe trial was locked at %s, entry %d of the ledger. Send the file to the trial.\n",
		out, counted(o.Len(), "opening"), lock.Time.Format("2006-01-02 15:04 UTC"), lock.Seq)
	return err
}

// handOver gives the key of one slot to a physician.
func (cmd *OpenCmd) handOver(p *Program, k *custody.Key, l *seal.List) error {
	if cmd.To == "" {
		return fault.New("no-recipient", "--to", "an opened slot goes to a named physician's key, never to the screen").
			WithHint("the physician runs dvala key new -o physician.key and tells the public key")
	}
	to, err := seal.ParseRecipient(cmd.To)
	if err != nil {
		return err
	}
	x, err := cmd.verified()
	if err != nil {
		return err
	}
	why, err := custody.Unblinded(x, l, *cmd.Slot)
	if err != nil {
		return inFile(cmd.Ledger, err)
	}
	raw, err := custody.HandOver(k, l, *cmd.Slot, to)
	if err != nil {
		return err
	}
	out := cmd.Out
	if out == "" {
		out = fmt.Sprintf("slot-%d.age", *cmd.Slot)
	}
	if err := writeNew(out, raw, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: the key of slot %d, participant %s, and of no other; the reason is entry %d of the ledger\n\tOnly the physician can open it: dvala open --key FILE --sealed %s --slot-key %s\n",
		out, *cmd.Slot, why.Subject, why.Seq, filepath.Base(cmd.Sealed), filepath.Base(out))
	return err
}

// receive tells the physician what the slot holds.
func (cmd *OpenCmd) receive(p *Program, k *custody.Key, l *seal.List) error {
	raw, err := readWhole(cmd.SlotKey, 1<<20)
	if err != nil {
		return err
	}
	o, err := custody.Receive(k, l, raw)
	if err != nil {
		return inFile(cmd.SlotKey, err)
	}
	name := ""
	if cmd.Protocol != "" {
		file, err := parseProtocol(cmd.Protocol)
		if err != nil {
			return err
		}
		if file.checked.IsZero() {
			return file.problems.Errors()
		}
		if a, ok := file.checked.Arm(o.Secret.Reveal()); ok {
			name = " (" + a.Label.In("en") + ": " + a.Intervention + ")"
		}
	}
	_, err = fmt.Fprintf(p.Stdout, "slot %d holds %s%s\n\tTell nobody who does not need to know; it is checked against the commitment.\n", o.Slot, o.Secret.Reveal(), name)
	return err
}

// packing prints the packing list.
func (cmd *OpenCmd) packing(p *Program, k *custody.Key) error {
	raw, err := readWhole(cmd.Packing, seal.MaxFile)
	if err != nil {
		return err
	}
	kits, err := custody.ReadPacking(k, raw)
	if err != nil {
		return inFile(cmd.Packing, err)
	}
	var b bytes.Buffer
	for _, kit := range kits {
		fmt.Fprintf(&b, "%s  %-24s  %s\n", kit.Number, kit.Arm, kit.Cell)
	}
	if cmd.Out == "" {
		_, err = p.Stdout.Write(b.Bytes())
		return err
	}
	return writeNew(cmd.Out, b.Bytes(), 0o600)
}
