package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"dvala/custody"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
)

// OpenCmd opens what is sealed: all of it after the lock, for the custodian; in
// an emergency the key of one slot, from the custodian or as shares from the
// holders, and what came of it for the physician to whom it was sent; the
// packing list for whoever packs the kits.
type OpenCmd struct {
	Key        string   `required:"" type:"path" placeholder:"FILE" help:"The key: the custodian's, a holder's, the physician's or the packer's."`
	Sealed     []string `default:"sealed-list.dvl" type:"path" placeholder:"FILE" help:"The sealed list, and all that extend it, in their order. (${default})"`
	Ledger     string   `type:"path" placeholder:"FILE" help:"The trial's ledger as exported, ledger.dvl, which must hold the lock or the request."`
	Checkpoint string   `type:"path" placeholder:"FILE" help:"A checkpoint of the ledger that the custodian has from earlier."`
	Out        string   `short:"o" type:"path" placeholder:"FILE" help:"Where to write what is opened."`
	Emergency  bool     `help:"Emergency: give the physician what she needs for one slot: its key, with the custodian's key; a share of it, with a holder's."`
	From       string   `type:"path" placeholder:"FILE" help:"Emergency: the folder of the request, as the page Emergencies gives it; in place of --ledger, --sealed and --protocol."`
	Request    *uint64  `placeholder:"ENTRY" help:"Emergency: the ledger's entry that asks for it. Without it the last one."`
	Slot       *int     `placeholder:"N" help:"Emergency: the slot that the request must be about."`
	To         string   `placeholder:"RECIPIENT" help:"Emergency: public key of the physician, which must be the one that the request names."`
	SlotKey    []string `type:"path" placeholder:"FILE" help:"For the physician: the slot's key that the custodian sent, or the shares that the holders sent."`
	Packing    string   `type:"path" placeholder:"FILE" help:"For the packer: the packing list to print."`
	Protocol   string   `type:"path" placeholder:"FILE" help:"For the physician: the protocol, to tell the arm by its name."`
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
	if cmd.From != "" {
		return cmd.fromFolder(p, k)
	}
	l, err := readLists(cmd.Sealed...)
	if err != nil {
		return err
	}
	switch {
	case len(cmd.SlotKey) > 0:
		return cmd.receive(p, k, l, nil, nil)
	case cmd.Emergency || cmd.Slot != nil || cmd.Request != nil:
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
		return inFile(cmd.Sealed[0], err)
	}
	out := cmd.Out
	if out == "" {
		out = filepath.Join(filepath.Dir(cmd.Sealed[0]), openingsName)
	}
	if err := writeNew(out, o.Bytes(), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: %s, each checked against its commitment\n\tThe trial was locked at %s, entry %d of the ledger. Send the file to the trial.\n",
		out, counted(o.Len(), "opening"), lock.Time.Format("2006-01-02 15:04 UTC"), lock.Seq)
	return err
}

// handOver gives a physician the key of one slot, or a holder's share of it.
func (cmd *OpenCmd) handOver(p *Program, k *custody.Key, l *seal.List) error {
	if cmd.To == "" && !cmd.Emergency && cmd.Request == nil {
		_, err := custody.Request{}.For("")
		return err
	}
	x, err := cmd.verified()
	if err != nil {
		return err
	}
	why, err := custody.Requested(x.Log.Entries(), l, cmd.Request, cmd.Slot)
	if err != nil {
		return inFile(cmd.Ledger, err)
	}
	return cmd.give(p, k, l, why, sealedFlags(cmd.Sealed))
}

// give writes what a key can give of the slot that a request is about. with is
// what the physician adds to her command.
func (cmd *OpenCmd) give(p *Program, k *custody.Key, l *seal.List, why custody.Request, with string) error {
	to, err := why.For(cmd.To)
	if err != nil {
		return err
	}
	raw, name, what, err := handOverOf(k, l, why.Slot, to)
	if err != nil {
		return err
	}
	out := cmd.Out
	if out == "" {
		out = name
	}
	if err := writeNew(out, raw, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: %s of slot %d, participant %s, and of no other; the reason is entry %d of the ledger\n\tOnly %s can open it: dvala open --emergency --key FILE %s--slot-key %s\n",
		out, what, why.Slot, why.Subject, why.Entry, why.Physician, with, filepath.Base(out))
	return err
}

// handOverOf gives what a key can give of a slot: the custodian's the slot's key,
// a holder's a share of it.
func handOverOf(k *custody.Key, l *seal.List, slot int, to seal.Recipient) (raw []byte, name, what string, err error) {
	if k.Recipient().String() == l.Header().Custodian {
		raw, err = custody.HandOver(k, l, slot, to)
		return raw, fmt.Sprintf("slot-%d.age", slot), "the key", err
	}
	raw, holder, err := custody.GiveShare(k, l, slot, to)
	return raw, fmt.Sprintf("slot-%d-holder-%d.age", slot, holder), fmt.Sprintf("the share of holder %d in the key", holder), err
}

func sealedFlags(paths []string) string {
	out := ""
	for _, path := range paths {
		out += "--sealed " + filepath.Base(path) + " "
	}
	return out
}

// readLists reads a sealed list and those that extend it.
func readLists(paths ...string) (*seal.List, error) {
	var lists []*seal.List
	for _, path := range paths {
		raw, err := readWhole(path, seal.MaxFile)
		if err != nil {
			return nil, err
		}
		l, err := seal.Parse(bytes.NewReader(raw))
		if err != nil {
			return nil, inFile(path, err)
		}
		lists = append(lists, l)
	}
	l, err := seal.Join(lists[0], lists[1:]...)
	return l, inFile(paths[len(paths)-1], err)
}

// fromFolder does what the key is for: the physician's opens, every other gives
// her its part.
func (cmd *OpenCmd) fromFolder(p *Program, k *custody.Key) error {
	raw, err := readWhole(cmd.From, seal.MaxFile)
	if err != nil {
		return err
	}
	asked, err := custody.ReadFolder(raw)
	if err != nil {
		return inFile(cmd.From, err)
	}
	if cmd.Checkpoint != "" { // that it is of the ledger known from earlier
		signed, err := readWhole(cmd.Checkpoint, 1<<16)
		if err != nil {
			return err
		}
		if _, err := ledger.OpenCheckpoint(signed, asked.Key); err != nil {
			return inFile(cmd.Checkpoint, err)
		}
	}
	if k.Recipient().String() != asked.To {
		return cmd.give(p, k, asked.List, asked.Request, "--from "+filepath.Base(cmd.From)+" ")
	}
	if len(asked.Parts)+len(cmd.SlotKey) == 0 {
		return fault.New(custody.CodeShare, "parts", "neither the custodian nor a holder has sent a part yet").In(cmd.From).
			WithHint("take the folder anew when they have, or give what they sent as --slot-key FILE")
	}
	return cmd.receive(p, k, asked.List, asked.Parts, asked.Protocol)
}

// receive tells the physician what the slot holds: from parts that she has, and
// those in files; by its name where the protocol is at hand.
func (cmd *OpenCmd) receive(p *Program, k *custody.Key, l *seal.List, files [][]byte, text []byte) error {
	for _, path := range cmd.SlotKey {
		raw, err := readWhole(path, 1<<20)
		if err != nil {
			return err
		}
		files = append(files, raw)
	}
	o, err := custody.Receive(k, l, files...)
	if err != nil {
		return inFile(append(cmd.SlotKey, cmd.From)[0], err)
	}
	name := ""
	if text != nil {
		c, _ := protocol.Parse(text) // as it was opened; it is a name only
		name = inWords(c, o.Secret.Reveal())
	}
	if cmd.Protocol != "" {
		file, err := parseProtocol(cmd.Protocol)
		if err != nil {
			return err
		}
		if file.checked.IsZero() {
			return file.problems.Errors()
		}
		name = inWords(file.checked, o.Secret.Reveal())
	}
	_, err = fmt.Fprintf(p.Stdout, "slot %d holds %s%s\n\tTell nobody who does not need to know; it is checked against the commitment.\n", o.Slot, o.Secret.Reveal(), name)
	return err
}

// inWords tells an arm by its label and what is taken, or a sequence by its arms.
func inWords(c protocol.Checked, assignment string) string {
	if a, ok := c.Arm(assignment); ok {
		return " (" + a.Label.In("en") + ": " + a.Intervention + ")"
	}
	s, ok := c.Sequence(assignment)
	if !ok {
		return ""
	}
	var arms []string
	for i, id := range s.Arms {
		a, _ := c.Arm(id)
		arms = append(arms, fmt.Sprintf("period %d from day %d %s", i+1, c.PeriodStart(i+1), a.Label.In("en")))
	}
	return " (" + strings.Join(arms, ", ") + ")"
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
