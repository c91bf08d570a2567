package audit

import (
	"encoding/json"

	"dvala/fault"
	"dvala/ledger"
)

// CodeReceipt is of a receipt that cannot be read, or does not fit together.
const CodeReceipt fault.Code = "receipt"

// Receipt is what a receipt proves, as participants are given them: that one
// entry is on the ledger that a checkpoint signs.
type Receipt struct {
	Entry     uint64 `json:"entry"`
	Kind      string `json:"kind"`
	Subject   string `json:"subject,omitempty"`
	At        string `json:"at"`
	Hash      string `json:"hash"`
	Entries   uint64 `json:"checkpoint_entries"` // of the ledger, by the checkpoint
	PublicKey string `json:"public_key"`
}

// CheckReceipt reads a receipt and checks it: the checkpoint's signature, the
// entry's hash, and its way up the tree. A key that is told from elsewhere has to
// be the receipt's; none takes the receipt's own word for it.
func CheckReceipt(raw []byte, publicKey string) (Receipt, error) {
	var in struct {
		Entry      uint64   `json:"entry"`
		Bytes      []byte   `json:"bytes"`
		Hash       string   `json:"hash"`
		Inclusion  []string `json:"inclusion"`
		Checkpoint string   `json:"checkpoint"`
		PublicKey  string   `json:"public_key"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return Receipt{}, fault.Wrap(CodeReceipt, "", err).WithHint("a receipt is one JSON object, as the page gave it")
	}
	if publicKey != "" && publicKey != in.PublicKey {
		return Receipt{}, fault.New(CodePublicKey, "public_key", "the receipt was signed with another key than the one given")
	}
	key, err := ledger.ParsePublicKey(in.PublicKey)
	if err != nil {
		return Receipt{}, err
	}
	c, err := ledger.OpenCheckpoint([]byte(in.Checkpoint), key)
	if err != nil {
		return Receipt{}, err
	}
	e := ledger.Entry{Index: in.Entry, Bytes: in.Bytes}
	if e.Hash().String() != in.Hash {
		return Receipt{}, fault.New(CodeReceipt, "hash", "is not that of the entry in it")
	}
	var path ledger.Inclusion
	for _, text := range in.Inclusion {
		h, err := ledger.ParseHash(text)
		if err != nil {
			return Receipt{}, fault.Wrap(CodeReceipt, "inclusion", err)
		}
		path = append(path, h)
	}
	if err := ledger.CheckInclusion(path, c, e); err != nil {
		return Receipt{}, err
	}
	out := Receipt{Entry: in.Entry, Hash: in.Hash, Entries: c.Size, PublicKey: in.PublicKey}
	var said struct{ Kind, Subject, Time string }
	if err := json.Unmarshal(in.Bytes, &said); err != nil {
		return out, fault.Wrap(CodeReceipt, "bytes", err)
	}
	out.Kind, out.Subject, out.At = said.Kind, said.Subject, said.Time
	return out, nil
}
