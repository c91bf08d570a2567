package stats_test

import (
	"fmt"
	"math"
	"testing"

	"dvala/stats/lmm"
	"dvala/stats/mmrm"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

// Distances from pituitary to pterygomaxillary fissure of 16 boys and 11 girls
// at 8, 10, 12 and 14 years (Potthoff and Roy 1964), the common example of
// repeated measures. −2 log likelihoods of the models of Jennrich and Schluchter
// 1986 (their table 4); coefficients and errors by R (nlme 3.1-162, lme4 1.1-31,
// lmerTest 3.1-3).
var growth = [][4]float64{
	{26, 25, 29, 31},
	{21.5, 22.5, 23, 26.5},
	{23, 22.5, 24, 27.5},
	{25.5, 27.5, 26.5, 27},
	{20, 23.5, 22.5, 26},
	{24.5, 25.5, 27, 28.5},
	{22, 22, 24.5, 26.5},
	{24, 21.5, 24.5, 25.5},
	{23, 20.5, 31, 26},
	{27.5, 28, 31, 31.5},
	{23, 23, 23.5, 25},
	{21.5, 23.5, 24, 28},
	{17, 24.5, 26, 29.5},
	{22.5, 25.5, 25.5, 26},
	{23, 24.5, 26, 30},
	{22, 21.5, 23.5, 25},
	{21, 20, 21.5, 23},
	{21, 21.5, 24, 25.5},
	{20.5, 24, 24.5, 26},
	{23.5, 24.5, 25, 26.5},
	{21.5, 23, 22.5, 23.5},
	{20, 21, 21, 22.5},
	{21.5, 22.5, 23, 25},
	{23, 23, 23.5, 24},
	{20, 21, 22, 21.5},
	{16.5, 19, 19, 19.5},
	{24.5, 25, 28, 28},
}

func growthData(t *testing.T) (mmrm.Rows, []terms.Variable) {
	t.Helper()
	in := mmrm.Rows{Visits: []string{"8", "10", "12", "14"}}
	var girl, age []float64
	var sex, visit []string
	for k, row := range growth {
		g := 0.0
		if k >= 16 {
			g = 1
		}
		for v, y := range row {
			in.Y, in.Person, in.Visit = append(in.Y, y), append(in.Person, k), append(in.Visit, v)
			girl, age = append(girl, g), append(age, float64(8+2*v))
			sex, visit = append(sex, fmt.Sprint(g)), append(visit, in.Visits[v])
		}
	}
	return in, []terms.Variable{
		terms.Numeric("girl", girl), terms.Numeric("age", age), terms.Factor("sex", sex, "0", "1"), terms.Factor("visit", visit, in.Visits...),
	}
}

func TestGrowth(t *testing.T) {
	in, vars := growthData(t)
	line := build(t, vars, "girl", "age", "girl:age")
	free := build(t, vars, "sex", "visit", "sex:visit")
	for _, c := range []struct {
		name string
		d    *terms.Design
		s    mmrm.Structure
		ml   bool
		want float64
		tol  float64
	}{
		{"free means, unstructured, ML", free, mmrm.Unstructured, true, 416.509, 5e-4},
		{"lines, unstructured, ML", line, mmrm.Unstructured, true, 419.477048115, 1e-8},
		{"lines, Toeplitz, ML", line, mmrm.Toeplitz, true, 424.643, 5e-4},
		{"lines, AR(1), ML", line, mmrm.AR1, true, 440.681006075, 1e-8},
		{"lines, compound symmetry, ML", line, mmrm.CompoundSymmetry, true, 428.63905802, 1e-8},
		{"lines, unstructured, REML", line, mmrm.Unstructured, false, 424.546800199, 1e-8},
		{"lines, AR(1), REML", line, mmrm.AR1, false, 444.587448576, 1e-8},
		{"lines, compound symmetry, REML", line, mmrm.CompoundSymmetry, false, 433.757249201, 1e-8},
	} {
		f, err := mmrm.Repeated(c.d, in, mmrm.Options{Structure: c.s, ML: c.ml})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(-2*f.LogLik-c.want) > c.tol {
			t.Errorf("%s: %.9g, want %.9g", c.name, -2*f.LogLik, c.want)
		}
		if c.name == "lines, unstructured, REML" {
			nearAll(t, "beta", column(f.Coefficients, valueOf), []float64{15.8422826317, 1.58308632523, 0.826803688704, -0.35043899902}, 1e-5)
			nearAll(t, "se", column(f.Coefficients, seOf), []float64{0.972303811227, 1.52330731502, 0.0822177139261, 0.128810402265}, 1e-5) // gls stops a little early
		}
	}

	// A line for each child, balanced: compound symmetry is a random intercept,
	// and Satterthwaite's degrees of freedom of random lines are whole.
	age := make([]float64, len(in.Y))
	for i, v := range in.Visit {
		age[i] = float64(8 + 2*v)
	}
	f, err := lmm.Random(line, in.Y, in.Person, lmm.Options{Slopes: []lmm.Slope{{Name: "age", X: age}}})
	if err != nil {
		t.Fatal(err)
	}
	nearAll(t, "beta", column(f.Coefficients, valueOf), []float64{16.340625, 1.0321022727, 0.784375, -0.3048295455}, 1e-9)
	// lme4 stops early by default, here in the fourth digit; the balanced design
	// has a closed form: each child's own slope, compared between the sexes.
	nearAll(t, "se", column(f.Coefficients, seOf), []float64{1.01824680749, 1.59528615690, 0.08598068417, 0.13470584362}, 5e-4)
	var slope, mean [27]float64
	for k, row := range growth {
		slope[k] = (-3*row[0] - row[1] + row[2] + 3*row[3]) / 20
		mean[k/16] += slope[k] / []float64{16, 11}[k/16]
	}
	var ss float64
	for k := range growth {
		ss += (slope[k] - mean[k/16]) * (slope[k] - mean[k/16])
	}
	near(t, "se of the boys' slope", f.Coefficients[2].SE, math.Sqrt(ss/25/16), 1e-9)
	near(t, "se of the difference", f.Coefficients[3].SE, math.Sqrt(ss/25*(1./16+1./11)), 1e-9)
	nearAll(t, "df", column(f.Coefficients, dfOf), []float64{25, 25, 25, 25}, 1e-9)
	near(t, "−2 log likelihood", -2*f.LogLik, 432.581667065, 1e-7)
	c, err := lmm.Random(line, in.Y, in.Person, lmm.Options{Method: reml.KenwardRoger})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "random intercept", -2*c.LogLik, 433.757249201, 1e-10)
}
