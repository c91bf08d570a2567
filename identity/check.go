package identity

import (
	"context"

	"dvala/fault"
	"dvala/study"
)

// Check holds what is kept of a person against the master key: her key has to be
// one that it wrapped, and what is known of her, now and before, has to open
// under hers. It gives whether she has a key; one that was destroyed, with all
// that lay under it, is as it should be. Nothing that is opened is given away.
func (v *Vault) Check(ctx context.Context, who study.Subject) (has bool, err error) {
	k, err := v.keyOf(ctx, who, false)
	if err != nil {
		return false, ignoreErased(err)
	}
	sealed, known, err := v.store.SealedRecord(ctx, who)
	if err != nil {
		return false, err
	}
	if k.secret == "" && known {
		return false, fault.New("identity-key", string(who), "something is kept of this person, and the key to it is not there").
			WithHint("put back the copy of keys.db that you keep apart, for no backup holds it")
	}
	_, _, err = v.opened(ctx, who, sealed)
	if err == nil {
		_, err = v.Formers(ctx, who)
	}
	if err != nil {
		return true, fault.Wrap("identity-damaged", string(who), err).WithHint("what is kept of this person does not open under her key: restore people.db from a backup")
	}
	return k.secret != "", nil
}
