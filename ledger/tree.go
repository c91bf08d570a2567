package ledger

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"dvala/fault"
)

// Hash is a SHA-256: of a leaf, of a node, or of a whole tree.
type Hash = tlog.Hash

// HashReader gives hashes of the tree by their place in storage. It is what a
// store must offer so that proofs can be made from it.
type HashReader = tlog.HashReader

// LeafHash gives the hash under which entry bytes stand in the tree.
func LeafHash(raw []byte) Hash { return tlog.RecordHash(raw) }

// ParseHash reads the base64 form that Hash.String writes.
func ParseHash(s string) (Hash, error) {
	h, err := tlog.ParseHash(s)
	if err == nil && h.String() != s {
		err = fmt.Errorf("%q is not a hash in canonical base64", s)
	}
	return h, err
}

// StoredHashes gives the number of hashes that storage holds for a tree of n
// entries, which is also the place of the first hash that entry n adds.
func StoredHashes(n uint64) uint64 { return uint64(tlog.StoredHashCount(int64(n))) }

// Frontier is the growing edge of a tree: the roots of the complete subtrees it
// consists of, largest first. From it a tree grows without reading any stored
// hash. The zero value is the empty tree.
type Frontier struct {
	size  uint64
	peaks []Hash
}

// NewFrontier reads the frontier of a tree of n entries from its stored hashes.
func NewFrontier(n uint64, r HashReader) (Frontier, error) {
	f := Frontier{size: n}
	var places []int64
	var start uint64
	for level := 63; level >= 0; level-- {
		if n>>level&1 == 1 {
			places = append(places, tlog.StoredHashIndex(level, int64(start>>level)))
			start += 1 << level
		}
	}
	if len(places) == 0 {
		return f, nil
	}
	peaks, err := r.ReadHashes(places)
	if err != nil {
		return Frontier{}, err
	}
	if len(peaks) != len(places) {
		return Frontier{}, fault.New(CodeRoot, "tree", "asked for %d hashes and got %d", len(places), len(peaks))
	}
	f.peaks = peaks
	return f, nil
}

// Size gives the number of entries.
func (f Frontier) Size() uint64 { return f.size }

// Append adds one entry and gives the hashes that storage must hold for it, to
// be written one after the other from place StoredHashes(size before). The
// receiver is not changed, so that an append that fails to commit leaves
// nothing behind.
func (f Frontier) Append(raw []byte) (Frontier, []Hash) {
	h := LeafHash(raw)
	stored := []Hash{h}
	peaks := append([]Hash(nil), f.peaks...)
	for range bits.TrailingZeros64(^f.size) {
		h = tlog.NodeHash(peaks[len(peaks)-1], h)
		peaks = peaks[:len(peaks)-1]
		stored = append(stored, h)
	}
	return Frontier{size: f.size + 1, peaks: append(peaks, h)}, stored
}

// Root gives the root of the tree. That of the empty tree is the SHA-256 of
// nothing, as RFC 6962 says.
func (f Frontier) Root() Hash {
	if f.size == 0 {
		return emptyRoot
	}
	h := f.peaks[len(f.peaks)-1]
	for i := len(f.peaks) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.peaks[i], h)
	}
	return h
}

// emptyRoot is SHA-256 of the empty string.
var emptyRoot = Hash{
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
}

// RootAt gives the root that a tree had when it held n entries.
func RootAt(n uint64, r HashReader) (Hash, error) {
	f, err := NewFrontier(n, r)
	if err != nil {
		return Hash{}, err
	}
	return f.Root(), nil
}

// Inclusion is a proof that an entry is in a tree.
type Inclusion []Hash

// ProveInclusion proves that entry index is in the tree of size entries.
func ProveInclusion(size, index uint64, r HashReader) (Inclusion, error) {
	if index >= size {
		return nil, fault.New(CodeRoot, place(index), "is not in a ledger of %d entries", size)
	}
	p, err := tlog.ProveRecord(int64(size), int64(index), r)
	return Inclusion(p), err
}

// CheckInclusion checks that the entry is in the tree that the checkpoint signs.
func CheckInclusion(p Inclusion, c Checkpoint, e Entry) error {
	if e.Index >= c.Size {
		return fault.New(CodeRoot, place(e.Index), "is not in a ledger of %d entries", c.Size)
	}
	if err := tlog.CheckRecord(tlog.RecordProof(p), int64(c.Size), c.Root, int64(e.Index), e.Hash()); err != nil {
		return fault.Wrap(CodeRoot, place(e.Index), err)
	}
	return nil
}

// Consistency is a proof that one tree is the beginning of another.
type Consistency []Hash

// ProveConsistency proves that the tree of size old is the beginning of the
// tree of size now.
func ProveConsistency(old, now uint64, r HashReader) (Consistency, error) {
	if old > now {
		return nil, fault.New(CodeHistory, "checkpoint", "the earlier one has %d entries and the later one %d", old, now)
	}
	if old == 0 || old == now {
		return nil, nil
	}
	p, err := tlog.ProveTree(int64(now), int64(old), r)
	return Consistency(p), err
}

// CheckConsistency checks that history was extended from one checkpoint to the
// other, not rewritten.
func CheckConsistency(p Consistency, old, now Checkpoint) error {
	bad := func(format string, args ...any) error {
		return fault.New(CodeHistory, "checkpoint", format, args...).
			WithHint("the ledger was rewritten after the earlier checkpoint was made, or the checkpoint is of another ledger")
	}
	switch {
	case old.Origin != now.Origin:
		return bad("the earlier one is of %q and the later one of %q", old.Origin, now.Origin)
	case old.Size > now.Size:
		return bad("the earlier one has %d entries and the later one only %d", old.Size, now.Size)
	case old.Size == now.Size:
		if old.Root != now.Root {
			return bad("two of %d entries have different roots", old.Size)
		}
		return nil
	case old.Size == 0:
		if old.Root != emptyRoot {
			return bad("the earlier one has no entries and yet a root")
		}
		return nil
	}
	if err := tlog.CheckTree(tlog.TreeProof(p), int64(now.Size), now.Root, int64(old.Size), old.Root); err != nil {
		return bad("the %d entries of the earlier one are not the beginning of the %d of the later one", old.Size, now.Size)
	}
	return nil
}

func place(index uint64) string { return fmt.Sprintf("entry %d", index) }
