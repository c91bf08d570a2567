package edf

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"dvala/fault"
)

// Annotation is one text of one time-stamped annotation list.
type Annotation struct {
	Onset       time.Duration // after the header's start; may be negative
	Duration    time.Duration
	HasDuration bool // a list may leave it out
	Text        string
}

const (
	endOfText       = 0x14
	durationFollows = 0x15
	endOfList       = 0x00
)

// lists reads the annotation lists in one record's bytes of one signal. The
// first list of a record's first annotation signal carries the time at which
// the record began: an onset and an empty text. Lists that cannot be read are
// reported and passed over.
func lists(b []byte, place string, l *fault.List) (out []Annotation, began time.Duration, hasBegan bool) {
	for k := 0; len(b) > 0; k++ {
		end := bytes.IndexByte(b, endOfList)
		one := b
		if end >= 0 {
			one, b = b[:end], b[end+1:]
		} else {
			b = nil
		}
		if len(one) == 0 {
			continue // padding
		}
		onset, duration, hasDuration, texts, ok := oneList(one)
		if !ok {
			l.Addf("edf-annotation", place, "no annotation list: %.40q", one).WithHint("a list is an onset, perhaps a duration, and texts").AsWarning()
			continue
		}
		if end < 0 {
			l.Addf("edf-annotation", place, "the last annotation list has no end; its record may be too small for it").AsWarning()
		}
		for i, s := range texts {
			if s != "" {
				out = append(out, Annotation{onset, duration, hasDuration, s})
			} else if i == 0 && k == 0 {
				began, hasBegan = onset, true
			}
		}
	}
	return out, began, hasBegan
}

// oneList takes one list apart; the texts keep empty ones.
func oneList(b []byte) (onset, duration time.Duration, hasDuration bool, texts []string, ok bool) {
	head, rest, ok := bytes.Cut(b, []byte{endOfText})
	if !ok {
		return 0, 0, false, nil, false
	}
	at, length, hasDuration := bytes.Cut(head, []byte{durationFollows})
	onset, ok = signed(string(at))
	if !ok {
		return 0, 0, false, nil, false
	}
	if hasDuration {
		if duration, ok = seconds(string(length)); !ok {
			return 0, 0, false, nil, false
		}
	}
	s := strings.TrimSuffix(string(rest), string(rune(endOfText)))
	for _, one := range strings.Split(s, string(rune(endOfText))) {
		if !utf8.ValidString(one) {
			one = text([]byte(one)) // Latin-1, which the format forbids and recorders write
		}
		texts = append(texts, one)
	}
	return onset, duration, hasDuration, texts, true
}

// signed reads +30630 and -0.5: an onset must have its sign.
func signed(s string) (time.Duration, bool) {
	if s == "" || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	d, ok := seconds(s[1:])
	if s[0] == '-' {
		d = -d
	}
	return d, ok
}

// recordPlace names a record for people.
func recordPlace(i int) string { return fmt.Sprintf("record %d", i+1) }
