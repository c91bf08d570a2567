package edf

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

// stairs is a file of two signals of unlike rates and ranges whose sample k is
// k plus a number for the signal, so that every value is known beforehand.
func stairs(t *testing.T, format Format, records int) *File {
	t.Helper()
	h := Header{Format: format, Records: records, RecordDuration: time.Second, Signals: []Signal{
		{Label: "EEG", Unit: "uV", PhysMin: -1000, PhysMax: 1000, DigMin: -2000, DigMax: 2000, Samples: 7},
		{Label: "SpO2", Unit: "%", PhysMin: 0, PhysMax: 4000, DigMin: -2000, DigMax: 2000, Samples: 3},
	}}
	var b bytes.Buffer
	w, err := NewWriter(&b, h)
	if err != nil {
		t.Fatal(err)
	}
	for r := range records {
		rows := make([][]int32, 2)
		for i, s := range h.Signals {
			for k := range s.Samples {
				rows[i] = append(rows[i], int32((r*s.Samples+k)%1000-i*500))
			}
		}
		if err := w.Write(0, rows, nil); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// All values are those of hand arithmetic, whatever the number of workers, in
// fresh memory and in memory that held something else.
func TestAllInto(t *testing.T) {
	for _, format := range []Format{EDF, BDF} {
		const records = 30_000 // several chunks
		f := stairs(t, format, records)
		var want [][]float64
		for i, n := range []int{7, 3} {
			var row []float64
			for k := range records * n {
				digital := float64(k%1000 - i*500)
				row = append(row, []float64{digital / 2, digital + 2000}[i])
			}
			want = append(want, row)
		}
		dirty := [][]float64{slices.Repeat([]float64{9e9}, records*7+5), make([]float64, 3)}
		for workers := range 5 {
			for _, dst := range [][][]float64{nil, dirty} {
				got, err := f.AllInto(dst, []int{0, 1}, workers)
				if err != nil {
					t.Fatal(err)
				}
				for i := range want {
					if !slices.Equal(got[i], want[i]) {
						t.Fatalf("%v, %d workers: signal %d is not what was written", format, workers, i)
					}
				}
				if dst != nil && &got[0][0] != &dst[0][0] {
					t.Error("a row that was long enough was not used")
				}
			}
		}
		if got, err := f.All(nil, 2); err != nil || len(got) != 0 {
			t.Errorf("no signals: %v, %v", got, err)
		}
	}
}
