package edf

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"dvala/fault"
)

// Writer writes a file record by record: EDF and BDF, and their plus kinds with
// annotations.
type Writer struct {
	header  Header
	w       io.Writer
	records int
	clipped int
	buf     []byte
}

// annotationSamples is how large a signal of annotations is made where the
// caller asks for none of his own.
const annotationSamples = 60

// NewWriter checks and writes the header. A plus file that has no signal of
// annotations gets one. Physical limits are rounded to what 8 characters hold;
// Header tells them as they will be read.
//
// If the number of records is not known beforehand, give −1: Close then fills
// it in, if w is an io.WriterAt as files are.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	h.Signals = slices.Clone(h.Signals)
	if h.Format.IsPlus() && !slices.ContainsFunc(h.Signals, Signal.IsAnnotations) {
		limit := 1 << (8*h.Format.sampleBytes() - 1)
		h.Signals = append(h.Signals, Signal{
			Label: string(h.Format)[:3] + " Annotations", PhysMin: -1, PhysMax: 1, DigMin: -limit, DigMax: limit - 1, Samples: annotationSamples,
		})
	}
	var l fault.List
	if !slices.Contains([]Format{EDF, EDFPlusC, EDFPlusD, BDF, BDFPlusC, BDFPlusD}, h.Format) {
		l.Addf("edf-kind", "format", "%q is no kind of file", h.Format)
		return nil, l.Err()
	}
	if h.Format.IsPlus() && h.Recording == "" {
		day := "X"
		if !h.StartDate.IsZero() {
			day = fmt.Sprintf("%02d-%s-%04d", h.StartDate.Day, strings.ToUpper(h.StartDate.Month.String()[:3]), h.StartDate.Year)
		}
		h.Recording = "Startdate " + day + " X X X"
	}
	if h.Format.IsPlus() && h.Patient == "" {
		h.Patient = "X X X X"
	}
	for i, s := range h.Signals {
		place := fmt.Sprintf("signal %d", i+1)
		h.Signals[i] = s.rounded(place, &l)
		limit := 1 << (8*h.Format.sampleBytes() - 1)
		if s.DigMin >= s.DigMax || s.DigMin < -limit || s.DigMax >= limit {
			l.Addf("edf-range", place, "digital limits %d and %d", s.DigMin, s.DigMax).WithHint("the minimum comes first, both within %d and %d", -limit, limit-1)
		}
		if h.Signals[i].PhysMin == h.Signals[i].PhysMax {
			l.Addf("edf-range", place, "both physical limits are %v", h.Signals[i].PhysMin)
		}
		if s.Samples < 1 {
			l.Addf("edf-samples", place, "%d samples in a record", s.Samples)
		}
	}
	h.Bytes = (len(h.Signals) + 1) * signalBytes
	b, problems := encodeHeader(h)
	l = append(l, problems...)
	if h.RecordBytes() > maxRecordBytes {
		l.Addf("edf-record-size", "header", "one record would take %d bytes", h.RecordBytes())
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, fault.Wrap("edf-write", "header", err)
	}
	return &Writer{header: h, w: w}, nil
}

// Header gives the header as it was written.
func (w *Writer) Header() Header {
	h := w.header
	h.Signals = slices.Clone(h.Signals)
	return h
}

// Clipped gives how many values lay outside a signal's limits and were brought
// to the nearest one.
func (w *Writer) Clipped() int { return w.clipped }

// Write writes one record: a row of samples for every signal but those of
// annotations, in their order. The onset is when the record began, after the
// header's start; in a file that is not plus it is not told. Annotations must
// fit into the record.
func (w *Writer) Write(onset time.Duration, samples [][]int32, notes []Annotation) error {
	return w.write(onset, lengths(samples), notes, func(row, k int, _ Signal) int { return int(samples[row][k]) })
}

// WritePhysical is Write with values in the signals' units, rounded to the
// nearest sample; what is no number becomes the lowest value.
func (w *Writer) WritePhysical(onset time.Duration, values [][]float64, notes []Annotation) error {
	return w.write(onset, lengths(values), notes, func(row, k int, s Signal) int {
		gain, offset, _ := s.Scale()
		v := math.RoundToEven((values[row][k] - offset) / gain)
		if !(v >= math.MinInt32) {
			v = math.MinInt32
		}
		return int(math.Min(v, math.MaxInt32))
	})
}

func lengths[V any](rows [][]V) []int {
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = len(r)
	}
	return out
}

func (w *Writer) write(onset time.Duration, rows []int, notes []Annotation, value func(row, k int, s Signal) int) error {
	place := recordPlace(w.records)
	size := w.header.Format.sampleBytes()
	w.buf = w.buf[:0]
	row, firstNotes := 0, true
	for _, s := range w.header.Signals {
		if s.IsAnnotations() {
			b := make([]byte, s.Samples*size)
			var err error
			if notes, err = fill(b, onset, firstNotes, notes, place); err != nil {
				return err
			}
			firstNotes = false
			w.buf = append(w.buf, b...)
			continue
		}
		if row >= len(rows) {
			return fault.New("edf-samples", place, "%d rows of samples are too few", len(rows))
		}
		if rows[row] != s.Samples {
			return fault.New("edf-samples", place, "signal %q has %d samples, not %d", s.Label, rows[row], s.Samples)
		}
		for k := range s.Samples {
			v := value(row, k, s)
			if v < s.DigMin || v > s.DigMax {
				v = min(max(v, s.DigMin), s.DigMax)
				w.clipped++
			}
			w.buf = append(w.buf, byte(v), byte(v>>8))
			if size == 3 {
				w.buf = append(w.buf, byte(v>>16))
			}
		}
		row++
	}
	if row != len(rows) {
		return fault.New("edf-samples", place, "%d rows of samples for %d signals", len(rows), row)
	}
	if len(notes) > 0 {
		return fault.New("edf-annotation-room", place, "%d annotations do not fit", len(notes)).WithHint("make the annotation signal larger, or spread them over records")
	}
	if _, err := w.w.Write(w.buf); err != nil {
		return fault.Wrap("edf-write", place, err)
	}
	w.records++
	return nil
}

// fill writes as many annotation lists into b as fit and gives those left over.
func fill(b []byte, onset time.Duration, first bool, notes []Annotation, place string) ([]Annotation, error) {
	n := 0
	if first {
		n = copy(b, onsetField(onset)+"\x14\x14\x00")
		if n == len(b) && b[n-1] != 0 {
			return nil, fault.New("edf-annotation-room", place, "no room for the record's own time")
		}
	}
	for len(notes) > 0 {
		a := notes[0]
		if strings.ContainsAny(a.Text, "\x00\x14\x15") || a.HasDuration && a.Duration < 0 {
			return nil, fault.New("edf-annotation", place, "%.40q cannot be written as an annotation", a.Text)
		}
		one := onsetField(a.Onset)
		if a.HasDuration {
			one += "\x15" + strings.TrimPrefix(onsetField(a.Duration), "+")
		}
		one += "\x14" + a.Text + "\x14\x00"
		if len(one) > len(b)-n {
			break
		}
		n += copy(b[n:], one)
		notes = notes[1:]
	}
	return notes, nil
}

// onsetField writes seconds with their sign, exact to the nanosecond.
func onsetField(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	s := sign + strconv.FormatInt(int64(d/time.Second), 10)
	if frac := d % time.Second; frac != 0 {
		s += strings.TrimRight(fmt.Sprintf(".%09d", int64(frac)), "0")
	}
	return s
}

// Close fills in the number of records where it was not known, and says if it
// is another than stated. It does not close what is written to.
func (w *Writer) Close() error {
	if w.header.Records == w.records {
		return nil
	}
	at, ok := w.w.(io.WriterAt)
	if !ok {
		if w.header.Records < 0 {
			return nil
		}
		return fault.New("edf-records", "byte 236", "%d records were stated and %d written", w.header.Records, w.records)
	}
	if _, err := at.WriteAt([]byte(fmt.Sprintf("%-8d", w.records)), 236); err != nil {
		return fault.Wrap("edf-write", "byte 236", err)
	}
	w.header.Records = w.records
	return nil
}
