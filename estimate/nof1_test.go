package estimate

import (
	"math"
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
		runByHer, "", "participants: 1\n", "participants: 12\n", "slots_per_cell: 1", "slots_per_cell: 24",
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
	last := res.Terms[len(res.Terms)-1]
	near(t, "cycles alone", &last.Estimate, goldenNumber(t, "17_nof1", "individual/N03/paired_blocks/est"), 1e-9)
	near(t, "their se", &last.SE, goldenNumber(t, "17_nof1", "individual/N03/paired_blocks/se"), 1e-9)
	near(t, "their p", last.P, goldenNumber(t, "17_nof1", "individual/N03/paired_blocks/p"), 1e-9)
	if !strings.Contains(last.Name, "4 cycles alone") {
		t.Errorf("%+v", last)
	}
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

// Nights soon after the treatment are those after its last night by the plan: to
// lose the values of that night changes nothing in which nights they are.
func TestCarryOverByPlan(t *testing.T) {
	c, d := seriesOfOne(t, "model: {kind: n-of-1, prior: {mean: 0, sd: 50, between: 10}}", "model: {kind: n-of-1, carry_over_days: 8}")
	e, _ := c.Primary()
	soon := func() map[int]int {
		r := newRun(c, d)
		s := r.setOf(e)
		out := map[int]int{}
		for i := range s.members {
			if s.members[i].person.Subject == "N03" {
				for _, n := range r.nofNights(s, &s.members[i]) {
					out[n.Day] = n.Since
				}
			}
		}
		return out
	}
	before := soon()
	d.Nights = slices.DeleteFunc(d.Nights, func(n NightValue) bool { return n.Subject == "N03" && n.Day == 6 })
	after, some := soon(), 0
	for day, since := range after {
		if since != before[day] {
			t.Errorf("day %d was %d days after the treatment, and is %d", day, before[day], since)
		}
		if since > 0 {
			some++
		}
	}
	// Periods are 7 days with 4 between: the first night asked about, day 2, is 6
	// days after the last of a treatment that came just before.
	if after[11+2] != 6 && after[22+2] != 6 && after[33+2] != 6 {
		t.Errorf("%v", after)
	}
	if some == 0 || len(after) >= len(before) {
		t.Errorf("%d nights of %d come after the treatment", some, len(before))
	}
}

// Guesses of every period are counted by what the period held: order 12 21 guessed
// right throughout is right twice of each treatment; turned round, all wrong.
func TestGuessesOfPeriods(t *testing.T) {
	c, d := seriesOfOne(t)
	for _, a := range c.Protocol().Arms {
		i := 0
		if a.Role == protocol.Comparator {
			i = 1
		}
		if d.GuessOptions == nil {
			d.GuessOptions = make([]GuessOption, 2)
		}
		d.GuessOptions[i] = GuessOption{Arm: a.ID, Label: a.Label.In("en")}
	}
	d.GuessOptions = append(d.GuessOptions, GuessOption{Label: "does not know"})
	had := func(p Person, period int) int { // sequences are the arms' places, 1 the first of the protocol
		arm := c.Protocol().Arms[int(p.Group[len("order-")+period-1]-'1')].ID
		for k, o := range d.GuessOptions {
			if o.Arm == arm {
				return k
			}
		}
		t.Fatal("no such arm")
		return 0
	}
	for i, p := range d.People[:3] {
		for period := 1; period <= 8; period++ {
			option := had(p, period)
			switch {
			case i == 1:
				option = 1 - option // all wrong
			case i == 2 && period > 4:
				option = 2 // does not know
			}
			d.Guesses = append(d.Guesses, Guess{p.Subject, period, option})
		}
	}
	g := newRun(c, d).guesses()
	if g == nil || !g.Each || g.James != nil {
		t.Fatalf("%+v", g)
	}
	for i := range g.Arms {
		n := 0
		for _, k := range g.Counts[i] {
			n += k
		}
		// Of four guesses each: 4 right, 4 wrong, 2 right and 2 unknown.
		if n != 12 || math.Abs(g.Index[i]-2.0/12) > 1e-15 || g.Counts[i][2] != 2 || !(g.Low[i] < 0 && g.High[i] > 0.5) {
			t.Errorf("%s: %v, index %g (%g to %g)", g.Arms[i], g.Counts[i], g.Index[i], g.Low[i], g.High[i])
		}
	}
	d.Guesses = d.Guesses[:8] // one person, all right
	if g = newRun(c, d).guesses(); g.Index[0] != 1 || g.Index[1] != 1 {
		t.Errorf("%+v", g)
	}
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
