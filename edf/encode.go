package edf

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// encodeHeader writes a header by the letter of the format. It reports every
// field that does not fit.
func encodeHeader(h Header) ([]byte, fault.List) {
	var l fault.List
	var b strings.Builder
	field := func(place string, width int, s string) {
		for _, c := range []byte(s) {
			if c < 32 || c > 126 {
				l.Addf("edf-text", place, "%q has characters other than printable ASCII", s)
				s = ""
				break
			}
		}
		if len(s) > width {
			l.Addf("edf-width", place, "%q is longer than %d characters", s, width)
			s = s[:width]
		}
		b.WriteString(s + strings.Repeat(" ", width-len(s)))
	}
	if h.Format.sampleBytes() == 3 {
		b.WriteString("\xffBIOSEMI")
	} else {
		field("version", 8, "0")
	}
	field("patient", 80, h.Patient)
	field("recording", 80, h.Recording)
	field("start date", 8, dateField(h.StartDate))
	field("start time", 8, timeField(h.StartTime))
	field("header bytes", 8, strconv.Itoa((len(h.Signals)+1)*signalBytes))
	field("reserved", 44, reservedField(h))
	field("records", 8, strconv.Itoa(max(h.Records, -1)))
	field("record duration", 8, durationField(h.RecordDuration, &l))
	field("signals", 4, strconv.Itoa(len(h.Signals)))
	column := func(what string, width int, of func(Signal) string) {
		for i, s := range h.Signals {
			field(fmt.Sprintf("signal %d, %s", i+1, what), width, of(s))
		}
	}
	numeral := func(of func(Signal) float64) func(Signal) string {
		return func(s Signal) string { return numberField(of(s)) }
	}
	column("label", 16, func(s Signal) string { return s.Label })
	column("transducer", 80, func(s Signal) string { return s.Transducer })
	column("unit", 8, func(s Signal) string { return s.Unit })
	column("physical minimum", 8, numeral(func(s Signal) float64 { return s.PhysMin }))
	column("physical maximum", 8, numeral(func(s Signal) float64 { return s.PhysMax }))
	column("digital minimum", 8, func(s Signal) string { return strconv.Itoa(s.DigMin) })
	column("digital maximum", 8, func(s Signal) string { return strconv.Itoa(s.DigMax) })
	column("prefilter", 80, func(s Signal) string { return s.Prefilter })
	column("samples", 8, func(s Signal) string { return strconv.Itoa(s.Samples) })
	column("reserved", 32, func(s Signal) string { return s.Reserved })
	return []byte(b.String()), l
}

// dateField writes day.month.year; a date the field cannot hold has yy for its
// year, which the recording field of a plus file must then tell. An unknown
// date is the first day the format knows.
func dateField(d civil.Date) string {
	switch {
	case d.IsZero():
		return "01.01.85"
	case d.Year < 1985 || d.Year > 2084:
		return fmt.Sprintf("%02d.%02d.yy", d.Day, int(d.Month))
	}
	return fmt.Sprintf("%02d.%02d.%02d", d.Day, int(d.Month), d.Year%100)
}

func timeField(t time.Duration) string {
	if t < 0 || t >= 24*time.Hour {
		t = 0
	}
	s := int(t / time.Second)
	return fmt.Sprintf("%02d.%02d.%02d", s/3600, s/60%60, s%60)
}

// reservedField names the kind first; what the file had after it stays.
func reservedField(h Header) string {
	rest := h.Reserved
	for _, kind := range []string{"EDF+C", "EDF+D", "BDF+C", "BDF+D"} {
		rest = strings.TrimPrefix(rest, kind)
	}
	switch {
	case h.Format.IsPlus():
		return string(h.Format) + rest
	case h.Format == BDF && rest == "":
		return "24BIT"
	}
	return rest
}

func durationField(d time.Duration, l *fault.List) string {
	s := strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
	if d < 0 || len(s) > 8 {
		l.Addf("edf-width", "record duration", "%s s does not fit into 8 characters", s).WithHint("choose records of a rounder length")
		return "1"
	}
	return s
}

// numberField writes a number in at most 8 characters, as near as they allow.
func numberField(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	for decimals := 7; len(s) > 8 && decimals >= 0; decimals-- {
		s = strconv.FormatFloat(v, 'f', decimals, 64)
	}
	return s
}

// rounded gives the signal as its header will tell it, or says why it cannot
// be told.
func (s Signal) rounded(place string, l *fault.List) Signal {
	for _, v := range []*float64{&s.PhysMin, &s.PhysMax} {
		near, err := strconv.ParseFloat(numberField(*v), 64)
		if err != nil || len(numberField(*v)) > 8 || math.Abs(near-*v) > 1e-3*math.Abs(s.PhysMax-s.PhysMin) || *v-*v != 0 {
			l.Addf("edf-width", place, "the physical limit %v cannot be told in 8 characters", *v).WithHint("choose another unit")
			continue
		}
		*v = near
	}
	return s
}
