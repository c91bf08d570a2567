package estimate

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// With a covariance of each arm's own, everybody seen and nothing adjusted for,
// the contrast at the last visit is Welch's: difference of means, the sum of
// s²/n under the root, and his degrees of freedom (Welch 1947,
// doi:10.1093/biomet/34.1-2.28), by arithmetic here.
func TestCovarianceByArmIsWelch(t *testing.T) {
	c := changed(t, "model: {kind: mmrm, visits: [day7, day21], covariance_by_arm: true, df: satterthwaite}")
	last := map[string][]float64{"drug-x": {9, 14, 7, 11, 16, 3, 12, 20}, "pill-y": {13, 14, 12, 15, 13, 14, 16, 12, 13, 15}}
	d := &Data{}
	for _, arm := range []string{"drug-x", "pill-y"} {
		for i, y := range last[arm] {
			id := fmt.Sprintf("%s-%d", arm, i)
			d.People = append(d.People, Person{Subject: id, Group: arm, Strata: map[string]string{"site": "site1", "sex": "male"}})
			first := 10 + 0.4*y + float64(i*i%7)
			d.Values = append(d.Values, Value{id, "isi-total", "day7", 1, 7, first}, Value{id, "isi-total", "day21", 1, 21, y})
		}
	}
	e, _ := c.Primary()
	e.Variable.BaselineVisit = ""
	res := Answer(c, d, e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	m1, v1 := moments(last["drug-x"])
	m2, v2 := moments(last["pill-y"])
	near(t, "difference", res.Estimate, m1-m2, 1e-7)
	near(t, "error", res.SE, math.Sqrt(v1+v2), 1e-6)
	near(t, "df", res.DF, (v1+v2)*(v1+v2)/(v1*v1/7+v2*v2/9), 1e-4)
	if !strings.Contains(res.Method, "each arm's its own") {
		t.Errorf("it is not told: %s", res.Method)
	}
}

// moments gives the mean and the variance of the mean.
func moments(x []float64) (mean, of float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		of += (v - mean) * (v - mean) / float64(len(x)-1) / float64(len(x))
	}
	return mean, of
}
