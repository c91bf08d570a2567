package swedish

import (
	"strings"
	"unicode"
)

// Number sets a number written in English with a decimal comma, and a hard space
// between thousands.
func Number(s string) string {
	return strings.NewReplacer(",", "\u00a0", ".", ",").Replace(s)
}

// units that are words; symbols are the same in both languages.
var units = map[string]string{
	"points": "poäng", "point": "poäng", "min": "min", "minutes": "minuter", "minute": "minut", "hours": "timmar", "hour": "timme", "h": "h",
	"nights": "nätter", "night": "natt", "days": "dagar", "day": "dag", "ranks": "ranger", "times": "gånger", "time": "gång",
	"awakenings": "uppvaknanden", "awakening": "uppvaknande", "naps": "tupplurar", "cups": "koppar", "cup": "kopp", "glasses": "glas", "glass": "glas",
	"drinks": "glas", "drink": "glas", "years": "år", "year": "år", "steps": "steg", "step": "steg", "errors": "fel", "lapses": "missar",
	"percentage points": "procentenheter", "% per night": "% per natt", "standard drinks": "standardglas", "standard drink": "standardglas", "people": "personer",
	"bpm": "slag/min", "per second": "per sekund", "per session": "per omgång", "capsules": "kapslar", "capsule": "kapsel", "sachets": "påsar", "sachet": "påse", "ms": "ms", "s": "s", "mg": "mg", "kg": "kg", "kg/m²": "kg/m²", "cm": "cm", "mm": "mm", "°C": "°C", "%": "%",
}

// Unit is a unit in Swedish where it is a word that is known, otherwise as it
// stands.
func Unit(u string) string {
	if s, ok := units[u]; ok {
		return s
	}
	return u
}

// UnitOne is a unit of one, in Swedish where it is a word that is known.
func UnitOne(u string) string {
	for _, one := range []string{strings.TrimSuffix(u, "s"), strings.TrimSuffix(u, "es")} {
		if s, ok := units[one]; ok {
			return s
		}
	}
	return Unit(u)
}

// Capital begins a sentence.
func Capital(s string) string {
	c, n, ok := first(s)
	if !ok {
		return s
	}
	return s[:n] + strings.ToUpper(string(c)) + s[n+len(string(c)):]
}

// InText is a label within a sentence: its first letter small, unless another
// capital shows that it is a name or an abbreviation.
func InText(label string) string {
	c, n, ok := first(label)
	if !ok {
		return label
	}
	rest := label[n+len(string(c)):]
	plain, _, _ := strings.Cut(rest, "(")
	if rest == "" || strings.IndexFunc(plain, unicode.IsUpper) >= 0 {
		return label
	}
	return label[:n] + strings.ToLower(string(c)) + rest
}

// first is the first letter that is no mark of a foreign text, which are of the
// area for private use, and where it stands.
func first(s string) (c rune, at int, ok bool) {
	for i, c := range s {
		if !unicode.Is(unicode.Co, c) {
			return c, i, true
		}
	}
	return 0, 0, false
}
