package desk

import (
	"context"

	"dvala/study"
)

// Erasing is told on the ledger before it is done, as a withdrawal of the kind
// identifiers, and after it, as `erased`. If the program ends between the two, it
// is finished at the next start.

// erases says of a withdrawal that what could name the person is erased.
func erases(from string) bool { return from == study.FromIdentifiers }

// Forget erases in a caller's name what could name a person: she withdraws her
// identifiers, and with them leaves the trial if she is in it. Of who never
// consented, and after the lock, the ledger tells the erasure alone.
func (o *Office) Forget(ctx context.Context, c Caller, who study.Subject, reason string) error {
	role, err := o.as(c, "erase-identity", who, "")
	if err != nil {
		return err
	}
	asked, alone := false, false
	o.store.View(func(s *study.State) {
		p := s.People[who]
		_, asked = p.WithdrewFrom(study.FromIdentifiers)
		alone = len(p.Consents) == 0 || s.Locked != nil || p.Locked != nil
	})
	switch {
	case asked:
		return o.EraseDue(ctx, who)
	case alone:
		return o.erase(ctx, who, study.Meta{Actor: c.Account, Role: role, Reason: reason, From: c.From})
	}
	_, err = o.Do(ctx, c, Request{
		Cmd: study.Withdraw{From: study.FromIdentifiers, Why: "not-said"}, Subject: who, Reason: reason, Key: "forget " + string(who),
	})
	return err
}

// erase destroys a person's key and forgets her device, and records that it is done.
func (o *Office) erase(ctx context.Context, who study.Subject, m study.Meta) error {
	if o.parts.Vault != nil {
		if err := o.parts.Vault.Erase(ctx, who); err != nil {
			return err
		}
	}
	if o.parts.Devices != nil {
		if err := o.parts.Devices.ForgetDevice(ctx, who); err != nil {
			return err
		}
	}
	done := false
	o.store.View(func(s *study.State) { done = s.People[who].Erased })
	if done {
		return nil
	}
	m.Subject, m.Key = who, "erased "+string(who)
	_, err := o.tell(ctx, study.RecordErasure{}, m)
	return err
}

// EraseDue destroys the keys of all who asked for it and whose key may still be
// there: it is called after a withdrawal, and at start, when the program may
// have ended between the two, or a backup with the key have come back.
func (o *Office) EraseDue(ctx context.Context, only study.Subject) error {
	if o.parts.Vault == nil {
		return nil
	}
	var due []study.Subject
	o.store.View(func(s *study.State) {
		for _, who := range s.Order {
			if only != "" && who != only {
				continue
			}
			if _, asked := s.People[who].WithdrewFrom(study.FromIdentifiers); asked || s.People[who].Erased {
				due = append(due, who)
			}
		}
	})
	for _, who := range due {
		if err := o.erase(ctx, who, study.Meta{Actor: "dvala", Role: study.RoleSystem}); err != nil {
			return err
		}
	}
	return nil
}
