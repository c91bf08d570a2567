package estimate

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Counts all the way from tables, by R's glm (Poisson, to 1e-14) standardised by
// hand with influence functions: the scores of golden case 06 as counts.
func TestCountsAgreeWithR(t *testing.T) {
	const ancova = "summary: mean-difference\n    model: {kind: ancova, strata: true}"
	kind := []string{"    unit: points\n    better: lower\n", "    unit: points\n    kind: count\n    better: lower\n"}
	c := checked(t, "parallel.yaml", append([]string{ancova, "summary: mean-difference\n    model: {kind: count, strata: true}"}, kind...)...)
	d := ancovaTrial(t)
	for i := range d.Values {
		if d.Values[i].Visit == "day21" {
			d.Values[i].X = rounded(d.Values[i].X)
		}
	}
	e, _ := c.Primary()
	res := Answer(c, d, e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	near(t, "treatment", res.Arms[0].Adjusted, 9.75083035421293, 1e-10)
	near(t, "comparator", res.Arms[1].Adjusted, 13.1795771113571, 1e-10)
	near(t, "difference", res.Estimate, -3.42874675714413, 1e-10)
	near(t, "its error", res.SE, 1.48854717818026, 1e-10)
	c = checked(t, "parallel.yaml", append([]string{ancova, "summary: rate-ratio\n    model: {kind: count, strata: true}"}, kind...)...)
	e, _ = c.Primary()
	res = Answer(c, d, e)
	near(t, "ratio", res.Estimate, math.Exp(-0.301315997008484), 1e-10)
	near(t, "error of its logarithm", res.SE, 0.134277451201274, 1e-10)
	if res.N != 49 {
		t.Errorf("%d people; R used 49", res.N)
	}
	// By MASS's glm.nb(round(isi_d21) ~ isi_bl + site + sex + arm), taken to the end.
	r := newRun(c, d)
	res = r.result(r.setOf(e))
	nb := res.Terms[len(res.Terms)-1]
	if !strings.Contains(nb.Name, "negative binomial") {
		t.Fatalf("%+v", res.Terms)
	}
	near(t, "ratio by negative binomial", &nb.Estimate, 0.7441218794074, 1e-10)
	near(t, "its error", &nb.SE, 0.1337414181995, 1e-10)
	near(t, "its p", nb.P, 0.02711455265451, 1e-10)
	if !strings.Contains(strings.Join(res.Notes, " "), "a dispersion of 0.11") {
		t.Errorf("the dispersion, 0.105, is not told: %v", res.Notes)
	}
}

// rounded is R's round: half to even.
func rounded(x float64) float64 {
	f := float64(int(x))
	switch d := x - f; {
	case d > 0.5, d == 0.5 && int(f)%2 == 1:
		return f + 1
	}
	return f
}

// Nights that hang together, by an own Newton's method in R from nlme's lme with
// corAR1 (which stops 1e-7 away): tst ~ bl + arm, golden case 22's nights.
func TestAutoregressiveNightsAgreeWithR(t *testing.T) {
	c := checked(t, "parallel.yaml", "model: {kind: random-intercept}", "model: {kind: random-intercept, autoregressive: true}")
	e, _ := c.Estimand("tst-nights")
	res := Answer(c, nightlyTrial(t), e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	near(t, "estimate", res.Estimate, 7.96951485949057, 1e-8)
	near(t, "se", res.SE, 5.21904873586091, 1e-8)
	near(t, "df", res.DF, 76.4652971728386, 1e-6)
	e.Model.DF = "kenward-roger"
	res = Answer(c, nightlyTrial(t), e)
	near(t, "KR se", res.SE, 5.21988896349881, 1e-8)
	near(t, "KR df", res.DF, 76.4652971728384, 1e-6)
	if !strings.Contains(res.Method, "0.44") { // φ 0.442868
		t.Errorf("φ is not told: %s", res.Method)
	}
}

// Jump to reference pooled by Rubin's rules centres where the conditional means
// of R (golden case 13) do, within its Monte Carlo error of some 0.03, and its
// information-anchored error lies above that of a single imputation (1.0476) and
// near that of missing at random (1.455 by jackknife), not at the frequentist 0.958.
func TestRubinIsAnchored(t *testing.T) {
	c := changed(t, `model: {kind: mmrm, visits: [day7, day14, day21], strata: true}
    sensitivity:
      - {kind: jump-to-reference, errors: rubin, draws: 2000}`)
	e, _ := c.Primary()
	r := newRun(c, trialOfSites(t))
	s := r.setOf(e)
	got := r.further(s, e.Sensitivity[0])
	if got.Failed != "" {
		t.Fatal(got.Failed)
	}
	near(t, "estimate", got.Estimate, goldenNumber(t, "13_reference_based_mi", "JR/est"), 0.06)
	if *got.SE < 1.2 || *got.SE > 1.6 {
		t.Errorf("error %v", *got.SE)
	}
	if *got.DF > 76 || *got.DF < 20 {
		t.Errorf("%v degrees of freedom of at most 76", *got.DF)
	}
}

// Nights of a crossover with a person's periods beside the person: by an own
// Newton's method in R on the whole covariance, from lme4's
// y ~ arm + period + (1 | id) + (1 | id:period), the first two periods of the
// trial that package stats holds.
func TestCrossedNightsAgreeWithR(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "examples", "crossover", "protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	const model = "variable: {outcome: diary-quality, nights: {from: 8, to: 14}}"
	i := strings.Index(string(b), model)
	text := string(b[:i]) + strings.Replace(string(b[i:]), "model: {kind: crossover}", "model: {kind: random-intercept}", 1)
	c := parsed(t, text)
	f, err := os.Open(filepath.Join("..", "stats", "testdata", "crossed.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	d := &Data{}
	for _, r := range rows[1:] {
		period, night := int(number(t, r[1])), int(number(t, r[3]))
		if period > 2 {
			continue
		}
		if n := len(d.People); n == 0 || d.People[n-1].Subject != r[0] {
			d.People = append(d.People, Person{Subject: r[0]})
		}
		d.People[len(d.People)-1].Group = "glycine-second"
		if (period == 1) == (r[2] == "1") {
			d.People[len(d.People)-1].Group = "glycine-first"
		}
		d.Nights = append(d.Nights, NightValue{r[0], "diary-quality", period, 7 + night, number(t, r[4])})
	}
	e, _ := c.Estimand("quality-second-week")
	res := Answer(c, d, e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	near(t, "estimate", res.Estimate, 0.172082482743933, 1e-8)
	near(t, "se", res.SE, 4.63374731557635, 1e-8)
	near(t, "df", res.DF, 16.7264900699132, 1e-6)
	e.Model.DF = "kenward-roger"
	res = Answer(c, d, e)
	near(t, "KR se", res.SE, 4.63612490956253, 1e-8)
	near(t, "KR df", res.DF, 16.7264900699132, 1e-6)
	if res.Rows != 145 || !strings.Contains(Methods(c), crossedTold(c.InOrder()[1])) {
		t.Errorf("%d nights, or the plan does not hold the model", res.Rows)
	}
	if l := Supported(c); len(l) > 0 {
		t.Error(l.Text())
	}
}

// A sandwich over people in the place of the model's errors (its numbers are held
// against clubSandwich in package stats): the estimate stays, the error is another,
// and plan and result say so.
func TestCR2IsAsked(t *testing.T) {
	c := changed(t, "model: {kind: mmrm, visits: [day7, day14, day21, day28], errors: cr2}",
		"treatment_days: 21", "treatment_days: 28", "visit: day21, baseline_visit: day0", "visit: day28, baseline_visit: day0",
		"  - {id: day21, label: {en: Day 21}, day: 21, after: 2, instruments: [isi, guess]}",
		"  - {id: day21, label: {en: Day 21}, day: 21, after: 2, instruments: [isi, guess]}\n  - {id: day28, label: {en: Day 28}, day: 28, after: 2, instruments: [isi]}")
	_, d := fevTrial(t)
	e, _ := c.Primary()
	robust := Answer(c, d, e)
	e.Model.Errors = ""
	model := Answer(c, d, e)
	if robust.Failed != "" || model.Failed != "" {
		t.Fatal(robust.Failed, model.Failed)
	}
	near(t, "the estimate is the same", robust.Estimate, *model.Estimate, 1e-12)
	if r := *robust.SE / *model.SE; r < 0.7 || r > 1.4 || r == 1 {
		t.Errorf("errors %v and %v", *robust.SE, *model.SE)
	}
	if !strings.Contains(robust.Method, "CR2") || !strings.Contains(Methods(c), "CR2") {
		t.Errorf("not told: %s", robust.Method)
	}
}
