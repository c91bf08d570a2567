package estimate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dvala/protocol"
)

// seriesOfOne is golden case 17 in the shape of the example of one person: 12
// people, four cycles, five nights a period.
func seriesOfOne(t testing.TB, change ...string) (protocol.Checked, *Data) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "examples", "nof1", "protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := parsed(t, string(b), append([]string{
		"participants: 1\n", "participants: 12\n", "slots_per_cell: 1", "slots_per_cell: 24",
		"model: {kind: n-of-1}\n    why: It is", "model: {kind: n-of-1, prior: {mean: 0, sd: 50, between: 10}}\n    why: It is",
	}, change...)...)
	d := &Data{}
	order := map[string]string{}
	for _, r := range goldenTable(t, "17_nof1", "nof1.csv") {
		id, day := r["id"], int(number(t, r["day"]))
		if _, ok := order[id]; !ok {
			d.People = append(d.People, Person{Subject: id})
			order[id] = "order-"
		}
		if (day-1)%5 == 0 {
			order[id] += map[string]string{"A": "1", "P": "2"}[r["cond"]]
		}
		if r["y"] != "" && r["y"] != "NA" {
			d.Nights = append(d.Nights, NightValue{id, "diary-quality", (day-1)/5 + 1, (day-1)%5 + 2, number(t, r["y"])})
		}
	}
	for i := range d.People {
		d.People[i].Group = order[d.People[i].Subject]
	}
	return c, d
}

// Each person alone by R's lm with a level for each cycle; together by metafor
// (REML, Knapp and Hartung), the best predictions, and the posterior by
// numerical integration.
func TestSeriesOfOneAgreesWithR(t *testing.T) {
	c, d := seriesOfOne(t)
	e, _ := c.Primary()
	r := newRun(c, d)
	res := r.result(r.setOf(e))
	if res.Failed != "" || len(res.People) != 12 || res.N != 12 {
		t.Fatalf("%s; %d people", res.Failed, len(res.People))
	}
	const g = "17_nof1"
	for i, p := range res.People {
		k := "individual/" + p.Subject + "/"
		near(t, p.Subject, &p.Estimate, goldenNumber(t, g, k+"lm_block_fixed/est"), 1e-9)
		near(t, p.Subject+" se", &p.SE, goldenNumber(t, g, k+"lm_block_fixed/se"), 1e-9)
		near(t, p.Subject+" df", p.DF, goldenNumber(t, g, k+"lm_block_fixed/df"), 0)
		near(t, p.Subject+" p", &p.P, goldenNumber(t, g, k+"lm_block_fixed/p"), 1e-9)
		near(t, p.Subject+" flips", p.OrderP, goldenNumber(t, g, k+"randomisation_test_sign_flip/p"), 1e-12)
		near(t, p.Subject+" drawn in", p.Shrunk, goldenNumber(t, g, "meta_REML_HKSJ/blup/"+itoa(i)), 1e-6)
		near(t, p.Subject+" believed", &p.Belief.Mean, goldenNumber(t, g, "bayes/theta_mean/"+itoa(i)), 1e-6)
		if len(p.Periods) != 8 || p.Nights < 30 {
			t.Errorf("%s: %d periods, %d nights", p.Subject, len(p.Periods), p.Nights)
		}
	}
	near(t, "mean", res.Estimate, goldenNumber(t, g, "meta_REML_HKSJ/mu"), 1e-7)
	near(t, "its se", res.SE, goldenNumber(t, g, "meta_REML_HKSJ/se"), 1e-7)
	near(t, "its interval", res.Low, goldenNumber(t, g, "meta_REML_HKSJ/ci/0"), 1e-6)
	tau := res.Spread.SD * res.Spread.SD
	near(t, "tau²", &tau, goldenNumber(t, g, "meta_REML_HKSJ/tau2"), 1e-6)
	near(t, "posterior mean", &res.Posterior.Effect.Mean, goldenNumber(t, g, "bayes/mu_mean"), 1e-6)
	if !strings.Contains(res.Posterior.Prior, "N(0, 50²)") || *res.Posterior.Effect.Benefit < 0.5 {
		t.Errorf("%+v", res.Posterior)
	}
	one := slices.IndexFunc(res.Terms, func(x Term) bool { return strings.HasPrefix(x.Name, "all nights in one") })
	if one < 0 {
		t.Fatalf("no model of all nights: %v", res.Notes)
	}
}

// One person of them has her own answer, and swapping what the boxes hold turns
// it round.
func TestOnePersonAlone(t *testing.T) {
	c, d := seriesOfOne(t)
	e, _ := c.Primary()
	d.People = d.People[2:3]
	res := Answer(c, d, e)
	near(t, "N03", res.Estimate, goldenNumber(t, "17_nof1", "individual/N03/lm_block_fixed/est"), 1e-9)
	near(t, "N03 p", res.P, goldenNumber(t, "17_nof1", "individual/N03/lm_block_fixed/p"), 1e-9)
	if res.Posterior == nil || res.Spread != nil || res.N != 1 {
		t.Errorf("%+v", res)
	}
	if err := res.People[0].Belief; err == nil || err.SD >= res.People[0].SE {
		t.Errorf("the prior took nothing from the error: %+v", err)
	}
	d.People[0].Group = strings.NewReplacer("1", "2", "2", "1").Replace(d.People[0].Group)
	turned := Answer(c, d, e)
	near(t, "turned round", turned.Estimate, -*res.Estimate, 1e-9)
	near(t, "its error", turned.SE, *res.SE, 1e-9)
}

// Drift, carry-over and neighbours that are alike are told; a person without one
// of the treatments is left out with the reason; the whole trial is analysed
// before and after, with one column for everybody and one wording of the model.
func TestSeriesOfOneWhole(t *testing.T) {
	c, d := seriesOfOne(t, "model: {kind: n-of-1, prior: {mean: 0, sd: 50, between: 10}}", "model: {kind: n-of-1, time: trend, carry_over_days: 8, autoregressive: true}")
	d.Nights = slices.DeleteFunc(d.Nights, func(n NightValue) bool {
		p := slices.IndexFunc(d.People, func(p Person) bool { return p.Subject == n.Subject })
		return n.Subject == "N01" && d.People[p].Group[len("order-")+n.Period-1] == '1'
	})
	res, err := Analyse(c, d, false, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	e := res.Estimands[0]
	if e.Failed != "" || e.N != 11 || len(e.Dropped) != 1 || e.Dropped[0].What != "no night with magnesium" {
		t.Fatalf("%s: %d, %v", e.Failed, e.N, e.Dropped)
	}
	if e.People[0].Autocorrelation == nil || e.Posterior != nil {
		t.Errorf("%+v", e.People[0])
	}
	if len(res.Flow.Arms) != 1 || res.Flow.Arms[0].Randomised != 12 || res.Flow.Arms[0].Analysed != 11 || len(res.Sequences) != 1 {
		t.Errorf("%+v, %+v", res.Flow.Arms, res.Sequences)
	}
	if !strings.Contains(Methods(c), e.Method) {
		t.Errorf("the plan does not hold %q", e.Method)
	}
	for _, a := range res.Arms {
		if a.N != 12 {
			t.Errorf("%+v", a)
		}
	}
	dummy, err := Analyse(c, d, true, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"bisglycinate-200mg", "cellulose-filler", "order-1", "order-2"} {
		if strings.Contains(string(mustJSON(t, dummy)), id) {
			t.Errorf("a dry run names %s", id)
		}
	}
	if l := Supported(c); len(l) > 0 {
		t.Error(l.Text())
	}
}
