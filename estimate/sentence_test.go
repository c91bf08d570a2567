package estimate

import (
	"math"
	"strings"
	"testing"

	"dvala/protocol"
	"pgregory.net/rapid"
)

// sentenceOf gives the sentence of the fixture's primary estimand with these
// numbers. Less is better.
func sentenceOf(t testing.TB, estimate, low, high, p float64, claim string) string {
	t.Helper()
	c := checked(t, "parallel.yaml")
	e, _ := c.Primary()
	r := newRun(c, &Data{})
	s := r.setOf(e)
	res := r.result(s)
	res.Failed = ""
	res.Estimate, res.Low, res.High, res.P, res.Claim = &estimate, &low, &high, &p, claim
	Speak(&res)
	return res.Sentence
}

// The model of the sentence, and what it says on each side of the least
// difference that people notice, 6 points.
func TestSentenceIsJudgedByTheInterval(t *testing.T) {
	if got, want := sentenceOf(t, 0.4, -1.2, 2, 0.61, "not confirmed"),
		"After 21 days the groups differed by 0.40 points on the ISI (active minus placebo; 95 % interval −1.20 to 2.00; p = 0.61). Six points is the least that people notice: the data rule such a benefit out, and such a harm as well."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, k := range []struct {
		low, high float64
		claim     string
		says, not string
	}{
		{-9, -7, "confirmed", "the data show a benefit of active at least as large", "rule"},
		{-7, -2, "confirmed", "do not tell whether it is that large", "rule"},
		{-5, -2, "confirmed", "and rule out one that large", "at least as large"},
		{-5, 2, "not confirmed", "rule such a benefit out, and such a harm", "no evidence of a difference"},
		{-5, 8, "not confirmed", "a harm of that size they do not rule out", "show"},
		{-8, 5, "not confirmed", "no evidence of a difference and no evidence that there is none, since such a benefit remains", "rule"},
		{-8, 8, "not confirmed", "such a benefit and such a harm remain possible", "rule"},
		{2, 5, "confirmed", "in favour of placebo, smaller than that", "a benefit of active at"},
		{2, 9, "confirmed", "in favour of placebo; such a benefit of active is ruled out", "smaller"},
		{7, 9, "confirmed", "at least as large in favour of placebo", "smaller"},
		{-5, -2, "not tested", "taken alone, the data point to", "the data show"},
		{-5, -2, "not tested", "nothing is claimed from it", "the data show"},
	} {
		s := sentenceOf(t, (k.low+k.high)/2, k.low, k.high, 0.02, k.claim)
		if !strings.Contains(s, k.says) || strings.Contains(s, k.not) {
			t.Errorf("%v to %v, %s: %s", k.low, k.high, k.claim, s)
		}
	}
}

func TestNumbersInWords(t *testing.T) {
	for _, k := range []struct {
		got, want string
	}{
		{digits(123456, 3), "123456"},
		{digits(12.345, 3), "12.3"},
		{digits(-0.0012345, 3), "−0.00123"},
		{digits(9.996, 3), "10.0"},
		{digits(0, 3), "0.00"},
		{decimals(-0.0001, 2), "0.00"},
		{pValue(0.00001), "p < 0.001"},
		{pValue(0.0114), "p = 0.011"},
		{pValue(0.6123), "p = 0.61"},
		{pValue(0.995), "p > 0.99"},
		{percentOf(0.95), "95 %"},
		{percentOf(0.975), "97.5 %"},
		{amount("2.0", "%"), "2.0 percentage points"},
		{amount("2.0", "min"), "2.0 min"},
		{theLabel("ISI"), "the ISI"},
		{theLabel("Insomnia Severity Index"), "the Insomnia Severity Index"},
		{theLabel("Total sleep time (PSG)"), "total sleep time (PSG)"},
		{theLabel("REM sleep"), "REM sleep"},
		{tongue{}.leastNoticed(6, "points"), "Six points is the least that people notice"},
		{tongue{}.leastNoticed(1, "points"), "One point is the least that people notice"},
		{tongue{}.leastNoticed(2.5, "min"), "A difference of 2.5 min is the least that people notice"},
		{list([]string{"a", "b", "c"}), "a, b and c"},
	} {
		if k.got != k.want {
			t.Errorf("%q, want %q", k.got, k.want)
		}
	}
}

// No sentence calls anything significant, prints p as zero, or leaves a hyphen
// for a minus, whatever the numbers.
func TestSentencesKeepTheirManners(t *testing.T) {
	c := checked(t, "parallel.yaml")
	e, _ := c.Primary()
	r := newRun(c, &Data{})
	s := r.setOf(e)
	base := r.result(s)
	rapid.Check(t, func(rt *rapid.T) {
		x := rapid.Float64Range(-1e6, 1e6).Draw(rt, "x")
		half := math.Abs(rapid.Float64Range(0, 1e4).Draw(rt, "half"))
		p := rapid.Float64Range(0, 1).Draw(rt, "p")
		low, high := x-half, x+half
		res := base
		res.Failed, res.Estimate, res.Low, res.High, res.P = "", &x, &low, &high, &p
		res.Claim = rapid.SampledFrom([]string{"confirmed", "not confirmed", "not tested"}).Draw(rt, "claim")
		res.Place = rapid.SampledFrom([]protocol.Place{protocol.Primary, protocol.Secondary, protocol.Exploratory}).Draw(rt, "place")
		Speak(&res)
		got := res.Sentence
		for _, bad := range []string{"significan", "0.000", " -", "NaN", "  ", ".."} {
			if strings.Contains(got, bad) && !(bad == "0.000" && strings.Contains(got, "interval")) {
				rt.Errorf("%q in: %s", bad, got)
			}
		}
		if res.Claim != "confirmed" && strings.Contains(got, "the data show") {
			rt.Errorf("what is not confirmed is shown: %s", got)
		}
		if !strings.HasSuffix(got, ".") {
			rt.Errorf("no full stop: %s", got)
		}
	})
}

// Claims: in a fixed sequence the first that fails ends it; Holm tests all;
// without a procedure only a single primary is tested; what failed to be
// estimated is never confirmed.
func TestClaims(t *testing.T) {
	num := func(x float64) *float64 { return &x }
	results := func(p ...*float64) []Result {
		out := []Result{{Place: protocol.Primary}, {Place: protocol.Secondary}, {Place: protocol.Secondary}, {Place: protocol.Exploratory}}
		for i := range p {
			out[i].P = p[i]
		}
		return out
	}
	for _, k := range []struct {
		method string
		p      []*float64
		want   string
	}{
		{"fixed-sequence", []*float64{num(0.01), num(0.2), num(0.001), num(0.001)}, "confirmed, not confirmed, not tested, not tested"},
		{"fixed-sequence", []*float64{num(0.05), num(0.01), num(0.04), num(0.001)}, "confirmed, confirmed, confirmed, not tested"},
		{"fixed-sequence", []*float64{nil, num(0.001), num(0.001), num(0.001)}, "not confirmed, not tested, not tested, not tested"},
		{"holm", []*float64{num(0.03), num(0.012), num(0.04), num(0.001)}, "not confirmed, confirmed, not confirmed, not tested"},
		{"holm", []*float64{num(0.02), num(0.01), num(0.04), num(0.001)}, "confirmed, confirmed, confirmed, not tested"},
		{"none", []*float64{num(0.01), num(0.001), num(0.001), num(0.001)}, "confirmed, not tested, not tested, not tested"},
	} {
		r := &run{layout: layout{p: protocol.Protocol{Multiplicity: protocol.Multiplicity{Alpha: 0.05, Method: k.method}}}}
		got := results(k.p...)
		r.claim(got)
		var claims []string
		for _, g := range got {
			claims = append(claims, g.Claim)
		}
		if s := strings.Join(claims, ", "); s != k.want {
			t.Errorf("%s: %s, want %s", k.method, s, k.want)
		}
	}
}

// The adjusted p-values are those of R's p.adjust (golden case 09, p2).
func TestHolmAgreesWithR(t *testing.T) {
	p := []float64{.01, .04, .03, .005, .03}
	want, ok := goldenValue(t, "09_multiplicity", "p2/holm").([]any)
	if !ok {
		t.Fatal("the golden case has no Holm")
	}
	var results []Result
	for i := range p {
		results = append(results, Result{Place: protocol.Secondary, P: &p[i]})
	}
	r := &run{layout: layout{p: protocol.Protocol{Multiplicity: protocol.Multiplicity{Alpha: 0.05, Method: "holm"}}}}
	r.claim(results)
	for i := range results {
		near(t, "adjusted "+itoa(i), results[i].PAdjusted, want[i].(float64), 1e-12)
	}
}
