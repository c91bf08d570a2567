package stats_test

import (
	"fmt"
	"strings"
	"testing"

	"dvala/stats"
	"dvala/stats/dense"
	"dvala/stats/lmm"
	"dvala/stats/mmrm"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

func index(values, levels []string) []int {
	at := map[string]int{}
	for i, l := range levels {
		at[l] = i
	}
	out := make([]int, len(values))
	for i, v := range values {
		out[i] = at[v]
	}
	return out
}

// compareMMRM checks one structure and method against the polished reference,
// an independent implementation in R with Newton to a scaled gradient of 1e-11.
func compareMMRM(t *testing.T, d *terms.Design, in mmrm.Rows, model tree, key string) {
	t.Helper()
	w := tree{t, model.at(key + "/polished").v}
	name, kind, _ := strings.Cut(key, "_")
	f, err := mmrm.Repeated(d, in, mmrm.Options{Structure: mmrm.Structure(name), ML: kind == "ML"})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "logLik", f.LogLik, w.num("logLik"), 1e-10)
	near(t, "AIC", f.AIC, w.num("AIC_cov_params_only"), 1e-10)
	near(t, "BIC", f.BIC, w.num("BIC_log_nsubj"), 1e-10)
	nearAll(t, "beta", column(f.Coefficients, valueOf), w.nums("beta"), 1e-7)
	nearAll(t, "se", column(f.Coefficients, seOf), w.nums("se"), 1e-7)
	nearAll(t, "Sigma", vech(rowsOf(f.Sigma[0])), vech(matrixOf(w, "Sigma")), 1e-7)
	nearAll(t, "df", column(f.Coefficients, dfOf), w.nums("satterthwaite/df"), 1e-5)
	nearAll(t, "p", column(f.Coefficients, pOf), w.nums("satterthwaite/p"), 1e-6)
	for k, m := range map[string]reml.Method{
		"kenward_roger_linear":              reml.KenwardRoger,
		"kenward_roger_expected_info":       reml.KenwardRogerExpected,
		"kenward_roger_full_natural":        reml.KenwardRogerFull,
		"kenward_roger_full_cholesky_param": reml.KenwardRogerFull,
	} {
		if !w.has(k) {
			continue
		}
		var es []stats.Estimate
		for j := range d.Columns {
			l := make([]float64, len(d.Columns))
			l[j] = 1
			e, err := f.Contrast("", l, m)
			if err != nil {
				t.Fatal(err)
			}
			es = append(es, e)
		}
		nearAll(t, k+" se", column(es, seOf), w.nums(k+"/se"), 1e-7)
		nearAll(t, k+" df", column(es, dfOf), w.nums(k+"/df"), 1e-5)
		nearAll(t, k+" p", column(es, pOf), w.nums(k+"/p"), 1e-6)
	}
	compareRobust(t, d, f, model, key)
	if w.has("lsmeans") && w.at("lsmeans").v != nil {
		compareLSMeans(t, d, f, w, kind == "REML")
	}
	if w.has("joint_test_all_visit_differences") {
		var l [][]float64
		for _, c := range w.list("lsmeans") {
			if c.str("type") == "difference" {
				l = append(l, c.nums("L"))
			}
		}
		for k, m := range map[string]reml.Method{"kr_linear": reml.KenwardRoger, "kr_expected": reml.KenwardRogerExpected} {
			j, err := f.Test("joint", dense.FromRows(l), m)
			if err != nil {
				t.Fatal(err)
			}
			c := w.at("joint_test_all_visit_differences/" + k)
			near(t, k+" F", j.F, c.num("F"), 1e-7)
			near(t, k+" df", j.DF2, c.num("df"), 1e-5)
		}
	}
}

func compareLSMeans(t *testing.T, d *terms.Design, f *mmrm.Fit, w tree, isREML bool) {
	t.Helper()
	for _, c := range w.list("lsmeans") {
		l := c.nums("L")
		if c.str("type") == "lsmean" {
			got, err := d.Mean(terms.At{"ARMCD": c.str("arm"), "AVISIT": c.str("visit")}, terms.Equal)
			if err != nil {
				t.Fatal(err)
			}
			nearAll(t, "LS-mean row", got, l, 1e-10)
		}
		e, err := f.Contrast("", l, reml.Satterthwaite)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "LS mean", e.Value, c.num("est"), 1e-7)
		near(t, "its se", e.SE, c.num("se"), 1e-7)
		near(t, "its df", *e.DF, c.num("satt_df"), 1e-5)
		nearAll(t, "its interval", []float64{e.Low, e.High}, c.nums("satt_ci"), 1e-6)
		if !isREML {
			continue
		}
		if e, err = f.Contrast("", l, reml.KenwardRoger); err != nil {
			t.Fatal(err)
		}
		near(t, "its KR se", e.SE, c.num("krl_se"), 1e-7)
		near(t, "its KR df", *e.DF, c.num("krl_df"), 1e-5)
		near(t, "its KR p", e.P, c.num("krl_p"), 1e-5)
	}
}

func fev(t testing.TB) (table, mmrm.Rows, []terms.Variable) {
	d := filled("FEV1", readCSV(t, "04_mmrm_fev", "fev_data.csv"))
	visits := []string{"VIS1", "VIS2", "VIS3", "VIS4"}
	person, _ := lmm.Codes(d.cols["USUBJID"])
	in := mmrm.Rows{Y: d.num("FEV1"), Person: person, Visit: index(d.cols["AVISIT"], visits), Visits: visits}
	return d, in, []terms.Variable{
		terms.Numeric("FEV1_BL", d.num("FEV1_BL")), terms.FactorOf("RACE", d.cols["RACE"]),
		terms.Factor("SEX", d.cols["SEX"], "Male", "Female"), terms.Factor("ARMCD", d.cols["ARMCD"], "PBO", "TRT"),
		terms.Factor("AVISIT", d.cols["AVISIT"], visits...),
	}
}

func TestGoldenFEV(t *testing.T) {
	e := expected(t, "04_mmrm_fev")
	_, in, vars := fev(t)
	for name, model := range map[string][]string{
		"A_arm_only":          {"ARMCD"},
		"B_standard":          {"RACE", "SEX", "ARMCD", "AVISIT", "ARMCD:AVISIT"},
		"C_baseline_by_visit": {"FEV1_BL", "AVISIT", "RACE", "SEX", "ARMCD", "FEV1_BL:AVISIT", "ARMCD:AVISIT"},
	} {
		w := e.at(name)
		des := build(t, vars, model...)
		n := 0
		for _, s := range mmrm.Structures {
			for _, kind := range []string{"REML", "ML"} {
				key := string(s) + "_" + kind
				if !w.has(key) {
					continue
				}
				n++
				t.Run(name+"/"+key, func(t *testing.T) { compareMMRM(t, des, in, w, key) })
			}
		}
		if n < 6 {
			t.Errorf("%s: only %d fits compared", name, n)
		}
	}
}

func TestGoldenBCVA(t *testing.T) {
	if testing.Short() {
		t.Skip("55 covariance parameters")
	}
	e := expected(t, "05_mmrm_bcva")
	d := filled("BCVA_CHG", readCSV(t, "05_mmrm_bcva", "bcva_data.csv"))
	var visits []string
	for i := range 10 {
		visits = append(visits, fmt.Sprintf("VIS%02d", i+1))
	}
	person, _ := lmm.Codes(d.cols["USUBJID"])
	in := mmrm.Rows{Y: d.num("BCVA_CHG"), Person: person, Visit: index(d.cols["AVISIT"], visits), Visits: visits}
	vars := []terms.Variable{
		terms.Numeric("BCVA_BL", d.num("BCVA_BL")), terms.FactorOf("RACE", d.cols["RACE"]),
		terms.FactorOf("ARMCD", d.cols["ARMCD"]), terms.Factor("AVISIT", d.cols["AVISIT"], visits...),
	}
	des := build(t, vars, "BCVA_BL", "RACE", "ARMCD", "AVISIT", "ARMCD:AVISIT")
	for _, key := range []string{"small_ar1h/ar1h_REML", "small_ar1h/cs_REML", "us/us_REML"} {
		t.Run(key, func(t *testing.T) {
			model, fit, _ := strings.Cut(key, "/")
			compareMMRM(t, des, in, e.at(model), fit)
		})
	}
}

// compareRobust checks sandwich errors against mmrm's own, which stop early, so
// to their tolerance.
func compareRobust(t *testing.T, d *terms.Design, f *mmrm.Fit, model tree, key string) {
	t.Helper()
	w := tree{t, model.at(key + "/mmrm").v}
	for k, kind := range map[string]reml.Robust{"Empirical": reml.CR0, "Empirical-Jackknife": reml.CR3} {
		if !w.has(k) {
			continue
		}
		for j := range d.Columns {
			l := make([]float64, len(d.Columns))
			l[j] = 1
			e, err := f.RobustContrast("", l, kind)
			if err != nil {
				t.Fatal(err)
			}
			near(t, k+" se", e.SE, w.nums(k + "/se")[j], 1e-4)
			near(t, k+" df", *e.DF, w.nums(k + "/satt_df")[j], 1e-3)
		}
	}
}
