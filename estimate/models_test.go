package estimate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"dvala/protocol"
)

// changed is the fixture with its primary estimand's model put in the place of
// the ANCOVA.
func changed(t testing.TB, model string, change ...string) protocol.Checked {
	t.Helper()
	return checked(t, "parallel.yaml", append([]string{"model: {kind: ancova, strata: true}", model}, change...)...)
}

const threeVisits = "visits: [day7, day14, day21]"

// fevTrial puts the FEV trial of mmrm's own tests into the fixture's shape: four
// visits, race as site and sex as sex (golden case 04).
func fevTrial(t testing.TB) (protocol.Checked, *Data) {
	t.Helper()
	c := changed(t, "model: {kind: mmrm, visits: [day7, day14, day21, day28], strata: true}",
		"treatment_days: 21", "treatment_days: 28", "visit: day21, baseline", "visit: day28, baseline",
		"  - {id: day21, label: {en: Day 21}, day: 21, after: 2, instruments: [isi, guess]}",
		"  - {id: day21, label: {en: Day 21}, day: 21, after: 2, instruments: [isi, guess]}\n  - {id: day28, label: {en: Day 28}, day: 28, after: 2, instruments: [isi]}")
	d := &Data{}
	seen := map[string]bool{}
	site := map[string]string{}
	for _, r := range goldenTable(t, "04_mmrm_fev", "fev_data.csv") {
		id := r["USUBJID"]
		if site[r["RACE"]] == "" {
			site[r["RACE"]] = "site" + itoa(len(site)+1)
		}
		if !seen[id] {
			seen[id] = true
			d.People = append(d.People, Person{
				Subject: id, Group: map[string]string{"TRT": "drug-x", "PBO": "pill-y"}[r["ARMCD"]],
				Strata: map[string]string{"site": site[r["RACE"]], "sex": strings.ToLower(r["SEX"])},
			})
			d.Values = append(d.Values, Value{id, "isi-total", "day0", 1, 0, number(t, r["FEV1_BL"])})
		}
		if y := r["FEV1"]; y != "" && y != "NA" {
			day := 7 * int(number(t, r["VISITN"]))
			d.Values = append(d.Values, Value{id, "isi-total", fmt.Sprintf("day%d", day), 1, day, number(t, y)})
		}
	}
	return c, d
}

// All the way from tables: the contrasts at each visit, with the errors and
// degrees of freedom of Kenward and Roger (observed information, linear), as R's
// polished fit of the same model has them.
func TestMMRMAgreesWithR(t *testing.T) {
	c, d := fevTrial(t)
	e, _ := c.Primary()
	res := Answer(c, d, e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	const at = "C_baseline_by_visit/us_REML/polished/lsmeans/"
	for v := range 4 {
		k := at + itoa(8+v)
		got := res.Times[v]
		near(t, got.When, &got.Estimate, goldenNumber(t, "04_mmrm_fev", k+"/est"), 1e-7)
		near(t, got.When+" se", &got.SE, goldenNumber(t, "04_mmrm_fev", k+"/krl_se"), 1e-7)
		near(t, got.When+" df", got.DF, goldenNumber(t, "04_mmrm_fev", k+"/krl_df"), 1e-5)
		near(t, got.When+" p", &got.P, goldenNumber(t, "04_mmrm_fev", k+"/krl_p"), 1e-5)
	}
	near(t, "estimate", res.Estimate, res.Times[3].Estimate, 0)
	near(t, "p", res.P, res.Times[3].P, 0)
	if len(res.Fits) != 1 || !res.Fits[0].Stands || res.Fits[0].Model != "unstructured covariance" {
		t.Errorf("fits are %+v", res.Fits)
	}
	e.Model.DF = "satterthwaite"
	near(t, "Satterthwaite df", Answer(c, d, e).DF, goldenNumber(t, "04_mmrm_fev", at+"11/satt_df"), 1e-5)
	e.Model.DF, e.Model.Covariance = "", "ar1"
	if got := Answer(c, d, e); got.Failed != "" || !strings.Contains(got.Method, "first-order autoregressive") {
		t.Errorf("%s, %s", got.Failed, got.Method)
	}
}

// A random slope with arm, night and their interaction: the contrast at night
// 11 is the mean over nights 1 to 21 (golden case 22).
func TestRandomSlopeAgreesWithR(t *testing.T) {
	c := checked(t, "parallel.yaml", "model: {kind: random-intercept}", "model: {kind: random-slope, df: satterthwaite}")
	e, _ := c.Estimand("tst-nights")
	res := Answer(c, nightlyTrial(t), e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	for i := range 4 {
		k := "random_slope/REML/polished/contrasts/" + itoa(i)
		if goldenValue(t, "22_nightly_lmm", k+"/name") != "diff_mean_nights" {
			continue
		}
		near(t, "estimate", res.Estimate, goldenNumber(t, "22_nightly_lmm", k+"/satterthwaite/est"), 1e-6)
		near(t, "se", res.SE, goldenNumber(t, "22_nightly_lmm", k+"/satterthwaite/se"), 1e-6)
		near(t, "df", res.DF, goldenNumber(t, "22_nightly_lmm", k+"/satterthwaite/df"), 1e-5)
		e.Model.DF = "kenward-roger"
		res = Answer(c, nightlyTrial(t), e)
		near(t, "KR se", res.SE, goldenNumber(t, "22_nightly_lmm", k+"/kr_observed/se"), 1e-6)
		near(t, "KR df", res.DF, goldenNumber(t, "22_nightly_lmm", k+"/kr_observed/df"), 1e-5)
		return
	}
	t.Error("the golden case has no such contrast")
}

// trialOfSites is golden case 06 as the fixture's trial, with all three visits.
func trialOfSites(t testing.TB) *Data {
	t.Helper()
	d := &Data{}
	for i, r := range goldenTable(t, "06_ancova", "trial80.csv") {
		d.People = append(d.People, Person{
			Subject: r["id"], Group: map[string]string{"1": "drug-x", "0": "pill-y"}[r["arm"]], Order: i + 1,
			Strata: map[string]string{"site": r["site"], "sex": map[string]string{"F": "female", "M": "male"}[r["sex"]]},
		})
		for _, v := range []struct {
			col, visit string
			day        int
		}{{"isi_bl", "day0", 0}, {"isi_d7", "day7", 7}, {"isi_d14", "day14", 14}, {"isi_d21", "day21", 21}} {
			if y := r[v.col]; y != "" && y != "NA" {
				d.Values = append(d.Values, Value{r["id"], "isi-total", v.visit, 1, v.day, number(t, y)})
			}
		}
	}
	return d
}

// Reference-based analyses, each shown under its estimand (golden case 13); and
// a tipping point that lies where the shifted estimate's p is 0.05.
func TestReferenceBasedAgreesWithR(t *testing.T) {
	const list = `model: {kind: mmrm, visits: [day7, day14, day21], strata: true}
    sensitivity:
      - {kind: jump-to-reference}
      - {kind: copy-reference}
      - {kind: copy-increments}
      - {kind: tipping-point, limit: 20}`
	c := changed(t, list)
	res, err := Analyse(c, trialOfSites(t), false, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	main := res.Estimands[0]
	if len(main.Sensitivity) != 4 {
		t.Fatalf("%d further analyses", len(main.Sensitivity))
	}
	for i, key := range []string{"JR", "CR", "CIR", "MAR"} {
		s := main.Sensitivity[i]
		near(t, key, s.Estimate, goldenNumber(t, "13_reference_based_mi", key+"/est"), 1e-6)
		near(t, key+" se", s.SE, goldenNumber(t, "13_reference_based_mi", key+"/se_jackknife"), 1e-5)
		if s.Claim != "not tested" || s.PAdjusted != nil || s.Analysis == "" || s.Sentence == "" {
			t.Errorf("%s: claim %q, analysis %q, %s", key, s.Claim, s.Analysis, s.Sentence)
		}
	}
	tip := main.Sensitivity[3].Tipping
	if tip == nil || len(tip.Crossings) == 0 || tip.Imputed == 0 {
		t.Fatalf("tipping is %+v", tip)
	}
	for _, p := range tip.Points {
		for _, x := range tip.Crossings {
			if p.Delta == x && math.Abs(p.P-0.05) > 1e-9 {
				t.Errorf("p at the crossing is %v", p.P)
			}
		}
	}
	// A model that is itself reference-based gives the same number.
	c = changed(t, "model: {kind: mmrm, visits: [day7, day14, day21], missing: jump-to-reference, strata: true}")
	e, _ := c.Primary()
	near(t, "jump to reference as the model", Answer(c, trialOfSites(t), e).Estimate, goldenNumber(t, "13_reference_based_mi", "JR/est"), 1e-6)
}

// The lists drawn anew hold the ratio in every block of every stratum, and what
// is observed is the coefficient of the analysis of covariance.
func TestRerandomisationHonoursTheDesign(t *testing.T) {
	c := changed(t, "model: {kind: ancova, strata: true}\n    sensitivity:\n      - {kind: re-randomisation, draws: 999}\n      - {kind: robust}\n      - {kind: ranks}\n      - {kind: ordinal}\n      - {kind: complete-case}")
	d := made(4)
	for i := range d.People {
		d.People[i].Order = i + 1
	}
	for i := range d.Values {
		d.Values[i].X = math.Round(d.Values[i].X)
	}
	e, _ := c.Primary()
	r := newRun(c, d)
	s := r.setOf(e)
	whole := *s
	whole.members = nil
	for i := range r.data.People {
		whole.members = append(whole.members, member{person: &r.data.People[i], periods: map[int][]float64{}})
	}
	draw, err := r.allocator(&whole, "drug-x")
	if err != nil {
		t.Fatal(err)
	}
	arm := make([]int, len(whole.members))
	g := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		draw(g, arm)
		in := map[string]int{}
		for i, m := range whole.members {
			in[m.person.Strata["site"]+m.person.Strata["sex"]] += 2*arm[i] - 1
		}
		for cell, gap := range in {
			if gap > 3 || gap < -3 { // half of a block of 6
				t.Fatalf("cell %s is out of balance by %d", cell, gap)
			}
		}
	}
	main := r.result(s)
	all := r.sensitivity(s, &main)
	again := r.sensitivity(s, &main)
	for i, x := range all {
		if x.Failed != "" || x.P == nil {
			t.Fatalf("%s: %s", x.Analysis, x.Failed)
		}
		if *x.P != *again[i].P || *x.Estimate != *again[i].Estimate {
			t.Errorf("%s gave two answers", x.Analysis)
		}
	}
	near(t, "observed", all[0].Estimate, *main.Estimate, 1e-10)
	near(t, "complete cases", all[4].Estimate, *main.Estimate, 1e-12)
	near(t, "HC3", all[1].Estimate, *main.Estimate, 1e-12)
	if all[0].Low != nil || strings.Contains(all[0].Sentence, "interval") {
		t.Errorf("a re-randomisation test has an interval: %s", all[0].Sentence)
	}
	d.People[3].Order = 0
	r = newRun(c, d)
	if x := r.further(s, protocol.Sensitivity{Kind: "re-randomisation"}); !strings.Contains(x.Failed, "order in which people were randomised") {
		t.Errorf("without the order: %q", x.Failed)
	}
}

// Of an outcome that is yes or no, standardisation without covariates gives the
// difference and ratio of the shares, by hand: 12 of 20 and 5 of 20.
func TestRespondersByHand(t *testing.T) {
	const outcome = "    matters_from: Yang 2009\n    kind: binary\n    responder: {drop: 6}"
	c := changed(t, "model: {kind: binary}", "    matters_from: Yang 2009", outcome, "    summary: mean-difference\n    model: {kind: binary}", "    summary: risk-difference\n    model: {kind: binary}",
		"visit: day21, baseline_visit: day0", "visit: day21, baseline_visit: day0", "    matters: 6\n", "")
	e, _ := c.Primary()
	d := &Data{}
	for i := range 40 {
		id, group := itoa(100+i), []string{"drug-x", "pill-y"}[i%2]
		y := 15.0
		if k := i / 2; group == "drug-x" && k < 12 || group == "pill-y" && k < 5 {
			y = 14
		}
		d.People = append(d.People, Person{Subject: id, Group: group})
		d.Values = append(d.Values, Value{id, "isi-total", "day0", 1, 0, 20}, Value{id, "isi-total", "day21", 1, 21, y})
	}
	e.Variable.BaselineVisit = "day0"
	res := Answer(c, d, e)
	// The baseline is the same for everybody here, so it cannot be adjusted for.
	if !strings.Contains(res.Failed, "combination") && res.Failed == "" {
		t.Fatal("a constant baseline was adjusted for")
	}
	for i := range d.Values {
		if d.Values[i].Visit == "day0" {
			d.Values[i].X += 0.25 * float64(i/4%4) // not whole, so nobody crosses the line
		}
	}
	res = Answer(c, d, e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	if *res.Arms[0].Mean != 60 || *res.Arms[1].Mean != 25 {
		t.Errorf("shares are %v and %v", *res.Arms[0].Mean, *res.Arms[1].Mean)
	}
	if math.Abs(*res.Estimate-35) > 2 || res.Unit != "%" || !strings.Contains(res.Found+res.Method, "Logistic") {
		t.Errorf("difference %v %s: %s", *res.Estimate, res.Unit, res.Method)
	}
	e.Summary = "risk-ratio"
	if res = Answer(c, d, e); res.Failed != "" || math.Abs(*res.Estimate-2.4) > 0.2 || !res.Ratio() {
		t.Errorf("ratio %v, %s", res.Estimate, res.Failed)
	}
	// Nobody responds in one arm: no model, and the shares as they are.
	for i := range d.Values {
		if d.Values[i].Visit == "day21" {
			d.Values[i].X = 10
			if d.People[i/2].Group == "pill-y" {
				d.Values[i].X = 20
			}
		}
	}
	e.Summary = "risk-difference"
	if res = Answer(c, d, e); res.Failed != "" || *res.Estimate != 100 || !strings.Contains(res.Method, "Miettinen") {
		t.Errorf("all and none: %v, %s, %s", res.Estimate, res.Failed, res.Method)
	}
}

// A stated value counts from the event on, whether something was recorded or
// not, and brings back people who had nothing.
func TestCompositeCountsTheStatedValue(t *testing.T) {
	c := checked(t, "parallel.yaml", "{event: stopped-dose, strategy: treatment-policy}\n    summary: mean-difference\n    model: {kind: ancova, strata: true}", "{event: stopped-dose, strategy: composite, value: 28}\n    summary: mean-difference\n    model: {kind: ancova}")
	got, dropped := valuesOf(t, c, "isi-d21")
	if len(got) != 1 || got[0] != 28 {
		t.Errorf("values %v, dropped %v", got, dropped)
	}
}

// leavers is the fixture with the day of leaving as an outcome.
func leavers(t testing.TB) protocol.Checked {
	return checked(t, "parallel.yaml", "  - id: diary-sol\n    label: {en: Time to fall asleep (diary)}\n    source: {diary: sol_min}\n    unit: min\n    better: lower",
		"  - id: diary-sol\n    label: {en: Still in the trial}\n    source: {event: left-trial}\n    kind: time\n    unit: days\n    better: higher",
		"variable: {outcome: diary-sol, nights: {from: 15, to: 21}, baseline_nights: {from: -6, to: 0}}", "variable: {outcome: diary-sol}",
		"summary: mean-difference\n    model: {kind: ancova, covariates: [age]}", "summary: survival-difference\n    model: {kind: survival}")
}

// Beside the shares: Cox's hazard ratio and the difference of restricted means,
// by R's survival:
//
//	d <- data.frame(t = c(5,7,21,21,21,21, 3,9,12,21,21,12), e = c(1,1,0,0,0,0, 1,1,1,0,0,1), g = rep(1:0, each = 6))
//	coxph(Surv(t, e) ~ g, d, ties = "efron"); summary(survfit(Surv(t, e) ~ g, d), rmean = 21)$table
func TestDropoutBesideTheShares(t *testing.T) {
	c := leavers(t)
	e, _ := c.Estimand("sol-last-week")
	d := &Data{}
	for i, day := range []int{5, 7, 0, 0, 0, 0, 3, 9, 12, 0, 0, 12} {
		p := Person{Subject: string(rune('a' + i)), Group: []string{"drug-x", "pill-y"}[i/6]}
		if day > 0 {
			p.Left = &Exit{Day: day, Why: "moved"}
		}
		d.People = append(d.People, p)
	}
	res := Answer(c, d, e)
	if res.Failed != "" || len(res.Terms) != 2 {
		t.Fatalf("%s: %+v", res.Failed, res.Terms)
	}
	h, m := res.Terms[0], res.Terms[1]
	near(t, "hazard ratio", &h.Estimate, 0.4777780681173, 1e-10)
	near(t, "its se", &h.SE, 0.868506930787, 1e-10)
	near(t, "its low", &h.Low, 0.08708668721707, 1e-10)
	near(t, "its high", &h.High, 2.621202960734, 1e-10)
	near(t, "its p", h.P, 0.3950831207616, 1e-10)
	near(t, "days", &m.Estimate, 3, 1e-12)
	near(t, "their se", &m.SE, 3.901566636907, 1e-10)
	near(t, "their p", m.P, 0.4419396804712, 1e-10)
	if !strings.Contains(Methods(c), "hazard ratio by Cox") {
		t.Error("the plan does not say so")
	}
}

// Time until leaving: 2 of 4 against none of 4 by hand; and nothing to describe
// where nobody leaves.
func TestDropoutIsDescribed(t *testing.T) {
	c := leavers(t)
	if l := Supported(c); l.Err() != nil {
		t.Fatal(l)
	}
	e, _ := c.Estimand("sol-last-week")
	d := &Data{}
	for i := range 8 {
		p := Person{Subject: itoa(i), Group: []string{"drug-x", "pill-y"}[i%2]}
		if i == 0 || i == 2 {
			p.Left = &Exit{Day: 5 + i, Why: "moved"}
		}
		d.People = append(d.People, p)
	}
	res := Answer(c, d, e)
	if res.Failed != "" {
		t.Fatal(res.Failed)
	}
	near(t, "difference", res.Estimate, -50, 1e-12)
	near(t, "greenwood", res.SE, 100*math.Sqrt(0.25*0.25*(1.0/12+1.0/6)*4), 1e-9) // S²·Σd/(n(n−d)): 0.25·(1/12+1/6)
	if len(res.Curves) != 2 || res.Curves[0].Events != 2 || !strings.Contains(strings.Join(res.Notes, " "), "Log-rank") ||
		!strings.Contains(strings.Join(res.Notes, " "), "No hazard ratio") || len(res.Terms) != 1 || res.Terms[0].Estimate != -7.5 { // 5, 7, 21, 21 against the whole
		t.Errorf("curves %+v, notes %v, terms %+v", res.Curves, res.Notes, res.Terms)
	}
	d.People[0].Left, d.People[2].Left = nil, nil
	if res = Answer(c, d, e); !strings.Contains(res.Failed, "nobody had the event") {
		t.Errorf("nobody left: %q", res.Failed)
	}
}

// Ordered answers: arms swapped turn the odds ratio into its inverse; a night's
// answers have errors over people.
func TestOrdinalOddsTurnRound(t *testing.T) {
	c := checked(t, "parallel.yaml", "    unit: min\n    better: lower", "    unit: points\n    better: lower\n    kind: ordinal",
		"summary: mean-difference\n    model: {kind: ancova, covariates: [age]}", "summary: odds-ratio\n    model: {kind: ordinal, covariates: [age]}")
	e, _ := c.Estimand("sol-last-week")
	r := rand.New(rand.NewPCG(3, 3))
	d, swapped := made(7), made(7)
	d.Nights = nil
	for i := range d.People {
		for day := -6; day <= 21; day++ {
			d.Nights = append(d.Nights, NightValue{d.People[i].Subject, "diary-sol", 1, day, float64(1 + r.IntN(5))})
		}
		swapped.People[i].Group = map[string]string{"drug-x": "pill-y", "pill-y": "drug-x"}[d.People[i].Group]
	}
	swapped.Nights = d.Nights
	for _, kind := range []string{"ordinal", "ordinal-intercept"} {
		e.Model.Kind = kind
		a, b := Answer(c, d, e), Answer(c, swapped, e)
		if a.Failed != "" || b.Failed != "" {
			t.Fatal(a.Failed, b.Failed)
		}
		near(t, kind, b.Estimate, 1 / *a.Estimate, 1e-5)
		Speak(&a)
		if !strings.Contains(a.Sentence, "odds of a higher answer") {
			t.Errorf("%s says: %s", kind, a.Sentence)
		}
	}
}

// Those who would take it: with everybody taking, the effect is that of the
// arms; with half of the treated stopping, it is larger by as much.
func TestComplierEffect(t *testing.T) {
	c := checked(t, "parallel.yaml", "{event: stopped-dose, strategy: treatment-policy}\n    summary: mean-difference\n    model: {kind: ancova, strata: true}",
		"{event: stopped-dose, strategy: principal-stratum}\n    summary: mean-difference\n    model: {kind: complier, strata: true}")
	if l := Supported(c); l.Err() != nil {
		t.Fatal(l)
	}
	e, _ := c.Primary()
	plain := checked(t, "parallel.yaml")
	p, _ := plain.Primary()
	d := made(11)
	near(t, "everybody takes it", Answer(c, d, e).Estimate, *Answer(plain, d, p).Estimate, 1e-9)
	for i, x := range d.People {
		if i%3 == 0 && x.Group == "drug-x" {
			d.Events = append(d.Events, Intercurrent{Subject: x.Subject, Event: "stopped-dose", From: 3})
		}
	}
	res := Answer(c, d, e)
	if res.Failed != "" || math.Abs(*res.Estimate) <= math.Abs(*Answer(plain, d, p).Estimate) {
		t.Errorf("%v, %s", res.Estimate, res.Failed)
	}
}

// Where a visit lacks an arm it is left out and told; where the estimand's own
// lacks one there is no number.
func TestMMRMReducesOrFails(t *testing.T) {
	c := changed(t, "model: {kind: mmrm, "+threeVisits+", strata: true}")
	e, _ := c.Primary()
	build := func(skip string, arm string) *Data {
		d := trial3(2)
		groups := map[string]string{}
		for _, p := range d.People {
			groups[p.Subject] = p.Group
		}
		var keep []Value
		for _, v := range d.Values {
			if v.Visit != skip || groups[v.Subject] != arm {
				keep = append(keep, v)
			}
		}
		d.Values = keep
		return d
	}
	res := Answer(c, build("day7", "drug-x"), e)
	if res.Failed != "" || len(res.Times) != 2 || !strings.Contains(strings.Join(res.Notes, " "), "at day 7, which is left out") {
		t.Errorf("%s, %d times, %v", res.Failed, len(res.Times), res.Notes)
	}
	if res = Answer(c, build("day21", "pill-y"), e); !strings.Contains(res.Failed, "nobody in Placebo has a value at day 21") || res.Estimate != nil {
		t.Errorf("%q", res.Failed)
	}
	for name, change := range map[string]func(*Data){
		"two people": func(d *Data) { d.People = append(only(d.People, "drug-x")[:1], only(d.People, "pill-y")[0]) },
		"constant": func(d *Data) {
			for i := range d.Values {
				d.Values[i].X = 7
			}
		},
		"infinite": func(d *Data) { d.Values[3].X = math.Inf(1) },
	} {
		d := trial3(2)
		change(d)
		if res := Answer(c, d, e); res.Failed == "" || res.Estimate != nil || res.P != nil {
			t.Errorf("%s: %+v", name, res.Estimate)
		}
	}
}

// trial3 is a made-up trial with three visits, correlated within people, some of
// whom leave.
func trial3(seed uint64) *Data {
	r := rand.New(rand.NewPCG(seed, 77))
	d := &Data{}
	for i := range 60 {
		p := Person{Subject: fmt.Sprintf("P%04d", i), Group: []string{"drug-x", "pill-y"}[i%2], Order: i + 1, Strata: map[string]string{"site": "site" + itoa(1+i%3), "sex": []string{"female", "male"}[i/2%2]}}
		d.People = append(d.People, p)
		own := r.NormFloat64()
		d.Values = append(d.Values, Value{p.Subject, "isi-total", "day0", 1, 0, 16 + 3*own + r.NormFloat64()})
		for k, v := range []string{"day7", "day14", "day21"} {
			if r.Float64() < 0.06 {
				break
			}
			d.Values = append(d.Values, Value{p.Subject, "isi-total", v, 1, 7 * (k + 1), 14 - float64(k) + 3*own + 2.5*r.NormFloat64()})
		}
	}
	return d
}

// The model goes week by week, and the estimand's own week is what the cell
// means say: with every night there and no covariates, a difference of means.
func TestWeeksAreCellMeans(t *testing.T) {
	c := checked(t, "parallel.yaml", "nights: {from: 1, to: 21}, baseline_nights: {from: -6, to: 0}}", "nights: {from: 15, to: 21}}",
		"model: {kind: random-intercept}", "model: {kind: random-intercept, nights: {from: 1, to: 21}, df: kenward-roger}")
	e, _ := c.Estimand("tst-nights")
	r := rand.New(rand.NewPCG(5, 6))
	d := &Data{}
	var sum [2]float64
	for i := range 20 {
		p := Person{Subject: itoa(100 + i), Group: []string{"drug-x", "pill-y"}[i%2]}
		d.People = append(d.People, p)
		own, slope := 20*r.NormFloat64(), r.NormFloat64()
		for day := 1; day <= 21; day++ {
			x := 380 + own + slope*float64(day) + 30*r.NormFloat64()
			d.Nights = append(d.Nights, NightValue{p.Subject, "ring-tst", 1, day, x})
			if day >= 15 {
				sum[i%2] += x / 70
			}
		}
	}
	res := Answer(c, d, e)
	if res.Failed != "" || len(res.Times) != 3 || !res.Times[2].Target || res.Times[0].Target {
		t.Fatal(res.Failed, res.Times)
	}
	near(t, "difference over the last week", res.Estimate, sum[0]-sum[1], 1e-8)
	e.Model.Kind = "random-slope"
	if sloped := Answer(c, d, e); sloped.Failed != "" || math.Abs(*sloped.Estimate-*res.Estimate) > *res.SE || !strings.Contains(sloped.Method, "random slope") {
		t.Errorf("with a slope: %v, %s", sloped.Estimate, sloped.Failed)
	}
	near(t, "and its own week", res.Estimate, res.Times[2].Estimate, 1e-12)
}

// Diagnostics: who is left out moves the estimate within the range told, and
// their number is that of the people.
func TestInfluenceIsLeavingOut(t *testing.T) {
	c := changed(t, "model: {kind: ancova}")
	res, err := Analyse(c, trial3(9), false, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	main := res.Estimands[0]
	in := main.Diagnostics.Influence
	if in.People != main.N || len(in.Without) != main.N || in.Low != in.Without[0] || in.High != in.Without[len(in.Without)-1] {
		t.Errorf("%+v", in)
	}
	if !(in.Low < *main.Estimate && *main.Estimate < in.High) {
		t.Errorf("%v is not within %v to %v", *main.Estimate, in.Low, in.High)
	}
	d := trial3(9)
	e, _ := c.Primary()
	d.People = d.People[1:]
	without := Answer(c, d, e)
	found := false
	for _, x := range in.Without {
		found = found || math.Abs(x-*without.Estimate) < 1e-10
	}
	if !found {
		t.Errorf("without the first person the estimate is %v, which is not among those told", *without.Estimate)
	}
	if q := main.Diagnostics.Residuals; q == nil || q.N != main.N || math.Abs(q.Median) > 0.5 {
		t.Errorf("residuals are %+v", q)
	}
}

// The graph of Bretz and Hochberg's and Benjamini's adjustments reach the
// results; the numbers are those of golden case 09 by way of package multiple,
// here by hand for two estimands: weights 1/2 each, all handed on, is Holm.
func TestGraphAndHochberg(t *testing.T) {
	num := func(x float64) *float64 { return &x }
	m := protocol.Multiplicity{
		Alpha: 0.05, Method: "graph",
		Weights: []protocol.Weight{{Estimand: "a", Share: 0.5}, {Estimand: "b", Share: 0.5}},
		Arrows:  []protocol.Arrow{{From: "a", To: "b", Share: 1}, {From: "b", To: "a", Share: 1}},
	}
	r := &run{layout: layout{p: protocol.Protocol{Multiplicity: m}}}
	got := []Result{
		{ID: "a", Place: protocol.Primary, P: num(0.04)},
		{ID: "b", Place: protocol.Secondary, P: num(0.02)},
		{ID: "c", Place: protocol.Exploratory, P: num(0.01)},
		{ID: "d", Place: protocol.Exploratory, P: num(0.03)},
	}
	r.claim(got)
	near(t, "a", got[0].PAdjusted, 0.04, 1e-12)
	near(t, "b", got[1].PAdjusted, 0.04, 1e-12)
	near(t, "c", got[2].PExplored, 0.02, 1e-12)
	near(t, "d", got[3].PExplored, 0.03, 1e-12)
	if got[0].Claim != "confirmed" || got[2].Claim != "not tested" || got[2].PAdjusted != nil {
		t.Errorf("%+v", got)
	}
	told := r.multiplicity(got)
	if len(told.Nodes) != 2 || len(told.Arrows) != 2 || told.Nodes[1].Step != 1 || told.Nodes[0].Step != 2 {
		t.Errorf("%+v", told)
	}
	r.p.Multiplicity = protocol.Multiplicity{Alpha: 0.05, Method: "hochberg"}
	got[0].P, got[1].P = num(0.045), num(0.049)
	r.claim(got)
	if got[0].Claim != "confirmed" || got[1].Claim != "confirmed" {
		t.Error("Hochberg rejects both when the larger is below alpha")
	}
}

// Habits reach the results: what was put in comes out within people, on the
// nights that have a diary, and the rows' order changes nothing.
func TestHabitsAreExplored(t *testing.T) {
	c := checked(t, "parallel.yaml", "diary: {instrument: csd,", "diary: {instrument: csd-dvala,", "multiplicity: {alpha", "habits: {outcome: ring-tst, asked: [{diary: stress, label: {en: Stress}}, {diary: screens-min, label: {en: Screens}, per: 30}]}\nmultiplicity: {alpha")
	r := rand.New(rand.NewPCG(8, 8))
	d := &Data{}
	for i := range 40 {
		id := itoa(100 + i)
		d.People = append(d.People, Person{Subject: id, Group: []string{"drug-x", "pill-y"}[i%2], Strata: map[string]string{"site": "site1", "sex": "female"}})
		own, usual := 30*r.NormFloat64(), 2*r.NormFloat64()
		for day := -6; day <= 21; day++ {
			stress, screens := 5+usual+r.NormFloat64(), 60+20*r.NormFloat64()
			d.Habits = append(d.Habits, NightValue{id, "stress", 1, day, stress}, NightValue{id, "screens-min", 1, day, screens})
			if r.Float64() < 0.9 {
				d.Nights = append(d.Nights, NightValue{id, "ring-tst", 1, day, 390 + own - 8*stress + 25*r.NormFloat64()})
			}
		}
	}
	one, err := Analyse(c, d, false, Provenance{})
	if err != nil {
		t.Fatal(err)
	}
	h := one.Habits
	if h == nil || h.Failed != "" || len(h.Rows) != 2 || h.People != 40 || h.Rows[1].Per != 30 || h.Rows[1].Unit != "min" {
		t.Fatalf("%+v", h)
	}
	if w := h.Rows[0].Within; math.Abs(w.Estimate+8) > 4*w.SE || w.PExplored == nil || *w.PExplored < w.P {
		t.Errorf("stress within people: %+v; −8 was put in", w)
	}
	if len(h.Dropped) != 1 || h.Nights+h.Dropped[0].N != 40*28 {
		t.Errorf("%d nights, dropped %v", h.Nights, h.Dropped)
	}
	r.Shuffle(len(d.Habits), func(i, j int) { d.Habits[i], d.Habits[j] = d.Habits[j], d.Habits[i] })
	two, err := Analyse(c, d, false, Provenance{})
	if err != nil || string(mustJSON(t, one)) != string(mustJSON(t, two)) {
		t.Error("shuffled habits gave other results", err)
	}
	d.Habits = nil
	if none, err := Analyse(c, d, false, Provenance{}); err != nil || none.Habits.Failed == "" {
		t.Error("without a diary there is no reason told", err)
	}
}

// Neither the number of workers nor the order of rows changes a byte, whatever
// is carried out under an estimand.
func TestWorkersChangeNothing(t *testing.T) {
	c := changed(t, `model: {kind: mmrm, visits: [day7, day14, day21], strata: true}
    sensitivity:
      - {kind: jump-to-reference, errors: rubin, draws: 5}
      - {kind: tipping-point}
      - {kind: re-randomisation, draws: 499}`)
	var first []byte
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 4} {
		runtime.GOMAXPROCS(n)
		d := trial3(5)
		r := rand.New(rand.NewPCG(uint64(n), 1))
		r.Shuffle(len(d.People), func(i, j int) { d.People[i], d.People[j] = d.People[j], d.People[i] })
		r.Shuffle(len(d.Values), func(i, j int) { d.Values[i], d.Values[j] = d.Values[j], d.Values[i] })
		res, err := Analyse(c, d, false, Provenance{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range res.Estimands[0].Sensitivity {
			if s.Failed != "" {
				t.Errorf("%s: %s", s.Analysis, s.Failed)
			}
		}
		if b := mustJSON(t, res); first == nil {
			first = b
		} else if string(b) != string(first) {
			t.Error("other workers gave other results")
		}
	}
}

// In a crossover the order is drawn anew, and what is observed is the estimate
// of the crossover itself.
func TestCrossoverIsDrawnAnew(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "examples", "crossover", "protocol.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := parsed(t, string(b))
	e, _ := c.Primary()
	r := rand.New(rand.NewPCG(4, 4))
	d := &Data{}
	for i := range 24 {
		id := itoa(100 + i)
		d.People = append(d.People, Person{Subject: id, Order: i + 1, Group: []string{"glycine-first", "glycine-second"}[i%2], Strata: map[string]string{"site": []string{"lund", "umea"}[i/2%2]}})
		own := 3 * r.NormFloat64()
		for period := 1; period <= 2; period++ {
			d.Values = append(d.Values, Value{id, "isi", e.Variable.Visits[period-1], period, 14 * period, 12 + own + float64(period) - 2*float64(b2i(i%2 == period-1)) + r.NormFloat64()})
		}
	}
	one := newRun(c, d)
	s := one.setOf(e)
	main := one.result(s)
	got := one.further(s, protocol.Sensitivity{Kind: "re-randomisation", Draws: 999})
	if main.Failed != "" || got.Failed != "" {
		t.Fatal(main.Failed, got.Failed)
	}
	near(t, "observed", got.Estimate, *main.Estimate, 1e-10)
	if *got.P > 0.01 {
		t.Errorf("a difference of 2 points has p %v", *got.P)
	}
}
