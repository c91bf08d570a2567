package signal

import (
	"math"
	"slices"
	"testing"
)

// By hand.
func TestBridge(t *testing.T) {
	nan := math.NaN()
	y, gaps := Bridge([]float64{nan, 2, nan, nan, nan, 10, math.Inf(1)})
	if !slices.Equal(y, []float64{2, 2, 4, 6, 8, 10, 10}) || !slices.Equal(gaps, []Range{{0, 1}, {2, 5}, {6, 7}}) {
		t.Error(y, gaps)
	}
	if y, gaps := Bridge([]float64{nan, nan}); !slices.Equal(y, []float64{0, 0}) || len(gaps) != 1 {
		t.Error(y, gaps)
	}
	x := []float64{1, 2}
	if y, gaps := Bridge(x); &y[0] != &x[0] || gaps != nil {
		t.Error("copied without need")
	}
}
