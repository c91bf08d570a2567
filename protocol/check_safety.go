package protocol

import "strings"

// fewestDigits is how many a telephone number has at least, with its area code;
// 112, which everybody knows, is none that leads to the trial.
const fewestDigits = 7

// reachable warns where a participant is told of nobody whom she can call: the
// contact is what her emergency card says, and a card that refers to a card helps
// nobody at night. Where nothing is taken there may be no contact.
func (k *checker) reachable() {
	const hint = "it stands on her emergency card: write who answers, and the number, as in 08-465 004 10"
	contact := k.p.Safety.Contact
	if len(contact) == 0 {
		if k.p.Dose != nil {
			k.warn("contact-no-number", "safety.contact", "something is taken, and nobody is named whom a participant could call").WithHint(hint)
		}
		return
	}
	for _, lang := range k.p.Languages {
		if !hasTelephone(contact.In(lang)) {
			k.warn("contact-no-number", "safety.contact", "there is no telephone number in it that a participant could call").WithHint(hint)
			return
		}
	}
}

// hasTelephone says whether a run of digits in a text, with what people write
// between them, is long enough for a number.
func hasTelephone(text string) bool {
	digits := 0
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			if digits++; digits >= fewestDigits {
				return true
			}
		case !strings.ContainsRune("+()/ -–\u00a0\u2009", r):
			digits = 0
		}
	}
	return false
}
