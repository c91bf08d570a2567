package glm

import (
	"math"
	"math/rand/v2"
	"testing"

	"dvala/fault"
	"dvala/stats"
	"dvala/stats/terms"
)

// counted is 48 people in two arms by turns, counted over so many nights; drawn in
// R by
//
//	set.seed(31); arm <- rep(0:1, 24); bl <- round(rnorm(48), 2); nights <- sample(10:21, 48, TRUE)
//	y <- rnbinom(48, size = 1.6, mu = nights*exp(-.9 - .5*arm + .4*bl))
var (
	countedBl     = []float64{0.06, -0.18, 1.6, 0.96, 1.51, -0.44, 0.39, 0.92, -1.27, -0.73, -1.07, -0.34, 0.17, -1.05, -0.99, -0.92, -0.05, 0.86, 0.03, -0.92, -1.65, -0.2, 0.62, 0.76, -0.12, 0.08, 2.34, 0.02, -0.19, -0.04, -1.29, 0.81, 0.74, -1.02, 0.08, -0.14, -1.53, -1.13, -0.64, -1.47, -0.06, 0.31, -1.79, 0.45, -0.75, -0.03, -0.23, -2.54}
	countedNights = []float64{11, 14, 14, 19, 13, 10, 17, 11, 19, 10, 12, 20, 18, 13, 16, 15, 15, 11, 17, 15, 12, 16, 12, 12, 19, 19, 14, 17, 16, 19, 15, 13, 12, 10, 20, 12, 14, 10, 20, 10, 17, 18, 11, 11, 20, 17, 20, 12}
	countedY      = []float64{2, 5, 15, 0, 2, 2, 21, 10, 2, 2, 6, 13, 4, 1, 0, 1, 13, 4, 13, 2, 1, 1, 13, 3, 6, 4, 4, 1, 3, 5, 10, 2, 13, 1, 5, 0, 0, 0, 5, 1, 5, 9, 0, 1, 6, 3, 10, 2}
)

func counted(t testing.TB, by float64) (*terms.Design, []float64) {
	t.Helper()
	var off, bl []float64
	var arm []string
	for i, n := range countedNights {
		off, arm, bl = append(off, math.Log(n)), append(arm, []string{"p", "a"}[i%2]), append(bl, countedBl[i]+by)
	}
	return design(t, bl, arm, "bl", "arm"), off
}

// By R's MASS, glm.nb(y ~ bl + arm + offset(log(nights))), its θ and β taken in
// turn to the end by uniroot on θ's score and glm(family = negative.binomial(θ)):
// glm.nb itself stops 3e-13 from there in θ, and 1e-6 in its error.
func TestNegativeBinomialAgainstR(t *testing.T) {
	for _, by := range []float64{0, 2026} { // and with the covariate counted from elsewhere
		d, off := counted(t, by)
		f, err := NegativeBinomial(d, countedY, off, 0)
		if err != nil {
			t.Fatal(err)
		}
		for j, w := range [][3]float64{
			{-0.8507433624921, 0.1663509493975, 3.15160317708e-07}, {0.454234986757, 0.1350640065814, 0.000770699047796}, {-0.6419044547827, 0.2520090093729, 0.01086071007723},
		} {
			if by != 0 && j == 0 {
				continue // the intercept is elsewhere
			}
			near(t, "β", f.Coefficients[j].Value, w[0], 1e-10)
			near(t, "its se", f.Coefficients[j].SE, w[1], 1e-10)
			near(t, "its p", f.Coefficients[j].P, w[2], 1e-10)
		}
		near(t, "k", f.Dispersion.Value, 1/2.049186500934, 1e-11)
		near(t, "its se", f.Dispersion.SE, 0.644561762311/(2.049186500934*2.049186500934), 1e-10)
		near(t, "logLik", f.LogLik, -118.5848497011, 1e-11)
	}
}

// Counts that vary no more than a Poisson's have its fit; a k that was put in comes
// out; and what Regress refuses is refused.
func TestNegativeBinomialEnds(t *testing.T) {
	d, off := counted(t, 0)
	even := make([]float64, len(countedY))
	for i, n := range countedNights {
		even[i] = math.Round(n / 3)
	}
	f, err := NegativeBinomial(d, even, off, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Regress(d, even, Options{Family: Poisson, Offset: off, Errors: Model})
	if err != nil {
		t.Fatal(err)
	}
	if f.Dispersion != nil {
		t.Errorf("even counts have a dispersion of %v", f.Dispersion.Value)
	}
	for j := range p.Coefficients {
		near(t, "Poisson", f.Coefficients[j].Value, p.Coefficients[j].Value, 1e-10)
		near(t, "its se", f.Coefficients[j].SE, p.Coefficients[j].SE, 1e-10)
	}
	r := rand.New(rand.NewPCG(7, 7))
	var bl, y []float64
	var arm []string
	for i := range 3000 {
		gamma := -(math.Log(1-r.Float64()) + math.Log(1-r.Float64())) / 2 // k = ½
		mean, n := gamma*math.Exp(1.5-0.4*float64(i%2)), 0.0
		for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
			n++
		}
		bl, y, arm = append(bl, r.NormFloat64()), append(y, n), append(arm, []string{"p", "a"}[i%2])
	}
	f, err = NegativeBinomial(design(t, bl, arm, "bl", "arm"), y, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(f.Dispersion.Value-0.5) > 4*f.Dispersion.SE || math.Abs(f.Coefficients[2].Value+0.4) > 4*f.Coefficients[2].SE || f.Dispersion.SE > 0.05 {
		t.Errorf("k %v (%v), effect %v (%v)", f.Dispersion.Value, f.Dispersion.SE, f.Coefficients[2].Value, f.Coefficients[2].SE)
	}
	for name, c := range map[string]struct {
		y    []float64
		code fault.Code
	}{"constant": {make([]float64, 48), stats.Constant}, "half an event": {append([]float64{0.5}, countedY[1:]...), stats.BadArgument}} {
		if _, err := NegativeBinomial(d, c.y, off, 0); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
