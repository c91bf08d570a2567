package stats_test

import (
	"math"
	"testing"

	"dvala/stats/dense"
	"dvala/stats/missing"
	"dvala/stats/terms"
)

func TestGoldenRubin(t *testing.T) {
	e := expected(t, "12_mi_rubin")
	compare := func(what string, p missing.Pooled, w tree) {
		t.Helper()
		near(t, what, p.Value, w.num("est"), 1e-12)
		near(t, what+" se", p.SE, w.num("se"), 1e-12)
		near(t, what+" df", *p.DF, w.num("df_barnard_rubin"), 1e-10)
		near(t, what+" fmi", p.FMI, w.num("fmi"), 1e-10)
		near(t, what+" p", p.P, w.num("p"), 1e-10)
		nearAll(t, what+" interval", []float64{p.Low, p.High}, w.nums("ci"), 1e-10)
	}
	q, u := e.nums("toy/q"), e.nums("toy/u")
	for key, df := range map[string]float64{"dfcom_inf": math.Inf(1), "dfcom_50": 50} {
		p, err := missing.Rubin("toy", q, u, df, 0)
		if err != nil {
			t.Fatal(err)
		}
		compare("toy "+key, p, e.at("toy/"+key))
	}
	coef, variance := matrixOf(e, "per_imputation/coef"), matrixOf(e, "per_imputation/variance")
	for j, w := range e.list("pooled") {
		var q, u []float64
		for i := range coef {
			q, u = append(q, coef[i][j]), append(u, variance[i][j])
		}
		p, err := missing.Rubin("", q, u, e.num("df_complete"), 0)
		if err != nil {
			t.Fatal(err)
		}
		compare(w.str("term"), p, w)
	}
}

// D1 needs the covariances, which come from the imputed data sets themselves.
func TestGoldenRubinJoint(t *testing.T) {
	e := expected(t, "12_mi_rubin")
	d := readCSV(t, "12_mi_rubin", "imputed20.csv")
	q := dense.New(20, 2)
	var us []dense.Matrix
	for imp := range 20 {
		one := d.keep(func(i int) bool { return int(d.num2("imp", i)) == imp+1 })
		f := ancova(t, one, "isi_d21")
		copy(q.Row(imp), f.Beta()[3:5])
		v, u := f.Covariance(), dense.New(2, 2)
		for a := range 2 {
			for b := range 2 {
				u.Set(a, b, v.At(3+a, 3+b))
			}
		}
		us = append(us, u)
	}
	j, err := missing.RubinTest("site", q, us)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "D1", j.F, e.num("D1_site/D1"), 1e-9)
	near(t, "df", j.DF2, e.num("D1_site/df2_li1991"), 1e-9)
	near(t, "p", j.P, e.num("D1_site/p"), 1e-9)
}

func referenceTrial(t testing.TB) missing.Trial {
	d := readCSV(t, "06_ancova", "trial80.csv")
	tr := missing.Trial{
		Arm: ints(d.num("arm")), Visits: []string{"D07", "D14", "D21"},
		Covariates: []terms.Variable{terms.Numeric("isi_bl", d.num("isi_bl")), terms.FactorOf("site", d.cols["site"]), terms.FactorOf("sex", d.cols["sex"])},
	}
	cols := [][]float64{d.num("isi_d7"), d.num("isi_d14"), d.num("isi_d21")}
	for i := range d.n {
		row := make([]*float64, 3)
		for v := range cols {
			if y := cols[v][i]; !math.IsNaN(y) {
				row[v] = &y
			}
		}
		tr.Y = append(tr.Y, row)
	}
	return tr
}

func TestGoldenReferenceBased(t *testing.T) {
	e := expected(t, "13_reference_based_mi")
	tr := referenceTrial(t)
	for key, s := range map[string]missing.Strategy{"MAR": missing.AtRandom, "JR": missing.Jump, "CR": missing.Copy, "CIR": missing.Increments, "LMCF": missing.Carried} {
		w := e.at(key)
		r, err := missing.ConditionalMean(tr, s, 0)
		if err != nil {
			t.Fatal(err)
		}
		near(t, key, r.Value, w.num("est"), 1e-6)
		near(t, key+" se", r.SE, w.num("se_jackknife"), 1e-5)
		near(t, key+" p", r.P, w.num("p"), 1e-4)
		var imputed []float64
		for i, row := range tr.Y {
			for v, y := range row {
				if y == nil {
					imputed = append(imputed, r.Means[i][v])
				}
			}
		}
		nearAll(t, key+" imputed", imputed, w.nums("imputed_values"), 1e-6)
	}
	// Drawing agrees with conditional means at random, up to the drawing.
	m, err := missing.Impute(tr, missing.AtRandom, 100, 0, 7, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := math.Abs(m.Value - e.num("MAR/est")); d > 3*math.Sqrt(m.Between/100)+0.1 {
		t.Errorf("multiple imputation gives %g, conditional means %g", m.Value, e.num("MAR/est"))
	}
}
