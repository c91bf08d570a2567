package stats_test

import (
	"fmt"
	"math"
	"testing"

	"dvala/stats/meta"
	"dvala/stats/nof1"
	"dvala/stats/reml"
)

func triers(d table) []nof1.Person {
	var out []nof1.Person
	y, day, block := d.num("y"), d.num("day"), d.num("block")
	for i, id := range d.cols["id"] {
		if len(out) == 0 || out[len(out)-1].Name != id {
			out = append(out, nof1.Person{Name: id})
		}
		if math.IsNaN(y[i]) {
			continue
		}
		p := &out[len(out)-1]
		p.Nights = append(p.Nights, nof1.Night{Day: int(day[i]), Block: int(block[i]), Active: d.cols["cond"][i] == "A", Y: y[i]})
	}
	return out
}

// The same twelve at the maximum itself. gls stops where its likelihood no longer
// changes in double precision, 1e-8 from the maximum in φ (in 200 series drawn in
// R 3e-6 at most, 1e-8 in the median, where the criterion differs by 3e-10 at
// most), and so does the effect, by as much relative to its error. Here φ is the
// root of the slope of the criterion that R has from the dense covariance, and the
// effect, its error and p are those of gls with φ held there:
//
//	crit <- function(phi, q) { X <- cbind(1, q$a); U <- chol(phi^abs(outer(q$day, q$day, "-")))
//	  Q <- qr(backsolve(U, X, transpose = TRUE)); e <- qr.resid(Q, backsolve(U, q$y, transpose = TRUE))
//	  (nrow(q)-2)*log(sum(e*e)) + 2*sum(log(diag(U))) + 2*sum(log(abs(diag(qr.R(Q))))) }
//	slope <- function(phi, q, h = 1e-3) (crit(phi-2*h,q)-8*crit(phi-h,q)+8*crit(phi+h,q)-crit(phi+2*h,q))/(12*h)
//	p <- coef(gls(y ~ a, q, correlation = corAR1(form = ~day))$modelStruct$corStruct, unconstrained = FALSE)
//	r <- uniroot(slope, c(p-.02, p+.02), q = q, tol = 1e-15)$root
//	summary(gls(y ~ a, q, correlation = corAR1(r, form = ~day, fixed = TRUE)))$tTable
var serialMaximum = [][4]float64{ // φ, effect, error, p
	{0.3978531784607, -2.09758180644487, 7.76563596127348, 0.7885366270872},
	{0.43935132270714, 9.71689664919645, 9.66002789542018, 0.3210032430843},
	{0.31035669141074, -4.94684125836253, 9.73735894894261, 0.6144499188573},
	{0.27706127592871, 15.9854156730153, 11.2030711247675, 0.1619999145332},
	{-0.091608107665936, 14.2622920960699, 5.48358995375534, 0.01328728422469},
	{-0.12953159876757, 9.00550102927135, 5.13803136118592, 0.08771672417841},
	{0.30641037415209, 5.7900633086955, 9.51752211999028, 0.5466666384672},
	{0.28513328530834, -4.12563928310531, 10.8491667033813, 0.7059776915915},
	{0.29573495604822, 9.48578295027577, 7.64747606777621, 0.2235815721369},
	{0.24693114362623, 6.75970201218216, 9.86405494833237, 0.4975524785142},
	{0.38696472678287, 22.2749135885181, 8.48763315396739, 0.01254098432446},
	{0.57229264663629, 12.6973240183306, 10.641989510849, 0.2402131864135},
}

func TestGoldenNof1(t *testing.T) {
	e := expected(t, "17_nof1")
	people := triers(readCSV(t, "17_nof1", "nof1.csv"))
	for i, p := range people {
		w := e.at("individual/" + p.Name)
		b, err := nof1.ByBlock(p.Nights, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		nearAll(t, p.Name+" differences", b.Differences, w.nums("block_differences"), 1e-10)
		near(t, p.Name+" paired", b.Effect.Value, w.num("paired_blocks/est"), 1e-10)
		near(t, p.Name+" paired se", b.Effect.SE, w.num("paired_blocks/se"), 1e-10)
		near(t, p.Name+" paired p", b.Effect.P, w.num("paired_blocks/p"), 1e-10)
		nearAll(t, p.Name+" paired interval", []float64{b.Effect.Low, b.Effect.High}, w.nums("paired_blocks/ci"), 1e-9)
		near(t, p.Name+" flips", float64(b.Flips), w.num("randomisation_test_sign_flip/n"), 0)
		near(t, p.Name+" flip p", *b.SignFlip, w.num("randomisation_test_sign_flip/p"), 0)

		f := individual(t, p, nof1.Options{})
		near(t, p.Name+" blocks", f.Effect.Value, w.num("lm_block_fixed/est"), 1e-10)
		near(t, p.Name+" blocks se", f.Effect.SE, w.num("lm_block_fixed/se"), 1e-10)
		near(t, p.Name+" blocks p", f.Effect.P, w.num("lm_block_fixed/p"), 1e-9)
		near(t, p.Name+" blocks df", *f.Effect.DF, w.num("lm_block_fixed/df"), 0)

		f = individual(t, p, nof1.Options{Time: nof1.Steady})
		near(t, p.Name+" plain se", f.Effect.SE, w.num("lm_iid/se"), 1e-10)
		near(t, p.Name+" Durbin–Watson", f.DurbinWatson, w.num("durbin_watson"), 1e-10)
		near(t, p.Name+" autocorrelation", f.Autocorrelation, w.num("lag1_autocorrelation"), 1e-10)
		f = individual(t, p, nof1.Options{Time: nof1.Steady, Errors: nof1.NeweyWest})
		near(t, p.Name+" Newey–West", f.Effect.SE, w.num("lm_iid/newey_west_lag3_se"), 1e-10)

		g := w.at("gls_ar1_REML")
		f = individual(t, p, nof1.Options{Time: nof1.Steady, Errors: nof1.Serial})
		m := serialMaximum[i]
		near(t, p.Name+" φ", *f.Phi, m[0], 1e-10)
		nearAll(t, p.Name+" serial", []float64{f.Effect.Value, f.Effect.SE, f.Effect.P}, m[1:], 1e-10)
		// And as far as gls goes by itself.
		near(t, p.Name+" φ of gls", *f.Phi, g.num("phi"), 1e-7)
		near(t, p.Name+" serial by gls", f.Effect.Value, g.num("est"), 3e-7)
		near(t, p.Name+" serial se by gls", f.Effect.SE, g.num("se"), 3e-8)
		near(t, p.Name+" serial p by gls", f.Effect.P, g.num("p"), 3e-7)
		near(t, p.Name+" σ by gls", f.Sigma, g.num("sigma"), 3e-8)
		near(t, p.Name+" logLik", *f.LogLik, g.num("logLik_nlme"), 1e-10)
	}
	one, err := nof1.OneStage(people, nof1.Options{Time: nof1.Steady}, reml.KenwardRogerExpected)
	if err != nil {
		t.Fatal(err)
	}
	w := e.at("lmm_random_intercept_and_effect/REML/polished")
	for j, c := range one.Coefficients {
		near(t, c.Name, c.Value, w.nums("beta")[j], 1e-8)
		near(t, c.Name+" se", c.SE, w.nums("kenward_roger_expected_info/se")[j], 1e-7)
		near(t, c.Name+" df", *c.DF, w.nums("kenward_roger_expected_info/df")[j], 1e-6)
	}
	for i, u := range one.Predicted() {
		nearAll(t, "predicted", u, w.nums(fmt.Sprintf("blups/u/%d", i)), 1e-6)
	}
	both, err := nof1.Combine(people, nof1.Options{}, meta.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "combined", both.Mean.Mean.Value, e.num("meta_REML_HKSJ/mu"), 1e-9)
	near(t, "combined se", both.Mean.Mean.SE, e.num("meta_REML_HKSJ/se"), 1e-9)
}

func individual(t *testing.T, p nof1.Person, o nof1.Options) nof1.Fit {
	t.Helper()
	f, err := nof1.Individual(p.Nights, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
