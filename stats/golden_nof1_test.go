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

func TestGoldenNof1(t *testing.T) {
	e := expected(t, "17_nof1")
	people := triers(readCSV(t, "17_nof1", "nof1.csv"))
	for _, p := range people {
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
		near(t, p.Name+" serial", f.Effect.Value, g.num("est"), 1e-6)
		near(t, p.Name+" serial se", f.Effect.SE, g.num("se"), 1e-6)
		near(t, p.Name+" serial p", f.Effect.P, g.num("p"), 1e-6)
		near(t, p.Name+" φ", *f.Phi, g.num("phi"), 1e-5)
		near(t, p.Name+" σ", f.Sigma, g.num("sigma"), 1e-6)
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
