package edf

import (
	"math"
	"time"

	"dvala/fault"
)

// maxTimeline is the longest time a file may span to be laid out whole: a
// damaged record time must not ask for a year of gaps.
const maxTimeline = 72 * time.Hour

// Timeline reads the physical values of the signals with those indices, each in
// one row that begins with the first record and has NaN where there is a gap.
// Without gaps it is All. Records that overlap are written in the order of the
// file.
func (f *File) Timeline(signals []int, workers int) ([][]float64, error) {
	rows, err := f.All(signals, workers)
	st := f.Stretches()
	if err != nil || len(st) < 2 {
		return rows, err
	}
	from, to := st[0].From, st[0].To
	for _, s := range st {
		from, to = min(from, s.From), max(to, s.To)
	}
	if to-from > maxTimeline {
		return nil, fault.New("edf-long", "records", "the records span %v, more than %v", to-from, maxTimeline).WithHint("read it in parts")
	}
	if f.header.RecordDuration <= 0 {
		return nil, fault.New("edf-rate", "header", "samples in records of no duration have no time")
	}
	for k, i := range signals {
		rate, _ := f.header.Signals[i].Rate(f.header)
		n := f.header.Signals[i].Samples
		if float64(n)*(to-from).Seconds()/f.header.RecordDuration.Seconds() > 1<<31 {
			return nil, fault.New("edf-long", "records", "the records span %v", to-from)
		}
		laid := make([]float64, int(math.Round((to-from).Seconds()*rate)))
		for j := range laid {
			laid[j] = math.NaN()
		}
		for _, s := range st {
			at := int(math.Round((s.From - from).Seconds() * rate))
			copy(laid[min(at, len(laid)):], rows[k][s.First*n:(s.First+s.Count)*n])
		}
		rows[k] = laid
	}
	return rows, nil
}
