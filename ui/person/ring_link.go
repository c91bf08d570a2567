package person

import (
	"dvala/fault"
	"dvala/study"
)

// link does what a button of the ring's says. Nobody is sent to another host by
// a form, which the pages' policy forbids: the vendor's page is a link.
func (p *Pages) link(v *visit) (answer, error) {
	if p.opt.Ring == nil {
		return answer{to: "/me/ring"}, nil
	}
	switch ctx := v.r.Context(); v.form.Get("do") {
	case "connect":
		page, err := p.opt.Ring.Begin(ctx, v.caller)
		if err != nil {
			return p.ringProblem(v, p.linkProblem(err))
		}
		return p.showRing(v, ringPage{Go: page})
	case "disconnect":
		if err := p.opt.Ring.Disconnect(ctx, v.caller.Subject); err != nil {
			return answer{}, err
		}
	case "fetch":
		took, err := p.opt.Ring.Fetch(ctx, v.caller)
		if err != nil {
			return p.ringProblem(v, p.linkProblem(err))
		}
		return p.showRing(v, ringPage{Took: p.tellNights(v.lang, took)})
	}
	return answer{to: "/me/ring"}, nil
}

// ringBack is where the vendor sends a person back to.
func (p *Pages) ringBack(v *visit) (answer, error) {
	if p.opt.Ring == nil {
		return answer{}, fault.New("page-unknown", v.r.URL.Path, "there is no such page")
	}
	if err := p.me(v, func(*study.State, *study.Participant) error { return nil }); err != nil {
		return answer{}, err
	}
	q := v.r.URL.Query()
	if err := p.opt.Ring.Finish(v.r.Context(), v.caller, q.Get("state"), q.Get("code"), q.Get("error")); err != nil {
		return p.ringProblem(v, p.linkProblem(err))
	}
	return answer{to: "/me/ring"}, nil
}

func (p *Pages) linkProblem(err error) string {
	if key := p.uploadProblem(err); key != "ring.unread" {
		return key
	}
	return "ring.problem.oura"
}
