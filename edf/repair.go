package edf

import (
	"fmt"
	"io"
	"strings"

	"dvala/civil"
	"dvala/fault"
)

// Repair writes a file again with a header by the letter of the format, and its
// whole records as they are. Every change is told as a warning of the code
// edf-repaired, with what stood there before.
//
// What is mended: number of records and of header bytes, dates and times in
// another spelling or none, decimal commas, limits and durations with more than
// 8 characters, padding other than spaces, characters beyond ASCII, a plus
// kind that is the other family's or that has no annotations, a last record
// cut short. What cannot be known, as the gain of a signal whose digital
// limits are equal, stays as it is and is told by Open.
func Repair(r io.ReaderAt, size int64, w io.Writer) (fault.List, error) {
	f, err := Open(r, size)
	if err != nil {
		return nil, err
	}
	l := f.Warnings()
	h := f.Header()
	h.Records = f.records
	if h.Format.IsPlus() && !hasAnnotations(h) {
		h.Reserved = strings.TrimPrefix(strings.TrimPrefix(h.Reserved, string(h.Format)), "EDF+C")
		h.Format = Format(string(h.Format)[:3])
	}
	h.Patient, h.Recording, h.Reserved = ascii(h.Patient), ascii(h.Recording), ascii(h.Reserved)
	for i := range h.Signals {
		s := &h.Signals[i]
		s.Label, s.Transducer, s.Unit = ascii(s.Label), ascii(s.Transducer), ascii(s.Unit)
		s.Prefilter, s.Reserved = ascii(s.Prefilter), ascii(s.Reserved)
		*s = s.rounded(fmt.Sprintf("signal %d", i+1), &l)
	}
	if h.Format.IsPlus() && h.StartDate.IsZero() && !strings.HasPrefix(h.Recording, "Startdate X") {
		h.Recording = "Startdate X " + withoutDate(h.Recording)
		h.Recording = strings.TrimSpace(h.Recording[:min(len(h.Recording), 80)])
	}
	made, problems := encodeHeader(h)
	l = append(l, problems...)
	if err := l.Err(); err != nil {
		return l, err
	}
	old := make([]byte, len(made))
	if _, err := r.ReadAt(old, 0); err != nil {
		return l, fault.Wrap("edf-read", "header", err)
	}
	changes(old, made, len(h.Signals), &l)
	if _, err := w.Write(made); err != nil {
		return l, fault.Wrap("edf-write", "header", err)
	}
	data := io.NewSectionReader(r, int64(h.Bytes), int64(f.records)*int64(h.RecordBytes()))
	if _, err := io.Copy(w, data); err != nil {
		return l, fault.Wrap("edf-write", "records", err)
	}
	return l, nil
}

func hasAnnotations(h Header) bool {
	for _, s := range h.Signals {
		if s.IsAnnotations() {
			return true
		}
	}
	return false
}

// withoutDate drops a first word “Startdate” and the date after it.
func withoutDate(s string) string {
	words := strings.Fields(s)
	if len(words) > 1 && strings.EqualFold(words[0], "Startdate") {
		words = words[2:]
	}
	return strings.Join(words, " ")
}

// ascii writes a field in the characters the format allows.
func ascii(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c >= 32 && c <= 126:
			b.WriteRune(c)
		case c == 'µ' || c == 'μ':
			b.WriteByte('u')
		case c == 0x2126 || c == 0x3a9: // ohm and omega
			b.WriteString("Ohm")
		case c == '°':
			b.WriteString("deg")
		default:
			b.WriteByte('_')
		}
	}
	return b.String()
}

// changes tells every field that differs.
func changes(old, made []byte, signals int, l *fault.List) {
	at := 0
	compare := func(place string, width int) {
		a, b := old[at:at+width], made[at:at+width]
		if string(a) != string(b) {
			l.Addf("edf-repaired", place, "%q became %q", strings.TrimRight(string(a), " "), strings.TrimRight(string(b), " ")).AsWarning()
		}
		at += width
	}
	for _, f := range []struct {
		name  string
		width int
	}{
		{"version", 8},
		{"patient", 80},
		{"recording", 80},
		{"start date", 8},
		{"start time", 8},
		{"header bytes", 8},
		{"reserved", 44},
		{"records", 8},
		{"record duration", 8},
		{"signals", 4},
	} {
		compare(f.name, f.width)
	}
	for _, f := range []struct {
		name  string
		width int
	}{
		{"label", 16},
		{"transducer", 80},
		{"unit", 8},
		{"physical minimum", 8},
		{"physical maximum", 8},
		{"digital minimum", 8},
		{"digital maximum", 8},
		{"prefilter", 80},
		{"samples", 8},
		{"reserved", 32},
	} {
		for i := range signals {
			compare(fmt.Sprintf("signal %d, %s", i+1, f.name), f.width)
		}
	}
}

// anonymous says whether a plus file says by its recording field that its start
// date is not known.
func anonymous(h Header, d civil.Date) bool {
	words := strings.Fields(h.Recording)
	return h.Format.IsPlus() && len(words) > 1 && strings.EqualFold(words[0], "Startdate") && words[1] == "X" && d == civil.On(1985, 1, 1)
}
