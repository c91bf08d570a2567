package desk

import (
	"maps"
	"slices"
	"time"

	"dvala/fault"
	"dvala/study"
)

// Action is one thing that can be asked of a trial: a command of package study
// by its name (screen, randomise, answer, …), or a question (see-overview,
// see-people, …). Every operation of the API and every page belongs to one, by
// the same name.
type Action string

// Reach is whose facts a rule is about.
type Reach int

// Reaches, the narrowest first.
const (
	Own   Reach = iota // the participant's own
	Site               // people of the sites at which the caller has the role
	Trial              // anybody in it; and the trial as a whole, for who has the role at every site
	// Anywhere is for whoever has the role, at whichever site: what is the same
	// for all of them and about nobody, or about herself.
	Anywhere
)

// Rule says who may take an action.
type Rule struct {
	May map[study.Role]Reach
	// Strong asks for a proof of who it is within the last minutes, as a
	// signature does (21 CFR 11.200).
	Strong bool
	// Anyone may, also who is not signed in: what leads to being so.
	Anyone bool
	// Within is of a list: asked about nobody in particular, it is answered from
	// the caller's own sites, and whoever answers keeps to them.
	Within bool
	// Named is of what names its site or its person by itself. Where nothing is
	// named yet, it can be offered to whoever has the role somewhere (Office.May);
	// it is done only where it is hers.
	Named bool
}

// StrongFor is how long a proof of who somebody is lasts for what asks for one.
const StrongFor = 5 * time.Minute

// Actions gives the names of all actions, in order.
func Actions() []Action { return slices.Sorted(maps.Keys(rules)) }

// RuleOf gives an action's rule. What is not in the table nobody may do.
func RuleOf(a Action) (Rule, bool) {
	r, ok := rules[a]
	return r, ok
}

// As gives the role in which a caller may take an action about a person of a
// site, or refuses it. Both empty, it is about the trial: that takes the role at
// every site, but for what is anybody's who has it, and for lists. The answer is the same for
// what exists and what does not, so that a refusal tells nothing.
func As(c Caller, a Action, who study.Subject, site string, now time.Time) (study.Role, error) {
	rule, ok := rules[a]
	if ok && rule.Anyone {
		return "", nil
	}
	if !ok || c.Nobody() {
		return "", refused(a)
	}
	role, ok := rule.role(c, who, site)
	if !ok {
		return "", refused(a)
	}
	if rule.Strong && (c.Strong.IsZero() || now.Sub(c.Strong) > StrongFor) {
		return "", fault.New(CodeStrong, string(a), "this needs a fresh proof of who you are").WithHint("sign in again with your passkey, then repeat it")
	}
	return role, nil
}

// Codes of refusals.
const (
	CodeForbidden fault.Code = "forbidden"
	CodeStrong    fault.Code = "proof-needed"
	CodeSignIn    fault.Code = "sign-in"
)

func refused(a Action) error {
	return fault.New(CodeForbidden, string(a), "this is not for your role")
}

// order is in which role a caller with several acts: the one that is named for
// the work comes first.
var order = []study.Role{
	study.RoleParticipant, study.RoleInvestigator, study.RoleCoordinator, study.RolePharmacist, study.RoleStatistician,
	study.RoleMonitor, study.RoleCustodian, study.RoleAuditor, study.RoleAdministrator, study.RoleSystem,
}

// Roles gives all roles.
func Roles() []study.Role { return slices.Clone(order) }

func (r Rule) role(c Caller, who study.Subject, site string) (study.Role, bool) {
	for _, role := range order {
		reach, may := r.May[role]
		if !may || !c.Has(role, site) {
			continue
		}
		if reach == Own && (who == "" || who != c.Subject) {
			continue
		}
		if whole := who == "" && site == ""; whole && !r.Within && reach != Anywhere && !c.Everywhere(role) {
			continue
		}
		return role, true
	}
	return "", false
}
