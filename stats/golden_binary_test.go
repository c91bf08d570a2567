package stats_test

import (
	"fmt"
	"math"
	"testing"

	"dvala/stats/binary"
	"dvala/stats/survival"
)

func TestGoldenTwoByTwo(t *testing.T) {
	e := expected(t, "07_twosample")
	for _, path := range []string{"newcombe_1998_example", "small", "zero_cell", "ae"} {
		w := tree{t, e.at(path).v}
		a := binary.Counts{X: int(w.num("x1")), N: int(w.num("n1"))}
		b := binary.Counts{X: int(w.num("x2")), N: int(w.num("n2"))}
		for key, c := range map[string]struct {
			kind binary.Kind
			tol  float64
		}{"wald": {binary.Wald, 1e-12}, "newcombe": {binary.Newcombe, 1e-12}, "miettinen_nurminen": {binary.MiettinenNurminen, 1e-7}, "mee_no_correction": {binary.Mee, 1e-7}} {
			r, err := binary.RiskDifference(a, b, c.kind, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			nearAll(t, path+" "+key, []float64{r.Low, r.High}, w.nums("risk_difference/"+key), c.tol)
		}
		f, err := binary.Fisher(a, b)
		if err != nil {
			t.Fatal(err)
		}
		near(t, path+" Fisher", f.P, w.num("fisher/p"), 1e-10)
		near(t, path+" mid-p", f.MidP, w.num("fisher/mid_p"), 1e-10)
		stat, p, err := binary.ChiSquared(a, b)
		if err != nil {
			t.Fatal(err)
		}
		near(t, path+" chi2", stat, w.num("chisq/stat"), 1e-12)
		near(t, path+" chi2 p", p, w.num("chisq/p"), 1e-11)
		rr, err := binary.RiskRatio(a, b, 0.95)
		if w.at("risk_ratio").v == nil {
			if err == nil {
				t.Errorf("%s has a risk ratio", path)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		near(t, path+" RR", rr.Value, w.num("risk_ratio/est"), 1e-12)
		nearAll(t, path+" RR interval", []float64{rr.Low, rr.High}, w.nums("risk_ratio/ci_log_wald"), 1e-12)
		or, err := binary.OddsRatio(a, b, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		nearAll(t, path+" OR", []float64{or.Value, or.Low, or.High}, append([]float64{w.num("odds_ratio/est")}, w.nums("odds_ratio/ci_woolf")...), 1e-12)
	}
}

func TestGoldenStrata(t *testing.T) {
	w := tree{t, expected(t, "07_twosample").at("stratified").v}
	v := w.nums("table")
	var s []binary.Stratum
	for k := 0; k+3 < len(v); k += 4 {
		s = append(s, binary.Stratum{
			A: binary.Counts{X: int(v[k]), N: int(v[k] + v[k+2])},
			B: binary.Counts{X: int(v[k+1]), N: int(v[k+1] + v[k+3])},
		})
	}
	r, err := binary.MantelHaenszel(s, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "MH difference", r.Difference.Value, w.num("mh_risk_difference"), 1e-12)
	near(t, "Sato", r.Difference.SE, w.num("mh_rd_sato_se"), 1e-12)
	near(t, "MH odds ratio", r.OddsRatio.Value, w.num("mh_or"), 1e-12)
	nearAll(t, "RBG", []float64{r.OddsRatio.Low, r.OddsRatio.High}, w.nums("ci_rbg"), 1e-11)
	near(t, "CMH", r.ChiSquared, w.num("cmh_chisq"), 1e-12)
	near(t, "CMH p", r.P, w.num("p"), 1e-11)

	m, err := binary.McNemar(4, 3)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "McNemar", m.P, expected(t, "07_twosample").num("mcnemar/exact_p"), 1e-12)
	near(t, "McNemar mid-p", m.MidP, expected(t, "07_twosample").num("mcnemar/mid_p"), 1e-12)

	any := tree{t, expected(t, "20_table1_safety").at("safety/any").v}
	rate, p, err := binary.RateRatio(35, any.nums("exposure_years")[0], 16, any.nums("exposure_years")[1], 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "rate ratio", rate.Value, any.num("rate_ratio/est"), 1e-12)
	nearAll(t, "its exact interval", []float64{rate.Low, rate.High}, any.nums("rate_ratio/ci_exact_conditional"), 1e-11)
	near(t, "its exact p", p, any.num("rate_ratio/p_exact"), 1e-10)
}

func TestGoldenSurvival(t *testing.T) {
	w := tree{t, expected(t, "07_twosample").at("time_to_event").v}
	d := readCSV(t, "07_twosample", "survival.csv")
	var all []survival.Time
	var by [2][]survival.Time
	arm, stratum := ints(d.num("arm")), ints(d.num("stratum"))
	for i, x := range d.num("time") {
		s := survival.Time{T: x, Event: d.cols["event"][i] == "1"}
		all = append(all, s)
		by[arm[i]] = append(by[arm[i]], s)
	}
	for g := range 2 {
		c, err := survival.KaplanMeier(by[g], 0.95)
		if err != nil {
			t.Fatal(err)
		}
		for i, at := range []float64{7, 14, 20} {
			s, ok := c.At(at)
			if !ok {
				t.Fatalf("no curve at %g", at)
			}
			k := 3*g + i
			what := fmt.Sprintf("arm %d day %g", g, at)
			nearAll(t, what, []float64{s.S, s.SE, s.Low, s.High}, []float64{w.nums("km/surv")[k], w.nums("km/se")[k], w.nums("km/lower_loglog")[k], w.nums("km/upper_loglog")[k]}, 1e-11)
		}
		m, _ := c.Median()
		near(t, "median", m, w.nums("median")[g], 1e-12)
	}
	r, err := survival.Compare(all, arm, nil)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-rank", r.ChiSquared, w.num("logrank/chisq"), 1e-11)
	near(t, "log-rank p", r.P, w.num("logrank/p"), 1e-11)
	nearAll(t, "expected", r.Expected[:], w.nums("logrank/exp"), 1e-11)
	if r, err = survival.Compare(all, arm, stratum); err != nil {
		t.Fatal(err)
	}
	near(t, "stratified", r.ChiSquared, w.num("stratified_logrank/chisq"), 1e-11)
	h, err := survival.HazardRatio(all, arm, nil, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Cox", math.Log(h.Value), w.num("cox_efron/loghr"), 1e-10)
	near(t, "Cox se", h.SE, w.num("cox_efron/se"), 1e-10)
}
