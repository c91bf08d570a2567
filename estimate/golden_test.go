package estimate

import (
	"os"
	"path/filepath"
	"testing"

	"dvala/protocol"
)

// The trial of golden case 06 (R 4.2.2, lm and emmeans): ANCOVA of ISI at day 21
// on baseline, site and sex; arm 1 is the treatment.
func ancovaTrial(t testing.TB) *Data {
	t.Helper()
	d := &Data{}
	for _, r := range goldenTable(t, "06_ancova", "trial80.csv") {
		sex := map[string]string{"F": "female", "M": "male"}[r["sex"]]
		p := Person{
			Subject: r["id"], Site: r["site"], Group: map[string]string{"1": "drug-x", "0": "pill-y"}[r["arm"]],
			Strata:  map[string]string{"site": r["site"], "sex": sex},
			Answers: map[string]protocol.Value{"age": protocol.Int(int(number(t, r["age"]))), "sex": protocol.Choice(sex)},
		}
		d.People = append(d.People, p)
		for _, v := range []struct {
			visit, column string
			day           int
		}{{"day0", "isi_bl", 0}, {"day7", "isi_d7", 7}, {"day14", "isi_d14", 14}, {"day21", "isi_d21", 21}} {
			if r[v.column] != "" {
				d.Values = append(d.Values, Value{p.Subject, "isi-total", v.visit, 1, v.day, number(t, r[v.column])})
			}
		}
	}
	return d
}

func TestANCOVAAgreesWithR(t *testing.T) {
	c := checked(t, "parallel.yaml")
	e, _ := c.Primary()
	res := Answer(c, ancovaTrial(t), e)
	const g = "06_ancova"
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	near(t, "estimate", res.Estimate, goldenNumber(t, g, "ancova/difference/est"), 1e-9)
	near(t, "se", res.SE, goldenNumber(t, g, "ancova/difference/se"), 1e-9)
	near(t, "df", res.DF, goldenNumber(t, g, "ancova/difference/df"), 1e-12)
	near(t, "p", res.P, goldenNumber(t, g, "ancova/difference/p"), 1e-9)
	near(t, "low", res.Low, goldenNumber(t, g, "ancova/difference/ci/0"), 1e-9)
	near(t, "high", res.High, goldenNumber(t, g, "ancova/difference/ci/1"), 1e-9)
	near(t, "adjusted mean, treatment", res.Arms[0].Adjusted, goldenNumber(t, g, "ancova/lsmeans_observed_margins/1/est"), 1e-9)
	near(t, "adjusted mean, comparator", res.Arms[1].Adjusted, goldenNumber(t, g, "ancova/lsmeans_observed_margins/0/est"), 1e-9)
	if res.N != 49 || len(res.Dropped) != 1 || res.Dropped[0].N != 31 {
		t.Errorf("%d analysed, dropped %v; R used 49 of 80", res.N, res.Dropped)
	}
}

// Table 1 of the same trial, golden case 20.
func TestBaselineAgreesWithR(t *testing.T) {
	c := checked(t, "parallel.yaml")
	d := ancovaTrial(t)
	r := newRun(c, d)
	rows := r.baseline()
	const g = "20_table1_safety"
	if len(rows) < 4 || rows[0].Label != "Age" || rows[1].Level != "female" || rows[3].Label != "ISI" {
		t.Fatalf("rows are %+v", rows)
	}
	near(t, "age SMD", rows[0].SMD, goldenNumber(t, g, "table1/smd/age"), 1e-9)
	near(t, "age mean", rows[0].Arms[0].Mean, goldenNumber(t, g, "table1/age/1/mean"), 1e-9)
	near(t, "age Q3 (type 2)", rows[0].Arms[0].Q3, goldenNumber(t, g, "table1/age/1/q1_median_q3_type2_SAS/2"), 1e-12)
	near(t, "female SMD", rows[1].SMD, goldenNumber(t, g, "table1/smd/sexF"), 1e-9)
	near(t, "ISI SMD", rows[3].SMD, goldenNumber(t, g, "table1/smd/isi_bl"), 1e-9)
	if *rows[1].Arms[0].Count != 24 || *rows[1].Arms[1].Count != 25 {
		t.Error("women are 24 and 25")
	}
}

// Exact intervals of the adverse events, golden case 20.
func TestHarmsAgreeWithR(t *testing.T) {
	c := checked(t, "parallel.yaml")
	d := ancovaTrial(t)
	for _, r := range goldenTable(t, "20_table1_safety", "ae.csv") {
		d.Adverse = append(d.Adverse, Adverse{Subject: r["id"], Term: r["pt"], Day: int(number(t, r["day"])), Serious: r["serious"] == "1"})
	}
	h := newRun(c, d).harms()
	if h.Arms[0].AtLeastOne != 22 || h.Arms[1].AtLeastOne != 13 || h.Arms[0].Events != 35 || h.Arms[1].Events != 16 {
		t.Errorf("totals are %+v", h.Arms)
	}
	for _, row := range h.Terms {
		path := "safety/by_pt/" + row.Term + "/comparison/p1/clopper_pearson/"
		near(t, row.Term+" low", &row.Low[0], goldenNumber(t, "20_table1_safety", path+"0"), 1e-9)
		near(t, row.Term+" high", &row.High[0], goldenNumber(t, "20_table1_safety", path+"1"), 1e-9)
	}
	if len(h.Terms) != 4 {
		t.Errorf("%d terms", len(h.Terms))
	}
}

// Golden case 22 has nights of 80 people with a person's baseline. Its models
// hold a trend over nights, which this one does not, so the numbers here are of
// tst ~ bl + arm + (1 | id) by profiled REML in NumPy with SciPy 1.17.1
// (minimize_scalar), which statsmodels 0.15.0 (MixedLM, BFGS) gives to seven
// digits; the degrees of freedom by Satterthwaite are checked within stats/lmm.
func nightlyTrial(t testing.TB) *Data {
	t.Helper()
	d := &Data{}
	seen := map[string]bool{}
	for _, r := range goldenTable(t, "22_nightly_lmm", "nightly.csv") {
		id := r["id"]
		if !seen[id] {
			seen[id] = true
			d.People = append(d.People, Person{Subject: id, Group: map[string]string{"1": "drug-x", "0": "pill-y"}[r["arm"]]})
			d.Nights = append(d.Nights, NightValue{id, "ring-tst", 1, 0, number(t, r["bl"])})
		}
		if r["tst"] != "" && r["tst"] != "NA" {
			d.Nights = append(d.Nights, NightValue{id, "ring-tst", 1, int(number(t, r["night"])), number(t, r["tst"])})
		}
	}
	return d
}

func TestRandomInterceptAgreesWithProfiledREML(t *testing.T) {
	c := checked(t, "parallel.yaml")
	e, _ := c.Estimand("tst-nights")
	res := Answer(c, nightlyTrial(t), e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	near(t, "estimate", res.Estimate, 7.771448638079311, 1e-7)
	near(t, "se", res.SE, 5.217328635067198, 1e-6)
	if res.Rows != 1485 || res.N != 80 {
		t.Errorf("%d nights of %d people; the case has 1485 of 80", res.Rows, res.N)
	}
}

// Peak flow after two drugs in 13 children, golden case 16: published as 46.6
// with standard error 10.8 (Senn). And its simulated trial with periods missing.
func TestCrossoverAgreesWithR(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "examples", "crossover", "protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := parsed(t, string(b))
	e, _ := c.Primary()
	for _, k := range []struct {
		file, path string
		people, n  int
	}{{"pef_formoterol.csv", "pef/", 13, 13}, {"crossover24.csv", "sim/", 24, 21}} {
		d := &Data{}
		seen := map[string]bool{}
		for _, r := range goldenTable(t, "16_crossover", k.file) {
			if !seen[r["id"]] {
				seen[r["id"]] = true
				d.People = append(d.People, Person{Subject: r["id"], Group: map[string]string{"AB": "glycine-first", "BA": "glycine-second"}[r["seq"]]})
			}
			if r["y"] != "" && r["y"] != "NA" {
				period := int(number(t, r["period"]))
				d.Values = append(d.Values, Value{r["id"], "isi", e.Variable.Visits[period-1], period, 14 * period, number(t, r["y"])})
			}
		}
		res := Answer(c, d, e)
		if res.Failed != "" {
			t.Fatal(res.Failed)
		}
		near(t, k.file+" A − B", res.Estimate, goldenNumber(t, "16_crossover", k.path+"hills_armitage/A_minus_B"), 1e-9)
		near(t, k.file+" se", res.SE, goldenNumber(t, "16_crossover", k.path+"hills_armitage/se"), 1e-9)
		near(t, k.file+" p", res.P, goldenNumber(t, "16_crossover", k.path+"hills_armitage/p"), 1e-9)
		near(t, k.file+" low", res.Low, goldenNumber(t, "16_crossover", k.path+"hills_armitage/ci/0"), 1e-9)
		near(t, k.file+" period", &res.Terms[0].Estimate, goldenNumber(t, "16_crossover", k.path+"period_effect_2_minus_1/est"), 1e-9)
		near(t, k.file+" sequence p", res.Terms[1].P, goldenNumber(t, "16_crossover", k.path+"carryover_sum_test/p"), 1e-9)
		left := 0
		for _, x := range res.Dropped {
			left += x.N
		}
		if res.N != k.n || res.N+left != k.people {
			t.Errorf("%s: %d analysed and %d dropped of %d", k.file, res.N, left, k.people)
		}
	}
}
