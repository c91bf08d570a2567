package desk

import (
	"context"

	"dvala/study"
)

// tell stamps a command and gives it to the store, unless the clock cannot be
// believed: its time would stay on the ledger, and nothing earlier could follow.
// Only that the clock is right after all can be told then.
func (o *Office) tell(ctx context.Context, cmd study.Command, m study.Meta) (Receipt, error) {
	m.At = o.now()
	confirm, confirms := cmd.(study.ConfirmClock)
	if o.parts.Clock != nil && !confirms {
		if err := o.parts.Clock.Trust(); err != nil { // asked after the time was read
			return Receipt{}, err
		}
	}
	got, err := o.store.Tell(ctx, cmd, m)
	if confirms && err == nil && o.parts.Clock != nil {
		o.parts.Clock.Confirm(confirm.Server)
	}
	return got, err
}

// ClockTrusted says why nothing is written by this office's clock, if so.
func (o *Office) ClockTrusted() error {
	if o.parts.Clock == nil {
		return nil
	}
	o.now()
	return o.parts.Clock.Trust()
}
