package seal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"dvala/fault"
)

// Codes of what can be wrong with slots that are given out one by one.
const (
	CodeLive  fault.Code = "seal-live"  // a list that names no process, or one badly
	CodeReply fault.Code = "seal-reply" // an answer that is not the custodian's process's own
)

// Live is what a list says of itself whose slots are not given out in its own
// order but named one by one by a process of the custodian's, under minimisation.
// It is in no list that is given out in order.
type Live struct {
	// Seed is the commitment to the seed that chance is drawn from, which is
	// published with the openings.
	Seed Hash
	// Signer is the public key that the process answers with, 64 hexadecimal digits.
	Signer string
	// Secret is the seed and the signing key, encrypted to the custodian with age.
	Secret []byte
}

// LiveSecret is what a Live hides. It is born of NewLiveSecret or ParseLiveSecret.
type LiveSecret struct{ seed, key [32]byte }

// NewLiveSecret draws a seed and a signing key.
func NewLiveSecret(random io.Reader) (LiveSecret, error) {
	var both [64]byte
	if _, err := io.ReadFull(random, both[:]); err != nil {
		return LiveSecret{}, fault.Wrap(CodeLive, "randomness", err)
	}
	return ParseLiveSecret(both[:])
}

// ParseLiveSecret reads what Bytes gives.
func ParseLiveSecret(b []byte) (LiveSecret, error) {
	if len(b) != 64 {
		return LiveSecret{}, fault.New(CodeLive, "secret", "has %d bytes, and a seed and a key have 64", len(b))
	}
	return LiveSecret{[32]byte(b[:32]), [32]byte(b[32:])}, nil
}

// Bytes gives seed and key, to be encrypted to the custodian.
func (s LiveSecret) Bytes() []byte { return append(append([]byte(nil), s.seed[:]...), s.key[:]...) }

// Seed gives what chance is drawn from.
func (s LiveSecret) Seed() [32]byte { return s.seed }

// Live gives the public half, with the secret as it was encrypted.
func (s LiveSecret) Live(trial string, protocol Hash, encrypted []byte) *Live {
	public := ed25519.NewKeyFromSeed(s.key[:]).Public().(ed25519.PublicKey)
	return &Live{Seed: CommitSeed(trial, protocol, s.seed), Signer: hex.EncodeToString(public), Secret: encrypted}
}

// String gives a word that is the same for all.
func (s LiveSecret) String() string { return "[sealed]" }

// Format writes that word whatever the verb.
func (s LiveSecret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// CommitSeed gives the commitment to a seed. A seed is 32 random bytes, so the
// hash hides it without anything beside.
func CommitSeed(trial string, protocol Hash, seed [32]byte) Hash {
	b := Place{Trial: trial, Protocol: protocol}.Bytes("dvala/live-seed/1")
	return sha256.Sum256(append(b, seed[:]...))
}

// check says what is wrong with what a header says of its process.
func (l *Live) check() fault.List {
	var bad fault.List
	if raw, err := hex.DecodeString(l.Signer); err != nil || len(raw) != ed25519.PublicKeySize || hex.EncodeToString(raw) != l.Signer {
		bad.Addf(CodeLive, "header", "the key of the custodian's process cannot be read")
	}
	if l.Seed == (Hash{}) || len(l.Secret) == 0 {
		bad.Addf(CodeLive, "header", "commits to no seed")
	}
	return bad
}

// Turn is one request for a slot and what has come of it, as the ledger says.
type Turn struct {
	Entry  uint64   // of the ledger, that asks
	Cell   string   // whose slots are meant
	Levels []string // of each factor, in the protocol's order
	Slot   *int     // that was given; nil while the turn waits, and of one that came to nothing
	Void   bool     // it came to nothing: the person had left before an answer came
}

// Open says whether a turn waits for its answer.
func (t Turn) Open() bool { return t.Slot == nil && !t.Void }

// Seen is the hash of all that the answer to the last of the turns rests on: the
// list, every turn before it with what came of it, and the last one's question. It
// stands in the answer, so that nobody can show the custodian another history than
// the ledger holds and remain unseen.
func Seen(list Hash, turns []Turn) Hash {
	type line struct {
		Entry  uint64   `json:"entry"`
		Cell   string   `json:"cell"`
		Levels []string `json:"levels"`
		Slot   *int     `json:"slot"`
	}
	h := Hash(sha256.Sum256(append([]byte("dvala/live-seen/1"), list[:]...)))
	for i, t := range turns {
		l := line{Entry: t.Entry, Cell: t.Cell, Levels: t.Levels}
		if i < len(turns)-1 {
			l.Slot = t.Slot
		}
		raw, err := json.Marshal(l)
		if err != nil {
			panic("seal: " + err.Error()) // numbers and texts alone
		}
		h = sha256.Sum256(append(h[:], raw...))
	}
	return h
}

// Reply is the slot that the custodian's process names for a turn.
type Reply struct {
	Entry     uint64 // of the turn
	Slot      int
	Seen      Hash
	Signature []byte // Ed25519, 64 bytes
}

func (r Reply) signed(list Hash) []byte {
	return fmt.Appendf(nil, "dvala/live-reply/1\n%s\n%d\n%d\n%s\n", list, r.Entry, r.Slot, r.Seen)
}

// Reply signs an answer. Its form has one length for all slots but for their
// digits, and it is the same whenever it is asked for.
func (s LiveSecret) Reply(list Hash, turns []Turn, slot int) Reply {
	r := Reply{Entry: turns[len(turns)-1].Entry, Slot: slot, Seen: Seen(list, turns)}
	r.Signature = ed25519.Sign(ed25519.NewKeyFromSeed(s.key[:]), r.signed(list))
	return r
}

// Check says whether an answer to the last of the turns is that of the process
// which the list names, and rests on these turns. The list is the trial's first.
func (l *Live) Check(list Hash, turns []Turn, r Reply) error {
	if l == nil {
		return fault.New(CodeLive, "sealed list", "names no process that could answer")
	}
	public, err := hex.DecodeString(l.Signer)
	if err != nil || len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, r.signed(list), r.Signature) {
		return fault.New(CodeReply, "signature", "the answer is not signed with the key that the sealed list names").
			WithHint("only the custodian's own process answers: dvala attend")
	}
	if len(turns) == 0 || turns[len(turns)-1].Entry != r.Entry || Seen(list, turns) != r.Seen {
		return fault.New(CodeReply, "seen", "the answer rests on another history than the ledger holds").
			WithHint("the process looks again and answers anew")
	}
	return nil
}
