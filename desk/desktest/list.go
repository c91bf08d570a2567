package desktest

import (
	"crypto/sha256"
	"math/rand/v2"

	"filippo.io/age"

	"dvala/protocol"
	"dvala/seal"
	"dvala/seal/sealtest"
)

// known is a sealer whose commitments can be opened: it remembers to what each
// was made.
type known struct {
	blank sealtest.Blank
	made  []seal.Opening
}

func (k *known) Seal(p seal.Place, s seal.Secret) (seal.Sealed, error) {
	out, err := k.blank.Seal(p, s)
	o := seal.Opening{Slot: p.Index, Secret: s, Nonce: sha256.Sum256(p.Bytes("desktest"))}
	out.Commitment = seal.Commit(p, o.Secret, o.Nonce)
	k.made = append(k.made, o)
	return out, err
}

// sealedList gives a list with so many slots a cell, whose slots hold what can be
// drawn by turns, and its openings.
func sealedList(c protocol.Checked, slots int) (list, openings []byte) {
	all, cells := c.Assignments(), c.Cells()
	numbers := seal.KitNumbers(rand.New(rand.NewPCG(1, 2)), slots*len(cells))
	var plain []seal.Plain
	for _, cell := range cells {
		for range slots {
			n := len(plain)
			plain = append(plain, seal.Plain{
				Cell: cell.Key, Kits: []seal.Kit{{Number: numbers[n], Visit: c.Protocol().Visits[0].ID}}, Secret: must(seal.NewSecret(all[n%len(all)].ID)),
			})
		}
	}
	k := &known{}
	custodian := must(age.GenerateX25519Identity()).Recipient().String()
	l := must(seal.New(seal.Header{Trial: c.ID(), Protocol: c.Hash(), Custodian: custodian, Sealing: seal.BySeed}, plain, k))
	return l.Bytes(), must(seal.NewOpenings(l, k.made, nil)).Bytes()
}
