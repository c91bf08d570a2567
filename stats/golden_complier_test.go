package stats_test

import (
	"testing"

	"dvala/stats/complier"
	"dvala/stats/terms"
)

func TestGoldenComplier(t *testing.T) {
	e := expected(t, "18_cace")
	for day, col := range map[string]string{"day21": "isi_d21", "day7": "isi_d7"} {
		w := e.at(day)
		d := filled(col, readCSV(t, "06_ancova", "trial80.csv"))
		y, arm := d.num(col), d.num("arm")
		taken, dose := make([]float64, d.n), make([]float64, d.n)
		for i, a := range d.num("adherence") {
			if arm[i] == 1 {
				dose[i] = a
				if a >= w.num("threshold") {
					taken[i] = 1
				}
			}
		}
		r, err := complier.Wald(y, taken, arm, 0)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "Wald", r.Value, w.num("wald_cace"), 1e-12)
		near(t, "delta method", r.SE, w.num("delta_method_se"), 1e-11)
		none := build(t, []terms.Variable{terms.Numeric("arm", arm)})
		covs := build(t, []terms.Variable{terms.Numeric("bl", d.num("isi_bl")), terms.FactorOf("site", d.cols["site"]), terms.FactorOf("sex", d.cols["sex"])}, "bl", "site", "sex")
		for key, c := range map[string]struct {
			x     *terms.Design
			taken []float64
		}{"tsls_unadjusted": {none, taken}, "tsls_adjusted": {covs, taken}, "tsls_dose": {covs, dose}} {
			for col, kind := range map[string]complier.Errors{"se": complier.Model, "se_hc0": complier.HC0, "se_hc1": complier.HC1} {
				f, err := complier.TwoStage(c.x, y, c.taken, arm, kind, 0)
				if err != nil {
					t.Fatal(err)
				}
				nearAll(t, day+" "+key, column(f.Coefficients, valueOf), w.nums(key+"/coef"), 1e-9)
				nearAll(t, day+" "+key+" "+col, column(f.Coefficients, seOf), w.nums(key+"/"+col), 1e-9)
				near(t, "sigma", f.Sigma, w.num(key+"/sigma"), 1e-10)
				if key == "tsls_adjusted" {
					near(t, "first stage", f.FirstStageF, w.num("first_stage_F"), 1e-9)
				}
			}
		}
	}
}
