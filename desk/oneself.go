package desk

import (
	"context"

	"dvala/protocol"
	"dvala/study"
)

// ScreenOneself hands in the screening answers of somebody who was invited to a
// site and has no code yet, and gives the code that she gets. The same key gives
// the same code again.
func (o *Office) ScreenOneself(ctx context.Context, c Caller, answers protocol.Answers, key string) (study.Subject, error) {
	if c.Subject != "" || len(c.Grants) != 1 || c.Grants[0].Site == "" || key == "" {
		return "", refused("screen-oneself")
	}
	site := c.Grants[0].Site
	role, err := o.as(c, "screen-oneself", "", site)
	if err != nil {
		return "", err
	}
	r, err := o.tell(ctx, study.Screen{Site: site, Answers: answers}, study.Meta{
		Zone: c.Zone, Actor: c.Account, Role: role, Key: key, From: c.From,
	})
	if err != nil || !r.Repeated {
		return r.Subject, err
	}
	f, err := o.fact(ctx, r.First) // a repeated command tells where it stands
	return f.Subject, err
}
