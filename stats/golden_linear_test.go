package stats_test

import (
	"testing"

	"dvala/stats"
	"dvala/stats/linear"
	"dvala/stats/terms"
)

// column gathers one field of many estimates.
func column(es []stats.Estimate, f func(stats.Estimate) float64) []float64 {
	var out []float64
	for _, e := range es {
		out = append(out, f(e))
	}
	return out
}

func valueOf(e stats.Estimate) float64 { return e.Value }
func seOf(e stats.Estimate) float64    { return e.SE }
func dfOf(e stats.Estimate) float64    { return *e.DF }
func pOf(e stats.Estimate) float64     { return e.P }

func nearEstimate(t testing.TB, what string, got stats.Estimate, want tree, tol float64) {
	t.Helper()
	near(t, what+" estimate", got.Value, want.num("est"), tol)
	near(t, what+" se", got.SE, want.num("se"), tol)
	near(t, what+" df", *got.DF, want.num("df"), tol)
	if want.has("ci") {
		nearAll(t, what+" interval", []float64{got.Low, got.High}, want.nums("ci"), tol)
	}
	if want.has("p") {
		near(t, what+" p", got.P, want.num("p"), tol*10)
	}
}

func TestGoldenANCOVA(t *testing.T) {
	e := expected(t, "06_ancova")
	d := filled("isi_d21", readCSV(t, "06_ancova", "trial80.csv"))
	vars := []terms.Variable{
		terms.Numeric("bl", d.num("isi_bl")), terms.FactorOf("site", d.cols["site"]),
		terms.FactorOf("sex", d.cols["sex"]), terms.FactorOf("arm", d.cols["arm"]),
	}
	for name, model := range map[string][]string{
		"ancova":                       {"bl", "site", "sex", "arm"},
		"unadjusted":                   {"arm"},
		"with_interaction_site_by_arm": {"bl", "sex", "site", "arm", "site:arm"},
	} {
		t.Run(name, func(t *testing.T) {
			w := e.at(name)
			des, err := terms.Build(vars, model...)
			if err != nil {
				t.Fatal(err)
			}
			f, err := linear.Ordinary(des, d.num("isi_d21"), linear.Options{})
			if err != nil {
				t.Fatal(err)
			}
			nearAll(t, "coef", column(f.Coefficients, valueOf), w.nums("coef"), 1e-9)
			nearAll(t, "se", column(f.Coefficients, seOf), w.nums("se"), 1e-9)
			nearAll(t, "p", column(f.Coefficients, pOf), w.nums("p"), 1e-8)
			near(t, "sigma", f.Sigma, w.num("sigma"), 1e-9)
			near(t, "R2", f.R2, w.num("r2"), 1e-9)
			near(t, "adjusted R2", f.AdjustedR2, w.num("adj_r2"), 1e-9)
			near(t, "logLik", f.LogLik, w.num("logLik"), 1e-9)
			var cook float64
			for _, c := range f.Cooks {
				cook = max(cook, c)
			}
			near(t, "Cook", cook, w.num("cooks_max"), 1e-9)
			for k, kind := range map[string]linear.Errors{"se_hc0": linear.HC0, "se_hc1": linear.HC1, "se_hc2": linear.HC2, "se_hc3": linear.HC3} {
				r, err := linear.Ordinary(des, d.num("isi_d21"), linear.Options{Errors: kind})
				if err != nil {
					t.Fatal(err)
				}
				nearAll(t, k, column(r.Coefficients, seOf), w.nums(k), 1e-9)
			}
			for k, weights := range map[string]terms.Weights{"lsmeans_equal_weights": terms.Equal, "lsmeans_observed_margins": terms.Observed} {
				means, err := f.LSMeans("arm", []string{"0", "1"}, weights)
				if err != nil {
					t.Fatal(err)
				}
				for i, m := range means {
					nearEstimate(t, k, m, w.list(k)[i], 1e-9)
				}
			}
			diff, err := f.Difference("arm", "1", "0", terms.Equal)
			if err != nil {
				t.Fatal(err)
			}
			nearEstimate(t, "difference", diff, w.at("difference"), 1e-9)
			if name != "ancova" {
				return
			}
			for i, term := range []string{"bl", "site", "sex", "arm"} {
				j, err := f.TestTerm(term)
				if err != nil {
					t.Fatal(err)
				}
				near(t, "type II F of "+term, j.F, w.nums("type2/F")[i], 1e-9)
				near(t, "type II p of "+term, j.P, w.nums("type2/p")[i], 1e-9)
			}
		})
	}
}

// ancova fits outcome ~ arm + isi_bl + site + sex, in R's order of columns.
func ancova(t testing.TB, d table, outcome string) *linear.Fit {
	t.Helper()
	des := build(t, []terms.Variable{
		terms.Numeric("arm", d.num("arm")), terms.Numeric("isi_bl", d.num("isi_bl")),
		terms.FactorOf("site", d.cols["site"]), terms.FactorOf("sex", d.cols["sex"]),
	}, "arm", "isi_bl", "site", "sex")
	f, err := linear.Ordinary(des, d.num(outcome), linear.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}
