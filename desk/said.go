package desk

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
)

// Said is what an event says beyond its kind, in parts. Programs read it in
// English (English); a page puts each part into its reader's words, with dates and
// numbers as she writes them.
type Said []Part

// Part is a phrase and what fills its places: "version %s" with a version. The
// phrase itself, in English, is the key under which other languages have theirs.
//
// Values are of these types, and of no others:
//
//	string           as somebody wrote it, or a code that is nobody's word (a kit, a hash)
//	Code             a word of a fixed set
//	Named            what the protocol or an instrument has a name for
//	[]any            a list of such
//	json.RawMessage  a value of a field, before or after a correction
//	int, uint64, float64, civil.Date, civil.Clock, time.Time
type Part struct {
	Phrase string
	Values []any
}

// Code is a word of a fixed set, by what it is a word of: severity and mild.
type Code struct{ Sort, Code string }

// Named is something that the trial's own files name: sort is site, visit,
// criterion, instrument, version, stratum or field.
type Named struct{ Sort, ID string }

// phrase makes a part.
func phrase(of string, values ...any) Part { return Part{of, values} }

// only makes a part of one value alone; none where there is nothing to say.
func only(v any) Part { return phrase("%s", v) }

// said puts parts in a row, without those whose values are all empty.
func said(parts ...Part) Said {
	var out Said
	for _, p := range parts {
		if !p.empty() {
			out = append(out, p)
		}
	}
	return out
}

func (p Part) empty() bool {
	if len(p.Values) == 0 {
		return p.Phrase == ""
	}
	for _, v := range p.Values {
		if English(v) != "" {
			return false
		}
	}
	return true
}

// when gives a part only where something holds.
func when(holds bool, p Part) Part {
	if !holds {
		return Part{}
	}
	return p
}

// counted takes the phrase for one where there is one.
func counted(n int, one, many string) Part {
	if n == 1 {
		return phrase(one, n)
	}
	return phrase(many, n)
}

// English gives it in a line, parts parted by points.
func (s Said) English() string {
	var out []string
	for _, p := range s {
		values := make([]any, len(p.Values))
		for i, v := range p.Values {
			values[i] = English(v)
		}
		text := p.Phrase
		if len(values) > 0 {
			text = fmt.Sprintf(p.Phrase, values...)
		}
		out = append(out, text)
	}
	return strings.Join(out, " · ")
}

// English gives one value as a program reads it: codes as they are, dates as
// 2026-11-24, times in UTC.
func English(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case Code:
		return x.Code
	case Named:
		if x.Sort == "stratum" {
			return Stratum(x.ID)
		}
		return x.ID
	case json.RawMessage:
		return string(x)
	case int:
		return strconv.Itoa(x)
	case uint64:
		return strconv.FormatUint(x, 10)
	case float64:
		return trim(x)
	case civil.Date:
		return x.String()
	case civil.Clock:
		return x.String()
	case time.Time:
		return x.UTC().Format("2006-01-02 15:04Z")
	case []any:
		words := make([]string, len(x))
		for i, w := range x {
			words[i] = English(w)
		}
		return strings.Join(words, ", ")
	}
	return ""
}

// list makes a value of several names or codes.
func list[T ~string](words []T, of func(string) any) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = of(string(w))
	}
	return out
}

func coded(sort string) func(string) any { return func(w string) any { return Code{sort, w} } }
func named(sort string) func(string) any { return func(w string) any { return Named{sort, w} } }
