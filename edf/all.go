package edf

import (
	"errors"
	"sync"
	"sync/atomic"
)

// chunkBytes is about how much one worker reads at a time: what is read should
// still be in the processor's second cache when it is decoded.
const chunkBytes = 256 << 10

// row is one signal of the records, and where its values go.
type row struct {
	at, n, size  int // bytes into the record, samples a record, bytes of them
	gain, offset float64
	out          []float64
}

// All reads the physical values of the signals with those indices, each in one
// row, records one after the other whether or not there are gaps between them
// (see Stretches). It takes eight bytes per sample and lets that many workers
// read at once, at least one.
func (f *File) All(signals []int, workers int) ([][]float64, error) {
	return f.AllInto(nil, signals, workers)
}

// AllInto is All that writes into the rows of dst where they are long enough,
// so that night after night can be read into the same memory: to be given fresh
// memory by the system costs more than to decode a file into it.
func (f *File) AllInto(dst [][]float64, signals []int, workers int) ([][]float64, error) {
	rows, err := f.rows(signals)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, len(rows))
	workers = max(workers, 1)
	each(len(rows), workers, func(k int) error {
		if n := f.records * rows[k].n; k < len(dst) && cap(dst[k]) >= n {
			out[k] = dst[k][:n]
		} else {
			out[k] = make([]float64, n)
		}
		rows[k].out = out[k]
		return nil
	})
	bytes := f.header.RecordBytes()
	if bytes == 0 || f.records == 0 {
		return out, nil
	}
	step := max(chunkBytes/bytes, 1)
	buffers := sync.Pool{New: func() any { b := make([]byte, min(step, f.records)*bytes); return &b }}
	return out, each((f.records+step-1)/step, workers, func(chunk int) error {
		b := buffers.Get().(*[]byte)
		defer buffers.Put(b)
		first := chunk * step
		count := min(step, f.records-first)
		return f.decodeRecords((*b)[:count*bytes], rows, first, count)
	})
}

func (f *File) rows(signals []int) ([]row, error) {
	size := f.header.Format.sampleBytes()
	rows := make([]row, len(signals))
	for k, i := range signals {
		s, err := f.signal(i)
		if err != nil {
			return nil, err
		}
		gain, offset, _ := s.Scale()
		rows[k] = row{at: f.offset(i), n: s.Samples, size: s.Samples * size, gain: gain, offset: offset}
	}
	return rows, nil
}

// decodeRecords reads some records at once and decodes them row by row.
func (f *File) decodeRecords(b []byte, rows []row, first, count int) error {
	if err := f.readAt(b, first, 0); err != nil {
		return err
	}
	bytes, size := f.header.RecordBytes(), f.header.Format.sampleBytes()
	for _, r := range rows {
		for k := range count {
			from := k*bytes + r.at
			decode(r.out[(first+k)*r.n:(first+k+1)*r.n], b[from:from+r.size], size, r.gain, r.offset)
		}
	}
	return nil
}

// each calls do with 0 … n−1 from several goroutines, in that order but for
// which of them is the faster. After an error no more is begun.
func each(n, workers int, do func(int) error) error {
	workers = min(workers, n)
	var next atomic.Int64
	errs := make([]error, max(workers, 0))
	var wait sync.WaitGroup
	for w := range errs {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if errs[w] = do(i); errs[w] != nil {
					next.Store(int64(n))
					return
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}
