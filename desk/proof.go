package desk

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"dvala/fault"
	"dvala/ledger"
	"dvala/study"
)

// Proof shows that an entry is on the ledger that a checkpoint signs, to
// somebody who has nothing but it: a participant's receipt. Whoever rewrote the
// ledger later could not also rewrite the receipts that left.
type Proof struct {
	Entry      uint64   `json:"entry"`
	Bytes      string   `json:"bytes"`      // the entry as it is hashed, base64
	Hash       string   `json:"hash"`       // of it, as a leaf of the tree
	Inclusion  []string `json:"inclusion"`  // the tree's hashes beside its path, from the leaf up
	Checkpoint string   `json:"checkpoint"` // signed
	PublicKey  string   `json:"public_key"` // that checks it
}

// Prove gives the proof of one entry, to whoever may see whom it is about.
func (o *Office) Prove(ctx context.Context, c Caller, entry uint64) (Proof, error) {
	if err := o.store.Refresh(ctx); err != nil {
		return Proof{}, err
	}
	var size uint64
	o.store.View(func(s *study.State) { size = s.Entries })
	if entry >= size {
		return Proof{}, refused("see-proof")
	}
	es, err := o.store.Entries(ctx, entry, 1)
	if err != nil {
		return Proof{}, err
	}
	f, err := study.Decode(es[0])
	if err != nil {
		return Proof{}, err
	}
	if _, err := o.as(c, "see-proof", f.Subject, ""); err != nil {
		return Proof{}, err
	}
	hashes, ok := o.store.(ledger.HashReader)
	if !ok {
		return Proof{}, fault.New("proof-none", "", "this store keeps no tree to prove from")
	}
	signed := o.store.Checkpoint()
	cp, err := ledger.OpenCheckpoint(signed, o.store.PublicKey())
	if err != nil {
		return Proof{}, err
	}
	inc, err := ledger.ProveInclusion(cp.Size, entry, hashes)
	if err != nil {
		return Proof{}, err
	}
	leaf := es[0].Hash()
	p := Proof{
		Entry: entry, Bytes: base64.StdEncoding.EncodeToString(es[0].Bytes), Hash: leaf.String(),
		Checkpoint: string(signed), PublicKey: o.store.PublicKey().String(), Inclusion: []string{},
	}
	for _, h := range inc {
		p.Inclusion = append(p.Inclusion, h.String())
	}
	return p, nil
}

// CheckProof reads a receipt and checks it: that the checkpoint is signed with
// its key, and that the entry is in the tree that it signs. A key that is told
// from elsewhere is to be that of the receipt; none takes the receipt's word.
func CheckProof(raw []byte, publicKey string) (Proof, study.Fact, error) {
	var p Proof
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, study.Fact{}, fault.Wrap("proof-form", "", err)
	}
	if publicKey != "" && publicKey != p.PublicKey {
		return p, study.Fact{}, fault.New(ledger.CodeKey, "public_key", "the receipt was signed with another key than the one given")
	}
	key, err := ledger.ParsePublicKey(p.PublicKey)
	if err != nil {
		return p, study.Fact{}, err
	}
	cp, err := ledger.OpenCheckpoint([]byte(p.Checkpoint), key)
	if err != nil {
		return p, study.Fact{}, err
	}
	bytes, err := base64.StdEncoding.DecodeString(p.Bytes)
	if err != nil {
		return p, study.Fact{}, fault.Wrap("proof-form", "bytes", err)
	}
	e := ledger.Entry{Index: p.Entry, Bytes: bytes}
	if got := e.Hash(); got.String() != p.Hash {
		return p, study.Fact{}, fault.New("proof-form", "hash", "is not the entry's")
	}
	var inc ledger.Inclusion
	for _, s := range p.Inclusion {
		h, err := ledger.ParseHash(s)
		if err != nil {
			return p, study.Fact{}, fault.Wrap("proof-form", "inclusion", err)
		}
		inc = append(inc, h)
	}
	if err := ledger.CheckInclusion(inc, cp, e); err != nil {
		return p, study.Fact{}, err
	}
	f, err := study.Decode(e)
	return p, f, err
}
