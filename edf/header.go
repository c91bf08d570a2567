package edf

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"dvala/civil"
	"dvala/fault"
)

// Format is which of the six kinds a file is.
type Format string

// The kinds of file.
const (
	EDF      Format = "EDF"
	EDFPlusC Format = "EDF+C" // one stretch
	EDFPlusD Format = "EDF+D" // with gaps between records
	BDF      Format = "BDF"
	BDFPlusC Format = "BDF+C"
	BDFPlusD Format = "BDF+D"
)

// IsPlus says whether the kind has annotations and record times.
func (f Format) IsPlus() bool { return strings.Contains(string(f), "+") }

// IsDiscontinuous says whether there may be gaps between records.
func (f Format) IsDiscontinuous() bool { return f == EDFPlusD || f == BDFPlusD }

// sampleBytes gives the size of one sample.
func (f Format) sampleBytes() int {
	if strings.HasPrefix(string(f), "BDF") {
		return 3
	}
	return 2
}

// Header is what a file says of itself before its data.
type Header struct {
	Format    Format
	Patient   string // in EDF+: code, sex, birthdate, name
	Recording string
	Reserved  string

	StartDate civil.Date    // no date where the file has none that exists
	StartTime time.Duration // after midnight, to the second; -1 where the file has none that exists

	Bytes          int           // of the header itself
	Records        int           // as stated; -1 if the recorder did not know
	RecordDuration time.Duration // 0 in files that hold nothing but annotations
	Signals        []Signal
}

// Signal is one signal's part of the header.
type Signal struct {
	Label      string
	Transducer string
	Unit       string
	PhysMin    float64
	PhysMax    float64
	DigMin     int
	DigMax     int
	Prefilter  string
	Samples    int // in each record
	Reserved   string
}

// IsAnnotations says whether the signal holds annotations and not samples.
func (s Signal) IsAnnotations() bool {
	return s.Label == "EDF Annotations" || s.Label == "BDF Annotations"
}

// Rate gives samples per second; ok is false in files without record duration.
func (s Signal) Rate(h Header) (hz float64, ok bool) {
	if h.RecordDuration <= 0 {
		return 0, false
	}
	return float64(s.Samples) / h.RecordDuration.Seconds(), true
}

// Start gives the start of the file on a wall in that zone; ok is false if the
// file does not tell it. The format knows no zones.
func (h Header) Start(zone *time.Location) (t time.Time, ok bool) {
	if h.StartDate.IsZero() || h.StartTime < 0 {
		return time.Time{}, false
	}
	minutes := h.StartTime / time.Minute
	return h.StartDate.At(civil.Clock(minutes), zone).Add(h.StartTime % time.Minute), true
}

// RecordBytes gives the size of one record.
func (h Header) RecordBytes() int {
	n := 0
	for _, s := range h.Signals {
		n += s.Samples
	}
	return n * h.Format.sampleBytes()
}

const (
	fixedBytes     = 256
	signalBytes    = 256
	maxRecordBytes = 64 << 20
)

// readHeader reads both parts of the header. Everything wrong is reported at
// once; what can be lived with, as warnings in the list beside a nil error.
func readHeader(r io.Reader) (Header, fault.List, error) {
	var l fault.List
	fixed := make([]byte, fixedBytes)
	if n, err := io.ReadFull(r, fixed); err != nil {
		return Header{}, nil, short(err, n, fixedBytes, "header")
	}
	h, n, ok := parseFixed(fixed, &l)
	if !ok {
		return Header{}, nil, l.Err()
	}
	// Grown as bytes arrive, so that a short file cannot claim a large header.
	var table bytes.Buffer
	if got, err := io.CopyN(&table, r, int64(n*signalBytes)); err != nil {
		return Header{}, nil, short(err, int(got)+fixedBytes, (n+1)*signalBytes, "header")
	}
	parseSignals(&h, n, table.Bytes(), &l)
	if size := h.RecordBytes(); size > maxRecordBytes {
		l.Addf("edf-record-size", "header", "one record would take %d bytes", size).WithHint("no recorder writes records over %d MiB; the header is damaged", maxRecordBytes>>20)
	}
	checkHeader(h, &l)
	if err := l.Err(); err != nil {
		return Header{}, nil, err
	}
	return h, l, nil
}

// short reports a file that ends early.
func short(err error, got, want int, where string) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		if got == 0 {
			return fault.New("edf-empty", where, "the file is empty")
		}
		return fault.New("edf-short", where, "the file ends after %d bytes of %d", got, want).WithHint("the file was cut off; copy it again")
	}
	return fault.Wrap("edf-read", where, err)
}

// parseFixed reads the first 256 bytes; ok is false if nothing more can be read.
func parseFixed(b []byte, l *fault.List) (h Header, signals int, ok bool) {
	bdf := b[0] == 0xff && text(b[1:8]) == "BIOSEMI"
	if !bdf && text(b[0:8]) != "0" {
		l.Addf("edf-magic", "byte 0", "this is no EDF or BDF file").WithHint("EDF begins with the digit 0, BDF with byte 255 and BIOSEMI")
		return h, 0, false
	}
	h.Patient, h.Recording, h.Reserved = text(b[8:88]), text(b[88:168]), text(b[192:236])
	h.Format = formatOf(bdf, h.Reserved, l)
	h.StartDate, h.StartTime = startOf(b[168:176], b[176:184], h, l)
	signals, ok = whole(b[252:256])
	if !ok || signals < 0 {
		l.Addf("edf-signals", "byte 252", "%q is not a number of signals", text(b[252:256]))
		return h, 0, false
	}
	var stated bool
	h.Bytes, stated = whole(b[184:192])
	if right := (signals + 1) * signalBytes; !stated || h.Bytes != right {
		l.Addf("edf-header-bytes", "byte 184", "the header says it has %q bytes; %d signals make %d", text(b[184:192]), signals, right).AsWarning()
		h.Bytes = right
	}
	h.Records, stated = whole(b[236:244])
	if !stated || h.Records < -1 {
		l.Addf("edf-records", "byte 236", "%q is not a number of records", text(b[236:244])).WithHint("the records in the file are counted instead").AsWarning()
		h.Records = -1
	}
	h.RecordDuration = recordDuration(b[244:252], l)
	return h, signals, true
}

func recordDuration(b []byte, l *fault.List) time.Duration {
	v, comma, ok := number(b)
	if !ok || v < 0 || v > 1e6 {
		l.Addf("edf-record-duration", "byte 244", "%q is not a duration in seconds", text(b))
		return 0
	}
	if comma {
		l.Addf("edf-comma", "byte 244", "a decimal comma in %q", text(b)).AsWarning()
	}
	if d, exact := seconds(strings.Replace(string(trimmed(b)), ",", ".", 1)); exact {
		return d
	}
	return time.Duration(v * float64(time.Second))
}

func formatOf(bdf bool, reserved string, l *fault.List) Format {
	plus, kind := "", ""
	if len(reserved) >= 5 {
		plus, kind = reserved[:4], reserved[4:5]
	}
	name := "EDF"
	if bdf {
		name = "BDF"
	}
	if (plus == "EDF+" || plus == "BDF+") && (kind == "C" || kind == "D") {
		if plus[:3] != name {
			l.Addf("edf-kind", "byte 192", "a %s file calls itself %s", name, reserved[:5]).AsWarning()
		}
		return Format(name + "+" + kind)
	}
	return Format(name)
}

// startOf reads date and time. Two-digit years are 1985 to 2084; in a plus file
// the recording field has all four digits and wins.
func startOf(date, clock []byte, h Header, l *fault.List) (civil.Date, time.Duration) {
	d := civil.Date{}
	if f, ok := triple(date); ok {
		year := 2000 + f[2]
		if f[2] >= 85 {
			year = 1900 + f[2]
		}
		d = real(year, f[1], f[0])
	}
	if full, ok := plusDate(h); ok && (d.IsZero() || full.Year%100 == d.Year%100) {
		d = full
	}
	if anonymous(h, d) {
		d = civil.Date{}
	} else if d.IsZero() {
		l.Addf("edf-date", "byte 168", "%q is not a date", text(date)).WithHint("the start of the recording is unknown; dates are day.month.year").AsWarning()
	}
	t := time.Duration(-1)
	if f, ok := triple(clock); ok && f[0] < 24 && f[1] < 60 && f[2] < 60 {
		t = time.Duration(f[0])*time.Hour + time.Duration(f[1])*time.Minute + time.Duration(f[2])*time.Second
	} else {
		l.Addf("edf-time", "byte 176", "%q is not a time of day", text(clock)).WithHint("the start of the recording is unknown; times are hour.minute.second").AsWarning()
	}
	return d, t
}

// real gives the date of three numbers, or no date if there is no such day.
func real(year, month, day int) civil.Date {
	d := civil.On(year, time.Month(month), day)
	if month < 1 || month > 12 || day < 1 || d.Add(0) != d {
		return civil.Date{}
	}
	return d
}

// triple reads 24.04.89; recorders also write 24-04-89, 24/04/89 and 4:5:56.
func triple(b []byte) (f [3]int, ok bool) {
	parts := strings.FieldsFunc(text(b), func(c rune) bool { return strings.ContainsRune(".-/: ", c) })
	if len(parts) != 3 {
		return f, false
	}
	for i, p := range parts {
		n, ok := whole([]byte(p))
		if !ok || n < 0 || len(p) > 2 {
			return f, false
		}
		f[i] = n
	}
	return f, true
}

// plusDate reads the date in “Startdate 24-APR-1989 …” of a plus file.
func plusDate(h Header) (civil.Date, bool) {
	parts := strings.Fields(h.Recording)
	if !h.Format.IsPlus() || len(parts) < 2 || !strings.EqualFold(parts[0], "Startdate") {
		return civil.Date{}, false
	}
	t, err := time.Parse("02-Jan-2006", titled(parts[1]))
	if err != nil {
		return civil.Date{}, false
	}
	return civil.DateOf(t), true
}

// titled writes 24-APR-1989 as 24-Apr-1989, the way the time package reads it.
func titled(s string) string {
	if len(s) != 11 {
		return s
	}
	return s[:4] + strings.ToLower(s[4:6]) + s[6:]
}

// parseSignals reads the table of n signals, field by field.
func parseSignals(h *Header, n int, table []byte, l *fault.List) {
	h.Signals = make([]Signal, n)
	at := 0
	column := func(width int, set func(s *Signal, b []byte, place string)) {
		for i := range n {
			from := at + i*width
			set(&h.Signals[i], table[from:from+width], fmt.Sprintf("signal %d", i+1))
		}
		at += n * width
	}
	decimal := func(to func(*Signal) *float64, what string) func(*Signal, []byte, string) {
		return func(s *Signal, b []byte, place string) {
			v, comma, ok := number(b)
			switch {
			case !ok && s.IsAnnotations(): // means nothing there
			case !ok:
				l.Addf("edf-number", place, "%s is %q, not a number", what, text(b))
			case comma:
				l.Addf("edf-comma", place, "%s has a decimal comma: %q", what, text(b)).AsWarning()
			}
			*to(s) = v
		}
	}
	integer := func(to func(*Signal) *int, what string) func(*Signal, []byte, string) {
		return func(s *Signal, b []byte, place string) {
			v, ok := whole(b)
			if !ok && !s.IsAnnotations() {
				l.Addf("edf-number", place, "%s is %q, not a whole number", what, text(b))
			}
			*to(s) = v
		}
	}
	column(16, func(s *Signal, b []byte, _ string) { s.Label = text(b) })
	column(80, func(s *Signal, b []byte, _ string) { s.Transducer = text(b) })
	column(8, func(s *Signal, b []byte, _ string) { s.Unit = text(b) })
	column(8, decimal(func(s *Signal) *float64 { return &s.PhysMin }, "the physical minimum"))
	column(8, decimal(func(s *Signal) *float64 { return &s.PhysMax }, "the physical maximum"))
	column(8, integer(func(s *Signal) *int { return &s.DigMin }, "the digital minimum"))
	column(8, integer(func(s *Signal) *int { return &s.DigMax }, "the digital maximum"))
	column(80, func(s *Signal, b []byte, _ string) { s.Prefilter = text(b) })
	column(8, func(s *Signal, b []byte, place string) {
		v, ok := whole(b)
		if !ok || v < 0 || v > maxRecordBytes {
			l.Addf("edf-samples", place, "%q is not a number of samples", text(b))
			v = 0
		}
		s.Samples = v
	})
	column(32, func(s *Signal, b []byte, _ string) { s.Reserved = text(b) })
}

// checkHeader reports what no single field shows.
func checkHeader(h Header, l *fault.List) {
	annotations := false
	for i, s := range h.Signals {
		place := fmt.Sprintf("signal %d", i+1)
		if s.IsAnnotations() {
			annotations = true
			continue
		}
		if s.DigMin == s.DigMax {
			l.Addf("edf-range", place, "digital minimum and maximum are both %d: samples have no physical value", s.DigMin).AsWarning()
		}
		if h.RecordDuration == 0 && s.Samples > 0 && h.Records != 0 {
			l.Addf("edf-record-duration", place, "samples in records of no duration have no rate").AsWarning()
		}
	}
	if h.Format.IsPlus() && !annotations {
		l.Addf("edf-annotations", "header", "a %s file without annotations cannot tell when its records began", h.Format).AsWarning()
	}
	if !h.Format.IsPlus() && annotations {
		l.Addf("edf-kind", "byte 192", "annotations in a file that does not call itself EDF+; they are read").AsWarning()
	}
}
