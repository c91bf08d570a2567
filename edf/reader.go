package edf

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"time"

	"dvala/fault"
)

// maxWarnings is how many warnings are kept; a damaged file could give one per
// record without end.
const maxWarnings = 100

// Reader streams a file: the header at once, then record after record. It holds
// one record and never more than the input has given.
type Reader struct {
	header   Header
	warnings fault.List
	r        io.Reader
	buf      bytes.Buffer
	read     int // records read
	first    time.Duration
	hasFirst bool
	done     bool
}

// Record is one data record. Its bytes are valid until the next call of Next.
type Record struct {
	Index       int
	Onset       time.Duration // after the header's start
	Annotations []Annotation
	data        []byte
	header      *Header
}

// NewReader reads the header.
func NewReader(r io.Reader) (*Reader, error) {
	h, warnings, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	return &Reader{header: h, warnings: warnings, r: r}, nil
}

// Header gives the header.
func (r *Reader) Header() Header {
	h := r.header
	h.Signals = slices.Clone(h.Signals)
	return h
}

// Warnings gives what was wrong and could be lived with, up to now.
func (r *Reader) Warnings() fault.List { return r.warnings }

// Records gives how many records were read up to now: after the end, how many
// there are, whatever the header says.
func (r *Reader) Records() int { return r.read }

// FirstOnset gives how long after the header's start the first record began:
// the fraction of a second that the header has no room for. It is known once a
// record was read.
func (r *Reader) FirstOnset() (time.Duration, bool) { return r.first, r.hasFirst }

// Next reads one record; at the end of the file the error is io.EOF. A record
// cut short by the end of the file is told as a warning and left out.
func (r *Reader) Next() (Record, error) {
	size := r.header.RecordBytes()
	if r.done || size == 0 {
		return Record{}, io.EOF
	}
	r.buf.Reset()
	got, err := io.CopyN(&r.buf, r.r, int64(size))
	if err == io.EOF {
		r.done = true
		r.atEnd(int(got), size)
		return Record{}, io.EOF
	}
	if err != nil {
		return Record{}, fault.Wrap("edf-read", recordPlace(r.read), err)
	}
	rec := Record{Index: r.read, data: r.buf.Bytes(), header: &r.header}
	began, hasBegan := r.annotations(&rec)
	if hasBegan {
		rec.Onset = began
	} else {
		rec.Onset = r.first + time.Duration(r.read)*r.header.RecordDuration
		if r.header.Format.IsDiscontinuous() {
			r.warn(fault.New("edf-record-time", recordPlace(r.read), "the record does not say when it began").AsWarning())
		}
	}
	if r.read == 0 {
		r.first, r.hasFirst = rec.Onset, true
	}
	r.read++
	return rec, nil
}

// annotations fills those of a record and gives when it began, if it says so.
func (r *Reader) annotations(rec *Record) (began time.Duration, hasBegan bool) {
	at, seen := 0, false
	for _, s := range r.header.Signals {
		n := s.Samples * r.header.Format.sampleBytes()
		if s.IsAnnotations() {
			var l fault.List
			found, b, ok := lists(rec.data[at:at+n], recordPlace(r.read), &l)
			for _, p := range l {
				r.warn(p)
			}
			rec.Annotations = append(rec.Annotations, found...)
			if !seen {
				began, hasBegan = b, ok
			}
			seen = true
		}
		at += n
	}
	return began, hasBegan
}

// atEnd reports a number of records other than stated.
func (r *Reader) atEnd(left, size int) {
	if left > 0 {
		r.warn(fault.New("edf-short", recordPlace(r.read), "the file ends after %d bytes of this record's %d; it is left out", left, size).AsWarning())
	}
	if r.header.Records >= 0 && r.header.Records != r.read {
		r.warn(fault.New("edf-records", "byte 236", "the header states %d records, the file has %d", r.header.Records, r.read).AsWarning())
	}
}

func (r *Reader) warn(p *fault.Problem) {
	if len(r.warnings) < maxWarnings {
		r.warnings.Add(p)
	}
}

// Digital gives the samples of signal i as they stand in the record, appended
// to dst. A signal of annotations has none.
func (rec Record) Digital(i int, dst []int32) []int32 {
	at := 0
	size := rec.header.Format.sampleBytes()
	for _, s := range rec.header.Signals[:i] {
		at += s.Samples * size
	}
	s := rec.header.Signals[i]
	if s.IsAnnotations() {
		return dst
	}
	b := rec.data[at : at+s.Samples*size]
	if size == 2 {
		for k := 0; k < len(b); k += 2 {
			dst = append(dst, int32(int16(uint16(b[k])|uint16(b[k+1])<<8)))
		}
		return dst
	}
	for k := 0; k < len(b); k += 3 {
		// Built in the high bytes, so that the shift back carries the sign.
		dst = append(dst, int32(uint32(b[k])<<8|uint32(b[k+1])<<16|uint32(b[k+2])<<24)>>8)
	}
	return dst
}

// ReadAnnotations reads a file for its header and annotations only, in order of
// onset, with what was wrong as warnings.
func ReadAnnotations(in io.Reader) (Header, []Annotation, fault.List, error) {
	r, err := NewReader(in)
	if err != nil {
		return Header{}, nil, nil, err
	}
	var out []Annotation
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Header{}, nil, nil, err
		}
		out = append(out, rec.Annotations...)
	}
	slices.SortStableFunc(out, func(a, b Annotation) int { return cmp.Compare(a.Onset, b.Onset) })
	return r.Header(), out, r.Warnings(), nil
}
