package report

import (
	"math"
	"reflect"
	"strings"

	"dvala/civil"
	"dvala/estimate"
	"dvala/protocol"
)

// The fixtures are results made by hand: no program computed them, and nothing
// but their shape is meant. They are believable so that the pictures can be
// looked at.

func pt[T any](v T) *T { return &v }

// positive is a parallel trial whose primary interval leaves out zero.
func positive() estimate.Results {
	r := estimate.Results{
		Format: 1,
		Trial: estimate.TrialInfo{
			ID: "mgt-2024", Version: "1.2",
			Title:    "Magnesium L-threonate for self-reported poor sleep: a randomised, double-blind, placebo-controlled trial",
			Question: "Does 1 g of magnesium L-threonate a day for 21 days lessen insomnia symptoms in adults aged 35 to 55 who sleep poorly?",
			Design:   protocol.Parallel, Languages: []protocol.Language{"en", "sv"},
			Registry:         []protocol.Registry{{Name: "ISRCTN", ID: "ISRCTN00000000", Registered: civil.On(2026, 1, 12)}},
			RegisteredBefore: pt(true), AsRegistered: pt(true),
			FirstScreened: "2026-02-02", LockedAt: "2026-06-30T09:12:44Z",
			Methods: "Everyone randomised is analysed in the arm drawn, whatever was taken.\n\nPrimary (isi): the difference in mean ISI at day 21, among all randomised, by analysis of covariance with baseline and strata.\n\n- Stopping the capsules: treatment policy\n- A prohibited sleep aid: treatment policy\n- Withdrawal: missing, not an intercurrent event",
		},
		Arms: []estimate.ArmInfo{
			{ID: "mgt", Label: "Magnesium L-threonate", Role: protocol.Treatment, N: 40},
			{ID: "placebo", Label: "Placebo", Role: protocol.Comparator, N: 40},
		},
		Flow: estimate.Flow{
			Screened: 112, Randomised: 80,
			Excluded: []estimate.Count{{What: "criteria-not-met", N: 21}, {What: "no-consent", N: 7}, {What: "run-in-not-completed", N: 4}},
			Arms: []estimate.ArmFlow{
				{Arm: "mgt", Randomised: 40, Received: 39, Stopped: []estimate.Count{{What: "adverse-event", N: 2}, {What: "no-time", N: 1}}, Lost: []estimate.Count{{What: "lost-to-follow-up", N: 1}, {What: "moved", N: 1}}, Completed: 38, Analysed: 38, NotAnalysed: []estimate.Count{{What: "no value at day 21", N: 2}}},
				{Arm: "placebo", Randomised: 40, Received: 40, Stopped: []estimate.Count{{What: "no-time", N: 2}}, Lost: []estimate.Count{{What: "lost-to-follow-up", N: 2}}, Completed: 38, Analysed: 37, NotAnalysed: []estimate.Count{{What: "no value at day 21", N: 3}}},
			},
		},
	}
	r.Baseline = baselineRows()
	r.Estimands = estimands()
	r.Series = manySeries()
	r.Nights = []estimate.AverageNight{averageNight("mgt", 0), averageNight("placebo", 0.03)}
	addConduct(&r)
	r.Provenance = estimate.Provenance{
		Program: "dvala 0.1.0 (go1.26.0)", ProtocolHash: strings.Repeat("5f1c", 16), SealedHash: strings.Repeat("a07e", 16),
		LockedRoot: strings.Repeat("91d2", 16), LockedSize: 9241, OpeningsHash: strings.Repeat("c3b8", 16),
		LedgerVerified: pt(true), ZoneRules: "2026a", Seed: pt(uint64(7)),
	}
	r.Multiplicity = graph()
	return said(r)
}

// said lets every result say what its numbers are.
func said(r estimate.Results) estimate.Results {
	for i := range r.Estimands {
		e := &r.Estimands[i]
		if len(e.Arms) == 2 {
			e.Estimand.Treatment, e.Estimand.Comparator = newTrial(r).label(e.Arms[0].Arm), newTrial(r).label(e.Arms[1].Arm)
		}
		e.Estimand.Within = r.Trial.Design == protocol.Crossover
		estimate.Speak(e)
		for k := range e.Sensitivity {
			e.Sensitivity[k].Estimand = e.Estimand
			estimate.Speak(&e.Sensitivity[k])
		}
	}
	return r
}

// graph is a family held by a graph, in which arrows run past each other.
func graph() estimate.Multiplicity {
	return estimate.Multiplicity{Method: "graph", Alpha: 0.05, Nodes: []estimate.Node{
		{ID: "isi", Label: "Insomnia Severity Index", Share: 0.8, P: pt(0.0061), PAdjusted: pt(0.0076), Shown: true, Step: 1},
		{ID: "tst", Label: "Total sleep time by ring", Share: 0.2, P: pt(0.11), PAdjusted: pt(0.11)},
		{ID: "quality", Label: "Sleep quality in the diary", P: pt(0.036), PAdjusted: pt(0.11)},
		{ID: "lseq", Label: "LSEQ ease of awakening, compared with usual", P: pt(0.67), PAdjusted: pt(0.67)},
	}, Arrows: []estimate.Arrow{{From: 0, To: 1, Share: 0.5}, {From: 0, To: 2, Share: 0.5}, {From: 1, To: 2, Share: 1}, {From: 2, To: 3, Share: 0.5}, {From: 2, To: 1, Share: 0.5}, {From: 3, To: 0, Share: 1}}}
}

// other is a sensitivity analysis of a result.
func other(r estimate.Result, kind string, shift float64) estimate.Result {
	s := r
	s.Analysis, s.Model, s.Order, s.Claim, s.PAdjusted, s.G, s.GLow, s.GHigh = kind, kind, 0, "not tested", nil, nil, nil, nil
	s.Estimate, s.Low, s.High, s.P = pt(*r.Estimate+shift), pt(*r.Low+shift), pt(*r.High+shift), pt(*r.P*2)
	s.Method = "Conditional means, with the jackknife over people"
	return s
}

func baselineRows() []estimate.BaselineRow {
	num := func(label, unit string, a, b estimate.BaselineArm, smd float64) estimate.BaselineRow {
		return estimate.BaselineRow{Label: label, Unit: unit, Kind: "number", Arms: []estimate.BaselineArm{a, b}, SMD: &smd}
	}
	n := func(k int, v ...float64) estimate.BaselineArm {
		return estimate.BaselineArm{N: k, Mean: &v[0], SD: &v[1], Median: &v[2], Q1: &v[3], Q3: &v[4]}
	}
	share := func(label, level string, a, b int, smd *float64) estimate.BaselineRow {
		return estimate.BaselineRow{Label: label, Level: level, Kind: "share", Arms: []estimate.BaselineArm{{N: 40, Count: &a}, {N: 40, Count: &b}}, SMD: smd}
	}
	return []estimate.BaselineRow{
		num("Age", "years", n(40, 44.6, 5.91, 45, 40, 49.5), n(40, 45.2, 6.02, 46, 40.5, 50), -0.1),
		share("Sex", "female", 26, 25, pt(0.05)), share("Sex", "male", 14, 15, nil),
		num("ISI", "points", n(40, 16.1, 3.72, 16, 13.5, 19), n(40, 15.8, 3.9, 16, 13, 18.5), 0.08),
		num("Total sleep time, ring", "min", n(38, 381.4, 41.2, 383, 352, 412), n(39, 379, 44.9, 377.5, 349, 411), 0.06),
		num("Caffeine", "cups a day", n(40, 2.41, 1.3, 2, 1, 3), n(40, 2.3, 1.21, 2, 1, 3), 0.09),
	}
}

func result(id string, place protocol.Place, order int, label, unit string, better protocol.Better, when string, v ...float64) estimate.Result {
	r := estimate.Result{
		ID: id, Place: place, Order: order, Label: label, Unit: unit, Better: better, When: when,
		Model: "ancova", Method: "Analysis of covariance with baseline, site and age group; HC3 standard errors",
		Level: 0.95, N: 75, Rows: 75, Claim: "not tested", Estimand: estimate.Attributes{Moment: "Over " + when},
		Estimate: &v[0], Low: &v[1], High: &v[2], P: &v[3], SE: pt((v[2] - v[1]) / 3.98), DF: pt(70.0),
	}
	sd := v[4]
	r.G, r.GLow, r.GHigh = pt(v[0]/sd), pt(v[1]/sd), pt(v[2]/sd)
	r.Arms = []estimate.ArmSummary{
		{Arm: "mgt", N: 38, Mean: pt(v[5] + v[0]), SD: &sd, Adjusted: pt(v[5] + v[0]), Low: pt(v[5] + v[1]), High: pt(v[5] + v[2]), Baseline: pt(v[5] * 1.2)},
		{Arm: "placebo", N: 37, Mean: pt(v[5]), SD: &sd, Adjusted: pt(v[5]), Low: pt(v[5] - 1), High: pt(v[5] + 1), Baseline: pt(v[5] * 1.2)},
	}
	return r
}

func estimands() []estimate.Result {
	p := result("isi", protocol.Primary, 1, "Insomnia Severity Index", "points", protocol.Lower, "at day 21", -2.31, -3.94, -0.68, 0.0061, 4.1, 12.4)
	p.Matters, p.MattersFrom, p.Claim, p.PAdjusted = pt(6.0), "Yang 2009", "confirmed", pt(0.0061)
	p.Summary = "mean-difference"
	p.Estimand = estimate.Attributes{
		Population: "Everyone randomised to either", Variable: "Insomnia Severity Index, at day 21 (points; lower is better)", Moment: "After 21 days",
		Events:  []estimate.EventStrategy{{Event: "stopping the dose", Strategy: "treatment policy", Means: "values count all the same"}, {Event: "a sleep aid that is not allowed", Strategy: "hypothetical", Means: "values after it are left out, and the model speaks for what they would have been"}},
		Summary: "Difference in means, Magnesium L-threonate minus placebo",
	}
	for k, day := range []string{"at day 7", "at day 14", "at day 21"} {
		shift := float64(2 - k)
		p.Times = append(p.Times, estimate.TimePoint{
			When: day, Target: k == 2, Estimate: -2.31 + shift*0.7, SE: 0.8, DF: pt(71.0), Low: -3.94 + shift*0.7, High: -0.68 + shift*0.7, P: 0.0061 * (1 + 9*shift),
			Arms: []estimate.ArmSummary{{Arm: "mgt", N: 39 - k, Adjusted: pt(13.1 - float64(k))}, {Arm: "placebo", N: 39 - k, Adjusted: pt(14.6 - float64(k)*0.4)}},
		})
	}
	tip := other(p, "tipping-point", 0)
	tip.Tipping = &estimate.Tipping{Arm: "mgt", Limit: 10, Imputed: 2, Crossings: []float64{7.4}}
	for k := -2; k <= 2; k++ {
		d := 5 * float64(k)
		tip.Tipping.Points = append(tip.Tipping.Points, estimate.TippingPoint{Delta: d, Estimate: -2.31 + d/10, Low: -3.94 + d/10, High: -0.68 + d/10, P: 0.0061})
	}
	ranks := other(p, "ranks", -6)
	ranks.Unit, ranks.Matters = "ranks", nil
	lists := other(p, "re-randomisation", 0)
	lists.Low, lists.High = nil, nil
	none := other(p, "ordinal", 0)
	none.Estimate, none.Low, none.High, none.P, none.SE, none.Failed = nil, nil, nil, nil, nil, "nobody answered 4"
	p.Sensitivity = []estimate.Result{other(p, "jump-to-reference", 0.5), other(p, "copy-reference", 0.3), tip, ranks, lists, none}
	p.Fits = []estimate.Attempt{{Model: "unstructured covariance", Iterations: 21, Why: "no maximum after 21 iterations"}, {Model: "heterogeneous Toeplitz covariance", Iterations: 6, Stands: true}}
	p.Diagnostics = &estimate.Diagnostics{
		Residuals: &estimate.Residuals{N: 225, Min: -2.9, Q1: -0.66, Median: 0.01, Q3: 0.7, Max: 3.1, Skewness: 0.12, Kurtosis: 0.3, Beyond: 1},
		Influence: &estimate.Influence{People: 75, Low: -2.7, High: -1.9, Crossed: 0, Without: []float64{-2.7, -2.3, -1.9}},
	}
	p.Dropped = []estimate.Count{{What: "no value at day 21", N: 5}}
	p.Terms = []estimate.Term{{Name: "baseline", Estimate: 0.61, SE: 0.1, Low: 0.41, High: 0.81, P: pt(1e-7)}, {Name: "age group >=45", Estimate: -0.3, SE: 0.8, Low: -1.9, High: 1.3, P: pt(0.71)}}
	tst := result("tst", protocol.Secondary, 2, "Total sleep time by ring", "min", protocol.Higher, "nights 15 to 21", 9.8, -2.1, 21.7, 0.11, 40, 384)
	tst.Model, tst.Method, tst.Rows, tst.Claim, tst.PAdjusted = "random-intercept", "Linear mixed model with a random intercept for each person", 489, "not confirmed", pt(0.11)
	tst.Matters, tst.MattersFrom = pt(20.0), "protocol"
	sq := result("quality", protocol.Secondary, 3, "Sleep quality in the diary", "points", protocol.Higher, "nights 15 to 21", 0.31, 0.02, 0.6, 0.036, 0.7, 3.2)
	lseq := result("lseq", protocol.Secondary, 4, "LSEQ ease of awakening, compared with usual", "mm", protocol.Higher, "at day 21", 1.2, -4.4, 6.8, 0.67, 14, 54)
	lseq.Label += ""
	waso := result("waso", protocol.Exploratory, 0, "Wake after sleep onset by ring", "min", protocol.Lower, "nights 15 to 21", -4.1, -8.0, -0.2, 0.04, 15, 48)
	resp := result("responders", protocol.Exploratory, 0, "Response (ISI 6 points lower)", "", protocol.Higher, "at day 21", 1.44, 0.81, 2.55, 0.21, 1, 30)
	resp.Summary, resp.G, resp.GLow, resp.GHigh, resp.Model = "risk-ratio", nil, nil, nil, "binary"
	stay := result("stay", protocol.Exploratory, 0, "Still in the trial", "%", protocol.Higher, "", -2.5, -9.1, 4.1, 0.46, 1, 97)
	stay.Summary, stay.G, stay.GLow, stay.GHigh, stay.Model = "survival-difference", nil, nil, nil, "survival"
	stay.Curves = []estimate.Curve{{Arm: "mgt", N: 40, Events: 2, Points: []estimate.CurvePoint{{Day: 9, AtRisk: 40, Share: 0.975, Low: 0.84, High: 0.996}, {Day: 15, AtRisk: 39, Share: 0.95, Low: 0.81, High: 0.99}}}, {Arm: "placebo", N: 40}}
	waso.PExplored = pt(0.08)
	deep := result("n3", protocol.Exploratory, 0, "Deep sleep by ring", "min", protocol.Higher, "nights 15 to 21", 2.2, -5.1, 9.5, 0.55, 22, 71)
	return []estimate.Result{p, tst, sq, lseq, waso, deep, resp, stay}
}

func manySeries() []estimate.Series {
	line := func(arm string, days []int, f func(d int) float64, half float64) estimate.SeriesArm {
		a := estimate.SeriesArm{Arm: arm}
		for _, d := range days {
			m := f(d)
			a.Points = append(a.Points, estimate.SeriesPoint{Day: d, N: 40 - d/6, Mean: &m, Low: pt(m - half), High: pt(m + half)})
		}
		return a
	}
	var nights []int
	for d := -6; d <= 21; d++ {
		nights = append(nights, d)
	}
	wave := func(base, slope, amp float64) func(int) float64 {
		return func(d int) float64 {
			return base + slope*math.Max(0, float64(d)) + amp*math.Sin(float64(d)*1.7)
		}
	}
	visits := []int{0, 7, 14, 21}
	s := func(id, label, unit, source string, days []int, a, b func(int) float64, half float64) estimate.Series {
		return estimate.Series{Outcome: id, Label: label, Unit: unit, Source: source, Arms: []estimate.SeriesArm{line("mgt", days, a, half), line("placebo", days, b, half)}}
	}
	out := []estimate.Series{
		s("isi", "Insomnia Severity Index", "points", "instrument", visits, wave(16.1, -0.27, 0.2), wave(15.8, -0.16, 0.2), 1.2),
		s("lseq", "LSEQ ease of awakening", "mm", "instrument", []int{7, 14, 21}, wave(50, 0.3, 0.5), wave(50, 0.2, 0.5), 4),
		s("rsq", "Restorative Sleep Questionnaire", "points", "instrument", visits, wave(45, 0.5, 0.6), wave(45, 0.4, 0.7), 4.4),
		s("quality", "Sleep quality", "points, 1 to 5", "diary", nights, wave(2.9, 0.024, 0.1), wave(2.9, 0.012, 0.12), 0.24),
		s("sol", "Time to fall asleep", "min", "diary", nights, wave(31, -0.4, 2), wave(31, -0.2, 2.4), 5),
		s("tst", "Total sleep time", "min", "device", nights, wave(380, 0.7, 5), wave(379, 0.3, 6), 13),
		s("waso", "Wake after sleep onset", "min", "device", nights, wave(54, -0.3, 3), wave(54, -0.1, 3), 5),
	}
	out[5].Arms[0].Points[9].Mean = nil
	return out
}

func averageNight(arm string, shift float64) estimate.AverageNight {
	n := estimate.AverageNight{Arm: arm, Span: "nights 1 to 21", From: "lights-off", StepMin: 5, Shares: map[string][]float64{}}
	for i := range 114 {
		h := float64(i) * 5 / 60
		w := 0.07 + 0.8*math.Exp(-h*4) + 0.5/(1+math.Exp(-(h-8.3)*2.4)) + shift
		cycle := 0.5 - 0.5*math.Cos(2*math.Pi*h/1.55)
		deep := math.Max(0, 0.62*math.Exp(-h/2.6)*(0.35+0.65*(1-math.Abs(2*cycle-1)))) * (1 - math.Exp(-h*5))
		rem := math.Min(0.42, 0.05*h) * (0.3 + 0.7*cycle) * (1 - w)
		gap := 0.015 + shift/3
		n1 := 0.05 * (1 - w)
		light := math.Max(0, 1-w-deep*(1-w)-rem-gap-n1)
		for k, v := range map[string]float64{"W": w, "N3": deep * (1 - w), "R": rem, "N1": n1, "N2": light, "?": gap} {
			n.Shares[k] = append(n.Shares[k], v)
		}
		n.Nights = append(n.Nights, int(760/(1+math.Exp((h-8.6)*2.2))))
	}
	return n
}

func addConduct(r *estimate.Results) {
	cell := func(n int, v ...float64) estimate.BaselineArm {
		return estimate.BaselineArm{N: n, Mean: &v[0], SD: &v[1], Median: &v[2], Q1: &v[3], Q3: &v[4]}
	}
	r.Adherence = []estimate.AdherenceRow{
		{Arm: "mgt", People: 40, MeanShare: pt(0.914), Adherent: 35, DiaryDays: cell(40, 18.9, 3.1, 20, 17, 21), RingNights: cell(40, 19.4, 2.6, 20, 18, 21)},
		{Arm: "placebo", People: 40, MeanShare: pt(0.931), Adherent: 36, DiaryDays: cell(40, 18.7, 3.5, 20, 17, 21), RingNights: cell(40, 19.2, 3, 20, 18, 21)},
	}
	r.Harms = estimate.Harms{
		Arms: []estimate.HarmArm{{Arm: "mgt", People: 40, AtLeastOne: 9, Events: 13, Unblinded: 2}, {Arm: "placebo", People: 40, AtLeastOne: 7, Events: 8}},
		Terms: []estimate.HarmRow{
			{Term: "Diarrhoea", People: []int{4, 1}, Events: []int{6, 1}, Low: []float64{0.028, 0.0006}, High: []float64{0.237, 0.132}},
			{Term: "Headache", People: []int{5, 6}, Events: []int{7, 7}, Low: []float64{0.042, 0.057}, High: []float64{0.268, 0.298}},
		},
	}
	r.Harms.Unblinded = []estimate.UnblindedRow{{Term: "Diarrhoea", People: []int{1, 0}}, {People: []int{1, 0}}}
	r.Flow.Arms[0].Unblinded = 2
	r.Deviations = []estimate.DeviationRow{{Code: "visit-outside-window", Arms: []int{3, 5}}, {Code: "prohibited-sleep-aid", Arms: []int{1, 2}}}
	r.Missing = []estimate.MissingRow{
		{Outcome: "isi", Label: "Insomnia Severity Index", Arm: "mgt", Planned: 160, Got: 153, Why: []estimate.Count{{What: "withdrew", N: 5}, {What: "no-answer", N: 2}}},
		{Outcome: "isi", Label: "Insomnia Severity Index", Arm: "placebo", Planned: 160, Got: 150, Why: []estimate.Count{{What: "withdrew", N: 6}, {What: "no-answer", N: 4}}},
		{Outcome: "tst", Label: "Total sleep time, ring", Arm: "mgt", Planned: 1080, Got: 961, Why: []estimate.Count{{What: "not-worn", N: 90}, {What: "withdrew", N: 29}}},
		{Outcome: "tst", Label: "Total sleep time, ring", Arm: "placebo", Planned: 1080, Got: 950, Why: []estimate.Count{{What: "not-worn", N: 101}, {What: "withdrew", N: 29}}},
	}
	r.Guess = &estimate.GuessTable{
		Options: []string{"magnesium", "placebo", "do-not-know"}, Arms: []string{"mgt", "placebo"},
		Counts: [][]int{{15, 9, 14}, {12, 11, 15}}, Index: []float64{0.16, -0.03}, Low: []float64{-0.08, -0.28}, High: []float64{0.4, 0.22},
	}
	r.Checks = []estimate.Check{
		{What: "Every opening matches its commitment", Held: pt(true), Detail: "80 of 80"},
		{What: "Ring algorithm version constant within people", Held: pt(false), Detail: "2 people changed version on day 9"},
		{What: "Nights with under 4 hours in bed", Detail: "11 of 1,911"},
	}
}

// null is the same trial with an interval around zero, inside what matters.
func null() estimate.Results {
	r := positive()
	p := result("isi", protocol.Primary, 1, "Insomnia Severity Index", "points", protocol.Lower, "at day 21", 0.412, -1.18, 2.04, 0.613, 4.1, 12.4)
	p.Estimand.Moment = "After 21 days"
	p.Matters, p.MattersFrom, p.Claim = pt(6.0), "Yang 2009", "not confirmed"
	r.Estimands[0] = p
	for i := 1; i < 4; i++ {
		r.Estimands[i].Claim, r.Estimands[i].PAdjusted = "not tested", nil
	}
	r.Trial.RegisteredBefore, r.Trial.AsRegistered = pt(false), nil
	return said(r)
}

func dummy() estimate.Results {
	r := positive()
	r.Dummy, r.Trial.Simulated = true, true
	return r
}

// crossed is a crossover that was run elsewhere.
func crossed() estimate.Results {
	r := estimate.Results{
		Format: 1,
		Trial: estimate.TrialInfo{
			ID: "stockholm", Version: "1", Title: "Partial sleep deprivation and reaction time: a randomised crossover",
			Question: "Does one night of three hours of sleep slow reactions, compared with a full night?",
			Design:   protocol.Crossover, External: true, Methods: "Two periods, two sequences; differences between periods.",
		},
		Arms: []estimate.ArmInfo{
			{ID: "short", Label: "Sleep restriction", Role: protocol.Treatment, N: 86},
			{ID: "full", Label: "Full sleep", Role: protocol.Comparator, N: 86},
		},
		Sequences: []estimate.ArmInfo{{ID: "sf", Label: "Restriction, then full sleep", N: 43}, {ID: "fs", Label: "Full sleep, then restriction", N: 43}},
		Flow: estimate.Flow{Screened: 86, Randomised: 86, Arms: []estimate.ArmFlow{
			{Arm: "sf", Randomised: 43, Received: 43, Completed: 42, Analysed: 41, Lost: []estimate.Count{{What: "one-session-only", N: 1}}, NotAnalysed: []estimate.Count{{What: "period without value", N: 2}}},
			{Arm: "fs", Randomised: 43, Received: 43, Completed: 43, Analysed: 43},
		}},
		Provenance: estimate.Provenance{Program: "dvala 0.1.0", ProtocolHash: strings.Repeat("ab", 32), DataHash: strings.Repeat("cd", 32), ZoneRules: "2026a"},
	}
	p := estimate.Result{
		ID: "rt", Place: protocol.Primary, Order: 1, Label: "Speed of reaction (mean of 1/RT)", Unit: "1/s", Better: protocol.Higher, When: "at the visits first and second",
		Model: "crossover", Method: "Differences between periods compared between the sequences", Estimate: pt(-0.212), SE: pt(0.041), DF: pt(82.0), Low: pt(-0.294), High: pt(-0.13), Level: 0.95, P: pt(1.7e-6),
		Claim: "confirmed", N: 84, Rows: 168,
		Arms:  []estimate.ArmSummary{{Arm: "short", N: 84, Mean: pt(3.21), SD: pt(0.5)}, {Arm: "full", N: 84, Mean: pt(3.42), SD: pt(0.45)}},
		Terms: []estimate.Term{{Name: "period 2 minus period 1", Estimate: 0.04, SE: 0.04, Low: -0.04, High: 0.12, P: pt(0.3)}, {Name: "sequence", Estimate: 0.1, SE: 0.1, Low: -0.1, High: 0.3, P: pt(0.32)}},
	}
	r.Estimands = []estimate.Result{p}
	return said(r)
}

// failed has a model that gave no estimate.
func failed() estimate.Results {
	r := positive()
	p := &r.Estimands[0]
	p.Estimate, p.Low, p.High, p.P, p.SE, p.DF, p.G, p.GLow, p.GHigh, p.Terms = nil, nil, nil, nil, nil, nil, nil, nil, nil, nil
	p.Failed, p.Claim, p.Converged = "every value is the same, so there is nothing to compare", "not confirmed", pt(false)
	for i := range p.Arms {
		p.Arms[i].Adjusted, p.Arms[i].Low, p.Arms[i].High = nil, nil, nil
	}
	p.Times, p.Sensitivity, p.Diagnostics = nil, nil, nil
	return said(r)
}

// empty has arms and nothing in them.
func empty() estimate.Results {
	return estimate.Results{
		Format: 1, Trial: estimate.TrialInfo{ID: "empty", Design: protocol.Parallel},
		Arms:   []estimate.ArmInfo{{ID: "a", Label: "A", Role: protocol.Treatment}, {ID: "b", Label: "B", Role: protocol.Comparator}},
		Flow:   estimate.Flow{Arms: []estimate.ArmFlow{{Arm: "a"}, {Arm: "b"}}},
		Nights: []estimate.AverageNight{{Arm: "a"}, {Arm: "b", StepMin: 5, Nights: []int{0}, Shares: map[string][]float64{"N2": {math.NaN()}}}},
		Series: []estimate.Series{{Outcome: "x", Label: "X", Arms: []estimate.SeriesArm{{Arm: "a"}, {Arm: "b", Points: []estimate.SeriesPoint{{Day: 0}}}}}},
		Harms:  estimate.Harms{Arms: []estimate.HarmArm{{Arm: "a"}, {Arm: "b"}}, Terms: []estimate.HarmRow{{Term: "t", People: []int{0, 0}}}, Unblinded: []estimate.UnblindedRow{{Term: "t"}}},
		Guess:  &estimate.GuessTable{Options: []string{"x"}, Arms: []string{"a", "b"}},
	}
}

// huge has labels no page was made for.
func huge() estimate.Results {
	r := positive()
	long := strings.Repeat("Wednesdaynightlongsleep", 8) + " " + strings.Repeat("a rather long name ", 10)
	r.Arms[0].Label = long
	r.Trial.Title = long
	for i := range r.Estimands {
		r.Estimands[i].Label = long + r.Estimands[i].Label
	}
	r.Flow.Arms[0].Stopped[0].What = long
	return r
}

type fixture struct {
	name    string
	results estimate.Results
}

func fixtures() []fixture {
	return []fixture{
		{"positive", positive()},
		{"null", null()},
		{"dummy", dummy()},
		{"crossover", crossed()},
		{"failed", failed()},
		{"empty", empty()},
		{"huge", huge()},
		{"hostile", hostile()},
		{"zero", estimate.Results{}},
	}
}

// poison is text that would be markup in a careless page, in an attribute, in
// a style, in a link, or in the reading direction.
const poison = `</title></style></svg><script>alert(1)</script><img src=x onerror="alert(2)"> " onload='alert(3)' javascript:alert(4) ]]> <!-- {{.}} ` + "\x00\x1b\u202e\xff"

// hostile has poison in every text there is.
func hostile() estimate.Results {
	r := crossed()
	p := positive()
	r.Series, r.Nights, r.Harms, r.Guess, r.Deviations, r.Missing, r.Checks, r.Adherence, r.Baseline = p.Series, p.Nights, p.Harms, p.Guess, p.Deviations, p.Missing, p.Checks, p.Adherence, p.Baseline
	r.Estimands = p.Estimands
	r.Trial.Registry = []protocol.Registry{{}}
	r.Nights[0].Shares[poison] = []float64{0.2}
	poisonAll(reflect.ValueOf(&r).Elem())
	return r
}

func poisonAll(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poisonAll(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				poisonAll(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poisonAll(v.Index(i))
		}
	case reflect.String:
		switch v.Type() {
		case reflect.TypeFor[protocol.Kind](), reflect.TypeFor[protocol.Place](), reflect.TypeFor[protocol.Better](), reflect.TypeFor[protocol.Role]():
		default:
			v.SetString(v.String() + poison)
		}
	}
}
