package stats_test

import (
	"fmt"
	"testing"

	"dvala/stats/dense"
	"dvala/stats/lmm"
	"dvala/stats/reml"
	"dvala/stats/terms"
)

func vech(rows [][]float64) []float64 {
	var out []float64
	for j := range rows {
		for i := j; i < len(rows); i++ {
			out = append(out, rows[i][j])
		}
	}
	return out
}

func matrixOf(w tree, path string) [][]float64 {
	var out [][]float64
	for i := range w.list(path) {
		out = append(out, w.nums(fmt.Sprintf("%s/%d", path, i)))
	}
	return out
}

func rowsOf(m dense.Matrix) [][]float64 {
	var out [][]float64
	for i := range m.R {
		out = append(out, m.Row(i))
	}
	return out
}

// compareLMM checks a fit against the polished reference: an independent
// implementation in R with Newton to a scaled gradient of 1e-11, itself checked
// against lme4, lmerTest and pbkrtest.
func compareLMM(t *testing.T, d *terms.Design, y []float64, names []string, w tree, o lmm.Options) {
	t.Helper()
	person, people := lmm.Codes(names)
	for _, kind := range []string{"REML", "ML"} {
		t.Run(kind, func(t *testing.T) {
			w := tree{t, w.at(kind + "/polished").v}
			o.ML = kind == "ML"
			f, err := lmm.Random(d, y, person, o)
			if err != nil {
				t.Fatal(err)
			}
			nearAll(t, "beta", column(f.Coefficients, valueOf), w.nums("beta"), 1e-8)
			nearAll(t, "se", column(f.Coefficients, seOf), w.nums("se"), 1e-8)
			nearAll(t, "G", vech(rowsOf(f.G)), vech(matrixOf(w, "G")), 1e-7)
			near(t, "sigma2", f.Sigma2, w.num("sigma2"), 1e-8)
			near(t, "logLik", f.LogLik, w.num("logLik"), 1e-10)
			near(t, "AIC", f.AIC, w.num("AIC"), 1e-10)
			near(t, "BIC", f.BIC, w.num("BIC"), 1e-10)
			nearAll(t, "df", column(f.Coefficients, dfOf), w.nums("satterthwaite/df"), 1e-6)
			nearAll(t, "p", column(f.Coefficients, pOf), w.nums("satterthwaite/p"), 1e-6)
			if !o.Uncorrelated {
				nearAll(t, "ThetaCov", vech(rowsOf(f.ThetaCov)), vech(matrixOf(w, "vtheta_observed")), 1e-5)
			}
			for name, m := range map[string]reml.Method{"observed": reml.KenwardRoger, "expected": reml.KenwardRogerExpected} {
				k := "kenward_roger_" + name + "_info"
				if !w.has(k) {
					continue
				}
				for j := range d.Columns {
					l := make([]float64, len(d.Columns))
					l[j] = 1
					e, err := f.Contrast("", l, m)
					if err != nil {
						t.Fatal(err)
					}
					near(t, k+" se", e.SE, w.nums(k + "/se")[j], 1e-8)
					near(t, k+" df", *e.DF, w.nums(k + "/df")[j], 1e-6)
					near(t, k+" p", e.P, w.nums(k + "/p")[j], 1e-6)
				}
			}
			if w.has("contrasts") {
				for _, c := range w.list("contrasts") {
					compareContrast(t, f, c)
				}
			}
			if w.has("blups") {
				at := map[string]int{}
				for i, p := range people {
					at[p] = i
				}
				u := f.Predicted()
				for i, s := range w.list("blups/subject") {
					got := u[at[fmt.Sprint(s.v)]]
					want := w.nums(fmt.Sprintf("blups/u/%d", i))
					for j := range want {
						if d := got[j] - want[j]; d > 1e-5 || d < -1e-5 {
							t.Errorf("random effect %d of %v: %g, want %g", j, s.v, got[j], want[j])
						}
					}
				}
			}
		})
	}
}

func compareContrast(t *testing.T, f *lmm.Fit, c tree) {
	t.Helper()
	name := c.str("name")
	if _, nested := c.at("L/0").v.([]any); nested {
		l := dense.FromRows(matrixOf(c, "L"))
		for k, m := range map[string]reml.Method{"kr_observed": reml.KenwardRoger, "kr_expected": reml.KenwardRogerExpected} {
			if !c.has(k) {
				continue
			}
			j, err := f.Test(name, l, m)
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" F", j.F, c.num(k+"/F"), 1e-7)
			near(t, name+" df", j.DF2, c.num(k+"/df"), 1e-6)
			near(t, name+" p", j.P, c.num(k+"/p"), 1e-6)
		}
		return
	}
	for k, m := range map[string]reml.Method{"satterthwaite": reml.Satterthwaite, "kr_observed": reml.KenwardRoger, "kr_expected": reml.KenwardRogerExpected} {
		if !c.has(k) {
			continue
		}
		e, err := f.Contrast(name, c.nums("L"), m)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+" estimate", e.Value, c.num(k+"/est"), 1e-7)
		near(t, name+" se", e.SE, c.num(k+"/se"), 1e-8)
		near(t, name+" df", *e.DF, c.num(k+"/df"), 1e-6)
	}
}

func build(t testing.TB, vars []terms.Variable, names ...string) *terms.Design {
	t.Helper()
	d, err := terms.Build(vars, names...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGoldenSleepstudy(t *testing.T) {
	e := expected(t, "01_sleepstudy")
	for _, c := range []struct {
		name, file string
		slope, unc bool
	}{
		{"random_slope", "sleepstudy.csv", true, false},
		{"random_slope_uncorrelated", "sleepstudy.csv", true, true},
		{"random_intercept", "sleepstudy.csv", false, false},
		{"unbalanced_random_slope", "sleepstudy_unbalanced.csv", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := filled("Reaction", readCSV(t, "01_sleepstudy", c.file))
			x := d.num("Days")
			o := lmm.Options{Uncorrelated: c.unc}
			if c.slope {
				o.Slopes = []lmm.Slope{{Name: "Days", X: x}}
			}
			compareLMM(t, build(t, []terms.Variable{terms.Numeric("Days", x)}, "Days"), d.num("Reaction"), d.cols["Subject"], e.at(c.name), o)
		})
	}
}

func TestGoldenNightly(t *testing.T) {
	e := expected(t, "22_nightly_lmm")
	d := filled("tst", readCSV(t, "22_nightly_lmm", "nightly.csv"))
	night := d.num("night")
	des := build(t, []terms.Variable{terms.Numeric("bl", d.num("bl")), terms.Numeric("arm", d.num("arm")), terms.Numeric("night", night)}, "bl", "arm", "night", "arm:night")
	for name, o := range map[string]lmm.Options{
		"random_slope":     {Slopes: []lmm.Slope{{Name: "night", X: night}}},
		"random_intercept": {},
	} {
		t.Run(name, func(t *testing.T) {
			compareLMM(t, des, d.num("tst"), d.cols["id"], e.at(name), o)
		})
	}
}

func TestGoldenStudentLMM(t *testing.T) {
	e := expected(t, "02_student_sleep")
	d := readCSV(t, "02_student_sleep", "sleep.csv")
	ids := make([]string, d.n)
	for i := range ids {
		ids[i] = fmt.Sprint(i%10 + 1)
	}
	drug := d.num("drug")
	for i := range drug {
		drug[i]--
	}
	compareLMM(t, build(t, []terms.Variable{terms.Numeric("drug2", drug)}, "drug2"), d.num("extra"), ids, e.at("lmm"), lmm.Options{})
}

func TestGoldenCrossoverLMM(t *testing.T) {
	e := expected(t, "16_crossover")
	for name, file := range map[string]string{"pef": "pef_formoterol.csv", "sim": "crossover24.csv"} {
		d := filled("y", readCSV(t, "16_crossover", file))
		is := func(col, v string) []float64 {
			out := make([]float64, d.n)
			for i, s := range d.cols[col] {
				if s == v {
					out[i] = 1
				}
			}
			return out
		}
		vars := []terms.Variable{terms.Numeric("A", is("treat", "A")), terms.Numeric("P2", is("period", "2")), terms.Numeric("SBA", is("seq", "BA"))}
		t.Run(name, func(t *testing.T) {
			compareLMM(t, build(t, vars, "A", "P2"), d.num("y"), d.cols["id"], e.at(name+"/lmm_all_available"), lmm.Options{})
		})
		t.Run(name+" with sequence", func(t *testing.T) {
			compareLMM(t, build(t, vars, "A", "P2", "SBA"), d.num("y"), d.cols["id"], e.at(name+"/lmm_with_sequence"), lmm.Options{})
		})
	}
}

func TestGoldenSerial(t *testing.T) {
	w := tree{t, expected(t, "22_nightly_lmm").at("random_intercept_plus_ar1_REML/polished").v}
	d := filled("tst", readCSV(t, "22_nightly_lmm", "nightly.csv"))
	night := d.num("night")
	des := build(t, []terms.Variable{terms.Numeric("bl", d.num("bl")), terms.Numeric("arm", d.num("arm")), terms.Numeric("night", night)}, "bl", "arm", "night", "arm:night")
	person, _ := lmm.Codes(d.cols["id"])
	f, err := lmm.Random(des, d.num("tst"), person, lmm.Options{Nights: night})
	if err != nil {
		t.Fatal(err)
	}
	nearAll(t, "theta", []float64{f.G.At(0, 0), f.Sigma2, *f.Autocorrelation}, w.nums("theta"), 1e-7)
	nearAll(t, "beta", column(f.Coefficients, valueOf), w.nums("beta"), 1e-8)
	nearAll(t, "se", column(f.Coefficients, seOf), w.nums("se"), 1e-8)
	nearAll(t, "df", column(f.Coefficients, dfOf), w.nums("satt_df"), 1e-6)
	near(t, "logLik", f.LogLik, w.num("logLik_no_XtX"), 1e-10)
	for j := range des.Columns {
		l := make([]float64, len(des.Columns))
		l[j] = 1
		e, err := f.Contrast("", l, reml.KenwardRoger)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "KR se", e.SE, w.nums("krl_se")[j], 1e-8)
		near(t, "KR df", *e.DF, w.nums("krl_df")[j], 1e-6)
	}
	for _, c := range w.list("contrasts") {
		if c.v == nil { // the joint test is not in this case
			continue
		}
		l := map[string][]float64{"diff_night21": {0, 0, 1, 0, 21}, "diff_mean_nights": {0, 0, 1, 0, 11}, "slope_diff": {0, 0, 0, 0, 1}}[c.str("name")]
		if l == nil {
			continue
		}
		e, err := f.Contrast(c.str("name"), l, reml.Satterthwaite)
		if err != nil {
			t.Fatal(err)
		}
		nearEstimate(t, c.str("name"), e, c, 1e-6)
	}
}
