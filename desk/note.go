package desk

import (
	"regexp"
	"strings"

	"dvala/civil"
)

// The program itself writes some of a trial's sentences: the note of a deviation
// that it finds, and the question of a query that it raises. They stand on the
// ledger in English, as they were written; here their phrases are known again, so
// that a page can say them in its reader's words.

// sentence is one of them, with what stands in its places: text, a date, or names
// in a row.
type sentence struct {
	phrase string
	places []string
	known  *regexp.Regexp
}

const (
	asText     = "text"
	asDate     = "date"
	asCriteria = "criteria"
	asVisit    = "visit"
	asField    = "field"
)

func sentences() []sentence {
	of := func(phrase string, places ...string) sentence {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(phrase), "%s", "(.+?)")
		return sentence{phrase, places, regexp.MustCompile("^" + pattern + "$")}
	}
	return []sentence{
		of("let in against %s", asCriteria),
		of("the device says that this was entered at %s; it is taken as entered when it arrived", asText),
		of("planned for %s, after a run-in of %s days", asDate, asText),
		of("the corrected answer to %s fails %s", asField, asCriteria),
		of("visit %s counts from %s to %s", asVisit, asDate, asDate),
		of("%s taken, %s a day planned", asText, asText),
		of("%s minutes awake in the night, and no waking", asText),
		of("no number that fits a night"),
		of("not a whole number"),
		of("not a time of day"),
		of("the minutes awake leave no time to sleep between %s and %s", asText, asText),
		of("got into bed at %s and out of it before, at %s", asText, asText),
		of("got into bed at %s and tried to sleep before, at %s", asText, asText),
		of("in bed from %s to %s, more than %s hours", asText, asText, asText),
		of("tried to sleep at %s and woke for the last time before, at %s", asText, asText),
		of("the person died, and no adverse event with a fatal outcome tells of what"),
		of("the outcome is fatal, and the day of the death is not given as the end of the event"),
		of("woke for the last time at %s and got up before, at %s", asText, asText),
	}
}

var ours = sentences()

// OurSentences gives the English phrases of all that the program itself writes
// onto a ledger, for the catalogues of other languages.
func OurSentences() []string {
	out := make([]string, len(ours))
	for i, s := range ours {
		out[i] = s.phrase
	}
	return out
}

// Note tells a note: as one of the program's own sentences where it is one, else
// as somebody wrote it.
func Note(text string) Part {
	for _, s := range ours {
		if m := s.known.FindStringSubmatch(text); m != nil {
			p := Part{Phrase: s.phrase}
			for i, place := range s.places {
				p.Values = append(p.Values, placed(place, m[i+1]))
			}
			return p
		}
	}
	return only(text)
}

func placed(as, text string) any {
	switch as {
	case asDate:
		if d, err := civil.ParseDate(text); err == nil {
			return d
		}
	case asCriteria:
		return list(strings.Split(text, ", "), named("criterion"))
	case asVisit:
		return Named{"visit", text}
	case asField:
		return Named{"field", "answers." + text}
	}
	return text
}
