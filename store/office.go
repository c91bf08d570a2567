package store

import (
	"context"

	"dvala/desk"
	"dvala/study"
)

// Tell gives one command, and tells what became of it as the desk speaks of it.
func (t *Trial) Tell(ctx context.Context, cmd study.Command, m study.Meta) (desk.Receipt, error) {
	r, err := t.Do(ctx, cmd, m)
	if err != nil {
		return desk.Receipt{}, err
	}
	out := desk.Receipt{First: r.First, N: r.N, Subject: r.Subject, Facts: r.Facts, Repeated: r.Repeated}
	if len(r.Facts) > 0 {
		out.At = r.Facts[0].At
	}
	return out, nil
}

var _ desk.Store = (*Trial)(nil)
