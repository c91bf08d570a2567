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

// FillRecipient writes a custodian's public key into a protocol file, in the
// place of the placeholder, and leaves every other byte as it is.
func FillRecipient(src []byte, recipient string) ([]byte, error) {
	if !isRecipient(recipient) {
		return nil, fault.New("custodian-key", "custodian.recipient", "this is not the public key of a custodian")
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

func (k *checker) custodian() {
	r := k.p.Custodian.Recipient
	switch {
	case r == "":
	case r == RecipientPlaceholder:
		k.warn("custodian-missing", "custodian.recipient", "the custodian has made no key yet, so the protocol can be checked but not sealed").
			WithHint("someone outside the trial team runs: dvala key new")
	default:
		if !isRecipient(r) {
			p := k.add("custodian-key", "custodian.recipient", "this is not the public key of a custodian")
			if strings.HasPrefix(strings.ToUpper(r), "AGE-SECRET-KEY") {
				p.Message = "this is a secret key, and it must not be in any file but the custodian's own"
				p.WithHint("make another key, throw this one away, and write the line that begins with age1")
			} else {
				p.WithHint("write the line that begins with age1, as dvala key new printed it")
			}
		}
	}
}
