package custody

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"io"
	mrand "math/rand/v2"
	"slices"

	"dvala/alloc"
	"dvala/fault"
	"dvala/protocol"
	"dvala/seal"
	"dvala/seal/open"
)

// Options of Seal. The zero value is what a real trial uses.
type Options struct {
	// Packer is who packs the kits, as a public key. Without one the packing
	// list is encrypted to the custodian.
	Packer string
	// Seed makes the list that of a demonstration: it follows from the seed, and
	// says so. Nil for a real trial.
	Seed *uint64
	// Sealer takes the place of the real one in tests.
	Sealer seal.Sealer
	// Swap exchanges two assignments after the list is drawn, in tests.
	Swap [2]string
}

// Sealing is what comes of drawing and sealing a list.
type Sealing struct {
	List    *seal.List
	Packing []byte // age file: kit → contents; nil when nothing is dispensed
}

// Seal draws the list of a protocol and seals it to the custodian whom the
// protocol names, sharing each slot's key among the holders that it names. The
// list in the clear is gone when it returns.
func Seal(c protocol.Checked, o Options) (Sealing, error) {
	to, err := partiesOf(c, o.Packer)
	if err != nil {
		return Sealing{}, err
	}
	sealing, list, secrets, err := randomness(o.Seed, "")
	if err != nil {
		return Sealing{}, err
	}
	drawn, err := alloc.Draw(c, mrand.New(list))
	if err != nil {
		return Sealing{}, err
	}
	if o.Swap != [2]string{} {
		if drawn, err = drawn.Swap(o.Swap[0], o.Swap[1]); err != nil {
			return Sealing{}, err
		}
	}
	h := seal.Header{Trial: c.ID(), Protocol: c.Hash(), Sealing: sealing}
	if c.Minimises() {
		if h.Live, err = to.live(h, secrets, o.Sealer); err != nil {
			return Sealing{}, err
		}
	}
	return to.seal(drawn, h, secrets, o.Sealer)
}

// live draws what the custodian's process needs to name slots one by one, and seals
// it to her.
func (to parties) live(h seal.Header, secrets io.Reader, by seal.Sealer) (*seal.Live, error) {
	secret, err := seal.NewLiveSecret(secrets)
	if err != nil {
		return nil, err
	}
	encrypt := func(b []byte) ([]byte, error) { return seal.Encrypt(b, to.custodian) }
	if other, is := by.(interface {
		Hide(b []byte) ([]byte, error)
	}); is {
		encrypt = other.Hide // in tests
	}
	hidden, err := encrypt(secret.Bytes())
	if err != nil {
		return nil, err
	}
	return secret.Live(h.Trial, h.Protocol, hidden), nil
}

// parties are those to whom something of a list is encrypted.
type parties struct {
	custodian, packer seal.Recipient
	needed            int
	holders           []seal.Recipient
}

func partiesOf(c protocol.Checked, packer string) (parties, error) {
	var to parties
	if c.IsZero() {
		return to, fault.New(CodeForeign, "protocol", "there is none")
	}
	text, set := c.Recipient()
	if !set {
		return to, fault.New(CodeNoKey, "custodian.recipient", "the protocol does not name the custodian's key yet").
			WithHint("the custodian runs dvala key new and sends the public key that it prints")
	}
	needed, holders, set := c.Holders()
	if !set {
		return to, fault.New(CodeNoKey, "custodian.break_glass", "a holder's key is not in the protocol yet").
			WithHint("each holder runs dvala key holder and sends the public key that it prints")
	}
	var err error
	if to.custodian, err = seal.ParseRecipient(text); err != nil {
		return to, err
	}
	to.needed, to.packer = needed, to.custodian
	for _, h := range holders {
		r, err := seal.ParseRecipient(h)
		if err != nil {
			return to, err
		}
		to.holders = append(to.holders, r)
	}
	if packer != "" {
		to.packer, err = seal.ParseRecipient(packer)
	}
	return to, err
}

// seal seals what was drawn, and packs it.
func (to parties) seal(drawn *alloc.List, h seal.Header, secrets io.Reader, by seal.Sealer) (Sealing, error) {
	h.Custodian = to.custodian.String()
	if len(to.holders) > 0 {
		h.Holders.Needed = to.needed
		for _, r := range to.holders {
			h.Holders.Recipients = append(h.Holders.Recipients, r.String())
		}
	}
	if by == nil {
		by = seal.NewSharingSealer(secrets, to.custodian, to.needed, to.holders)
	}
	plain, err := drawn.Plain()
	if err != nil {
		return Sealing{}, err
	}
	sealed, err := seal.New(h, plain, by)
	if err != nil {
		return Sealing{}, err
	}
	packing, err := pack(drawn, to.packer)
	return Sealing{List: sealed, Packing: packing}, err
}

// randomness gives the generator that draws the list and the source of keys and
// nonces. Without a seed both come from the system's secure source: the list's
// through ChaCha8 under a key of 32 secret bytes that nobody keeps. With a seed
// each part of a list that was extended has its own.
func randomness(seed *uint64, part string) (sealing string, list mrand.Source, secrets io.Reader, err error) {
	if seed == nil {
		var key [32]byte
		if _, err := io.ReadFull(rand.Reader, key[:]); err != nil {
			return "", nil, nil, fault.Wrap(CodeKey, "randomness", err)
		}
		return seal.ByCustodian, mrand.NewChaCha8(key), rand.Reader, nil
	}
	key := func(label string) [32]byte {
		return sha256.Sum256(append(binary.BigEndian.AppendUint64([]byte(label), *seed), part...))
	}
	return seal.BySeed, mrand.NewChaCha8(key("dvala/demo/list/1")), mrand.NewChaCha8(key("dvala/demo/secrets/1")), nil
}

// Kit is a line of the packing list.
type Kit struct {
	Number string
	Cell   string // stratum cell, so that each site gets its own
	Arm    string // whose product it holds
}

var packingColumns = []string{"kit", "cell", "contents"}

// pack writes the packing list, sorted by cell and number so that it does not
// tell the order in which kits are given out, and encrypts it.
func pack(l *alloc.List, to seal.Recipient) ([]byte, error) {
	kits, err := l.Packing()
	if err != nil || len(kits) == 0 {
		return nil, err
	}
	slices.SortFunc(kits, func(a, b alloc.Packed) int {
		return cmp.Or(cmp.Compare(a.Cell, b.Cell), cmp.Compare(a.Kit, b.Kit))
	})
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{packingColumns}
	for _, k := range kits {
		rows = append(rows, []string{k.Kit, k.Cell, k.Arm})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fault.Wrap(CodePacking, "packing list", err)
	}
	return seal.Encrypt(b.Bytes(), to)
}

// ReadPacking opens a packing list with the packer's key.
func ReadPacking(k *Key, file []byte) ([]Kit, error) {
	plain, err := open.Decrypt(file, seal.MaxFile, k.identity)
	if err != nil {
		return nil, fault.New(CodePacking, "packing list", "this key does not open it").
			WithHint("it is encrypted to whoever packs the kits")
	}
	return parsePacking(plain)
}

func parsePacking(plain []byte) ([]Kit, error) {
	r := csv.NewReader(bytes.NewReader(plain))
	r.FieldsPerRecord = len(packingColumns)
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fault.Wrap(CodePacking, "packing list", err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], packingColumns) {
		return nil, fault.New(CodePacking, "packing list", "does not begin with the columns kit, cell and contents")
	}
	out := make([]Kit, 0, len(rows)-1)
	for i, row := range rows[1:] {
		number, err := seal.ParseKitNumber(row[0])
		if err != nil || number != row[0] {
			return nil, fault.New(CodePacking, "packing list", "line %d does not begin with the number of a kit", i+2)
		}
		out = append(out, Kit{Number: number, Cell: row[1], Arm: row[2]})
	}
	return out, nil
}
