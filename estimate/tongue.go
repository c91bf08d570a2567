package estimate

import (
	"fmt"
	"math"
	"strings"

	"dvala/estimate/swedish"
	"dvala/protocol"
)

// tongue is the language that a result speaks; English, unless said. What is
// said in English is the key to its Swedish.
type tongue struct{ swedish bool }

func (t tongue) say(english string, args ...any) string {
	text := english
	if t.swedish {
		text = swedish.Spoken(english)
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// number sets one that is written in English.
func (t tongue) number(s string) string {
	if t.swedish {
		return swedish.Number(s)
	}
	return s
}

func (t tongue) together(xs ...float64) []string {
	out := together(xs...)
	for i := range out {
		out[i] = t.number(out[i])
	}
	return out
}

// amount is a number with its unit.
func (t tongue) amount(number, unit string) string {
	if !t.swedish {
		return amount(number, unit)
	}
	switch unit {
	case "":
		return number
	case "%":
		return number + " procentenheter"
	}
	return number + " " + swedish.Unit(unit)
}

func (t tongue) who(e Attributes) string {
	if e.Within {
		return t.say("the two treatments")
	}
	return t.say("the groups")
}

func (t tongue) on(unit string) string {
	if unit == "points" || unit == "point" {
		return t.say("on")
	}
	return t.say("in")
}

// inText is a label within a sentence.
func (t tongue) inText(label string) string {
	if t.swedish {
		return swedish.InText(label)
	}
	return inText(label)
}

// theLabel is a label with the article that English gives it.
func (t tongue) theLabel(label string) string {
	if t.swedish {
		return swedish.InText(label)
	}
	return theLabel(label)
}

// leastNoticed says the least difference that people notice: in English small
// whole numbers in words.
func (t tongue) leastNoticed(m float64, unit string) string {
	if !t.swedish && m == math.Trunc(m) && m >= 1 && m < float64(len(numberWords)) && unit != "%" {
		if m == 1 {
			unit = strings.TrimSuffix(unit, "s")
		}
		return t.say("%s is the least that people notice", amount(numberWords[int(m)], unit))
	}
	return t.say("A difference of %s is the least that people notice", t.amount(t.number(trimmed(m)), unit))
}

// UnitOneIn is a unit of one: "cup" of "cups", where it can be told.
func UnitOneIn(l protocol.Language, unit string) string {
	if l == "sv" {
		return swedish.UnitOne(unit)
	}
	return strings.TrimSuffix(unit, "s")
}

// UnitIn is a unit in a language: in Swedish where it is a word that is known,
// otherwise as it stands.
func UnitIn(l protocol.Language, unit string) string {
	if l == "sv" {
		return swedish.Unit(unit)
	}
	return unit
}
