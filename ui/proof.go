package ui

import (
	"dvala/desk"
	"dvala/fault"
)

// proves says whether a form asks the browser for a passkey as it is sent: where
// it is signed, for a signature takes a proof of its own, and where what it does
// takes a fresh one. A form without scripts is sent to a page for it instead, and
// has to be filled in again.
func (a *ask) proves(action desk.Action, signed bool) bool {
	rule, _ := desk.RuleOf(action)
	return (signed || rule.Strong) && a.canProve()
}

// canProve says whether passkeys mean anything here: among made-up people nobody
// has to be who she says she is.
func (a *ask) canProve() bool { return !a.Access.Chooser && a.Access.HasPasskeys() }

// mistyped says whether a signature was refused for the account that was typed,
// so that the form can say so; every other want of a proof leads to a proof.
func mistyped(err error) bool {
	var l fault.List
	l.Merge("error", "", err)
	return len(l) == 1 && l[0].Code == desk.CodeStrong && l[0].Place == "id"
}
