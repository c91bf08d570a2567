package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"dvala/custody"
	"dvala/fault"
)

// KeyCmd holds the verbs about keys.
type KeyCmd struct {
	New      KeyNewCmd      `cmd:"" help:"Make a key: of the custodian, who opens the list after the lock, or of whoever packs the kits."`
	Identity KeyIdentityCmd `cmd:"" help:"Make the key for identities, which servers that share a database are handed."`
	Push     KeyPushCmd     `cmd:"" help:"Make the key pair by which browsers' push services know the servers of a trial."`
	// Physician is who is told in an emergency.
	Physician KeyPhysicianCmd `cmd:"" help:"Make the key of a physician, to whom what somebody takes can be told in an emergency."`
	Holder    KeyHolderCmd    `cmd:"" help:"Make the key of a holder, some of whom together can open one slot in an emergency."`
}

// KeyHolderCmd makes a holder's key and prints its public half as a protocol
// names it.
type KeyHolderCmd struct {
	Name        string `required:"" help:"Who holds it, with a way to be reached at night, as the protocol will say."`
	Out         string `short:"o" default:"holder.key" type:"path" placeholder:"FILE" help:"Where to write the key. (${default})"`
	PostQuantum bool   `help:"Make a hybrid key that a quantum computer will not open either. The sealed list becomes longer."`
}

// Run makes the key.
func (cmd *KeyHolderCmd) Run(p *Program) error {
	k, err := custody.NewKey(p.Now(), cmd.PostQuantum)
	if err != nil {
		return err
	}
	if err := writeNew(cmd.Out, k.File(), 0o600); err != nil {
		return err
	}
	name, err := json.Marshal(cmd.Name) // a text in YAML, too
	if err != nil {
		return fault.Wrap("key-name", "--name", err)
	}
	_, err = fmt.Fprintf(p.Stdout, `%s

This is the public key. Before the list is sealed it goes into the protocol,
beside those of the other holders:

	custodian:
	  break_glass:
	    needed: 2
	    holders:
	      - {name: %s, recipient: %s}

The secret half is in %s. Alone it opens nothing. In an emergency:
dvala open --emergency --key %s --from emergency-CODE-ENTRY.zip
with the folder of the request, which the trial gives you.
`, k.Recipient(), name, k.Recipient(), cmd.Out, cmd.Out)
	return err
}

// KeyPhysicianCmd makes a physician's key and says what becomes of its halves.
type KeyPhysicianCmd struct {
	Out         string `short:"o" default:"physician.key" type:"path" placeholder:"FILE" help:"Where to write the key. (${default})"`
	PostQuantum bool   `help:"Make a hybrid key that a quantum computer will not open either."`
}

// Run makes the key.
func (cmd *KeyPhysicianCmd) Run(p *Program) error {
	k, err := custody.NewKey(p.Now(), cmd.PostQuantum)
	if err != nil {
		return err
	}
	if err := writeNew(cmd.Out, k.File(), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, `%s

This is your public key. Tell it to the trial, now or when you must know what a
participant takes: the request names you and it.

The secret half is in %s. Keep it where you can reach it at night; nobody but
you can read what is sent to you. When the custodian or the holders have sent
their part, take the folder of the request from the trial:

	dvala open --emergency --key %s --from emergency-CODE-ENTRY.zip
`, k.Recipient(), cmd.Out, cmd.Out)
	return err
}

// KeyNewCmd makes a key and prints its public half.
type KeyNewCmd struct {
	Out         string `short:"o" default:"custodian.key" type:"path" placeholder:"FILE" help:"Where to write the key; - is standard output. (${default})"`
	PostQuantum bool   `help:"Make a hybrid key that a quantum computer will not open either. The sealed list becomes longer."`
}

// Run makes the key.
func (cmd *KeyNewCmd) Run(p *Program) error {
	k, err := custody.NewKey(p.Now(), cmd.PostQuantum)
	if err != nil {
		return err
	}
	if cmd.Out == "-" {
		if _, err := p.Stdout.Write(k.File()); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stderr, "public key: %s\n", k.Recipient())
		return err
	}
	if err := writeNew(cmd.Out, k.File(), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, `%s

This is the public key. It goes into the protocol:

	custodian:
	  recipient: %s

The secret half is in %s. Keep it away from the trial team, with a copy
in another place: without it nobody will ever know who got what.
`, k.Recipient(), k.Recipient(), cmd.Out)
	return err
}

// readKey reads a key file.
func readKey(path string) (*custody.Key, error) {
	raw, err := readWhole(path, 1<<20)
	if err != nil {
		return nil, err
	}
	k, err := custody.ParseKey(raw)
	return k, inFile(path, err)
}

// writeNew writes a file that must not exist yet, and sees it to the disk.
func writeNew(path string, raw []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fault.New("file-exists", "", "is there already and is not overwritten").In(path).WithHint("choose another name, or move the old file away")
	}
	if err != nil {
		return fault.Wrap("file-unwritable", "", err).In(path)
	}
	_, err = f.Write(raw)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fault.Wrap("file-unwritable", "", err).In(path)
	}
	return nil
}

// readWhole reads a file of at most max bytes.
func readWhole(path string, max int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap("file-unreadable", "", err).In(path)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, max+1))
	if err != nil {
		return nil, fault.Wrap("file-unreadable", "", err).In(path)
	}
	if int64(len(raw)) > max {
		return nil, fault.New("file-unreadable", "", "is longer than %d bytes", max).In(path)
	}
	return raw, nil
}

// inFile names the file in the problems of an error that do not name one.
func inFile(path string, err error) error {
	if err == nil {
		return nil
	}
	var l fault.List
	l.Merge("file-unreadable", "", err)
	return l.In(path)
}
