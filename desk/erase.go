package desk

import (
	"context"

	"dvala/study"
)

// erases says of a withdrawal that what could name the person is erased.
func erases(from string) bool { return from == study.FromIdentifiers }

// EraseDue destroys the keys of all who asked for it and whose key may still be
// there: it is called after a withdrawal, and at start, when the program may
// have ended between the two.
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
			for _, w := range s.People[who].Withdrawn {
				if erases(w.From) {
					due = append(due, who)
					break
				}
			}
		}
	})
	for _, who := range due {
		if err := o.parts.Vault.Erase(ctx, who); err != nil {
			return err
		}
	}
	return nil
}
