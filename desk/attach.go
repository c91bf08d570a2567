package desk

import (
	"context"

	"dvala/study"
)

// Attach stores a file that a command is to name: a sealed list, openings, a new
// version of the protocol, what a physician alone can open. Who may give the
// command may bring its file. It is stored as it came, for it is about nobody,
// or sealed already; files about people are put with PutFile.
func (o *Office) Attach(ctx context.Context, c Caller, a Action, who study.Subject, name string, data []byte) (study.File, error) {
	if err := o.See(ctx, c, a, who, func(*study.State) error { return nil }); err != nil {
		return study.File{}, err
	}
	return o.store.PutBlob(name, data)
}
