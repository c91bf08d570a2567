package desk

import (
	"context"
	"slices"
	"time"

	"dvala/study"
)

// Caller is who asks something of a trial: one person in one session. It is
// made where a session is known (package access), by a program that runs on the
// operator's own machine, or by a test, and handed down with every question.
type Caller struct {
	Account string        // who: an account's ID, or a participant's code
	Name    string        // as it is printed beside a signature; empty of participants
	Grants  []Grant       // what she may be, and where
	Subject study.Subject // herself, if she is a participant
	Session string        // the session's public number; empty outside one
	Strong  time.Time     // when she last proved who she is by something she holds; zero: not in this session
	Method  string        // by what she proved who she is: passkey, link, oidc, shell
	Zone    string        // where she is, as her device says; IANA, or empty
	From    string        // where the request came from: an address, and by which way (page, api, job, shell)
	Lang    string        // the language she reads, en or sv
}

// Grant is a role, at one site or at all of them.
type Grant struct {
	Role study.Role
	Site string // empty: every site
}

// Has says whether the caller has a role at a site. An empty site asks for the
// role at any of them, which is not the role in the trial: see Everywhere.
func (c Caller) Has(role study.Role, site string) bool {
	return slices.ContainsFunc(c.Grants, func(g Grant) bool {
		return g.Role == role && (g.Site == "" || site == "" || g.Site == site)
	})
}

// Everywhere says whether the caller has a role at every site, and so in the
// trial as a whole. A grant at the only site of a trial is a grant at a site: an
// administrator gives the role without one.
func (c Caller) Everywhere(role study.Role) bool {
	return slices.Contains(c.Grants, Grant{Role: role})
}

// Participant makes the caller that a participant is.
func Participant(who study.Subject) Caller {
	return Caller{Account: string(who), Subject: who, Grants: []Grant{{Role: study.RoleParticipant}}}
}

// Nobody says whether there is no one behind a request.
func (c Caller) Nobody() bool { return c.Account == "" }

type callerKey struct{}

// WithCaller gives a context that knows who asks.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf gives who asks; Nobody if the context does not say.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
