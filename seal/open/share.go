package open

import (
	"filippo.io/age"

	"dvala/fault"
	"dvala/seal"
)

// UnwrapShare takes a holder's share of one slot's key out of its wrapping, with
// the holder's identity. Holders are counted from 0, in the order of the list.
func UnwrapShare(s seal.Slot, holder int, ids ...age.Identity) (seal.Share, error) {
	if holder < 0 || holder >= len(s.Shares) {
		return seal.Share{}, fault.New(seal.CodeShare, place(s), "has no share for holder %d", holder+1)
	}
	raw, err := Decrypt(s.Shares[holder], seal.ShareSize, ids...)
	if err != nil {
		return seal.Share{}, fault.New(seal.CodeShare, place(s), "this key does not open the share of holder %d", holder+1).
			WithHint("use the key whose public half the sealed list names for this holder")
	}
	share, err := seal.ParseShare(raw)
	if err != nil || share.Holder() != holder {
		return seal.Share{}, fault.New(seal.CodeShare, place(s), "the share of holder %d is that of another", holder+1)
	}
	return share, nil
}

// Combine gives the slot's key that holders' shares come to. Whether they were
// enough shows only when it opens the envelope, or does not.
func Combine(shares []seal.Share) (SlotKey, error) {
	key, err := seal.Combine(shares)
	return SlotKey{key}, err
}
