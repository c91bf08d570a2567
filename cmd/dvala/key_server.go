package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"

	"dvala/fault"
	"dvala/identity"
	"dvala/notify"
)

// KeyIdentityCmd makes the key under which the keys of persons are wrapped.
type KeyIdentityCmd struct {
	Out string `short:"o" default:"identity.key" type:"path" placeholder:"FILE" help:"Where to write the key. (${default})"`
}

// Run makes it.
func (c *KeyIdentityCmd) Run(p *Program) error {
	master, err := identity.GenerateMaster(rand.Reader)
	if err != nil {
		return err
	}
	if err := writeNew(c.Out, []byte(master.Secret()+"\n"), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "The key for identities is in %s. Servers that share a database are handed it in\nDVALA_IDENTITY_KEY. Keep it apart from the database and its backups: with both, names can be read,\nand without it nobody can read them any more.\n", c.Out)
	return err
}

// KeyPushCmd makes the key pair for web push.
type KeyPushCmd struct {
	Out string `short:"o" default:"push.key" type:"path" placeholder:"FILE" help:"Where to write the pair. (${default})"`
}

// Run makes it.
func (c *KeyPushCmd) Run(p *Program) error {
	k, err := newPushKeys()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(k)
	if err != nil {
		return fault.Wrap("push-keys", c.Out, err)
	}
	if err := writeNew(c.Out, append(raw, '\n'), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "The key pair for push messages is in %s: --push-key, the same for all servers of the trial.\n", c.Out)
	return err
}

func newPushKeys() (k pushKeys, err error) {
	k.Public, k.Private, err = notify.NewKeys()
	return k, err
}
