package stats_test

import (
	"math"
	"testing"

	"dvala/stats"
	"dvala/stats/lmm"
	"dvala/stats/ordinal"
	"dvala/stats/terms"
)

func TestGoldenInsomnia(t *testing.T) {
	e := expected(t, "03_insomnia")
	d := readCSV(t, "03_insomnia", "insomnia_long.csv")
	y := ints(d.num("outcome"))
	for i := range y {
		y[i]--
	}
	person, _ := lmm.Codes(d.cols["case"])
	vars := []terms.Variable{terms.Numeric("treat", d.num("treat")), terms.Numeric("occasion", d.num("occasion"))}
	des := build(t, vars, "treat", "occasion", "treat:occasion")

	w := tree{t, e.at("clm_stacked_independence").v}
	f, err := ordinal.Cumulative(des, y, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := func(f *ordinal.Fit) []stats.Estimate {
		return append(append([]stats.Estimate(nil), f.Thresholds...), f.Coefficients...)
	}
	nearAll(t, "thresholds", column(f.Thresholds, valueOf), w.nums("thresholds"), 1e-9)
	nearAll(t, "beta", column(f.Coefficients, valueOf), w.nums("beta"), 1e-8)
	nearAll(t, "se", column(all(f), seOf), w.nums("se"), 1e-8)
	nearAll(t, "p", column(f.Coefficients, pOf), w.nums("p"), 1e-8)
	near(t, "logLik", f.LogLik, w.num("logLik"), 1e-11)
	near(t, "AIC", f.AIC, w.num("AIC"), 1e-11)

	w = tree{t, e.at("gee_independence").v}
	g, err := ordinal.Marginal(des, y, person, 0)
	if err != nil {
		t.Fatal(err)
	}
	nearAll(t, "robust se", column(all(g), seOf), w.nums("robust_se"), 1e-8)
	c, err := g.Contrast("at follow-up", []float64{1, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "follow-up log odds ratio", -c.Value, w.num("followup_treatment_log_or"), 1e-8)
	near(t, "its se", c.SE, w.num("followup_treatment_se"), 1e-8)

	for nodes, key := range map[int]string{15: "clmm_polished_adaptive_GHQ15", 31: "clmm_polished_adaptive_GHQ31"} {
		w := tree{t, e.at(key).v}
		m, err := ordinal.Intercept(des, y, person, nodes, 0)
		if err != nil {
			t.Fatal(err)
		}
		near(t, key+" logLik", m.LogLik, w.num("logLik"), 1e-9)
		near(t, key+" sigma", m.Sigma.Value, w.num("sigma_u"), 1e-6)
		near(t, key+" sigma se", m.Sigma.SE, w.num("sigma_u_se_delta"), 1e-4)
		want := append(w.nums("thresholds"), w.nums("beta_clm_sign")...)
		se := w.nums("se")
		for i, e := range all(m.Fit) {
			if math.Abs(e.Value-want[i]) > 1e-6 {
				t.Errorf("%s parameter %d: %.10g, want %.10g", key, i, e.Value, want[i])
			}
			near(t, key+" se", e.SE, se[i], 1e-4)
		}
	}

	// Follow-up by treatment and initial answer, as a factor.
	var treat []float64
	var initial []string
	var y2 []int
	first := map[string]string{}
	for i, c := range d.cols["case"] {
		if d.cols["occasion"][i] == "0" {
			first[c] = d.cols["outcome"][i]
		}
	}
	for i, c := range d.cols["case"] {
		if d.cols["occasion"][i] == "1" {
			treat, initial, y2 = append(treat, d.num("treat")[i]), append(initial, first[c]), append(y2, y[i])
		}
	}
	w = tree{t, e.at("clm_followup_adjusted_for_initial").v}
	f, err = ordinal.Cumulative(build(t, []terms.Variable{terms.Numeric("treat", treat), terms.FactorOf("initial", initial)}, "treat", "initial"), y2, 0)
	if err != nil {
		t.Fatal(err)
	}
	nearAll(t, "adjusted beta", column(f.Coefficients, valueOf), w.nums("beta"), 1e-8)
	nearAll(t, "adjusted se", column(all(f), seOf), w.nums("se"), 1e-8)
}
