package stats_test

import (
	"math"
	"testing"

	"dvala/stats/multiple"
)

func TestGoldenClosed(t *testing.T) {
	e := expected(t, "09_multiplicity")
	for _, name := range []string{"p1", "p2", "ties_and_extremes"} {
		w := e.at(name)
		for key, f := range map[string]func([]float64) ([]float64, error){
			"hommel": multiple.Hommel, "sidak": multiple.Sidak, "holm_sidak": multiple.HolmSidak,
		} {
			got, err := f(w.nums("p"))
			if err != nil {
				t.Fatal(err)
			}
			tol := 1e-12
			if name == "ties_and_extremes" && key != "hommel" {
				tol = 1e-4 // 1 − (1−p)^m in R loses the digits of 1e-12 that we keep
			}
			nearAll(t, name+" "+key, got, w.nums(key), tol)
		}
	}
	for _, name := range []string{"a", "b"} {
		w := e.at("dunnett/" + name)
		var n []int
		for _, v := range w.nums("n") {
			n = append(n, int(v))
		}
		got, err := multiple.Dunnett(w.nums("t"), n, w.num("df"))
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range w.nums("p_two_sided") {
			if math.Abs(got[i]-p) > 1e-6 {
				t.Errorf("Dunnett %s: %.10g, want %.10g", name, got[i], p)
			}
		}
	}
}
