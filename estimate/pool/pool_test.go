package pool

import (
	"math"
	"strings"
	"testing"

	"dvala/estimate"
	"dvala/fault"
	"dvala/stats/meta"
)

func of(x float64) *float64 { return &x }

// made is a trial whose primary estimand has the answer given.
func made(id string, value, se float64) estimate.Results {
	return estimate.Results{Format: 1, Trial: estimate.TrialInfo{ID: id, Version: "1"}, Estimands: []estimate.Result{{
		ID: "isi", Place: "primary", Label: "Insomnia severity", Unit: "points", Summary: "mean-difference", Better: "lower", Model: "ancova",
		Estimand: estimate.Attributes{
			Treatment: "magnesium", Comparator: "placebo", Population: "Everyone randomised to either", Variable: "Insomnia severity, at day 21 (points; lower is better)",
			Events: []estimate.EventStrategy{{Event: "travel", Strategy: "treatment policy", Means: "values count all the same"}, {Event: "stopping the dose", Strategy: "treatment policy", Means: "values count all the same"}},
		},
		Estimate: of(value), SE: of(se), Low: of(value - 2*se), High: of(value + 2*se), Level: 0.95, N: 80,
	}}}
}

func studies(t *testing.T, all ...estimate.Results) []Study {
	t.Helper()
	var out []Study
	for _, r := range all {
		s, err := Of(r.Trial.ID+".json", r, "")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func five(t *testing.T) []Study {
	return studies(t, made("a", -2.4, 0.95), made("b", -1.1, 0.70), made("c", -4.6, 1.60), made("d", 1.9, 1.25), made("e", -1.9, 0.45))
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Max(1, math.Abs(want))) {
		t.Errorf("%s: %.13g, want %.13g", what, got, want)
	}
}

// By metafor 3.8.1:
//
//	y <- c(-2.4, -1.1, -4.6, 1.9, -1.9); s <- c(.95, .70, 1.60, 1.25, .45)
//	rma(y, sei = s, test = "knha", control = list(threshold = 1e-14, maxiter = 1000)); predict(); weights()
//	rma(y, sei = s, method = "DL"); rma(y, sei = s, method = "PM", test = "adhoc", control = list(tol = 1e-14)); rma(y, sei = s, method = "FE")
func TestAgainstMetafor(t *testing.T) {
	for _, c := range []struct {
		name                                       string
		o                                          meta.Options
		mean, se, low, high, p, tau2, i2, piL, piH float64
		weights                                    []float64
	}{
		{"REML, Knapp and Hartung", meta.Options{}, -1.539858968977, 0.9463738430599, -4.167413993228, 1.087696055274, 0.1790416321595, 2.721350216219, 79.75366896345, -6.820197474657, 3.740479536703, []float64{20.40835576244, 23.02982218161, 14.0033933397, 17.264101383, 25.29432733324}},
		{"DerSimonian and Laird, normal", meta.Options{Spread: meta.DerSimonianLaird, Errors: meta.Normal}, -1.530049148995, 0.7022855237542, -2.906503482417, -0.1535948155727, 0.02935611285476, 1.556274083229, 69.25643900075, -4.335933917911, 1.275835619921, []float64{20.05897818099, 24.10258532407, 11.98182985152, 15.81406487654, 28.04254176688}},
		{"Paule and Mandel, held", meta.Options{Spread: meta.PauleMandel, Errors: meta.KnappHartungAtLeast}, -1.548508046061, 0.968122091914, -4.236445889389, 1.139429797268, 0.1849587809946, 3.678550515775, 84.1890188279, -7.513544408093, 4.416528315972, []float64{20.45950774008, 22.48408364742, 15.02368831481, 17.88306336737, 24.14965693032}},
		{"common", meta.Options{Spread: meta.Common, Errors: meta.Normal}, -1.630640786191, 0.3311740133469, -2.279729924966, -0.9815516474155, 8.487149121904e-07, 0, 69.25643900075, 0, 0, []float64{12.1524905392, 22.38290349312, 4.28422762173, 7.019278535442, 54.16109981051}},
	} {
		r, err := Together(five(t), Options{Options: c.o})
		if err != nil {
			t.Fatal(err)
		}
		m := r.Random
		if c.o.Spread == meta.Common {
			if m != nil || r.Predicted != nil {
				t.Fatalf("one common effect has a mean under random effects: %+v", r)
			}
			m = &r.Common
		} else {
			near(t, c.name+" next low", r.Predicted[0], c.piL, 1e-7)
			near(t, c.name+" next high", r.Predicted[1], c.piH, 1e-7)
		}
		near(t, c.name, m.Estimate, c.mean, 1e-8)
		near(t, c.name+" se", m.SE, c.se, 1e-8)
		near(t, c.name+" low", m.Low, c.low, 1e-8)
		near(t, c.name+" high", m.High, c.high, 1e-8)
		near(t, c.name+" p", m.P, c.p, 1e-8)
		near(t, c.name+" τ²", r.Tau2, c.tau2, 1e-7)
		near(t, c.name+" I²", r.I2, c.i2, 1e-6)
		for i, w := range c.weights {
			near(t, c.name+" weight", r.Trials[i].Weight, w, 1e-7)
		}
	}
}

// Ratios are pooled on their logarithms. By metafor:
//
//	m <- rma(log(c(1.8, 1.1, 2.6)), sei = c(.30, .42, .35), method = "DL", test = "knha"); predict(m, transf = exp)
func TestRatios(t *testing.T) {
	var all []Study
	for i, x := range [][2]float64{{1.8, 0.30}, {1.1, 0.42}, {2.6, 0.35}} {
		r := made(string(rune('a'+i)), x[0], x[1])
		r.Estimands[0].Summary, r.Estimands[0].Unit, r.Estimands[0].Low, r.Estimands[0].High = "odds-ratio", "", nil, nil
		all = append(all, studies(t, r)...)
	}
	r, err := Together(all, Options{Options: meta.Options{Spread: meta.DerSimonianLaird}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ratio", r.Random.Estimate, 1.80240088602972, 1e-10)
	near(t, "se of its logarithm", r.Random.SE, 0.2285089615569, 1e-10)
	near(t, "low", r.Random.Low, 0.67430341044644, 1e-10)
	near(t, "high", r.Random.High, 4.81778514483544, 1e-10)
	near(t, "next low", r.Predicted[0], 0.52586539927911, 1e-10)
	near(t, "next high", r.Predicted[1], 6.17771954270844, 1e-10)
	near(t, "common", r.Common.Estimate, 1.81521965547346, 1e-10)
	near(t, "its low", r.Common.Low, 1.22601428876852, 1e-10)
	near(t, "a trial's own low", r.Trials[0].Low, 1.8*math.Exp(-1.959963984540054*0.30), 1e-12)
}

// The order of trials moves nothing but their order; the other direction of
// outcome in other words is refused and never turned.
func TestOrder(t *testing.T) {
	a, err := Together(five(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := five(t)
	s[0], s[3], s[4] = s[4], s[0], s[3]
	b, err := Together(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", b.Random.Estimate, a.Random.Estimate, 1e-12)
	near(t, "se", b.Random.SE, a.Random.SE, 1e-12)
	near(t, "weight", b.Trials[3].Weight, a.Trials[0].Weight, 1e-9)
}

func TestWhatIsRefused(t *testing.T) {
	change := func(f func(r *estimate.Results)) []Study {
		r := made("b", -1, 1)
		f(&r)
		return append(studies(t, made("a", -2, 1)), Study{Source: "b.json", Trial: r.Trial, Result: r.Estimands[0], Simulated: r.Trial.Simulated})
	}
	for name, c := range map[string]struct {
		studies []Study
		o       Options
		code    fault.Code
		says    string
	}{
		"one trial":     {five(t)[:1], Options{}, "pool-few", "1 trial"},
		"twice":         {change(func(r *estimate.Results) { r.Trial.ID = "a" }), Options{}, "pool-twice", "twice"},
		"made-up":       {change(func(r *estimate.Results) { r.Trial.Simulated = true }), Options{}, "pool-mixed", "made-up"},
		"measure":       {change(func(r *estimate.Results) { r.Estimands[0].Summary = "risk-difference" }), Options{}, "pool-differs", "summary measure"},
		"unit":          {change(func(r *estimate.Results) { r.Estimands[0].Unit = "min" }), Options{Despite: []string{"variable"}}, "pool-differs", "unit is min"},
		"direction":     {change(func(r *estimate.Results) { r.Estimands[0].Better = "higher" }), Options{}, "pool-differs", "direction"},
		"treatment":     {change(func(r *estimate.Results) { r.Estimands[0].Estimand.Treatment = "melatonin" }), Options{}, "pool-differs", "melatonin"},
		"another event": {change(func(r *estimate.Results) { r.Estimands[0].Estimand.Events[0].Strategy = "hypothetical" }), Options{}, "pool-differs", "events"},
		"no attribute":  {five(t), Options{Despite: []string{"colour"}}, "pool-despite", "colour"},
	} {
		_, err := Together(c.studies, c.o)
		if err == nil || !strings.Contains(err.Error(), string(c.code)) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Events in another order are the same events; and what is allowed is told.
	same := change(func(r *estimate.Results) {
		e := r.Estimands[0].Estimand.Events
		e[0], e[1] = e[1], e[0]
		r.Estimands[0].Estimand.Treatment = "melatonin"
	})
	r, err := Together(same, Options{Despite: []string{"treatment"}})
	if err != nil || len(r.Despite) != 1 || r.Despite[0].Are[1] != "melatonin" || !strings.Contains(strings.Join(r.Notes, " "), "treatment differs") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestWhatHasNoWeight(t *testing.T) {
	for name, c := range map[string]struct {
		f    func(r *estimate.Results)
		id   string
		code fault.Code
	}{
		"dummy":        {func(r *estimate.Results) { r.Dummy = true }, "", "pool-dummy"},
		"failed":       {func(r *estimate.Results) { r.Estimands[0].Failed, r.Estimands[0].Estimate = "too few", nil }, "", "pool-failed"},
		"no error":     {func(r *estimate.Results) { r.Estimands[0].SE = nil }, "", "pool-error"},
		"none primary": {func(r *estimate.Results) { r.Estimands[0].Place = "secondary" }, "", "pool-estimand"},
		"none such":    {func(*estimate.Results) {}, "mood", "pool-estimand"},
	} {
		r := made("a", -1, 1)
		c.f(&r)
		if _, err := Of("a.json", r, c.id); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
