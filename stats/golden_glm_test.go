package stats_test

import (
	"testing"

	"dvala/stats/glm"
	"dvala/stats/lmm"
	"dvala/stats/terms"
)

func TestGoldenGEE(t *testing.T) {
	e := expected(t, "23_gee")
	for name, c := range map[string]struct {
		column string
		family glm.Family
	}{"binary": {"good", glm.Binomial}, "gaussian": {"score", glm.Gaussian}} {
		d := filled(c.column, readCSV(t, "23_gee", "gee.csv"))
		id, _ := lmm.Codes(d.cols["id"])
		des := build(t, []terms.Variable{terms.Numeric("arm", d.num("arm")), terms.Numeric("wave", d.num("wave"))}, "arm", "wave")
		for key, working := range map[string]glm.Working{"independence": glm.Independence, "exchangeable": glm.Exchangeable, "ar1": glm.AR1} {
			w := e.at(name + "/" + key)
			alpha := w.num("alpha")
			o := glm.Options{Family: c.family, Cluster: id, Wave: d.num("wave"), Working: working, Alpha: &alpha}
			for col, kind := range map[string]glm.Errors{"robust": glm.Robust, "mancl_derouen": glm.ManclDeRouen, "kc_symmetrised": glm.KauermannCarroll} {
				o.Errors = kind
				f, err := glm.Regress(des, d.num(c.column), o)
				if err != nil {
					t.Fatal(err)
				}
				nearAll(t, name+" "+key+" beta", column(f.Coefficients, valueOf), w.nums("own/beta"), 1e-8)
				nearAll(t, name+" "+key+" "+col, column(f.Coefficients, seOf), w.nums("own/"+col), 1e-7)
			}
			// With the correlation estimated: geepack's own.
			o.Alpha, o.Errors = nil, glm.Robust
			f, err := glm.Regress(des, d.num(c.column), o)
			if err != nil {
				t.Fatal(err)
			}
			near(t, name+" "+key+" alpha", f.Alpha, alpha, 1e-6)
			near(t, name+" "+key+" phi", f.Phi, w.num("phi"), 1e-6)
			nearAll(t, name+" "+key+" beta estimated", column(f.Coefficients, valueOf), w.nums("beta"), 1e-6)
			nearAll(t, name+" "+key+" se estimated", column(f.Coefficients, seOf), w.nums("robust_se"), 1e-6)
		}
	}
}
