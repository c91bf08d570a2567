package dist

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func rel(got, want float64) float64 {
	if got == want {
		return 0
	}
	return math.Abs(got-want) / math.Max(math.Abs(want), 1e-300)
}

// Values by mpmath at 30 digits.
func TestTails(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
		tol       float64
	}{
		{"t far tail", TTwoSided(12.5, 57.25), 5.291845204040325e-18, 1e-12},
		{"t farther", TTwoSided(38.2, 812.4), 1.4001125827526113e-183, 1e-11},
		{"t small against df", TTwoSided(6.97366670847354, 958.076333791326), 5.749021935920888e-12, 1e-12},
		{"t small against large df", TTwoSided(7.03995454219605, 7671.6449925833), 2.089224203151189e-12, 1e-12},
		{"t near 0", TTwoSided(0.001, 1), 0.9993633804398389, 1e-14},
		{"t fractional df", TTwoSided(5, 1.2), 0.09527649781347572, 1e-12},
		{"t quantile", TQuantile(0.975, 2.5), 3.574654842003683, 1e-13},
		{"t quantile Cauchy", TQuantile(0.975, 1), 12.706204736174705, 1e-13},
		{"F", FUpper(120, 3, 140.2), 1.5291624203316643e-38, 1e-12},
		{"F low", FUpper(0.4, 4, 12.5), 0.8051300888113813, 1e-12},
		{"chi2", ChiSquaredUpper(180, 12), 4.2663676214593816e-32, 1e-12},
		{"z", NormalQuantile(1e-16), -8.222082216130435, 1e-14},
		{"z near 0", NormalQuantile(0.5000001), 2.506628274631027e-07, 1e-9},
		{"beta quantile next to 0", BetaQuantile(1e-8, 0.6, 135.75), 2.8383756790326162558e-16, 1e-13},
		{"beta quantile next to 1", BetaQuantile(0.99999999, 135.75, 0.6), 0.99999999999999971616, 1e-16}, // 1 − x is 2.56 steps of 2⁻⁵³; at 3, the nearest, the area is 1e-9 smaller
		{"nct", NoncentralTCDF(10, 4, 6), 0.8267894911861252, 1e-11},
		{"nct left", NoncentralTCDF(-1.2, 7.5, 0.8), 0.030139526788464318, 1e-11},
		{"ncchi2", NoncentralChiSquaredCDF(30, 3, 20), 0.7887422303705067, 1e-12},
		{"ncF", NoncentralFCDF(2.7, 3, 116, 9.4), 0.28727345035177076, 1e-12},
	} {
		if e := rel(c.got, c.want); !(e <= c.tol) {
			t.Errorf("%s: got %.17g, want %.17g, relative error %.2g", c.name, c.got, c.want, e)
		}
	}
}

// A quantile between two floats has an area between theirs: near 1 the spacing
// of x itself is worth some 1e-9 of area where the density is high, and no more
// than one such step may be lost beside the 1e-11 of the areas.
func TestQuantilesUndoAreas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		df := rapid.Float64Range(0.6, 5000).Draw(t, "df")
		d2 := rapid.Float64Range(0.6, 5000).Draw(t, "d2")
		p := rapid.Float64Range(1e-8, 1-1e-8).Draw(t, "p")
		for name, f := range map[string]struct {
			x    float64
			area func(x float64) float64
		}{
			"t":    {TQuantile(p, df), func(x float64) float64 { return TCDF(x, df) }},
			"chi2": {ChiSquaredQuantile(p, df), func(x float64) float64 { return ChiSquaredCDF(x, df) }},
			"beta": {BetaQuantile(p, df, d2), func(x float64) float64 { return BetaCDF(x, df, d2) }},
			"F":    {FQuantile(p, df, d2), func(x float64) float64 { return 1 - FUpper(x, df, d2) }},
			"z":    {NormalQuantile(p), NormalCDF},
		} {
			low, high := f.area(math.Nextafter(f.x, math.Inf(-1))), f.area(math.Nextafter(f.x, math.Inf(1)))
			if !(p >= low-1e-11 && p <= high+1e-11) {
				t.Fatalf("%s: the quantile of area %.17g is %.17g, whose neighbours have %.17g and %.17g (df %g, %g)", name, p, f.x, low, high, df, d2)
			}
		}
		// Where x is near 0 its spacing is of no account, however high the density:
		// the area comes back to the digits of p.
		small := math.Min(p, 1-p)
		if e := rel(BetaCDF(BetaQuantile(small, df, d2), df, d2), small); BetaQuantile(small, df, d2) < 0.5 && e > 1e-11 {
			t.Fatalf("beta: the small area %g is off by %.2g of itself (df %g, %g)", small, e, df, d2)
		}
	})
}

func TestSymmetryAndLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-30, 30).Draw(t, "x")
		df := rapid.Float64Range(0.5, 1e6).Draw(t, "df")
		if e := math.Abs(TCDF(x, df) + TCDF(-x, df) - 1); e > 1e-14 {
			t.Fatalf("t is not symmetric at %g, %g: %g", x, df, e)
		}
		if e := rel(FUpper(x*x, 1, df), TTwoSided(x, df)); x != 0 && e > 1e-10 {
			t.Fatalf("F(1, df) is not t squared at %g, %g: %g", x, df, e)
		}
		if e := math.Abs(NoncentralTCDF(x, df, 1.5) + NoncentralTCDF(-x, df, -1.5) - 1); e > 1e-11 {
			t.Fatalf("noncentral t is not mirrored at %g, %g: %g", x, df, e)
		}
	})
	if got := TTwoSided(1.7, math.Inf(1)); got != NormalTwoSided(1.7) {
		t.Errorf("t on infinite df is %g, not the normal", got)
	}
	for _, v := range []float64{TTwoSided(1, -1), FUpper(math.NaN(), 1, 1), NormalQuantile(2), ChiSquaredUpper(1, 0)} {
		if !math.IsNaN(v) {
			t.Errorf("outside the domain gives %g, not NaN", v)
		}
	}
}
