package protocol

import (
	"bytes"
	"strings"

	"filippo.io/age"

	"dvala/fault"
)

// RecipientPlaceholder stands in a protocol whose custodian has not made a key
// yet. Such a file can be checked but not sealed.
const RecipientPlaceholder = "to-be-made-by-the-custodian"

const notCustodians = "this is not the public key of a custodian"

// FillRecipient writes a custodian's public key into a protocol file, in the
// place of the placeholder, and leaves every other byte as it is.
func FillRecipient(src []byte, recipient string) ([]byte, error) {
	if !isRecipient(recipient) {
		return nil, fault.New("custodian-key", "custodian.recipient", notCustodians)
	}
	if bytes.Count(src, []byte(RecipientPlaceholder)) != 1 {
		return nil, fault.New("custodian-placeholder", "custodian.recipient", "the file does not hold %q exactly once", RecipientPlaceholder)
	}
	return bytes.Replace(src, []byte(RecipientPlaceholder), []byte(recipient), 1), nil
}

// isRecipient says whether a text is one public key of age.
func isRecipient(s string) bool {
	if s != strings.TrimSpace(s) || strings.ContainsAny(s, "#\n\r") {
		return false
	}
	got, err := age.ParseRecipients(strings.NewReader(s))
	return err == nil && len(got) == 1
}

// HolderPlaceholder stands in the place of a holder's key that is not made yet.
const HolderPlaceholder = "to-be-made-by-the-holder"

func (k *checker) custodian() {
	r := k.p.Custodian.Recipient
	switch {
	case r == "":
	case r == RecipientPlaceholder:
		k.warn("custodian-missing", "custodian.recipient", "the custodian has made no key yet, so the protocol can be checked but not sealed").
			WithHint("someone outside the trial team runs: dvala key new")
	case !isRecipient(r):
		k.publicKey("custodian-key", "custodian.recipient", r, notCustodians, "dvala key new")
	}
	if g := k.p.Custodian.BreakGlass; g != nil {
		k.holders(*g)
	}
}

func (k *checker) publicKey(code fault.Code, place, text, message, verb string) {
	p := k.add(code, place, "%s", message)
	if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY") {
		p.Message = "this is a secret key, and it must not be in any file but its maker's own"
		p.WithHint("make another key, throw this one away, and write the line that begins with age1")
		return
	}
	p.WithHint("write the line that begins with age1, as %s printed it", verb)
}

// holders checks who opens a slot without the custodian.
func (k *checker) holders(g BreakGlass) {
	const place = "custodian.break_glass"
	if n := len(g.Holders); g.Needed > n && !k.misshapen(place) {
		k.add("holders-needed", place+".needed", "%d of %d holders is more than there are", g.Needed, n)
	}
	if g.Needed == 1 {
		k.warn("holder-alone", place+".needed", "any one holder can open any slot alone, and nobody would see it").WithHint("let two be needed")
	}
	seen := map[string]int{}
	missing := false
	for i, h := range g.Holders {
		here := at(place+".holders", i, "recipient")
		other, twice := seen[h.Recipient]
		switch {
		case h.Recipient == "":
		case h.Recipient == HolderPlaceholder:
			if !missing {
				k.warn("holders-missing", here, "a holder has made no key yet, so the protocol can be checked but not sealed").
					WithHint("each holder runs: dvala key holder")
			}
			missing = true
		case !isRecipient(h.Recipient):
			k.publicKey("holder-key", here, h.Recipient, "this is not the public key of a holder", "dvala key holder")
		case twice:
			k.add("holder-twice", here, "this is the key of %s already", at(place+".holders", other))
		case h.Recipient == k.p.Custodian.Recipient:
			k.add("holder-twice", here, "this is the custodian's own key, who can open every slot without a share")
		}
		seen[h.Recipient] = i
	}
}

// Holders gives the public keys of those who can open a slot together and how
// many of them are needed; none where the protocol names nobody. It is false
// while a key is still to be made.
func (c Checked) Holders() (needed int, recipients []string, set bool) {
	g := c.c.p.Custodian.BreakGlass
	if g == nil {
		return 0, nil, true
	}
	for _, h := range g.Holders {
		if h.Recipient == HolderPlaceholder {
			return 0, nil, false
		}
		recipients = append(recipients, h.Recipient)
	}
	return g.Needed, recipients, true
}
