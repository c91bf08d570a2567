package ui

import (
	"strings"
	"testing"

	"dvala/desk/access"
	"dvala/study"
)

// A passkey is made after a link, opens the desk again, and is asked for once
// more, as a form is sent, by everything that is signed; whoever types another
// account is told so, and has nothing else to type again.
func TestPasskeys(t *testing.T) {
	c := newClinic(t)
	who := c.person(41)
	b := c.staff("ines.lind", "Ines Lind", study.RoleInvestigator)
	b.inspect("passkey-1-added")
	b.press(`form[action="/sign-out"] button`, "/sign-in")
	b.open("/participants")
	b.at("/sign-in")
	b.inspect("passkey-2-sign-in")
	b.press(`[data-passkey="sign-in"]`, "/participants")
	if got := b.text(".who"); !strings.Contains(got, "Ines Lind") {
		t.Errorf("who is in: %q", got)
	}
	b.press(`#people tbody a`, "/participants/"+string(who))
	sign := "/participants/" + string(who) + "/do/sign"
	b.press(`a[href="`+sign+`"]`, sign)
	b.inspect("passkey-3-signing")
	b.fill("signature", "somebody.else")
	b.press("main .send button", sign)
	if got := b.text("#e-signature"); !strings.Contains(got, "ines.lind") {
		t.Errorf("a wrong account: %q", got)
	}
	b.inspect("passkey-4-mistyped")
	b.fill("signature", "ines.lind")
	b.press("main .send button", "/participants/"+string(who))
	signed := c.state.People[who].Signatures
	if len(signed) != 1 || signed[0].Signature.Name != "Ines Lind" || signed[0].Signature.Meaning != study.MeansReview || signed[0].Signature.Method != "account ID and passkey" {
		t.Fatalf("%+v", signed)
	}
	b.open("/prove?next=/end")
	b.inspect("passkey-5-proof")
	b.press(`[data-passkey="prove"]`, "/end")
	b.open("/do/sign-trial") // a second signature takes a proof of its own, and no account
	b.press("main .send button", "/end")
	if got := c.state.Signatures; len(got) != 1 || got[0].Signature.Method != "passkey" {
		t.Errorf("the trial is signed %+v", got)
	}
	b.open("/sessions")
	b.press(`form:has([name="passkey"]) button`, "/sessions")
	b.open(sign)
	b.fill("signature", "ines.lind")
	b.press("main .send button", "/prove") // no key is left, and the server asks for one
	if n := len(c.state.People[who].Signatures); n != 1 {
		t.Errorf("%d signatures, and no passkey", n)
	}
}

// Who does not answer the browser signs nothing.
func TestRefusedPasskeySignsNothing(t *testing.T) {
	c := newClinic(t)
	c.account("ines.lind", "Ines Lind", study.RoleInvestigator)
	b := c.window()
	b.enter(must(c.svc.LinkFor(t.Context(), access.Shell(), "ines.lind")).URL)
	b.open("/do/sign-trial")
	b.fill("signature", "ines.lind")
	ask1[bool](b, `(navigator.credentials.get = () => Promise.reject(new DOMException("no", "NotAllowedError")), document.querySelector("main .send button").click(), true)`)
	b.until(`!document.querySelector("[data-passkey-problem]").hidden`, "that the passkey did not answer")
	if len(c.state.Signatures) != 0 || ask1[string](b, `document.querySelector('[name="signature"]').value`) != "ines.lind" {
		t.Error("it was signed, or what was typed is gone")
	}
}
