package stats_test

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"dvala/stats/dense"
	"dvala/stats/effect"
	"dvala/stats/resample"
	"dvala/stats/terms"
)

// whole reads a table of whole numbers without a header.
func whole(t *testing.T, parts ...string) [][]int {
	t.Helper()
	b, err := os.ReadFile(golden(t, parts...))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]int
	for line := range strings.Lines(string(b)) {
		var row []int
		for cell := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			v, err := strconv.Atoi(cell)
			if err != nil {
				t.Fatal(err)
			}
			row = append(row, v)
		}
		out = append(out, row)
	}
	return out
}

func ints(x []float64) []int {
	out := make([]int, len(x))
	for i, v := range x {
		out[i] = int(v)
	}
	return out
}

func TestGoldenPermutation(t *testing.T) {
	e := expected(t, "15_permutation")
	d := readCSV(t, "15_permutation", "perm2.csv")
	arm, one := make([]int, d.n), make([]int, d.n)
	var x, y []float64
	for i, g := range d.cols["group"] {
		if g == "x" {
			arm[i] = 1
			x = append(x, d.num("value")[i])
		} else {
			y = append(y, d.num("value")[i])
		}
	}
	r, err := resample.ExactBlocks(d.num("value"), arm, one)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "arrangements", float64(r.B), e.num("two_sample/n_arrangements"), 0)
	near(t, "p", r.P, e.num("two_sample/p_mean_difference"), 1e-14)
	if r, err = resample.RankSum(x, y); err != nil {
		t.Fatal(err)
	}
	near(t, "rank sum", r.P, e.num("two_sample/p_rank_sum"), 1e-12)

	d = readCSV(t, "15_permutation", "blocked.csv")
	if r, err = resample.ExactBlocks(d.num("y"), ints(d.num("arm")), ints(d.num("block"))); err != nil {
		t.Fatal(err)
	}
	near(t, "blocked count", float64(r.Extreme), e.num("blocked/count"), 0)
	near(t, "blocked arrangements", float64(r.B), e.num("blocked/n_arrangements"), 0)

	d = readCSV(t, "15_permutation", "rerand.csv")
	alloc := whole(t, "15_permutation", "rerand_allocations.csv")
	ones := dense.New(d.n, 1)
	for i := range ones.A {
		ones.A[i] = 1
	}
	for name, m := range map[string]dense.Matrix{
		"unadjusted": ones,
		"ancova":     build(t, []terms.Variable{terms.Numeric("bl", d.num("bl")), terms.FactorOf("stratum", d.cols["stratum"])}, "bl", "stratum").X,
	} {
		w := e.at("rerandomisation/" + name)
		r, err := resample.RerandomiseFixed(m, d.num("y"), ints(d.num("arm")), alloc)
		if err != nil {
			t.Fatal(err)
		}
		near(t, name+" observed", r.Observed, w.num("observed"), 1e-11)
		near(t, name+" extreme", float64(r.Extreme), w.num("n_extreme"), 0)
		near(t, name+" p", r.P, w.num("p"), 1e-14)
		near(t, name+" spread", r.NullSD, w.num("null_sd"), 1e-11)
	}
}

func TestGoldenSignedRank(t *testing.T) {
	e := expected(t, "02_student_sleep")
	x := readCSV(t, "02_student_sleep", "sleep.csv").num("extra")
	d := make([]float64, 10)
	for i := range d {
		d[i] = x[10+i] - x[i]
	}
	r, err := resample.SignedRank(d)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "V", r.Observed, e.num("wilcoxon_signed_rank/V"), 0)
	near(t, "p", r.P, e.num("wilcoxon_signed_rank/p_exact_conditional_on_ties"), 1e-14)
}

func TestGoldenBootstrap(t *testing.T) {
	e := expected(t, "14_bootstrap")
	d := readCSV(t, "14_bootstrap", "boot_data.csv")
	y, g := d.num("y"), d.num("group")
	resamples := whole(t, "14_bootstrap", "boot_indices_1based.csv")
	for _, r := range resamples {
		for i := range r {
			r[i]--
		}
	}
	split := func(idx []int) (a, b []float64) {
		for _, i := range idx {
			if g[i] == 1 {
				a = append(a, y[i])
			} else {
				b = append(b, y[i])
			}
		}
		return a, b
	}
	for name, f := range map[string]resample.Statistic{
		"mean_difference": func(idx []int) float64 {
			a, b := split(idx)
			return effect.GroupOf(a).Mean - effect.GroupOf(b).Mean
		},
		"hedges_g": func(idx []int) float64 {
			a, b := split(idx)
			x, y := effect.GroupOf(a), effect.GroupOf(b)
			df := float64(x.N + y.N - 2)
			sd := math.Sqrt((float64(x.N-1)*x.SD*x.SD + float64(y.N-1)*y.SD*y.SD) / df)
			return effect.J(df) * (x.Mean - y.Mean) / sd
		},
	} {
		w := e.at(name)
		r, err := resample.BootstrapFixed(d.n, f, resamples, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		sign := 1.0 // the case may take the groups the other way round
		if r.Estimate*w.num("t0") < 0 {
			sign = -1
		}
		if sign < 0 {
			g2 := f
			if r, err = resample.BootstrapFixed(d.n, func(idx []int) float64 { return -g2(idx) }, resamples, 0.95); err != nil {
				t.Fatal(err)
			}
		}
		near(t, name, r.Estimate, w.num("t0"), 1e-12)
		near(t, name+" se", r.SE, w.num("se"), 1e-11)
		near(t, name+" bias", r.Bias, w.num("bias"), 1e-10)
		near(t, name+" z0", r.Z0, w.num("z0_midrank"), 1e-10)
		near(t, name+" acceleration", r.Acceleration, w.num("a_jackknife"), 1e-9)
		nearAll(t, name+" BCa", r.BCa[:], w.nums("bca/ci_boot_norm_inter"), 1e-11)
		nearAll(t, name+" percentile", r.Percentile[:], w.nums("percentile_ci_boot"), 1e-11)
		nearAll(t, name+" basic", r.Basic[:], w.nums("basic_ci"), 1e-11)
		nearAll(t, name+" normal", r.Normal[:], w.nums("normal_ci_bias_corrected"), 1e-11)
	}
}
