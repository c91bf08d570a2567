package stats_test

import (
	"math"
	"testing"

	"dvala/stats/dense"
	"dvala/stats/power"
	"dvala/stats/sequential"
)

func TestGoldenPower(t *testing.T) {
	e := expected(t, "10_power")
	for _, c := range e.list("t_two_sample") {
		m := power.Means{Difference: c.num("d"), SD: 1, Alpha: c.num("alpha")}
		n, _, err := m.Size(c.num("power_target"))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "n per arm", float64(n), c.num("n_per_arm"), 0)
		p, err := m.Power(n, n)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "power", p, c.num("achieved_power_strict_two_tail"), 1e-8)
		m.R2, m.Covariates = 0.25, 1
		if p, err = m.Power(n, n); err != nil {
			t.Fatal(err)
		}
		near(t, "ANCOVA power", p, c.num("ancova_rho_0.5_df_adjusted_power"), 1e-8)
	}
	for _, c := range e.list("t_unequal") {
		p, err := power.Means{Difference: c.num("d"), SD: 1, Alpha: 0.05}.Power(int(c.num("n1")), int(c.num("n2")))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "unequal", p, c.num("power"), 1e-8)
	}
	for _, c := range e.list("t_paired") {
		p, err := power.Paired(int(c.num("n")), c.num("dz"), 0.05)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "paired", p, c.num("power"), 1e-8)
	}
	for _, c := range e.list("crossover_2x2") {
		p, err := power.Crossover(int(c.num("n_total")), c.num("delta"), c.num("sd_within"), 0.05)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "crossover", p, c.num("power"), 1e-8)
	}
	for _, c := range e.list("two_proportions") {
		n, err := power.ProportionsSize(c.num("p1"), c.num("p2"), 0.05, c.num("power"))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "proportions", n, c.num("n_pooled"), 1e-10)
	}
	for _, c := range e.list("mann_whitney_noether") {
		n, err := power.RankSumSize(c.num("p_superiority"), 0.05, c.num("power"))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "Noether", n, c.num("N_total"), 1e-10)
	}
	for _, c := range e.list("ordinal_whitehead") {
		n, err := power.OrdinalSize(c.nums("p_control"), c.num("odds_ratio"), 0.05, c.num("power"))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "Whitehead", n, c.num("N_total"), 1e-10)
	}
	for _, c := range e.list("mmrm_lu_luo_chen") {
		r := power.Repeated{
			Correlation: dense.FromRows(matrixOf(c, "R")), Retained: [2][]float64{c.nums("ra"), c.nums("rb")},
			SD: [2]float64{c.num("sd"), c.num("sd")}, Difference: c.num("delta"), Alpha: 0.05,
		}
		p, err := r.Power(int(c.num("n")), int(c.num("n")))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "MMRM", p, c.num("power_one_tail"), 1e-10)
		if c.has("longpower_n1_for_90") {
			n, err := r.Size(0.9)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "MMRM size", float64(n), math.Ceil(c.num("longpower_n1_for_90")), 0)
		}
	}
	for _, c := range e.list("blinded_ssr") {
		b, err := power.Reestimate(int(c.num("n_interim_total")), c.num("one_sample_var"), c.num("delta_planned"), 0.05, c.num("power"))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "blinded", b.PerArm, c.num("n_per_arm_new_unadjusted"), 1e-10)
		near(t, "blinded adjusted", b.PerArmAdjusted, c.num("n_per_arm_new_adjusted"), 1e-10)
	}
}

func TestGoldenSequential(t *testing.T) {
	e := expected(t, "11_gsd")
	spend := map[string]sequential.Spending{
		"asOF": sequential.OBrienFleming, "asP": sequential.Pocock, "KD1": sequential.KimDeMets(1), "KD3": sequential.KimDeMets(3), "HSDm4": sequential.HwangShihDeCani(-4),
	}
	for _, c := range e.list("lan_demets") {
		d, err := sequential.Spend(c.nums("t"), c.num("alpha"), spend[c.str("fn")], c.num("sided") == 2)
		if err != nil {
			t.Fatal(err)
		}
		what := c.str("fn")
		for i, w := range c.nums("critical") {
			if math.Abs(d.Upper[i]-w) > 1e-8 {
				t.Errorf("%s look %d: %.12g, want %.12g", what, i+1, d.Upper[i], w)
			}
		}
		nearAll(t, what+" spent", d.Spent, c.nums("cum_alpha"), 1e-10)
		cost, err := d.Cost(0.9)
		if err != nil {
			t.Fatal(err)
		}
		near(t, what+" drift", cost.Drift, c.num("drift_theta_at_full_information"), 1e-8)
		near(t, what+" inflation", cost.Inflation, c.num("inflation_factor"), 1e-8)
		near(t, what+" ASN", cost.ASN, c.num("asn_ratio_H1"), 1e-7)
		near(t, what+" ASN null", cost.ASNNull, c.num("asn_ratio_H0"), 1e-7)
		nearAll(t, what+" exit", cost.Exit, c.nums("exit_prob_H1"), 1e-7)
	}
	for _, c := range e.list("classical") {
		k := int(c.num("K"))
		var times []float64
		for i := range k {
			times = append(times, float64(i+1)/float64(k))
		}
		_, p, err := sequential.Shape(times, c.num("alpha_two_sided"), func(float64) float64 { return 1 }, true)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "Pocock", p, c.num("pocock_constant"), 1e-8)
		d, o, err := sequential.Shape(times, c.num("alpha_two_sided"), func(t float64) float64 { return 1 / math.Sqrt(t) }, true)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "O'Brien–Fleming", o, c.num("obrien_fleming_C"), 1e-8)
		nearAll(t, "boundaries", d.Upper, c.nums("obf_critical"), 1e-8)
	}
	for _, c := range e.list("conditional_power") {
		z, at, crit := c.num("z_interim"), c.num("t"), c.num("crit_final")
		for key, theta := range map[string]float64{"cp_planned": c.num("drift_planned"), "cp_current_trend": z / math.Sqrt(at), "cp_null": 0} {
			p, err := sequential.ConditionalPower(z, at, crit, theta)
			if err != nil {
				t.Fatal(err)
			}
			near(t, key, p, c.num(key), 1e-10)
		}
	}
}
