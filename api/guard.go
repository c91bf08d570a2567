package api

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"dvala/desk"
	"dvala/fault"
	"dvala/study"
)

// guard stands before every operation: whoever may not take its action is
// refused before anything of the request is read. An operation that names no
// action is refused to all.
func (s *server) guard(ctx huma.Context, next func(huma.Context)) {
	name, _ := ctx.Operation().Extensions[actionMark].(string)
	action := desk.Action(name)
	rule, ok := desk.RuleOf(action)
	if ok && rule.Anyone {
		next(ctx)
		return
	}
	caller, err := signedIn(ctx.Context())
	if err == nil {
		who := study.Subject(ctx.Param("subject"))
		if who == "" {
			who = caller.Subject // a participant asks about herself, if the path names nobody
		}
		if !ok || !s.office.May(caller, action, who) {
			err = fault.New(desk.CodeForbidden, name, "this is not for your role")
		}
	}
	if err != nil {
		refuse(ctx, problem(err))
		return
	}
	next(ctx)
}

func refuse(ctx huma.Context, p *Problem) {
	raw, err := json.Marshal(p)
	if err != nil {
		ctx.SetStatus(500)
		return
	}
	for name := range p.GetHeaders() {
		ctx.SetHeader(name, p.GetHeaders().Get(name))
	}
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	_, _ = ctx.BodyWriter().Write(raw) // a reader that went away needs no answer
}
