package agree

import (
	"math"

	"dvala/fault"
	"dvala/stats/dist"
)

// Interval is a value with its interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Line is a straight line over the size of what is measured.
type Line struct {
	At0   Interval `json:"at_0"`
	Slope Interval `json:"slope"`
}

// At gives its height.
func (l Line) At(size float64) float64 { return l.At0.Value + l.Slope.Value*size }

// Size says what bias and limits may grow with.
type Size string

// The sizes.
const (
	Reference Size = "reference"
	Mean      Size = "mean" // of reference and device
)

// Differences is a device's agreement with a reference in one measure over n
// nights: bias and limits of agreement of the differences device − reference.
type Differences struct {
	N       int     `json:"n"`
	RefMean float64 `json:"ref_mean"`
	RefSD   float64 `json:"ref_sd"`
	DevMean float64 `json:"device_mean"`
	DevSD   float64 `json:"device_sd"`

	Bias Interval `json:"bias"` // mean difference
	SD   float64  `json:"sd"`   // of the differences

	Proportional bool `json:"proportional"` // the differences change with the size
	BiasLine     Line `json:"bias_line"`    // differences on size; counts if proportional

	Heteroscedastic bool `json:"heteroscedastic"` // their spread changes with the size
	SpreadLine      Line `json:"spread_line"`     // absolute residuals on size; counts if heteroscedastic

	Lower Interval `json:"lower"` // limits of agreement; relative to the bias where that is proportional
	Upper Interval `json:"upper"`

	LogRatio *Interval `json:"log_ratio,omitempty"` // limits are bias ± this × size, from logarithms; absent with values of 0 or less
	Size     Size      `json:"size"`
}

// rootHalfPi·1.96 turns mean absolute residuals into 95 % limits: the mean of
// |x| of a normal x is σ √(2/π).
const rootHalfPi = 1.2533141373155003

const z95 = 1.96 // as the literature has it, not 1.959964

// BlandAltman compares a device with a reference over nights.
//
//	ref, dev  one value a night, in one order; pairs with a missing value are
//	          the caller's to leave out. At least three.
//
//	d_i = dev_i − ref_i,  bias = d̄ ± t s/√n,
//	limits = d̄ ± 1.96 s, each ± t √(3 s²/n).
//
// Proportional bias: d is regressed on the size; where the slope's 95 % interval
// leaves out 0, bias is the line b0 + b1 size and limits are b ± 1.96 s_r of its
// residuals, with the interval of a standard deviation by χ²; Bootstrap gives
// Menghini's interval instead. Heteroscedasticity: |residuals| are
// regressed on size; where that slope's interval leaves out 0, limits are
// bias ± 2.46 (c0 + c1 size), 2.46 = 1.96 √(π/2).
//
// LogRatio are limits for differences in proportion to the size (Euser 2008): with
// s_l the SD of ln dev − ln ref, 2 (e^(1.96 s_l) − 1) / (e^(1.96 s_l) + 1).
//
// Invariants (TestBlandAltmanInvariants): the order of nights changes nothing;
// adding a constant to the device adds it to the bias and changes no limit's
// width.
//
// Source: Bland & Altman 1999, doi:10.1177/096228029900800204; Menghini 2021,
// doi:10.1093/sleep/zsaa170. Differs from Menghini's program as the method page
// tells.
func BlandAltman(ref, dev []float64, size Size) (Differences, error) {
	n := len(ref)
	if n != len(dev) || n < 3 {
		return Differences{}, fault.New("agree-few", "", "%d and %d values; at least three pairs are needed", n, len(dev))
	}
	for i := range ref {
		if math.IsNaN(ref[i]+dev[i]) || math.IsInf(ref[i]+dev[i], 0) {
			return Differences{}, fault.New("agree-number", "", "pair %d is not two numbers", i+1)
		}
	}
	out, _ := measureDifferences(ref, dev, size, nil)
	return out, nil
}

// measureDifferences is BlandAltman of pairs that were checked. Whether bias and
// spread grow is decided here, or, where like is given, taken from there. ok is
// false if they should grow and all sizes are one.
func measureDifferences(ref, dev []float64, size Size, like *Differences) (out Differences, ok bool) {
	n := len(ref)
	d, x, logs := make([]float64, n), make([]float64, n), make([]float64, 0, n)
	for i := range ref {
		d[i], x[i] = dev[i]-ref[i], ref[i]
		if size == Mean {
			x[i] = (ref[i] + dev[i]) / 2
		}
		if ref[i] > 0 && dev[i] > 0 {
			logs = append(logs, math.Log(dev[i])-math.Log(ref[i]))
		}
	}
	t, tLine := 0.0, 0.0 // of a draw the intervals are not wanted
	if like == nil {
		t, tLine = dist.TQuantile(0.975, float64(n-1)), dist.TQuantile(0.975, float64(n-2))
	}
	out = Differences{N: n, Size: size}
	out.RefMean, out.RefSD = meanSD(ref)
	out.DevMean, out.DevSD = meanSD(dev)
	bias, s := meanSD(d)
	out.SD = s
	out.Bias = around(bias, t*s/math.Sqrt(float64(n)))
	half := t * math.Sqrt(3*s*s/float64(n))
	out.Lower, out.Upper = around(bias-z95*s, half), around(bias+z95*s, half)
	if len(logs) == n {
		_, sl := meanSD(logs)
		w := t * math.Sqrt(3*sl*sl/float64(n))
		out.LogRatio = &Interval{euser(z95 * sl), euser(z95*sl - w), euser(z95*sl + w)}
	}
	line, residuals, ok := regress(x, d, tLine)
	if !ok { // all of one size: nothing can grow with it
		return out, like == nil || !like.Proportional && !like.Heteroscedastic
	}
	out.BiasLine, out.Proportional = line, apart(line.Slope)
	if like != nil {
		out.Proportional = like.Proportional
	}
	if out.Proportional {
		_, sr := meanSD(residuals)
		lo, hi := sr, sr
		if like == nil {
			lo, hi = spreadInterval(sr, n)
		}
		out.Lower = Interval{-z95 * sr, -z95 * hi, -z95 * lo}
		out.Upper = Interval{z95 * sr, z95 * lo, z95 * hi}
	}
	for i, r := range residuals {
		if !out.Proportional {
			r = d[i] - bias
		}
		residuals[i] = math.Abs(r)
	}
	out.SpreadLine, _, _ = regress(x, residuals, tLine)
	out.Heteroscedastic = apart(out.SpreadLine.Slope)
	if like != nil {
		out.Heteroscedastic = like.Heteroscedastic
	}
	return out, true
}

// BiasAt gives the bias at a size.
func (d Differences) BiasAt(size float64) float64 {
	if d.Proportional {
		return d.BiasLine.At(size)
	}
	return d.Bias.Value
}

// LimitsAt gives the limits of agreement at a size.
func (d Differences) LimitsAt(size float64) (low, high float64) {
	b := d.BiasAt(size)
	switch {
	case d.Heteroscedastic:
		half := z95 * rootHalfPi * d.SpreadLine.At(size)
		return b - half, b + half
	case d.Proportional:
		return b + d.Lower.Value, b + d.Upper.Value
	}
	return d.Lower.Value, d.Upper.Value
}

// euser gives 2 (e^v − 1) / (e^v + 1).
func euser(v float64) float64 { return 2 * math.Tanh(v/2) }

func around(v, half float64) Interval { return Interval{v, v - half, v + half} }

// apart says whether an interval leaves out 0.
func apart(i Interval) bool { return i.Low > 0 || i.High < 0 }

// spreadInterval gives the 95 % interval of the standard deviation of the
// residuals of a line through n points.
func spreadInterval(s float64, n int) (low, high float64) {
	df := float64(n - 2)
	return s * math.Sqrt(df/dist.ChiSquaredQuantile(0.975, df)), s * math.Sqrt(df/dist.ChiSquaredQuantile(0.025, df))
}

func meanSD(x []float64) (mean, sd float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v
	}
	mean /= n
	for _, v := range x {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / (n - 1))
}

// regress fits y on x by least squares, with intervals of ±t standard
// errors; ok is false if x does not vary.
func regress(x, y []float64, t float64) (l Line, residuals []float64, ok bool) {
	n := float64(len(x))
	xm, _ := meanSD(x)
	ym, _ := meanSD(y)
	sxx, sxy := 0.0, 0.0
	for i := range x {
		sxx += (x[i] - xm) * (x[i] - xm)
		sxy += (x[i] - xm) * (y[i] - ym)
	}
	residuals = make([]float64, len(x))
	if sxx <= 1e-24*(1+xm*xm)*n {
		for i := range y {
			residuals[i] = y[i] - ym
		}
		return Line{}, residuals, false
	}
	b1 := sxy / sxx
	b0 := ym - b1*xm
	rss := 0.0
	for i := range x {
		residuals[i] = y[i] - ym - b1*(x[i]-xm)
		rss += residuals[i] * residuals[i]
	}
	s := math.Sqrt(rss / (n - 2))
	return Line{around(b0, t*s*math.Sqrt(1/n+xm*xm/sxx)), around(b1, t*s/math.Sqrt(sxx))}, residuals, true
}
