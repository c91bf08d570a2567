package stats_test

import (
	"fmt"
	"math"
	"testing"

	"dvala/stats/crossover"
	"dvala/stats/effect"
	"dvala/stats/multiple"
	"dvala/stats/summary"
)

func TestGoldenPaired(t *testing.T) {
	e := expected(t, "02_student_sleep")
	d := readCSV(t, "02_student_sleep", "sleep.csv")
	x := d.num("extra")
	got, err := crossover.Paired(x[10:], x[:10], 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "estimate", got.Value, e.num("paired_t/estimate"), 1e-10)
	near(t, "se", got.SE, e.num("paired_t/se"), 1e-10)
	near(t, "p", got.P, e.num("paired_t/p"), 1e-10)
	nearAll(t, "interval", []float64{got.Low, got.High}, e.nums("paired_t/ci"), 1e-10)
	diff := make([]float64, 10)
	for i := range diff {
		diff[i] = x[10+i] - x[i]
	}
	s, err := effect.Paired(diff, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "dz", s.D, e.num("effect_size/dz"), 1e-10)
	near(t, "gz", s.G, e.num("effect_size/gz_exact"), 1e-10)
	nearAll(t, "dz interval", []float64{s.DLow, s.DHigh}, e.nums("effect_size/dz_noncentral_t_ci"), 1e-7)
}

func people(d table) []crossover.Person {
	at := map[string]int{}
	var out []crossover.Person
	y := d.num("y")
	for i := range d.n {
		id := d.cols["id"][i]
		k, ok := at[id]
		if !ok {
			k = len(out)
			at[id] = k
			out = append(out, crossover.Person{First: d.cols["seq"][i][:1]})
		}
		if !math.IsNaN(y[i]) {
			out[k].Outcomes[d.cols["period"][i][0]-'1'] = &y[i]
		}
	}
	return out
}

func TestGoldenCrossover(t *testing.T) {
	e := expected(t, "16_crossover")
	for name, file := range map[string]string{"pef": "pef_formoterol.csv", "sim": "crossover24.csv"} {
		w := e.at(name)
		r, err := crossover.Analyse(people(readCSV(t, "16_crossover", file)), "A", "B", 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "complete", float64(r.Complete), w.num("n_complete"), 0)
		near(t, "A − B", r.Treatment.Value, w.num("hills_armitage/A_minus_B"), 1e-10)
		near(t, "se", r.Treatment.SE, w.num("hills_armitage/se"), 1e-10)
		near(t, "p", r.Treatment.P, w.num("hills_armitage/p"), 1e-10)
		nearAll(t, "interval", []float64{r.Treatment.Low, r.Treatment.High}, w.nums("hills_armitage/ci"), 1e-10)
		near(t, "period", r.Period.Value, w.num("period_effect_2_minus_1/est"), 1e-10)
		near(t, "period t", r.Period.Stat, w.num("period_effect_2_minus_1/t"), 1e-10)
		near(t, "sequence", 2*r.Sequence.Value, w.num("carryover_sum_test/diff_of_sums"), 1e-10)
		near(t, "sequence t", r.Sequence.Stat, w.num("carryover_sum_test/t"), 1e-10)
		near(t, "sequence p", r.Sequence.P, w.num("carryover_sum_test/p"), 1e-10)
	}
}

func TestGoldenHedges(t *testing.T) {
	e := expected(t, "08_effect_sizes")
	d := readCSV(t, "08_effect_sizes", "summary_stats.csv")
	c := func(name string, i int) float64 { return d.num(name)[i] }
	for i := range d.n {
		s, err := effect.Hedges(
			effect.Group{N: int(c("n1", i)), Mean: c("m1", i), SD: c("sd1", i)},
			effect.Group{N: int(c("n2", i)), Mean: c("m2", i), SD: c("sd2", i)}, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "d", s.D, e.nums("d")[i], 1e-10)
		near(t, "J", s.J, e.nums("J_exact")[i], 1e-12)
		near(t, "g", s.G, e.nums("g_exact")[i], 1e-10)
		near(t, "variance", s.Variance, e.nums("metafor_v_LS")[i], 1e-10)
		nearAll(t, "d interval", []float64{s.DLow, s.DHigh}, e.nums(fmt.Sprintf("d_ci_nct/%d", i)), 1e-7)
		nearAll(t, "g interval", []float64{s.Low, s.High}, e.nums(fmt.Sprintf("g_ci_nct/%d", i)), 1e-7)
	}
}

func TestGoldenMultiplicity(t *testing.T) {
	e := expected(t, "09_multiplicity")
	for _, name := range []string{"p1", "p2", "ties_and_extremes"} {
		w := e.at(name)
		for key, f := range map[string]func([]float64) ([]float64, error){
			"bonferroni": multiple.Bonferroni, "holm": multiple.Holm, "hochberg": multiple.Hochberg,
			"BH": multiple.BenjaminiHochberg, "BY": multiple.BenjaminiYekutieli,
			"fixed_sequence_in_given_order": multiple.FixedSequence,
		} {
			got, err := f(w.nums("p"))
			if err != nil {
				t.Fatal(err)
			}
			nearAll(t, name+" "+key, got, w.nums(key), 1e-12)
		}
	}
	graphs := e.list("graph_parallel_gatekeeping")
	for _, k := range []string{"graph_holm3", "graph_fixed_sequence", "graph_fallback"} {
		graphs = append(graphs, e.at(k))
	}
	for i, w := range graphs {
		g := multiple.Graph{Weights: w.nums("weights")}
		for j := range g.Weights {
			g.Transition = append(g.Transition, w.nums(fmt.Sprintf("transition/%d", j)))
		}
		r, err := g.Adjust(w.nums("p"))
		if err != nil {
			t.Fatal(err)
		}
		nearAll(t, fmt.Sprintf("graph %d", i), r.Adjusted, w.nums("adjusted_p"), 1e-12)
		for j, k := range w.nums("removal_order") {
			if j < len(r.Order) && r.Order[j] != int(k)-1 {
				t.Errorf("graph %d: hypothesis %d went at step %d, want %g", i, r.Order[j]+1, j+1, k)
			}
		}
	}
}

func TestGoldenTable1(t *testing.T) {
	e := expected(t, "20_table1_safety")
	d := readCSV(t, "06_ancova", "trial80.csv")
	by := map[string][2][]float64{}
	for _, name := range []string{"age", "isi_bl"} {
		var g [2][]float64
		for i, v := range d.num(name) {
			k := int(d.num("arm")[i])
			g[k] = append(g[k], v)
		}
		by[name] = g
		for k, arm := range []string{"0", "1"} {
			w := e.at("table1/" + name + "/" + arm)
			s, _, err := summary.Describe(g[k], 0)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "mean", s.Mean, w.num("mean"), 1e-12)
			near(t, "sd", *s.SD, w.num("sd"), 1e-12)
			nearAll(t, "quartiles", []float64{s.Q1, s.Median, s.Q3}, w.nums("q1_median_q3_type2_SAS"), 0)
			nearAll(t, "range", []float64{s.Min, s.Max}, []float64{w.num("min"), w.num("max")}, 0)
		}
		smd, err := summary.SMD(g[1], g[0])
		if err != nil {
			t.Fatal(err)
		}
		near(t, "smd "+name, smd, e.num("table1/smd/"+name), 1e-12)
	}
	sex, err := summary.SMDBinary(24, 39, 25, 41)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "smd sex", sex, e.num("table1/smd/sexF"), 1e-12)
	site, err := summary.SMDCategories([]int{13, 12, 14}, []int{13, 13, 15})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "smd site", site, e.num("table1/smd/site_mahalanobis"), 1e-9)

	w := e.at("safety/any")
	for i, p := range []string{"p1", "p2"} {
		x, n := int(w.nums("subjects")[i]), []int{39, 41}[i]
		cp, err := summary.ExactShare(x, n, 0)
		if err != nil {
			t.Fatal(err)
		}
		nearAll(t, "Clopper–Pearson", []float64{cp.Low, cp.High}, w.nums("comparison/"+p+"/clopper_pearson"), 1e-11)
		ws, err := summary.WilsonShare(x, n, 0)
		if err != nil {
			t.Fatal(err)
		}
		nearAll(t, "Wilson", []float64{ws.Low, ws.High}, w.nums("comparison/"+p+"/wilson"), 1e-11)
		r, err := summary.ExactRate(int(w.nums("events")[i]), w.nums("exposure_years")[i], 0)
		if err != nil {
			t.Fatal(err)
		}
		nearAll(t, "rate", []float64{r.Low, r.High}, w.nums([]string{"rate_ci_exact_1", "rate_ci_exact_0"}[i]), 1e-11)
	}
	zero, err := summary.ExactShare(0, 40, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "none of 40", zero.High, e.num("safety/rule_of_three_upper_for_zero_of_40"), 1e-11)
}
