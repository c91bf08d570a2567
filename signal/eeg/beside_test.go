package eeg

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkBesideYASA finds events in the very night that YASA was given by
// testdata/beside_yasa.py, with the same mask, all channels at once.
func BenchmarkBesideYASA(b *testing.B) {
	folder := os.Getenv("DVALA_EEG")
	if folder == "" {
		b.Skip("DVALA_EEG names no folder in which testdata/beside_yasa.py has left a night")
	}
	for _, rate := range []int{100, 256} {
		raw, err := os.ReadFile(filepath.Join(folder, fmt.Sprintf("eeg%d.f64", rate)))
		if err != nil {
			b.Fatal(err)
		}
		channels := make([][]float64, 3)
		for c := range channels {
			x := make([]float64, len(raw)/8/len(channels))
			for i := range x {
				x[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*(c*len(x)+i):]))
			}
			channels[c] = x
		}
		mask := make([]bool, len(channels[0]))
		for i := range mask {
			mask[i] = i/(30*rate)%6 != 5
		}
		for name, find := range map[string]func(x []float64) (int, error){
			"slow waves": func(x []float64) (int, error) {
				w, err := SlowWaves(x, float64(rate), mask, DefaultSlowWaves())
				return len(w), err
			},
			"spindles": func(x []float64) (int, error) {
				s, err := Spindles(x, float64(rate), mask, DefaultSpindles())
				return len(s), err
			},
		} {
			b.Run(fmt.Sprintf("%s/%dHz", name, rate), func(b *testing.B) { atOnce(b, channels, find) })
		}
	}
}

func atOnce(b *testing.B, channels [][]float64, find func([]float64) (int, error)) {
	found := 0
	for b.Loop() {
		found = 0
		counts := make(chan int)
		for _, x := range channels {
			go func() {
				n, err := find(x)
				if err != nil {
					b.Error(err)
				}
				counts <- n
			}()
		}
		for range channels {
			found += <-counts
		}
	}
	b.ReportMetric(float64(found), "found")
}
