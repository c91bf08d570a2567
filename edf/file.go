package edf

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"time"

	"dvala/fault"
)

// File reads any part of a file by its time. It holds the header and, of a
// discontinuous file, when each record began. Its methods may be called by
// several goroutines at once.
type File struct {
	header   Header
	warnings fault.List
	r        io.ReaderAt
	records  int
	first    time.Duration
	onsets   []time.Duration // of a discontinuous file
}

// Open reads the header and finds out how many records there are; size is that
// of the whole file.
func Open(r io.ReaderAt, size int64) (*File, error) {
	h, l, err := readHeader(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, err
	}
	f := &File{header: h, warnings: l, r: r}
	if n := int64(h.RecordBytes()); n > 0 {
		f.records = int((size - int64(h.Bytes)) / n)
		if left := (size - int64(h.Bytes)) % n; left > 0 {
			f.warnings.Add(fault.New("edf-short", recordPlace(f.records), "the file ends after %d bytes of this record's %d; it is left out", left, n).AsWarning())
		}
	}
	if h.Records >= 0 && h.Records != f.records {
		f.warnings.Add(fault.New("edf-records", "byte 236", "the header states %d records, the file has %d", h.Records, f.records).AsWarning())
	}
	if h.Format.IsPlus() && f.records > 0 {
		err = f.readOnsets()
	}
	return f, err
}

// Header gives the header.
func (f *File) Header() Header {
	h := f.header
	h.Signals = slices.Clone(h.Signals)
	return h
}

// Warnings gives what was wrong with the header and with the records' times.
func (f *File) Warnings() fault.List { return slices.Clone(f.warnings) }

// Records gives how many whole records the file has, whatever its header says.
func (f *File) Records() int { return f.records }

// readOnsets reads the time of the first record, and in a discontinuous file
// that of every record.
func (f *File) readOnsets() error {
	want := 1
	if f.header.Format.IsDiscontinuous() {
		want = f.records
		f.onsets = make([]time.Duration, 0, min(want, 1<<16))
	}
	var l fault.List
	scan := f.annotationParts()
	for i := range want {
		_, began, ok, err := scan(i, &l)
		if err != nil {
			return err
		}
		if !ok {
			began = f.after(i)
			if f.onsets != nil && !l.Has("edf-record-time") {
				l.Addf("edf-record-time", recordPlace(i), "the record does not say when it began; it is taken to follow the one before").AsWarning()
			}
		}
		if f.onsets != nil {
			if i > 0 && began < f.onsets[i-1]+f.header.RecordDuration-time.Microsecond && !l.Has("edf-record-overlap") {
				l.Addf("edf-record-overlap", recordPlace(i), "the record begins at %v, before the one before it has ended", began).AsWarning()
			}
			f.onsets = append(f.onsets, began)
		}
		if i == 0 {
			f.first = began
		}
	}
	for _, p := range l {
		if p.Code == "edf-record-time" || p.Code == "edf-record-overlap" {
			f.warnings.Add(p)
		}
	}
	return nil
}

// after is when record i begins if it follows the one before.
func (f *File) after(i int) time.Duration {
	if f.onsets != nil && i > 0 && i-1 < len(f.onsets) {
		return f.onsets[i-1] + f.header.RecordDuration
	}
	return f.first + time.Duration(i)*f.header.RecordDuration
}

// Onset gives when record i began, after the header's start.
func (f *File) Onset(i int) time.Duration {
	if f.onsets != nil {
		return f.onsets[i]
	}
	return f.first + time.Duration(i)*f.header.RecordDuration
}

// Stretch is records that follow each other without a gap.
type Stretch struct {
	From, To     time.Duration // after the header's start
	First, Count int           // records
}

// Stretches gives the unbroken parts of the file in the order of its records;
// a continuous file has one. Records less than half a millisecond apart belong
// together.
func (f *File) Stretches() []Stretch {
	var out []Stretch
	if f.onsets == nil {
		if f.records == 0 {
			return nil
		}
		return []Stretch{{f.first, f.Onset(f.records), 0, f.records}}
	}
	for i, at := range f.onsets {
		if k := len(out) - 1; k >= 0 && (at-out[k].To).Abs() < 500*time.Microsecond {
			out[k].To = at + f.header.RecordDuration
			out[k].Count++
			continue
		}
		out = append(out, Stretch{at, at + f.header.RecordDuration, i, 1})
	}
	return out
}

// annotationParts gives a function that reads one record's annotation signals.
func (f *File) annotationParts() func(i int, l *fault.List) (notes []Annotation, began time.Duration, hasBegan bool, err error) {
	type part struct{ at, n int }
	var parts []part
	at, longest, size := 0, 0, f.header.Format.sampleBytes()
	for _, s := range f.header.Signals {
		if s.IsAnnotations() {
			parts = append(parts, part{at, s.Samples * size})
			longest = max(longest, s.Samples*size)
		}
		at += s.Samples * size
	}
	buf := make([]byte, longest)
	return func(i int, l *fault.List) (notes []Annotation, began time.Duration, hasBegan bool, err error) {
		for k, p := range parts {
			b := buf[:p.n]
			if err := f.readAt(b, i, p.at); err != nil {
				return nil, 0, false, err
			}
			found, t, ok := lists(b, recordPlace(i), l)
			notes = append(notes, found...)
			if k == 0 {
				began, hasBegan = t, ok
			}
		}
		return notes, began, hasBegan, nil
	}
}

// readAt fills b from an offset within record i.
func (f *File) readAt(b []byte, i, offset int) error {
	pos := int64(f.header.Bytes) + int64(i)*int64(f.header.RecordBytes()) + int64(offset)
	if n, err := f.r.ReadAt(b, pos); n < len(b) {
		if errors.Is(err, io.EOF) {
			return fault.New("edf-short", recordPlace(i), "the file became shorter while it was read")
		}
		return fault.Wrap("edf-read", recordPlace(i), err)
	}
	return nil
}

// Annotations reads all annotations, in order of onset, and nothing else.
func (f *File) Annotations() ([]Annotation, fault.List, error) {
	var out []Annotation
	var l, kept fault.List
	scan := f.annotationParts()
	for i := range f.records {
		l = l[:0]
		notes, began, ok, err := scan(i, &l)
		if err != nil {
			return nil, nil, err
		}
		if off := began - f.Onset(i); ok && f.onsets == nil && off.Abs() > time.Millisecond && !kept.Has("edf-record-time") {
			l.Addf("edf-record-time", recordPlace(i), "the record says it began %v later than records that follow each other would, in a file that calls itself continuous", off).
				WithHint("there is a gap, or the recorder's clocks drift apart; times are those of records that follow each other").AsWarning()
		}
		if room := maxWarnings - len(kept); room > 0 {
			kept = append(kept, l[:min(len(l), room)]...)
		}
		out = append(out, notes...)
	}
	slices.SortStableFunc(out, func(a, b Annotation) int { return cmp.Compare(a.Onset, b.Onset) })
	return out, kept, nil
}

// Piece is samples without a gap between them.
type Piece struct {
	Onset  time.Duration // of the first sample, after the header's start
	Values []float64
}

// Between reads the physical values of signal i whose times lie from … to, the
// latter excluded: one piece per stretch of the file that has some.
func (f *File) Between(i int, from, to time.Duration) ([]Piece, error) {
	s, err := f.signal(i)
	if err != nil || s.Samples == 0 {
		return nil, err
	}
	if f.header.RecordDuration <= 0 {
		return nil, fault.New("edf-rate", fmt.Sprintf("signal %d", i+1), "samples in records of no duration have no time")
	}
	gain, offset, _ := s.Scale()
	at := f.offset(i)
	size := f.header.Format.sampleBytes()
	b := make([]byte, s.Samples*size)
	var out []Piece
	for _, st := range f.Stretches() {
		first, last := f.samplesOf(st, s, from, to)
		if first >= last {
			continue
		}
		p := Piece{Onset: st.From + f.sampleTime(s, first), Values: make([]float64, last-first)}
		for rec := first / s.Samples; rec*s.Samples < last; rec++ {
			if err := f.readAt(b, st.First+rec, at); err != nil {
				return nil, err
			}
			lo, hi := max(first-rec*s.Samples, 0), min(last-rec*s.Samples, s.Samples)
			decode(p.Values[rec*s.Samples+lo-first:rec*s.Samples+hi-first], b[lo*size:hi*size], size, gain, offset)
		}
		out = append(out, p)
	}
	return out, nil
}

// sampleTime is when sample k of a stretch was taken.
func (f *File) sampleTime(s Signal, k int) time.Duration {
	return time.Duration(k/s.Samples)*f.header.RecordDuration + time.Duration(k%s.Samples)*f.header.RecordDuration/time.Duration(s.Samples)
}

// samplesOf gives which samples of a stretch lie between two times.
func (f *File) samplesOf(st Stretch, s Signal, from, to time.Duration) (first, last int) {
	n := st.Count * s.Samples
	at := func(t time.Duration) int {
		return sort.Search(n, func(k int) bool { return st.From+f.sampleTime(s, k) >= t })
	}
	return at(from), at(to)
}

func (f *File) signal(i int) (Signal, error) {
	if i < 0 || i >= len(f.header.Signals) {
		return Signal{}, fault.New("edf-no-signal", fmt.Sprintf("signal %d", i+1), "the file has %d signals", len(f.header.Signals))
	}
	s := f.header.Signals[i]
	if _, _, ok := s.Scale(); !ok {
		return s, fault.New("edf-range", fmt.Sprintf("signal %d", i+1), "%q has no physical values", s.Label)
	}
	return s, nil
}

// offset is where signal i begins within a record.
func (f *File) offset(i int) int {
	at := 0
	for _, s := range f.header.Signals[:i] {
		at += s.Samples
	}
	return at * f.header.Format.sampleBytes()
}
