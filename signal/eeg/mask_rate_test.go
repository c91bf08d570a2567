package eeg

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The mask at another rate is that of the sample each new one lies in.
func TestMaskAtAnotherRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mask := rapid.SliceOfN(rapid.Bool(), 1, 300).Draw(t, "mask")
		rate := rapid.SampledFrom([]float64{50, 90, 100, 128, 200, 256, 512}).Draw(t, "rate")
		for run := range len(mask) / 2 { // longer stretches than chance gives
			if rapid.Bool().Draw(t, "joined") {
				mask[run*2+1] = mask[run*2]
			}
		}
		n := int(float64(len(mask))*100/rate) + 1
		want := make([]bool, n)
		for i := range want {
			want[i] = mask[min(int(float64(i)*rate/100), len(mask)-1)]
		}
		if got := maskAt(mask, rate, 100, n); !slices.Equal(got, want) {
			t.Fatalf("%v\n%v", got, want)
		}
	})
}
