package watch

import (
	"slices"

	"dvala/study"
)

// Signs are what in the data asks for a look.
type Signs struct {
	Digits  []Digits
	Repeats []Repeat
	Wearers []Wearer
}

// Count is how many there are.
func (s Signs) Count() int { return len(s.Digits) + len(s.Repeats) + len(s.Wearers) }

// Unlikely is the adjusted p-value below which last digits are a sign. Five in a
// hundred trials show some where there is nothing.
const Unlikely = 0.05

// Signs gives those of the sites for which yes is said, and of people there.
func (b *Board) Signs(s *study.State, sees func(site string) bool) Signs {
	out := Signs{Digits: b.LastDigits(s, Unlikely), Repeats: b.Repeats(s), Wearers: b.Wearers(s)}
	hidden := func(who study.Subject) bool { return !sees(s.People[who].Site) }
	out.Digits = slices.DeleteFunc(out.Digits, func(d Digits) bool {
		if d.Subject == "" {
			return !sees(d.Site)
		}
		return hidden(d.Subject)
	})
	out.Repeats = slices.DeleteFunc(out.Repeats, func(r Repeat) bool { return hidden(r.Subject) })
	out.Wearers = slices.DeleteFunc(out.Wearers, func(w Wearer) bool { return hidden(w.Subject) })
	return out
}
