package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"strings"

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
	Dir      string `type:"path" env:"DVALA_DIR" help:"The directory of the trial; made if it is not there."`
	Database string `env:"DVALA_DATABASE" placeholder:"URL" help:"Or a PostgreSQL database, in which the trial becomes a schema: postgres://user:password@host/name."`
	Blobs    string `env:"DVALA_BLOBS" placeholder:"PLACE" help:"With a database: where the files go, a folder or s3://bucket/prefix?endpoint=host."`
	KeyOut   string `type:"path" default:"ledger.key" placeholder:"FILE" help:"With a database: where to write the key that signs checkpoints. (${default})"`
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
	if (c.Dir == "") == (c.Database == "") {
		return fault.New("store-where", "dir", "a trial begins in a directory or in a database").WithHint("--dir DIR, or --database postgres://… with --blobs")
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
	w := store.Where{Dir: c.Dir, Database: c.Database, Blobs: c.Blobs}
	if w.Shared() {
		w.Trial = file.checked.ID()
		if w.Key, err = c.keepKey(key); err != nil {
			return err
		}
	}
	if w.Shared() && w.Key != key.Secret() {
		if trial, err := interrupted(ctx, w, fault.New("store-exists", c.KeyOut, "a key is there already, and so is its trial").WithHint("choose another file with --key-out")); err == nil {
			return c.begin(ctx, p, trial, file, sealed)
		} else if fault.CodeOf(err) != "store-none" {
			return err
		}
		return fault.New("file-exists", c.KeyOut, "is there already and is not overwritten").WithHint("choose another name with --key-out, or move the old file away")
	}
	trial, err := store.CreateAt(ctx, w, start)
	if fault.CodeOf(err) == "store-exists" {
		trial, err = interrupted(ctx, w, err)
	}
	if err != nil {
		return err
	}
	return c.begin(ctx, p, trial, file, sealed)
}

// begin gives a trial its first entry, and tells what it began with.
func (c *InitCmd) begin(ctx context.Context, p *Program, trial *store.Trial, file protocolFile, sealed []byte) error {
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

// keepKey writes the signing key before there is a trial that could not go on
// without it. One that an earlier init has left is not written over: it may be
// the key of a trial that is there.
func (c *InitCmd) keepKey(key *ledger.Key) (string, error) {
	err := writeNew(c.KeyOut, []byte(key.Secret()+"\n"), 0o600)
	if fault.CodeOf(err) != "file-exists" {
		return key.Secret(), err
	}
	raw, err := readWhole(c.KeyOut, 1<<16)
	return strings.TrimSpace(string(raw)), err
}

// interrupted opens a place in which an earlier init did not come to its end:
// there is a trial, and nothing on its ledger.
func interrupted(ctx context.Context, w store.Where, exists error) (*store.Trial, error) {
	trial, err := store.OpenAt(ctx, w)
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
	place, with := c.Dir, "which is also in "+filepath.Join(c.Dir, "checkpoint")
	if c.Database != "" {
		place, with = "the database", "whose key is in "+c.KeyOut+", for the servers (--ledger-key)"
	}
	out := fmt.Appendf(nil, "%s: the trial %s is open, and nobody is in it yet\n", place, o.Trial)
	out = fmt.Appendf(out, "  protocol     %s\n  sealed list  %s\n\tThe custodian noted this hash when sealing: compare.\n", o.ProtocolHash, o.SealedList.SHA256)
	for _, i := range o.Instruments {
		out = fmt.Appendf(out, "  instrument   %s %s, %s\n", i.ID, i.Version, i.Definition.SHA256)
	}
	out = fmt.Appendf(out, "The first checkpoint, %s. Mail it to the custodian or print it;\nwith it anyone can tell later whether history was rewritten:\n\n%s", with, checkpoint)
	_, err := p.Stdout.Write(out)
	return err
}
