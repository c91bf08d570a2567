package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"

	"dvala/civil"
	"dvala/fault"
	"dvala/instrument"
	"dvala/ledger"
	"dvala/seal"
	"dvala/store"
	"dvala/study"
)

// InitCmd begins a trial: it makes the directory and opens the ledger, whose
// first entry names the protocol, the sealed list and the definitions of the
// instruments by their hashes.
type InitCmd struct {
	Protocol string `required:"" type:"path" placeholder:"FILE" help:"The protocol; instruments of your own lie in instruments/ beside it."`
	Sealed   string `required:"" type:"path" placeholder:"FILE" help:"The sealed list that the custodian made from this protocol."`
	Dir      string `required:"" type:"path" help:"The directory of the trial; made if it is not there."`
	Actor    string `default:"dvala init" help:"Who begins the trial, as it stands on the ledger."`
}

// Run begins the trial.
func (c *InitCmd) Run(p *Program) error {
	file, err := parseProtocol(c.Protocol)
	if err != nil {
		return err
	}
	if file.checked.IsZero() {
		return file.problems.Errors()
	}
	sealed, err := readWhole(c.Sealed, seal.MaxFile)
	if err != nil {
		return err
	}
	if err := c.fits(file, sealed); err != nil {
		return inFile(c.Sealed, err)
	}
	key, err := ledger.GenerateKey(rand.Reader, file.checked.ID())
	if err != nil {
		return err
	}
	start := store.Start{Protocol: file.source, Sealed: sealed, Key: key}
	for _, id := range study.Asked(file.checked) {
		if _, inside := instrument.ByID(id); inside {
			continue
		}
		d, _ := file.lookup(id) // the protocol's check has found it
		start.Instruments = append(start.Instruments, d)
	}
	ctx := context.Background()
	trial, err := store.Create(ctx, c.Dir, start)
	if fault.CodeOf(err) == "store-exists" {
		trial, err = c.interrupted(ctx, err)
	}
	if err != nil {
		return err
	}
	if err := c.open(ctx, p, trial, file, sealed); err != nil {
		_ = trial.Close()
		return err
	}
	checkpoint := trial.Checkpoint()
	if err := trial.Close(); err != nil {
		return err
	}
	return c.tell(p, trial, checkpoint)
}

// fits refuses a list that a real trial must not begin with, before there is a
// directory.
func (c *InitCmd) fits(file protocolFile, sealed []byte) error {
	l, err := study.ReadSealed(sealed)
	if err != nil {
		return err
	}
	switch {
	case l.Seeded:
		return fault.New("seeded-list", "header", "a list drawn from a seed is refused for a real trial: whoever knows the seed knows every arm").
			WithHint("let the custodian seal without --seed; to see a trial with made-up people: dvala demo")
	case l.Trial != file.checked.ID() || l.Protocol != file.checked.HashHex():
		return fault.New("sealed-protocol", "header", "was sealed for another protocol, or for another version of %s", c.Protocol).
			WithHint("let the custodian seal the protocol as it is now")
	}
	return nil
}

// interrupted opens a directory in which an earlier init did not come to its
// end: there is a trial, and nothing on its ledger.
func (c *InitCmd) interrupted(ctx context.Context, exists error) (*store.Trial, error) {
	trial, err := store.Open(ctx, c.Dir)
	if err != nil {
		return nil, err
	}
	if trial.State().Entries > 0 {
		_ = trial.Close()
		return nil, exists
	}
	return trial, nil
}

// open gives the ledger its first entry.
func (c *InitCmd) open(ctx context.Context, p *Program, trial *store.Trial, file protocolFile, sealed []byte) error {
	files, err := trial.PutBlobs([]store.Blob{{Name: filepath.Base(c.Protocol), Bytes: file.source}, {Name: filepath.Base(c.Sealed), Bytes: sealed}})
	if err != nil {
		return err
	}
	_, err = trial.Do(ctx, study.Open{Opened: study.Opened{
		Trial: file.checked.ID(), Protocol: files[0], ProtocolHash: file.checked.HashHex(), SealedList: files[1],
		Sealing: "custodian", Program: Release(), Zones: civil.ZoneRules,
	}}, study.Meta{At: p.Now(), Actor: c.Actor, Role: study.RoleSystem, Key: "init"})
	return err
}

func (c *InitCmd) tell(p *Program, trial *store.Trial, checkpoint []byte) error {
	o := trial.State().Opened
	out := fmt.Appendf(nil, "%s: the trial %s is open, and nobody is in it yet\n", c.Dir, o.Trial)
	out = fmt.Appendf(out, "  protocol     %s\n  sealed list  %s\n\tThe custodian noted this hash when sealing: compare.\n", o.ProtocolHash, o.SealedList.SHA256)
	for _, i := range o.Instruments {
		out = fmt.Appendf(out, "  instrument   %s %s, %s\n", i.ID, i.Version, i.Definition.SHA256)
	}
	out = fmt.Appendf(out, "The first checkpoint, which is also in %s. Mail it to the custodian or print it;\nwith it anyone can tell later whether history was rewritten:\n\n%s", filepath.Join(c.Dir, "checkpoint"), checkpoint)
	_, err := p.Stdout.Write(out)
	return err
}
